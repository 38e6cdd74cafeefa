from datetime import timedelta

import pytest

from shanyraq.domains.placement.models import Application, Document, Offer, Outcome, Round
from shanyraq.domains.placement.queries import queue
from shanyraq.domains.placement.queries import rounds as round_queries
from shanyraq.domains.placement.rules.claim import Benefit, Right, Status
from shanyraq.domains.placement.services import documents, offers, rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW
from shanyraq.domains.placement.tests.races import at_once
from shanyraq.domains.registry import services as registry
from shanyraq.foundation.access import ANYONE, Role
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.timeline import day_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def confirm(now=NOW):
    preview = rounds.preview_round(actor=builders.OPERATOR, district=DISTRICT, now=now)
    return rounds.confirm_round(
        actor=builders.officer_of(), district=DISTRICT, fingerprint=preview.fingerprint, now=now
    )


def statuses(*pks):
    rows = Application.objects.in_bulk(pks)
    return [rows[pk].status for pk in pks]


def test_a_round_is_previewed_confirmed_published_and_replayed():
    home, other = builders.kindergarten(1), builders.kindergarten(1)
    first = builders.application(home.id, other.id)
    second = builders.application(home.id, other.id, now=LATER)
    third = builders.application(home.id, now=LATER)
    preview = rounds.preview_round(actor=builders.officer_of(), district=DISTRICT, now=LATER)
    assert (preview.claims, preview.places, preview.placed, preview.first_wish) == (3, 2, 2, 1)
    assert [row.application for row in preview.rows] == [first, second, third]
    assert not Round.objects.exists() and statuses(first) == [Status.WAITING]

    row = confirm(LATER)
    assert statuses(first, second, third) == [Status.OFFERED, Status.OFFERED, Status.WAITING]
    assert Offer.objects.get(application=second).group_id == other.group
    assert not Notice.objects.filter(code="placement.offered").exists()
    assert round_queries.latest_outcome(first) is None

    rounds.publish_round(actor=builders.officer_of(), round=row, now=LATER + timedelta(days=1))
    assert Notice.objects.filter(code="placement.offered").count() == 2
    assert Notice.objects.filter(code="placement.not_placed").count() == 1
    offer = Offer.objects.get(application=first)
    assert str(offer.answer_by) == "2026-03-06"  # three working days after 3 March
    lost = builders.there(round_queries.latest_outcome(third))
    assert (lost.reason, lost.position, lost.wishes[0]["code"]) == ("full", 3, "full")
    assert rounds.replay_round(row) == rounds.Replay(True, ())
    assert LedgerEntry.objects.filter(kind="placement.PlacesAllocated", subject_id=row).count() == 1
    assert LedgerEntry.objects.filter(kind="placement.OfferMade").count() == 2
    with builders.refused("placement.round_already_published"):
        rounds.publish_round(actor=builders.officer_of(), round=row, now=LATER)


def test_a_replay_shows_what_was_changed_afterwards():
    home = builders.kindergarten(1)
    first = builders.application(home.id)
    row = confirm()
    Outcome.objects.filter(application=first).update(position=7)
    again = rounds.replay_round(row)
    assert not again.equal and [one.application for one in again.differences] == [first]


def test_a_round_is_refused_when_the_queue_changed_since_the_preview():
    home = builders.kindergarten(1)
    builders.application(home.id)
    officer = builders.officer_of()
    preview = rounds.preview_round(actor=officer, district=DISTRICT, now=NOW)
    builders.application(home.id)
    for fingerprint in (preview.fingerprint, "no fingerprint", ""):
        with builders.refused("placement.round_changed"):
            rounds.confirm_round(actor=officer, district=DISTRICT, fingerprint=fingerprint, now=NOW)
    assert not Round.objects.exists() and not Offer.objects.exists()


