"""Who may read whose record: the same rule as a filter and as a check."""

from uuid import UUID, uuid4

import pytest

from shanyraq.domains.registry import queries
from shanyraq.domains.registry.access import (
    ENROLMENT_RULES,
    GROUP_RULES,
    ORGANISATION_RULES,
    PERSON_RULES,
    TERRITORY_RULES,
    Do,
)
from shanyraq.domains.registry.tests.builders import (
    ALMATY_DISTRICT,
    ESIL,
    SEMEY,
    SYSTEM,
    actor,
    enrol,
    group,
    guardian_of,
    home,
    organisation,
    person,
)
from shanyraq.foundation.access import ANYONE, Actor, Grant, Role
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import LANGS, say


def may_read(who: Actor, child: UUID) -> bool:
    try:
        queries.readable(who, child)
    except NotAllowed:
        return False
    return True


@pytest.mark.usefixtures("country")
def test_a_record_is_read_by_its_own_people_only():
    kindergarten = organisation()
    mine, other = person(), person(given="Арман", residence=home(SEMEY))
    mother = guardian_of(mine)
    enrol(mine, group(kindergarten))
    allowed = {
        actor(Role.GUARDIAN, person=mother): (True, False),
        actor(Role.GUARDIAN, person=mine): (True, False),
        actor(Role.GUARDIAN, person=uuid4()): (False, False),
        actor(Role.HEAD, organisation=kindergarten): (True, False),
        actor(Role.HEAD, organisation=organisation()): (False, False),
        actor(Role.OFFICER, territory=ESIL): (True, False),
        actor(Role.OFFICER, territory=ALMATY_DISTRICT): (False, False),
        actor(Role.REGION, territory="71"): (True, False),
        actor(Role.REGION, territory="10"): (False, True),
        actor(Role.MINISTRY): (False, False),
        actor(Role.AUDITOR): (True, True),
        SYSTEM: (True, True),
        ANYONE: (False, False),
    }
    for who, expected in allowed.items():
        assert (may_read(who, mine), may_read(who, other)) == expected, who
        listed = {card.id for card in queries.visible_people(who, "", 50)}
        assert (mine in listed, other in listed) == expected, who


@pytest.mark.usefixtures("country")
@pytest.mark.parametrize("role", [Role.HEAD, Role.OFFICER, Role.REGION, Role.MINISTRY])
def test_break_glass_opens_one_record_to_staff(role):
    child, other = person(), person()
    grant = Grant(role, "10" if role in (Role.OFFICER, Role.REGION) else "", uuid4() if role is Role.HEAD else None)
    who = Actor(user=None, grants=(grant,), opened=frozenset({child}))
    assert may_read(who, child)
    assert not may_read(who, other)


@pytest.mark.usefixtures("country")
def test_break_glass_is_not_for_guardians():
    child = person()
    assert not may_read(Actor(None, uuid4(), (Grant(Role.GUARDIAN),), frozenset({child})), child)


@pytest.mark.usefixtures("country")
def test_a_child_who_left_is_no_longer_the_heads():
    from datetime import timedelta

    from shanyraq.domains.registry import services
    from shanyraq.domains.registry.rules.kinds import ExitReason
    from shanyraq.domains.registry.tests.builders import NOW, TODAY

    kindergarten, child = organisation(), person()
    row = enrol(child, group(kindergarten))
    head = actor(Role.HEAD, organisation=kindergarten)
    assert may_read(head, child)
    services.end_enrolment(actor=head, enrolment=row, reason=ExitReason.WISH, on=TODAY + timedelta(days=1), now=NOW)
    assert not may_read(head, child)


def test_auditors_read_and_never_write():
    writing = (PERSON_RULES, TERRITORY_RULES, ORGANISATION_RULES, GROUP_RULES, ENROLMENT_RULES)
    roles = {(action, rule.role) for rules in writing for action, held in rules.items() for rule in held}
    assert {action for action, role in roles if role is Role.AUDITOR} == {
        Do.READ_PERSON, Do.READ_ENROLMENT, Do.READ_RECORD, Do.READ_CIRCUMSTANCE, Do.READ_READERS,
    }  # fmt: skip
    assert {action for action, role in roles if role is Role.GUARDIAN} == {
        Do.READ_PERSON, Do.READ_CIRCUMSTANCE, Do.READ_READERS,
    }  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_each_action_has_its_words_for_the_audit(lang):
    assert all(say(f"action.{do}", lang) for do in Do)
