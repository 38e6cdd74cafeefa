from datetime import date, timedelta

import pytest

from shanyraq.domains.placement.models import Application, Wish
from shanyraq.domains.placement.rules.claim import Benefit, Status
from shanyraq.domains.placement.services import applications
from shanyraq.domains.placement.services.drafts import NewApplication
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import NOW
from shanyraq.domains.placement.tests.races import at_once
from shanyraq.foundation.access import ANYONE
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db


def refused(code, call, **arguments):
    with pytest.raises(Refusal) as caught:
        call(**arguments)
    assert caught.value.code == code, caught.value
    return caught.value


def test_a_draft_is_filled_filed_and_gets_a_number():
    family, home = builders.family(), builders.kindergarten()
    draft = applications.start_draft(actor=family.actor, child=family.child, now=NOW)
    assert applications.start_draft(actor=family.actor, child=family.child, now=NOW) == draft
    applications.save_draft(actor=family.actor, application=draft, draft=builders.draft(home.id), now=NOW)
    number = applications.file(actor=family.actor, application=draft, now=NOW)
    row = Application.objects.get(pk=draft)
    assert (row.status, row.number, row.applied_at, row.birth_year) == (Status.WAITING, number, NOW, 2022)
    assert applications.file(actor=family.actor, application=draft, now=NOW) == number
    assert LedgerEntry.objects.filter(subject_id=draft, kind="placement.ApplicationFiled").count() == 1
    assert Notice.objects.get(person_id=family.guardian).code == "placement.filed"
    assert AuditEntry.objects.filter(child_id=family.child, action="placement.file").count() == 1


def test_numbers_go_up_one_by_one():
    home = builders.kindergarten()
    first, second = builders.application(home.id), builders.application(home.id)
    numbers = Application.objects.in_bulk([first, second])
    assert numbers[second].number == (numbers[first].number or 0) + 1


def test_the_same_key_files_once():
    family, home, key = builders.family(), builders.kindergarten(), new_id()
    new = NewApplication(family.child, family.guardian, builders.draft(home.id))
    first = applications.file_application(actor=family.actor, new=new, key=key, now=NOW)
    again = applications.file_application(actor=family.actor, new=new, key=key, now=NOW + timedelta(hours=1))
    assert (again, Application.objects.count(), Notice.objects.count()) == (first, 1, 1)
    other = builders.family(guardian=family.guardian)
    refused(
        "placement.key_reused",
        applications.file_application,
        actor=family.actor,
        new=NewApplication(other.child, family.guardian, builders.draft(home.id)),
        key=key,
        now=NOW,
    )


def test_a_stranger_cannot_replay_a_key():
    family, stranger, home, key = builders.family(), builders.family(), builders.kindergarten(), new_id()
    new = NewApplication(family.child, family.guardian, builders.draft(home.id))
    applications.file_application(actor=family.actor, new=new, key=key, now=NOW)
    with pytest.raises(NotAllowed):
        applications.file_application(actor=stranger.actor, new=new, key=key, now=NOW)


def test_one_application_for_one_child():
    family, home = builders.family(), builders.kindergarten()
    builders.application(home.id, of=family)
    refused("placement.open_application", builders.application, of=family)
    refused("placement.open_application", applications.start_draft, actor=family.actor, child=family.child, now=NOW)


def test_two_drafts_of_two_guardians_become_one_application():
    family, home = builders.family(), builders.kindergarten()
    father = builders.person()
    builders.guardian_of(family.child, father)
    drafts = []
    for actor in (family.actor, builders.guardian_actor(father)):
        draft = applications.start_draft(actor=actor, child=family.child, now=NOW)
        applications.save_draft(actor=actor, application=draft, draft=builders.draft(home.id), now=NOW)
        drafts.append((actor, draft))
    (mother, first), (other, second) = drafts
    applications.file(actor=mother, application=first, now=NOW)
    refused("placement.open_application", applications.file, actor=other, application=second, now=NOW)
    assert Application.objects.get(pk=second).status == Status.DRAFT


def test_who_is_not_a_guardian_cannot_apply():
    family, stranger, home = builders.family(), builders.family(), builders.kindergarten()
    refused("placement.not_guardian", applications.start_draft, actor=stranger.actor, child=family.child, now=NOW)
    new = NewApplication(family.child, stranger.guardian, builders.draft(home.id))
    refused(
        "placement.not_guardian",
        applications.file_application,
        actor=stranger.actor,
        new=new,
        key=new_id(),
        now=NOW,
    )
    for actor in (ANYONE, builders.officer_of(), home.head):
        with pytest.raises(NotAllowed):
            applications.start_draft(actor=actor, child=family.child, now=NOW)


