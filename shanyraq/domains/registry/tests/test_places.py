"""Organisations, groups and enrolments, through the services."""

from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.models import Enrolment, Group, Organisation
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason
from shanyraq.domains.registry.tests.builders import (
    ESIL,
    NOW,
    SEMEY,
    SYSTEM,
    TODAY,
    actor,
    bin_number,
    enrol,
    group,
    guardian_of,
    new_group,
    new_organisation,
    organisation,
    person,
)
from shanyraq.foundation import ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Text

pytestmark = pytest.mark.usefixtures("country")
TOMORROW = TODAY + timedelta(days=1)


def refused(code: str):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == f"registry.{code}")


# ---- organisations


def test_an_open_organisation_is_listed_in_its_district():
    opened = organisation()
    assert [card.id for card in queries.organisations_in(ESIL, TODAY)] == [opened]
    assert queries.organisations_in(SEMEY, TODAY) == ()
    assert [card.id for card in queries.organisations_in("71", TODAY)] == [opened]
    assert queries.organisations_in(ESIL, date(2020, 8, 31)) == ()
    assert ledger.entries(opened)[0].kind == "registry.OrganisationOpened"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"bin": "350551016315"}, "bin_check_digit"),
        ({"bin": "12"}, "bin_length"),
        ({"district": "710000000"}, "district_unknown"),
        ({"lon": 0.0}, "point_abroad"),
        ({"name": Text("а", "", "a")}, "text_missing"),
        ({"name": Text("а", "б" * 201, "a")}, "text_long"),
        ({"address": ""}, "text_missing"),
        ({"phone": "1" * 21}, "text_long"),
    ],
)
def test_an_organisation_that_cannot_be_is_refused(given, code):
    with refused(code):
        organisation(**given)
    assert not Organisation.objects.exists()


def test_one_bin_is_one_organisation():
    number = bin_number()
    opened = organisation(bin=f"{number[:6]} {number[6:]}")
    assert queries.find_organisation(number) == opened
    with refused("bin_known"):
        organisation(bin=number)


def test_organisations_are_opened_by_officers_of_the_district():
    services.open_organisation(actor=actor(Role.OFFICER, territory=ESIL), new=new_organisation(), on=TODAY, now=NOW)
    for who in (actor(Role.OFFICER, territory=SEMEY), actor(Role.MINISTRY), actor(Role.HEAD, organisation=uuid4())):
        with pytest.raises(NotAllowed):
            services.open_organisation(actor=who, new=new_organisation(), on=TODAY, now=NOW)


def test_closing_an_organisation_closes_its_groups_and_waits_for_the_children():
    opened = organisation()
    inside = group(opened)
    enrolment = enrol(person(), inside)
    with refused("children_enrolled"):
        services.close_organisation(actor=SYSTEM, organisation=opened, on=TOMORROW, now=NOW)
    assert Group.objects.get().valid_to is None
    services.end_enrolment(actor=SYSTEM, enrolment=enrolment, reason=ExitReason.MOVED, on=TOMORROW, now=NOW)
    services.close_organisation(actor=SYSTEM, organisation=opened, on=TOMORROW, now=NOW)
    assert queries.groups_of(opened, TOMORROW) == ()
    with refused("organisation_closed"):
        services.close_organisation(actor=SYSTEM, organisation=opened, on=TOMORROW, now=NOW)
    with refused("organisation_closed"):
        group(opened, on=TOMORROW)


# ---- groups and places


def test_a_group_is_listed_with_its_places():
    opened = organisation()
    inside = group(opened, places=7)
    (card,) = queries.groups_of(opened, TODAY)
    assert (card.id, card.places, card.district, card.born_from) == (inside, 7, ESIL, 2022)
    assert queries.groups_in("71", TODAY) == (card,)
    assert queries.group_cards([inside, uuid4()]) == {inside: card}
    assert queries.taken_places([inside], TODAY) == {inside: 0}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"places": -1}, "places_negative"),
        ({"places": 61}, "places_too_many"),
        ({"born_from": 2023}, "birth_years"),
        ({"born_to": 2027}, "birth_years_ahead"),
        ({"name": " "}, "text_missing"),
    ],
)
def test_a_group_that_cannot_be_is_refused(given, code):
    with refused(code):
        group(**given)
    assert not Group.objects.exists()


def test_places_never_fall_below_the_children_and_the_same_number_changes_nothing():
    inside = group(places=2)
    enrol(person(), inside)
    for places in (1, 1):
        services.change_places(actor=SYSTEM, group=inside, places=places, now=NOW)
    assert AuditEntry.objects.filter(subject="group", facts={"places": [2, 1]}).count() == 1
    for places, code in ((0, "places_below_taken"), (-3, "places_negative")):
        with refused(code):
            services.change_places(actor=SYSTEM, group=inside, places=places, now=NOW)
    assert Group.objects.get().places == 1


