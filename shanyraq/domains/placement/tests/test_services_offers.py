from datetime import date, timedelta

import pytest

from shanyraq.domains.placement.models import Application, Offer, OpenPlace
from shanyraq.domains.placement.queries import queue
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import applications, deadlines, offers, rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW, OPERATOR
from shanyraq.domains.placement.tests.races import at_once
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.timeline import day_of

pytestmark = pytest.mark.django_db


def in_days(days):
    return NOW + timedelta(days=days)


def offered(*homes, of=None, now=NOW, **parts):
    """A family with an offer of a published round."""
    family = of or builders.family()
    row = builders.application(*[home.id for home in homes], of=family, now=now, **parts)
    offer = hold_round(now=now, of=row)
    return family, row, offer


def hold_round(of, now=NOW):
    preview = rounds.preview_round(actor=OPERATOR, district=DISTRICT, now=now)
    held = rounds.confirm_round(actor=OPERATOR, district=DISTRICT, fingerprint=preview.fingerprint, now=now)
    rounds.publish_round(actor=OPERATOR, round=held, now=now)
    return Offer.objects.get(application=of, closed_at=None).pk


def status(row):
    return Application.objects.get(pk=row).status


def kinds(row):
    return list(LedgerEntry.objects.filter(subject_id=row).order_by("seq").values_list("kind", flat=True))


def test_from_an_offer_through_a_referral_to_an_enrolment():
    home = builders.kindergarten(1)
    family, row, offer = offered(home)
    for _ in range(2):
        offers.accept_offer(actor=family.actor, offer=offer, now=NOW)
    held = Offer.objects.get(pk=offer)
    assert (status(row), held.valid_until) == (Status.REFERRED, date(2026, 3, 10))  # 9 March stands in for the 8th
    assert held.referral_number
    enrolment = offers.enrol(actor=home.head, offer=offer, order_number="12-б", now=in_days(1))
    assert offers.enrol(actor=home.head, offer=offer, order_number="12-б", now=in_days(1)) == enrolment
    card = builders.there(registry.open_enrolment(family.child))
    assert (card.id, card.group, status(row)) == (enrolment, home.group, Status.ENROLLED)
    assert kinds(row) == [
        "placement.ApplicationFiled",
        "placement.OfferMade",
        "placement.OfferAccepted",
        "placement.Enrolled",
    ]
    assert Notice.objects.filter(code="placement.enrolled", person_id=family.guardian).count() == 1
    assert AuditEntry.objects.filter(action="placement.enrol", child_id=family.child).count() == 1


def test_every_guardian_is_told_of_an_enrolment():
    home, father = builders.kindergarten(1), builders.person()
    family, row, offer = offered(home)
    builders.guardian_of(family.child, father)
    offers.accept_offer(actor=family.actor, offer=offer, now=NOW)
    offers.enrol(actor=home.head, offer=offer, order_number="1", now=NOW)
    told = Notice.objects.filter(code="placement.enrolled").values_list("person_id", flat=True)
    assert set(told) == {family.guardian, father} and status(row) == Status.ENROLLED


def test_who_may_do_what_with_an_offer():
    home, other = builders.kindergarten(1), builders.kindergarten(1)
    family, row, offer = offered(home)
    stranger = builders.family()
    for actor in (stranger.actor, home.head, builders.officer_of()):
        with pytest.raises(NotAllowed):
            offers.accept_offer(actor=actor, offer=offer, now=NOW)
        with pytest.raises(NotAllowed):
            offers.decline_offer(actor=actor, offer=offer, reason="far", now=NOW)
    offers.accept_offer(actor=family.actor, offer=offer, now=NOW)
    for actor in (stranger.actor, family.actor, other.head, builders.officer_of()):
        with pytest.raises(NotAllowed):
            offers.enrol(actor=actor, offer=offer, order_number="1", now=NOW)
        with pytest.raises(NotAllowed):
            offers.refuse_admission(actor=actor, offer=offer, reason="vaccination_ratio", now=NOW)
    assert status(row) == Status.REFERRED