def test_nobody_touches_the_application_of_another_family():
    row, stranger = builders.application(builders.kindergarten().id), builders.family()
    for actor in (stranger.actor, builders.officer_of(), ANYONE):
        with pytest.raises(NotAllowed):
            applications.withdraw(actor=actor, application=row, now=NOW)
    assert Application.objects.get(pk=row).status == Status.WAITING


@pytest.mark.parametrize(
    ("born_on", "code"), [(date(2019, 1, 1), "placement.too_old"), (date(2019, 8, 31), "placement.too_old")]
)
def test_a_child_too_old_is_refused(born_on, code):
    home = builders.kindergarten(born=(2018, 2022))
    refused(code, builders.application, of=builders.family(born_on=born_on), radius_km=3)
    assert home.id


def test_wishes_that_cannot_be():
    home, far = builders.kindergarten(), builders.kindergarten(district=builders.OTHER_DISTRICT)
    many = [builders.kindergarten().id for _ in range(12)]
    for wishes, code in (
        ((new_id(),), "placement.wish_unknown"),
        ((far.id,), "placement.wrong_territory"),
        ((home.id, home.id), "placement.wish_twice"),
        (tuple(many), "placement.too_many_wishes"),
        ((), "placement.no_wishes"),
    ):
        with pytest.raises(Refusal) as caught:
            builders.application(*wishes)
        assert (caught.value.code, caught.value.field) == (code, "organisations")
    assert Application.objects.exclude(status=Status.DRAFT).count() == 0


def test_an_expired_paper_is_refused_and_nothing_is_half_done():
    home = builders.kindergarten()
    old = builders.document("teacher", issued_on=NOW.date() - timedelta(days=90))
    with pytest.raises(Refusal) as caught:
        builders.application(home.id, benefit=Benefit.TEACHER, documents=(old,))
    assert caught.value.code == "placement.document_expired"
    assert not Application.objects.exists() and not Wish.objects.exists()


def test_an_unknown_paper_is_refused():
    with pytest.raises(Refusal) as caught:
        builders.application(builders.kindergarten().id, documents=(builders.document("passport"),))
    assert caught.value.code == "placement.document_unknown"


def test_an_enrolled_child_may_only_ask_for_a_transfer():
    family, home, other = builders.family(), builders.kindergarten(), builders.kindergarten()
    present = builders.enrolled(family.child, home.group)
    refused("placement.already_enrolled", builders.application, of=family, radius_km=2)
    with pytest.raises(Refusal) as caught:
        builders.application(home.id, of=family, transfer=True)
    assert caught.value.code == "placement.wish_is_present"
    row = builders.application(other.id, of=family, transfer=True)
    assert Application.objects.get(pk=row).present_id == present
    refused("placement.nothing_to_transfer", builders.application, of=builders.family(), transfer=True)


def test_withdrawing_twice_is_withdrawing_once():
    family = builders.family()
    row = builders.application(builders.kindergarten().id, of=family)
    for _ in range(2):
        applications.withdraw(actor=family.actor, application=row, now=NOW)
    assert Application.objects.get(pk=row).status == Status.WITHDRAWN
    assert LedgerEntry.objects.filter(subject_id=row, kind="placement.ApplicationWithdrawn").count() == 1
    again = builders.application(builders.kindergarten().id, of=family)
    assert again != row


def test_wishes_change_and_the_place_stays():
    family, home, other = builders.family(), builders.kindergarten(), builders.kindergarten()
    row = builders.application(home.id, of=family)
    applications.change_wishes(
        actor=family.actor, application=row, organisations=[other.id, home.id], radius_km=2, now=NOW
    )
    kept = Application.objects.get(pk=row)
    assert (kept.radius_km, kept.applied_at) == (2, NOW)
    assert list(kept.wishes.order_by("rank").values_list("organisation_id", flat=True)) == [other.id, home.id]
    applications.withdraw(actor=family.actor, application=row, now=NOW)
    refused(
        "placement.wishes_fixed",
        applications.change_wishes,
        actor=family.actor,
        application=row,
        organisations=[home.id],
        radius_km=None,
        now=NOW,
    )


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_application():
    builders.territory()
    family, home = builders.family(), builders.kindergarten()
    key = new_id()
    new = NewApplication(family.child, family.guardian, builders.draft(home.id))

    def file(key):
        return lambda: applications.file_application(actor=family.actor, new=new, key=key, now=NOW)

    first, second = at_once(file(key), file(key))
    assert first == second == Application.objects.get().pk
    assert at_once(file(new_id()), file(new_id())) == ["placement.open_application"] * 2
    family = builders.family()
    new = NewApplication(family.child, family.guardian, builders.draft(home.id))
    results = at_once(file(new_id()), file(new_id()))
    assert "placement.open_application" in results
    assert Application.objects.filter(child=family.child).count() == 1
