"""What events make public in the log: named facts only, and none that leads to a person."""

from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shanyraq.domains.registry import events as registry
from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import leaf
from shanyraq.foundation.ledger.canonical import canonical
from tests.happenings import events

OF_PEOPLE = {
    "child", "guardian", "person", "universal_id", "application", "document", "enrolment", "ended", "wishes", "benefit",
    "first", "second", "bin", "offer", "radius_km", "transfer", "name", "iin", "born_on",
}  # fmt: skip
PUBLIC_IDS = {"group", "organisation", "round", "ceremony"}  # what they are ids of is known to everybody


EVERY = pytest.mark.parametrize("event", events(), ids=lambda one: one.KIND)


@EVERY
def test_every_event_says_which_of_its_facts_are_public(event):
    assert {field.name for field in fields(event)} >= event.OPEN


@EVERY
def test_no_public_fact_leads_to_a_person(event):
    assert not event.OPEN & OF_PEOPLE
    ids = {field.name for field in fields(event) if "UUID" in str(field.type)}
    assert ids & event.OPEN <= PUBLIC_IDS


@pytest.mark.django_db
def test_what_happens_to_a_place_is_public_and_to_a_person_is_not():
    at, group, child = datetime(2026, 11, 23, tzinfo=UTC), UUID(int=7), UUID(int=8)
    opened = registry.GroupOpened(organisation=UUID(int=9), places=20, on=at.date())
    added = registry.GuardianAdded(
        child=child, guardian=UUID(int=5), kind=next(iter(registry.GuardianKind)), on=at.date()
    )
    for event, subject in ((opened, group), (added, UUID(int=6))):
        ledger.note(event, subject, at=at, code=registry.code_of(event, subject))
    ledger.sequence(at)
    place, person = ledger.leaves(0, 2)
    assert f'"code":"{group.hex}"' in place and '"places":20' in place
    assert '"code":"","kind":"registry.GuardianAdded","open":{}' in person
    assert child.hex not in person.replace("-", "") and canonical({}) == "{}" and leaf.SALT_BYTES == 16