def test_the_first_decline_keeps_the_queue_and_the_second_stops():
    home, other = builders.kindergarten(1), builders.kindergarten(1)
    family, row, offer = offered(home, other)
    for _ in range(2):
        offers.decline_offer(actor=family.actor, offer=offer, reason="far", now=NOW)
    assert (status(row), Application.objects.get(pk=row).declines) == (Status.WAITING, 1)
    with builders.refused("placement.offer_closed"):
        offers.accept_offer(actor=family.actor, offer=offer, now=NOW)
    second = hold_round(of=row)
    assert Offer.objects.get(pk=second).group_id == other.group  # the one turned down is not offered again
    offers.decline_offer(actor=family.actor, offer=second, reason="far", now=NOW)
    assert status(row) == Status.STOPPED
    assert queue.place_in_queue(row, day_of(NOW)) is None
    for _ in range(2):
        applications.resume(actor=family.actor, application=row, now=in_days(3))
    kept = Application.objects.get(pk=row)
    assert (kept.status, kept.applied_at) == (Status.WAITING, NOW)
    assert builders.there(queue.place_in_queue(row, day_of(NOW))).position == 1
    applications.change_wishes(
        actor=family.actor, application=row, organisations=[home.id], radius_km=None, now=in_days(3)
    )
    assert Offer.objects.get(pk=hold_round(of=row, now=in_days(3))).group_id == home.group


def test_a_decline_needs_a_reason_from_a_list():
    family, _, offer = offered(builders.kindergarten(1))
    with builders.refused("placement.reason_code"):
        offers.decline_offer(actor=family.actor, offer=offer, reason="Не хочу!", now=NOW)


def test_an_answer_that_comes_too_late():
    family, row, offer = offered(builders.kindergarten(1))
    with builders.refused("placement.offer_too_late"):
        offers.accept_offer(actor=family.actor, offer=offer, now=in_days(4))
    assert status(row) == Status.OFFERED


def test_a_referral_is_extended_once_with_a_reason():
    home = builders.kindergarten(1)
    family, row, offer = offered(home)
    offers.accept_offer(actor=family.actor, offer=offer, now=NOW)
    until = date(2026, 4, 9)

    def extend(reason="Ауырып қалды", until=until, now=NOW):
        offers.extend_referral(actor=family.actor, offer=offer, reason=reason, until=until, now=now)

    with builders.refused("placement.extension_reason_missing"):
        extend(reason=" ")
    with builders.refused("placement.extension_too_long"):
        extend(until=until + timedelta(days=1))
    with builders.refused("placement.referral_lapsed"):
        extend(now=in_days(20))
    extend()
    with builders.refused("placement.referral_extended_already"):
        extend()
    assert Application.objects.get(pk=row).due_on == until
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(20)).total == 0
    offers.enrol(actor=home.head, offer=offer, order_number="1", now=in_days(20))
    assert status(row) == Status.ENROLLED


def test_a_kindergarten_may_refuse_for_a_reason_of_the_list_only():
    home = builders.kindergarten(1)
    family, row, offer = offered(home)
    offers.accept_offer(actor=family.actor, offer=offer, now=NOW)
    with builders.refused("placement.reason_code"):
        offers.refuse_admission(actor=home.head, offer=offer, reason="no wish", now=NOW)
    with builders.refused("placement.order_number"):
        offers.enrol(actor=home.head, offer=offer, order_number=" ", now=NOW)
    for _ in range(2):
        offers.refuse_admission(actor=home.head, offer=offer, reason="expired_documents", now=NOW)
    assert (status(row), Application.objects.get(pk=row).declines) == (Status.WAITING, 0)
    assert Notice.objects.filter(code="placement.admission_refused").count() == 1
    hold_round(of=row)


def test_a_transfer_ends_the_old_enrolment_in_the_same_step():
    home, other = builders.kindergarten(1), builders.kindergarten(1)
    family = builders.family()
    old = builders.enrolled(family.child, home.group)
    _, row, offer = offered(other, of=family, transfer=True)
    offers.accept_offer(actor=family.actor, offer=offer, now=NOW)
    assert builders.there(registry.open_enrolment(family.child)).id == old
    new = offers.enrol(actor=other.head, offer=offer, order_number="7", now=NOW)
    assert builders.there(registry.open_enrolment(family.child)).id == new
    assert builders.there(registry.enrolment(old)).until == day_of(NOW) and status(row) == Status.ENROLLED


