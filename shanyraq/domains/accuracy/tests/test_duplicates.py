"""Searching, deciding, merging and taking back, through the services, and the pages by role."""

from datetime import date, timedelta

import pytest

from shanyraq.domains.accuracy.models import Duplicate, DuplicateSearch
from shanyraq.domains.accuracy.queries import duplicates as queries
from shanyraq.domains.accuracy.rules.duplicates.states import DuplicateState
from shanyraq.domains.accuracy.services import duplicates, searching
from shanyraq.domains.registry.rules import numbers
from shanyraq.domains.registry.rules.kinds import GuardianKind, Sex
from shanyraq.domains.registry.services import PersonChange, add_guardian, correct_person, load_territory
from shanyraq.domains.registry.services.merging import Merge
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import ESIL, NOW, SEMEY, SYSTEM, TODAY
from shanyraq.foundation import jobs
from shanyraq.foundation.access import Role
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.refusal import NotAllowed, Refusal

pytestmark = pytest.mark.django_db
LATER, LAST = NOW + timedelta(days=1), NOW + timedelta(days=2)
WORDS = "Checked against the certificate."
OFFICER = builders.actor(Role.OFFICER, territory=ESIL)
ELSEWHERE = builders.actor(Role.OFFICER, territory=SEMEY)
BORN = date(2020, 5, 12)


@pytest.fixture(autouse=True)
def _country():
    load_territory()


def child(**given):
    plain = {"surname": "Жұмабаева", "given": "Айгерім", "patronymic": "Серікқызы", "born_on": BORN}
    return builders.person(**{**plain, **given})


@pytest.fixture
def pair():
    """A girl with an IIN, and again in Russian spelling without one."""
    first = child(iin=builders.iin(BORN, Sex.FEMALE))
    return first, child(surname="Жумабаева", given="Айгерим", patronymic="Сериковна")


def searched(now=LATER):
    return duplicates.search_duplicates(actor=SYSTEM, now=now)


def listed(actor=SYSTEM, state=DuplicateState.OPEN, today=TODAY):
    return queries.work_list(actor, state=state, page=1, today=today, now=NOW).lines


def found(pair):
    searched()
    (row,) = listed()
    assert {row.first.id, row.second.id} == set(pair)
    return row


def test_a_second_spelling_is_found_with_its_reasons(pair):
    row = found(pair)
    assert row.score > 500
    assert {"born_same", "given_variant", "surname_variant", "patronymic_variant"} <= {one.code for one in row.reasons}
    assert DuplicateSearch.objects.get().people == 2


def test_numbers_and_guardians_count():
    """Two girls of one name and day, each with an IIN of her own, are two girls; with one mother they are one."""
    homes = (builders.home(), builders.home(SEMEY))
    iins = (numbers.compose_iin(BORN, Sex.FEMALE, serial) for serial in range(9001, 9999, 111))
    two = [one for one in iins if one][:2]
    girls = [child(iin=iin, residence=home) for iin, home in zip(two, homes, strict=True)]
    searched()
    (row,) = listed()
    before = {one.code: one.tenths for one in row.reasons}
    assert before["iin_different"] < -50
    mother = builders.parent()
    for girl in girls:
        add_guardian(actor=SYSTEM, child=girl, guardian=mother, kind=GuardianKind.MOTHER, on=TODAY, now=NOW)
    searched()
    (row,) = listed()
    assert {one.code: one.tenths for one in row.reasons}["guardian_same"] > 100


def test_twins_are_not_listed():
    mother = builders.parent()
    for given in ("Айгерім", "Айгүл"):
        one = child(given=given)
        add_guardian(actor=SYSTEM, child=one, guardian=mother, kind=GuardianKind.MOTHER, on=TODAY, now=NOW)
    searched()
    assert listed() == ()


def test_a_search_again_changes_nothing_and_one_after_a_correction_forgets(pair):
    row = found(pair)
    searched(LAST)
    assert [one.id for one in listed()] == [row.id]
    change = PersonChange(given="Нұргүл", surname="Оспанова", patronymic="Маратқызы")
    correct_person(actor=SYSTEM, person=pair[1], change=change, now=LAST)
    searched(LAST)
    assert listed() == ()
    assert sorted(DuplicateSearch.objects.values_list("gone", flat=True)) == [0, 0, 1]