def test_a_round_is_confirmed_once():
    builders.application(builders.kindergarten(1).id)
    officer = builders.officer_of()
    preview = rounds.preview_round(actor=officer, district=DISTRICT, now=NOW)
    rounds.confirm_round(actor=officer, district=DISTRICT, fingerprint=preview.fingerprint, now=NOW)
    with builders.refused("placement.round_already_confirmed"):
        rounds.confirm_round(actor=officer, district=DISTRICT, fingerprint=preview.fingerprint, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_one_wins_and_one_is_told():
    builders.application(builders.kindergarten(1).id)
    preview = rounds.preview_round(actor=builders.OPERATOR, district=DISTRICT, now=NOW)

    def call():
        return rounds.confirm_round(
            actor=builders.officer_of(), district=DISTRICT, fingerprint=preview.fingerprint, now=NOW
        )

    results = at_once(call, call)
    row = Round.objects.get()
    assert sorted(map(str, results)) == sorted([str(row.pk), "placement.round_already_confirmed"])
    assert Offer.objects.count() == 1


def test_who_may_hold_a_round():
    home = builders.kindergarten(1)
    builders.application(home.id)
    strangers = (
        ANYONE,
        home.head,
        builders.officer_of(builders.OTHER_DISTRICT),
        builders.staff(Role.MINISTRY),
        builders.staff(Role.AUDITOR),
        builders.family().actor,
    )
    for actor in strangers:
        with pytest.raises(NotAllowed):
            rounds.preview_round(actor=actor, district=DISTRICT, now=NOW)
        with pytest.raises(NotAllowed):
            rounds.confirm_round(actor=actor, district=DISTRICT, fingerprint="00", now=NOW)
    row = confirm()
    for actor in strangers:
        with pytest.raises(NotAllowed):
            rounds.publish_round(actor=actor, round=row, now=NOW)


def test_a_district_that_does_not_exist_or_has_no_queue():
    builders.territory()
    for district, code in (
        ("999999999", "no_such_district"),
        ("710000000", "no_such_district"),
        (DISTRICT, "no_claims"),
    ):
        with builders.refused(f"placement.{code}"):
            rounds.preview_round(actor=builders.OPERATOR, district=district, now=NOW)


def test_a_confirmed_right_goes_first_and_a_family_may_not_answer_before_publication():
    home = builders.kindergarten(1)
    builders.application(home.id)
    family = builders.family()
    served = builders.application(
        home.id, of=family, now=LATER, benefit=Benefit.SERVICE, documents=(builders.document("service"),)
    )
    assert builders.there(queue.place_in_queue(served, day_of(NOW))).position == 2
    paper = Document.objects.get(application=served)
    documents.confirm_document(actor=builders.officer_of(), document=paper.pk, now=LATER)
    row = Application.objects.get(pk=served)
    assert (row.right, row.right_since) == (Right.EXTRAORDINARY, row.applied_at)
    assert builders.there(queue.place_in_queue(served, day_of(NOW))).position == 1
    held = confirm(LATER)
    offer = Offer.objects.get(application=served)
    with builders.refused("placement.round_unpublished"):
        offers.accept_offer(actor=family.actor, offer=offer.pk, now=LATER)
    rounds.publish_round(actor=builders.officer_of(), round=held, now=LATER)
    offers.accept_offer(actor=family.actor, offer=offer.pk, now=LATER)


def test_a_transfer_keeps_its_place_and_the_freed_one_is_given_in_the_same_round():
    home, other = builders.kindergarten(1), builders.kindergarten(1)
    mover = builders.family()
    builders.enrolled(mover.child, home.group)
    moves = builders.application(other.id, of=mover, transfer=True)
    waits = builders.application(home.id, now=LATER)
    confirm(LATER)
    groups = dict(Offer.objects.values_list("application_id", "group_id"))
    assert groups == {moves: other.group, waits: home.group}


def test_places_held_are_not_given_twice():
    home = builders.kindergarten(1)
    builders.application(home.id)
    confirm()
    builders.application(home.id, now=LATER)
    preview = rounds.preview_round(actor=builders.OPERATOR, district=DISTRICT, now=LATER)
    assert (preview.places, preview.placed) == (0, 0)
    with builders.refused("registry.places_negative"):
        registry.change_places(actor=builders.OPERATOR, group=home.group, places=-1, now=NOW)


def test_the_radius_reaches_kindergartens_that_were_not_named():
    near = builders.kindergarten(1, at=(71.44, 51.13))
    builders.kindergarten(1, at=(71.60, 51.13))
    row = builders.application(radius_km=2)
    confirm()
    assert Offer.objects.get(application=row).group_id == near.group


def test_brothers_and_sisters_come_together():
    home, other = builders.kindergarten(1, 1), builders.kindergarten(1, 1)
    first = builders.family()
    second = builders.family(guardian=first.guardian)
    a = builders.application(home.id, other.id, of=first, together=True)
    b = builders.application(other.id, home.id, of=second, together=True, now=LATER)
    confirm(LATER)
    groups = Offer.objects.filter(application__in=(a, b)).values_list("group__organisation_id", flat=True)
    assert len(set(groups)) == 1


def test_a_voucher_round_gives_vouchers_by_category():
    builders.voucher_district()
    builders.kindergarten(1)
    young = builders.application(radius_km=2)
    elder = builders.application(radius_km=2, of=builders.family(born_on=builders.BORN.replace(year=2021)), now=LATER)
    preview = rounds.preview_round(actor=builders.officer_of(), district=DISTRICT, now=LATER)
    assert (preview.model, preview.claims, preview.places, preview.placed) == ("voucher", 2, 1, 1)
    row = confirm(LATER)
    assert statuses(elder, young) == [Status.VOUCHER_OFFERED, Status.WAITING]
    rounds.publish_round(actor=builders.officer_of(), round=row, now=LATER)
    assert Notice.objects.filter(code="placement.voucher_given").count() == 1
    assert builders.there(round_queries.latest_outcome(young)).reason == "no_voucher"
    assert rounds.replay_round(row).equal
    again = rounds.preview_round(actor=builders.OPERATOR, district=DISTRICT, now=LATER)
    assert (again.places, again.placed) == (0, 0)


def test_the_log_tells_who_was_given_a_place_only_when_the_round_is_published():
    home = builders.kindergarten(1)
    placed = builders.application(home.id)
    logged = LedgerEntry.objects.filter(kind="placement.OfferMade", subject_id=placed)
    row = confirm(LATER)
    assert not logged.exists()  # the code of the application is known to whoever helped to file it
    rounds.publish_round(actor=builders.officer_of(), round=row, now=LATER + timedelta(days=1))
    assert logged.get().code == Application.objects.get(pk=placed).code
    assert '"answer_by":"2026-03-06"' in logged.get().payload  # the days begin with the publication