def test_an_unanswered_offer_lapses_and_its_place_opens_to_everyone():
    home = builders.kindergarten(1)
    family, row, offer = offered(home)
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(3)).total == 0
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(4)).offers == 1
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(4)).total == 0
    assert (status(row), Application.objects.get(pk=row).declines) == (Status.WAITING, 1)
    assert OpenPlace.objects.get(offer=offer).group_id == home.group
    assert Notice.objects.filter(code="placement.offer_lapsed", person_id=family.guardian).count() == 1

    seeker = builders.family()
    later = builders.application(builders.kindergarten(0).id, of=seeker, now=in_days(4))
    for _ in range(2):
        applications.request_open_place(actor=seeker.actor, application=later, organisation=home.id, now=in_days(4))
    with builders.refused("placement.no_open_place"):
        applications.request_open_place(
            actor=seeker.actor, application=later, organisation=builders.kindergarten(1).id, now=in_days(4)
        )
    taken = hold_round(of=later, now=in_days(4))
    assert Offer.objects.get(pk=taken).group_id == home.group
    assert OpenPlace.objects.filter(closed_at=None).count() == 0
    with builders.refused("placement.no_open_place"):
        applications.request_open_place(actor=family.actor, application=row, organisation=home.id, now=in_days(4))


def test_a_referral_that_runs_out_counts_as_a_decline():
    family, row, offer = offered(builders.kindergarten(1))
    offers.accept_offer(actor=family.actor, offer=offer, now=NOW)
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(8)).total == 0
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(9)).referrals == 1
    assert (status(row), Offer.objects.get(pk=offer).status) == (Status.WAITING, "lapsed")
    assert kinds(row)[-1] == "placement.ReferralLapsed"


def test_an_unpublished_offer_does_not_lapse():
    home = builders.kindergarten(1)
    row = builders.application(home.id)
    preview = rounds.preview_round(actor=OPERATOR, district=DISTRICT, now=NOW)
    rounds.confirm_round(actor=OPERATOR, district=DISTRICT, fingerprint=preview.fingerprint, now=NOW)
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(30)).total == 0
    assert status(row) == Status.OFFERED


def test_withdrawing_frees_the_place():
    home = builders.kindergarten(1)
    family, row, offer = offered(home)
    applications.withdraw(actor=family.actor, application=row, now=NOW)
    assert Offer.objects.get(pk=offer).status == "released"
    offered(home)


def test_deadlines_are_the_operators():
    for actor in (builders.officer_of(), builders.family().actor):
        with pytest.raises(NotAllowed):
            deadlines.run_deadlines(actor=actor, now=NOW)


def test_a_child_that_grew_out_of_the_queue_is_closed():
    family = builders.family(born_on=date(2020, 8, 31))
    row = builders.application(radius_km=2, of=family)
    assert deadlines.run_deadlines(actor=OPERATOR, now=NOW).total == 0
    season = NOW.replace(month=9, day=1)
    assert deadlines.run_deadlines(actor=OPERATOR, now=season).aged_out == 1
    assert (status(row), Application.objects.get(pk=row).closed_reason) == (Status.ANNULLED, "too_old")
    assert deadlines.run_deadlines(actor=OPERATOR, now=season).total == 0


def test_many_deadlines_cost_no_more_queries_than_few(django_assert_max_num_queries):
    home = builders.kindergarten(30)
    rows = [builders.application(home.id) for _ in range(30)]
    hold_round(of=rows[0])
    with django_assert_max_num_queries(60):
        assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(5)).offers == 30


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_deadlines_at_once_lapse_once():
    _, row, _ = offered(builders.kindergarten(1))
    counts = at_once(*[lambda: deadlines.run_deadlines(actor=OPERATOR, now=in_days(5)).offers] * 2)
    assert set(counts) == {0, 1}
    assert Application.objects.get(pk=row).declines == 1 and OpenPlace.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_accepting_and_lapsing_at_once_leaves_one_of_them():
    family, row, offer = offered(builders.kindergarten(1))
    at_once(
        lambda: offers.accept_offer(actor=family.actor, offer=offer, now=in_days(3)),
        lambda: deadlines.run_deadlines(actor=OPERATOR, now=in_days(4)),
    )
    assert (status(row), Offer.objects.get(pk=offer).status) in {
        (Status.REFERRED, "accepted"),
        (Status.WAITING, "lapsed"),
    }