def test_a_head_changes_own_groups_only():
    own, other = organisation(), organisation()
    head = actor(Role.HEAD, organisation=own)
    inside = services.open_group(actor=head, new=new_group(own), on=TODAY, now=NOW)
    services.change_places(actor=head, group=inside, places=9, now=NOW)
    services.close_group(actor=head, group=inside, on=TOMORROW, now=NOW)
    with refused("group_closed"):
        services.close_group(actor=head, group=inside, on=TOMORROW, now=NOW)
    with pytest.raises(NotAllowed):
        services.open_group(actor=head, new=new_group(other), on=TODAY, now=NOW)
    for who in (head, actor(Role.OFFICER, territory=SEMEY), actor(Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            services.change_places(actor=who, group=group(other), places=9, now=NOW)


# ---- enrolment


def test_an_enrolled_child_takes_a_place_and_is_found_there():
    opened = organisation()
    child, inside = person(), group(opened)
    row = enrol(child, inside)
    card = queries.open_enrolment(child)
    assert card and (card.id, card.group, card.organisation, card.until) == (row, inside, opened, None)
    assert queries.taken_places([inside], TODAY) == {inside: 1}
    assert queries.enrolled_in(opened, TODAY) == (card,)
    assert queries.enrolment(row) == queries.enrolment_cards([row])[row] == card
    assert ledger.entries(row)[0].payload["child"] == str(child)


def test_enrolment_that_begins_later_takes_its_place_now():
    inside = group(places=1)
    enrol(person(), inside, on=date(2026, 9, 1))
    assert queries.taken_places([inside], TODAY) == {inside: 1}
    with refused("group_full"):
        enrol(person(), inside)


def test_a_child_is_enrolled_once_at_a_time():
    child, inside = person(), group()
    enrol(child, inside)
    for again in (inside, group()):
        with refused("already_enrolled"):
            enrol(child, again)
    with refused("already_enrolled"):
        enrol(child, inside, EntryReason.TRANSFER, on=TOMORROW)
    assert Enrolment.objects.count() == 1


def test_enrolments_that_cannot_be_are_refused():
    full, closed, child = group(places=0), group(on=TOMORROW), person()
    with refused("group_full"):
        enrol(child, full)
    with refused("group_closed"):
        enrol(child, closed)
    with refused("organisation_closed"):
        enrol(child, full, on=date(2020, 8, 31))
    with refused("person_unknown"):
        enrol(uuid4(), full)
    with refused("text_long"):
        enrol(child, group(), order_number="1" * 41)
    assert not Enrolment.objects.exists()


def test_a_place_left_is_free_from_that_day_and_never_twice():
    child, inside = person(), group(places=1)
    row = enrol(child, inside)
    with refused("ends_before_start"):
        services.end_enrolment(actor=SYSTEM, enrolment=row, reason=ExitReason.WISH, on=TODAY, now=NOW)
    leave = partial(services.end_enrolment, actor=SYSTEM, enrolment=row, reason=ExitReason.WISH, on=TOMORROW, now=NOW)
    leave()
    with refused("enrolment_ended"):
        leave()
    assert queries.taken_places([inside], TOMORROW) == {inside: 0}
    with refused("group_full"):
        enrol(person(), inside, on=TODAY)
    with refused("enrolled_then"):
        enrol(child, group(), on=TODAY)
    enrol(child, inside, on=TOMORROW)
    assert [card.exit_reason for card in queries.enrolments_of(child)] == [ExitReason.WISH, None]


def test_a_transfer_leaves_the_old_place_and_takes_the_new_one_in_one_step():
    child, old, new = person(), group(places=1), group(places=1)
    enrol(child, old)
    head = actor(Role.HEAD, organisation=queries.group_cards([new])[new].organisation)
    enrol(child, new, EntryReason.TRANSFER, on=TOMORROW, actor=head)
    assert queries.taken_places([old, new], TOMORROW) == {old: 0, new: 1}
    assert [card.exit_reason for card in queries.enrolments_of(child)] == [ExitReason.TRANSFER, None]


def test_a_transfer_to_a_full_group_keeps_the_present_place():
    child, old = person(), group(places=1)
    enrol(child, old)
    with refused("group_full"):
        enrol(child, group(places=0), EntryReason.TRANSFER, on=TOMORROW)
    assert queries.open_enrolment(child) is not None


def test_heads_and_officers_enrol_where_they_are():
    inside = group()
    own = queries.group_cards([inside])[inside].organisation
    row = enrol(person(), inside, actor=actor(Role.HEAD, organisation=own))
    enrol(person(), inside, actor=actor(Role.OFFICER, territory=ESIL))
    child = person()
    for who in (
        actor(Role.HEAD, organisation=uuid4()),
        actor(Role.OFFICER, territory=SEMEY),
        actor(Role.GUARDIAN, person=guardian_of(child)),
        actor(Role.MINISTRY),
    ):
        with pytest.raises(NotAllowed):
            enrol(child, inside, actor=who)
        with pytest.raises(NotAllowed):
            services.end_enrolment(actor=who, enrolment=row, reason=ExitReason.WISH, on=TOMORROW, now=NOW)


# ---- swap


def swap(first, second, who=SYSTEM, on=TOMORROW):
    return services.swap_places(actor=who, first=first, second=second, on=on, now=NOW)


def test_two_children_exchange_full_groups():
    groups = (group(places=1), group(places=1))
    children = (person(), person())
    rows = [enrol(child, inside) for child, inside in zip(children, groups, strict=True)]
    swapped = swap(*rows)
    present = queries.open_enrolments(children)
    assert [present[child].id for child in children] == list(swapped)
    assert [present[child].group for child in children] == [groups[1], groups[0]]
    assert queries.taken_places(groups, TOMORROW) == dict.fromkeys(groups, 1)


def test_swaps_that_cannot_be_are_refused_whole():
    inside = group()
    first, second, third = enrol(person(), inside), enrol(person(), inside), enrol(person(), group())
    with refused("swap_in_one_group"):
        swap(first, second)
    with refused("ends_before_start"):
        swap(first, third, on=TODAY)
    with pytest.raises(NotAllowed):
        swap(first, third, actor(Role.OFFICER, territory=SEMEY))
    services.end_enrolment(actor=SYSTEM, enrolment=third, reason=ExitReason.WISH, on=TOMORROW, now=NOW)
    with refused("enrolment_ended"):
        swap(first, third)
    assert Enrolment.objects.filter(valid_to__isnull=True).count() == 2