def test_what_was_decided_stays_decided(pair):
    row = found(pair)
    duplicates.decide(actor=OFFICER, duplicate=row.id, to=DuplicateState.DIFFERENT, words=WORDS, now=LATER)
    searched(LAST)
    assert listed() == ()
    assert [one.id for one in listed(state=DuplicateState.DIFFERENT)] == [row.id]
    duplicates.decide(actor=OFFICER, duplicate=row.id, to=DuplicateState.OPEN, words=WORDS, now=LATER)
    assert len(listed()) == 1


def test_a_pair_put_off_comes_back_on_its_day(pair):
    row = found(pair)
    day = TODAY + timedelta(days=30)
    decide = {"actor": OFFICER, "duplicate": row.id, "to": DuplicateState.LATER, "words": WORDS, "now": LATER}
    with pytest.raises(Refusal, match="day_passed"):
        duplicates.decide(**decide)
    duplicates.decide(**decide, again_on=day)
    assert listed() == ()
    assert len(listed(state=DuplicateState.LATER)) == 1
    assert len(listed(today=day)) == 1


def test_merging_and_the_way_back(pair):
    row = found(pair)
    merge = Merge(*pair)
    duplicates.merge_duplicate(actor=OFFICER, duplicate=row.id, merge=merge, words=WORDS, now=LATER)
    assert Duplicate.objects.get().state == "merged"
    assert LedgerEntry.objects.filter(kind="accuracy.DuplicateDecided").exists()
    searched(LAST)
    assert listed() == ()
    assert queries.pair(OFFICER, row.id, today=TODAY, now=LAST).obstacles == ()
    with pytest.raises(Refusal, match="decided"):
        duplicates.merge_duplicate(actor=OFFICER, duplicate=row.id, merge=merge, words=WORDS, now=LAST)
    duplicates.take_back(actor=OFFICER, duplicate=row.id, words=WORDS, now=LAST)
    assert len(listed()) == 1
    with pytest.raises(Refusal, match="not_merged"):
        duplicates.take_back(actor=OFFICER, duplicate=row.id, words=WORDS, now=LAST)


def test_a_merge_is_of_the_pair_and_has_a_reason(pair):
    row = found(pair)
    with pytest.raises(Refusal, match="other_pair"):
        duplicates.merge_duplicate(
            actor=OFFICER, duplicate=row.id, merge=Merge(pair[0], child()), words=WORDS, now=LATER
        )
    with pytest.raises(Refusal, match="note_short"):
        duplicates.merge_duplicate(actor=OFFICER, duplicate=row.id, merge=Merge(*pair), words="yes", now=LATER)
    assert Duplicate.objects.get().state == "open"


def test_a_pair_across_two_districts_is_seen_in_both_and_decided_above():
    child(iin=builders.iin(BORN, Sex.FEMALE))
    child(given="Айгерим", residence=builders.home(SEMEY))
    searched()
    for officer in (OFFICER, ELSEWHERE):
        (row,) = listed(officer)
        assert not row.decidable
        with pytest.raises(NotAllowed):
            duplicates.decide(actor=officer, duplicate=row.id, to=DuplicateState.DIFFERENT, words=WORDS, now=LATER)
    duplicates.decide(actor=SYSTEM, duplicate=row.id, to=DuplicateState.DIFFERENT, words=WORDS, now=LATER)


def test_others_see_nothing(pair):
    row = found(pair)
    assert listed(ELSEWHERE) == ()
    for role in (Role.GUARDIAN, Role.HEAD, Role.TEACHER, Role.MINISTRY):
        assert listed(builders.actor(role)) == ()
        with pytest.raises(NotAllowed):
            queries.pair(builders.actor(role), row.id, today=TODAY, now=NOW)
    with pytest.raises(NotAllowed):
        queries.pair(ELSEWHERE, row.id, today=TODAY, now=NOW)
    with pytest.raises(NotAllowed):
        duplicates.search_duplicates(actor=OFFICER, now=NOW)


def test_the_search_is_planned_once(pair):
    searching.plan_search(actor=SYSTEM, now=NOW)
    searching.plan_search(actor=SYSTEM, now=NOW)
    assert jobs.waiting(searching.search_all)
    with pytest.raises(NotAllowed):
        searching.plan_search(actor=OFFICER, now=NOW)


def test_the_list_asks_as_much_for_many_as_for_one(pair, django_assert_num_queries):
    found(pair)
    with django_assert_num_queries(8):
        listed()
    for n in range(9):
        other = child(given="Айгерим" + "аеиоуыәөү"[n])
        first, second = sorted((pair[0], other))
        Duplicate.objects.create(
            first=first, second=second, score=700, reasons=[], state="open", found_at=NOW, seen_at=NOW
        )
    with django_assert_num_queries(8):
        assert len(listed()) == 10
