"""Many at once: nobody is told yes twice. On SQLite writers wait for the file, on PostgreSQL for the group's row."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.models import Enrolment, Organisation, Person
from shanyraq.domains.registry.rules.kinds import EntryReason, GuardianKind, Sex
from shanyraq.domains.registry.tests.builders import (
    NOW,
    SEMEY,
    SYSTEM,
    TODAY,
    bin_number,
    enrol,
    group,
    home,
    iin,
    new_organisation,
    new_person,
    organisation,
    parent,
    person,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_the_last_places_of_a_group_are_given_once(at_once):
    inside = group(places=3)
    done = at_once([partial(enrol, child, inside) for child in [person() for _ in range(8)]])
    assert sorted(type(one).__name__ for one in done) == ["UUID"] * 3 + ["str"] * 5
    assert {one for one in done if isinstance(one, str)} == {"registry.group_full"}
    assert queries.taken_places([inside], TODAY) == {inside: 3}


def test_a_child_enrolled_in_six_places_at_once_gets_one(at_once):
    child = person()
    done = at_once([partial(enrol, child, group()) for _ in range(6)])
    assert [one for one in done if not isinstance(one, UUID)] == ["registry.already_enrolled"] * 5
    assert Enrolment.objects.filter(child_id=child, valid_to__isnull=True).count() == 1


def test_places_do_not_fall_below_children_who_enter_meanwhile(at_once):
    inside = group(places=4)
    fewer = partial(services.change_places, actor=SYSTEM, group=inside, places=2, now=NOW)
    at_once([*(partial(enrol, person(), inside) for _ in range(4)), fewer])
    assert queries.taken_places([inside], TODAY)[inside] <= queries.group_cards([inside])[inside].places


def test_two_transfers_into_each_others_groups_do_not_wait_for_ever(at_once):
    groups = [group(places=2), group(places=2)]
    children = [person(), person()]
    for child, inside in zip(children, groups, strict=True):
        enrol(child, inside)
    tomorrow = TODAY + timedelta(days=1)
    moves = zip(children, reversed(groups), strict=True)
    done = at_once([partial(enrol, child, inside, EntryReason.TRANSFER, on=tomorrow) for child, inside in moves])
    assert all(isinstance(one, UUID) for one in done)
    assert queries.taken_places(groups, tomorrow) == dict.fromkeys(groups, 1)


def test_one_iin_and_one_bin_are_registered_once(at_once):
    number = iin(new_person().born_on, Sex.FEMALE)
    done = at_once([partial(person, iin=number) for _ in range(4)])
    assert sorted(one for one in done if isinstance(one, str)) == ["registry.iin_known"] * 3
    assert Person.objects.count() == 1
    new = new_organisation(bin=bin_number())
    done = at_once([partial(services.open_organisation, actor=SYSTEM, new=new, on=TODAY, now=NOW) for _ in range(4)])
    assert sorted(one for one in done if isinstance(one, str)) == ["registry.bin_known"] * 3
    assert Organisation.objects.count() == 1


def test_one_guardian_and_one_home_are_noted_once(at_once):
    child, adult, tomorrow = person(), parent(), TODAY + timedelta(days=1)
    add = partial(services.add_guardian, actor=SYSTEM, child=child, guardian=adult, now=NOW)
    done = at_once([partial(add, kind=GuardianKind.MOTHER, on=TODAY) for _ in range(4)])
    assert sorted(one for one in done if isinstance(one, str)) == ["registry.guardian_already"] * 3
    move = partial(services.move_residence, actor=SYSTEM, person=child, residence=home(SEMEY), on=tomorrow)
    done = at_once([partial(move, now=NOW + timedelta(days=1)) for _ in range(4)])
    assert sorted(one for one in done if isinstance(one, str)) == ["registry.ends_before_start"] * 3


def test_a_process_that_dies_half_way_leaves_nothing(monkeypatch, lasting_country):
    """The record of the event is the last step: without it there is no enrolment either."""
    child, inside = person(), group()
    monkeypatch.setattr("shanyraq.domains.registry.services.enrolments.note", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        enrol(child, inside)
    assert not Enrolment.objects.exists()
    assert organisation()
