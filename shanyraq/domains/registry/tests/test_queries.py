"""Each query asks the database as often as it says, for one row and for thirty."""

from datetime import date

import pytest

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.rules.kinds import GuardianKind
from shanyraq.domains.registry.tests.builders import (
    ESIL,
    NOW,
    SYSTEM,
    TODAY,
    actor,
    enrol,
    group,
    guardian_of,
    organisation,
    parent,
    person,
)
from shanyraq.foundation.access import Role

pytestmark = pytest.mark.usefixtures("country")


def family(size: int):
    mother = parent()
    children = [person(born_on=date(2020, 1, 1 + n)) for n in range(size)]
    for child in children:
        services.add_guardian(actor=SYSTEM, child=child, guardian=mother, kind=GuardianKind.MOTHER, on=TODAY, now=NOW)
    return mother, children


@pytest.mark.parametrize("size", [1, 30])
def test_as_many_queries_for_thirty_as_for_one(size, django_assert_num_queries):
    mother, children = family(size)
    home = organisation()
    groups = [group(home) for _ in range(size)]
    for child, inside in zip(children, groups, strict=True):
        enrol(child, inside)
    for _ in range(size - 1):
        organisation()
    officer = actor(Role.OFFICER, territory=ESIL)
    asked = {
        lambda: queries.person_cards(children): 1,
        lambda: queries.children_of(mother, TODAY): 1,
        lambda: queries.guardians_of_many(children, TODAY): 1,
        lambda: queries.siblings(children, TODAY): 2,
        lambda: queries.residences(children, TODAY): 1,
        lambda: queries.visible_people(officer, "", 50): 1,
        lambda: queries.organisations_in(ESIL, TODAY): 1,
        lambda: queries.groups_of(home, TODAY): 1,
        lambda: queries.groups_in(ESIL, TODAY): 1,
        lambda: queries.group_cards(groups): 1,
        lambda: queries.hold_groups(groups): 1,
        lambda: queries.group_sizes_in("71", TODAY): 1,
        lambda: queries.taken_places(groups, TODAY): 1,
        lambda: queries.taken_places_in(ESIL, TODAY): 1,
        lambda: queries.open_enrolments(children): 1,
        lambda: queries.enrolled_in(home, TODAY): 1,
    }
    for ask, count in asked.items():
        with django_assert_num_queries(count):
            assert len(ask()) >= size


def test_sums_over_a_territory_are_those_of_its_groups():
    home, child = organisation(), person()
    inside = group(home)
    enrol(child, inside)
    (card,) = queries.groups_in(ESIL, TODAY)
    assert queries.group_sizes_in("71", TODAY) == (queries.GroupSize(inside, ESIL, card.places),)
    assert queries.count_organisations("", TODAY) == {ESIL: 1}
    for territory in ("", "71", ESIL):
        assert queries.taken_places_in(territory, TODAY) == {inside: 1}
    assert queries.taken_places_in("10", TODAY) == {}
    assert [one.child for one in queries.enrolled_in_group(inside, TODAY)] == [child]


def test_siblings_are_the_other_children_of_the_guardians():
    _, (first, second, third) = family(3)
    alone = person()
    guardian_of(alone)
    orphan = person()
    found = queries.siblings([first, alone, orphan], TODAY)
    assert found == {first: {second, third}, alone: frozenset(), orphan: frozenset()}
    assert queries.siblings([], TODAY) == {}


def test_children_are_listed_oldest_first_and_guardians_longest_first():
    mother, children = family(3)
    assert [card.id for card in queries.children_of(mother, TODAY)] == children
    father = guardian_of(children[0], GuardianKind.FATHER, given="Серік")
    assert [card.person.id for card in queries.guardians_of(children[0], TODAY)] == [mother, father]


def test_people_are_found_from_any_keyboard_in_alphabet_order():
    for surname in ("Өмірова", "Абаева", "Әлиева"):
        person(surname=surname)
    for term in ("әсел", "АСЕЛ", "Assel", "asel"):
        found = [card.name.kk for card in queries.visible_people(SYSTEM, term)]
        assert found == ["Абаева Әсел", "Әлиева Әсел", "Өмірова Әсел"]
    assert [card.name.kk for card in queries.visible_people(SYSTEM, "omir asel")] == ["Өмірова Әсел"]
    assert queries.visible_people(SYSTEM, "сел") == ()
    assert len(queries.visible_people(SYSTEM, "", limit=2)) == 2


def test_what_is_unknown_is_left_out():
    assert queries.person_cards([]) == {}
    assert queries.find_person("930327504816") is None
    assert queries.find_by_universal_id("0000-0000-0001") is None
    assert queries.organisation(person()) is None


def test_universal_id_is_read_aloud():
    assert queries.spoken("000000000001", "kk") == ("нөл",) * 11 + ("бір",)
