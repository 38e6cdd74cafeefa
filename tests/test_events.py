"""The bytes of every event, as the ledger hashes them: what is written once can always be computed again.

`events.json` holds two samples of each kind: one with words and numbers, one empty wherever that is allowed. A line
that changes there means that entries of the same kind no longer look alike: give the event a new name instead.
"""

import json
import types
import typing
from dataclasses import fields
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from uuid import UUID

import pytest

from shanyraq.foundation.ledger import NewEntry
from shanyraq.foundation.ledger.canonical import canonical
from tests.happenings import events

KEPT = json.loads(Path(__file__).with_name("events.json").read_text("utf-8"))
KAZAKHSTAN = timezone(timedelta(hours=5))
ALIKE = {  # of a type: the sample at a place among the facts, and the empty one
    bool: (lambda at: True, lambda at: False),
    int: (lambda at: at, lambda at: 0),
    str: (lambda at: f"word-{at} ә", lambda at: ""),
    UUID: (lambda at: UUID(int=at), lambda at: UUID(int=at)),
    date: (lambda at: date(2026, 9, 1 + at), lambda at: date(2026, 9, 1 + at)),
    datetime: (
        lambda at: datetime(2026, 9, 1, 3, at, tzinfo=KAZAKHSTAN),
        lambda at: datetime(2026, 9, 1, 3, at, 7, 250, tzinfo=KAZAKHSTAN),
    ),
}


def sample(hint, at, empty):
    if typing.get_origin(hint) is types.UnionType:
        return None if empty else sample(typing.get_args(hint)[0], at, empty)
    if typing.get_origin(hint) is tuple:
        return () if empty else tuple(sample(typing.get_args(hint)[0], at + more, empty) for more in (1, 2))
    if issubclass(hint, Enum):
        return list(hint)[-1 if empty else 0]
    return ALIKE[hint][empty](at)


def written(event, empty):
    hints = typing.get_type_hints(event)
    facts = {field.name: sample(hints[field.name], at, empty) for at, field in enumerate(fields(event), 1)}
    entry = NewEntry.of(event(**facts), UUID(int=1))
    assert entry.kind == event.KIND
    return {"open": sorted(entry.open), "payload": canonical(entry.payload)}


def test_the_kinds_are_those_that_are_kept():
    assert [event.KIND for event in events()] == sorted(KEPT)


@pytest.mark.parametrize("event", events(), ids=lambda one: one.KIND)
def test_the_bytes_of_an_event_stay(event):
    assert [written(event, empty) for empty in (False, True)] == KEPT[event.KIND]
