"""Searching for records of one person, and saying of two of them what they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

import polars as pl
from django.db import transaction
from django.db.models import Q

from shanyraq.domains.accuracy.access import DUPLICATE_RULES, Do
from shanyraq.domains.accuracy.events import DuplicateDecided, DuplicatesSearched
from shanyraq.domains.accuracy.models import Duplicate, DuplicateSearch
from shanyraq.domains.accuracy.rules.duplicates import likeness, search
from shanyraq.domains.accuracy.rules.duplicates.columns import Columns, columns
from shanyraq.domains.accuracy.rules.duplicates.likeness import LISTED, Beside, Iins, Likeness, Record, Shares
from shanyraq.domains.accuracy.rules.duplicates.states import NEXT, DuplicateState
from shanyraq.domains.accuracy.services.recording import note
from shanyraq.domains.registry.queries import likeness as registry
from shanyraq.domains.registry.services import merging
from shanyraq.domains.registry.services.merging import Merge
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

AT_ONCE: Final = 20_000  # candidates weighed at once
LONGEST_NOTE: Final = 300
SHORTEST_NOTE: Final = 10
_WRITTEN: Final = ("score", "reasons", "first_kato", "second_kato", "seen_at")


@dataclass(frozen=True, slots=True)
class Found:
    """A pair that a search puts on the list; `first` is the lesser id."""

    first: UUID
    second: UUID
    like: Likeness
    katos: tuple[str, str]


def search_duplicates(*, actor: Actor, now: datetime) -> UUID:
    """Search all people, and bring the work list up to date; the id of the search.

    Pairs are found and weighed outside of the transaction that writes them. What was decided stays decided; pairs that
    nobody has decided and that are no longer alike go. Raises NotAllowed.
    """
    if access.rows(DUPLICATE_RULES, Do.SEARCH_DUPLICATES, actor) != access.EVERY_ROW:
        raise NotAllowed("access.denied", action=str(Do.SEARCH_DUPLICATES))
    frame = registry.everyone()
    people = columns(frame)
    pairs = search.candidates(people)
    found = {(one.first, one.second): one for one in _weighed(frame, people, pairs)}
    return _kept(actor, found, DuplicateSearch(
        made_at=now, made_by=actor.user, people=len(people), compared=pairs.compared, found=len(found)
    ))  # fmt: skip


@transaction.atomic
def decide(
    *, actor: Actor, duplicate: UUID, to: DuplicateState, words: str, now: datetime, again_on: date | None = None
) -> None:
    """Say of two records that they are two people, or put them off to a day, or open the question again.

    Raises NotAllowed; Refusal: accuracy.note_short, accuracy.decided (with the present state), accuracy.day_passed.
    """
    row = _held(actor, duplicate)
    if to is DuplicateState.MERGED or row.state == DuplicateState.MERGED or to not in NEXT[DuplicateState(row.state)]:
        raise Refusal("accuracy.decided", state=DuplicateState(row.state))
    if to is DuplicateState.LATER and (again_on is None or again_on <= day_of(now)):
        raise Refusal("accuracy.day_passed", field="again_on")
    row.again_on = again_on if to is DuplicateState.LATER else None
    _decide(actor, row, to, words, now)


@transaction.atomic
def merge_duplicate(*, actor: Actor, duplicate: UUID, merge: Merge, words: str, now: datetime) -> UUID:
    """Make one record of the two; the batch by which it can be taken back.

    Other undecided pairs with the record that was put aside go: the next search finds what is left of them.
    Raises NotAllowed; Refusal: accuracy.note_short, accuracy.decided, accuracy.other_pair, and those of merge_people.
    """
    row = _held(actor, duplicate)
    if DuplicateState.MERGED not in NEXT[DuplicateState(row.state)]:
        raise Refusal("accuracy.decided", state=DuplicateState(row.state))
    if {merge.kept, merge.other} != {row.first, row.second}:
        raise Refusal("accuracy.other_pair")
    row.batch = merging.merge_people(actor=actor, merge=merge, now=now)
    row.again_on = None
    _decide(actor, row, DuplicateState.MERGED, words, now)
    named = Q(first=merge.other) | Q(second=merge.other)
    Duplicate.objects.filter(named, state__in=(DuplicateState.OPEN, DuplicateState.LATER)).delete()
    return row.batch


@transaction.atomic
def take_back(*, actor: Actor, duplicate: UUID, words: str, now: datetime) -> None:
    """Make two records of one again; the pair is open again.

    Raises NotAllowed; Refusal: accuracy.note_short, accuracy.not_merged, and what undo_merge raises.
    """
    row = _held(actor, duplicate)
    if row.state != DuplicateState.MERGED or row.batch is None:
        raise Refusal("accuracy.not_merged")
    merging.undo_merge(actor=actor, batch=row.batch, now=now)
    row.batch = None
    _decide(actor, row, DuplicateState.OPEN, words, now)


def _held(actor: Actor, duplicate: UUID) -> Duplicate:
    access.require(DUPLICATE_RULES, Do.DECIDE_DUPLICATE, actor, Duplicate.objects.all(), duplicate)
    return Duplicate.objects.select_for_update().get(pk=duplicate)


def _decide(actor: Actor, row: Duplicate, to: DuplicateState, words: str, now: datetime) -> None:
    tidy = " ".join(words.split())
    if len(tidy) < SHORTEST_NOTE:
        raise Refusal("accuracy.note_short", field="words", n=SHORTEST_NOTE)
    row.state, row.note = to, tidy[:LONGEST_NOTE]
    row.decided_by, row.decided_at = actor.user, now
    row.save(update_fields=["state", "note", "again_on", "batch", "decided_by", "decided_at"])
    event = DuplicateDecided(to, row.score, row.batch)
    note(actor, Do.DECIDE_DUPLICATE, event, subject="duplicate", pk=row.id, now=now)


# ---- weighing what the kernel has found


def _weighed(frame: pl.DataFrame, people: Columns, pairs: search.Pairs) -> Iterator[Found]:
    """The candidates that are likely enough once everything is known of them."""
    shares = people.shares()
    for at in range(0, len(pairs), AT_ONCE):
        rows = [(int(one), int(two)) for one, two in zip(
            pairs.left[at : at + AT_ONCE], pairs.right[at : at + AT_ONCE], strict=True
        )]  # fmt: skip
        yield from _some_weighed(frame, rows, pairs.packed[at : at + AT_ONCE].tolist(), shares)
    yield from _of_two_keys(frame, shares)


def _some_weighed(
    frame: pl.DataFrame, rows: list[tuple[int, int]], packed: list[int], shares: Shares
) -> Iterator[Found]:
    records = _records(frame, rows)
    ids = [(records[one][0], records[two][0]) for one, two in rows]
    known = _Known(ids)
    for (one, two), pair, number, iins in zip(rows, ids, packed, registry.same_iins(ids), strict=True):
        left, right = records[one][1], records[two][1]
        agreed = search.unpacked(number, left.male is right.male)
        like = likeness.weighed(agreed, (left, right), shares, known.beside(pair, iins))
        if like.score >= LISTED:
            yield known.found(pair, like)


def _of_two_keys(frame: pl.DataFrame, shares: Shares) -> Iterator[Found]:
    """Pairs with one IIN under two keys, whatever their names."""
    pairs = registry.under_two_keys()
    row_of = {pk: row for row, pk in enumerate(frame["id"])} if pairs else {}
    rows = [(row_of[one.hex], row_of[two.hex]) for one, two in pairs]
    records, known = _records(frame, rows), _Known(pairs)
    for (one, two), pair in zip(rows, pairs, strict=True):
        beside = known.beside(pair, registry.SameIin.SAME)
        yield known.found(pair, likeness.likeness(records[one][1], records[two][1], shares, beside))


def _records(frame: pl.DataFrame, rows: list[tuple[int, int]]) -> dict[int, tuple[UUID, Record]]:
    wanted = sorted({row for pair in rows for row in pair})
    return {
        row: (UUID(pk), Record(surname, given, patronymic, born_on, male))
        for row, (pk, surname, given, patronymic, born_on, male) in zip(
            wanted, frame[wanted].iter_rows() if wanted else (), strict=True
        )
    }


class _Known:
    """What stands beside the names of candidates. 3 queries a 5,000 people."""

    def __init__(self, pairs: list[tuple[UUID, UUID]]) -> None:
        people = {person for pair in pairs for person in pair}
        self.guardians = registry.all_guardians(people)
        self.homes = registry.homes(people)
        self.districts = registry.districts_of_learning(people - set(self.homes))

    def beside(self, pair: tuple[UUID, UUID], iins: registry.SameIin) -> Beside:
        """What of it two records share."""
        guardians = [self.guardians.get(person, frozenset()) for person in pair]
        homes = [self.homes.get(person) for person in pair]
        return Beside(
            Iins[iins.name],
            same_guardian=bool(guardians[0] & guardians[1]),
            same_address=homes[0] is not None and homes[0] == homes[1],
        )

    def found(self, pair: tuple[UUID, UUID], like: Likeness) -> Found:
        """The pair, the lesser id first, with the districts where each is at home."""
        first, second = sorted(pair)
        return Found(first, second, like, (self._kato(first), self._kato(second)))

    def _kato(self, person: UUID) -> str:
        home = self.homes.get(person)
        return home[0] if home else self.districts.get(person, "")


# ---- writing it down


@transaction.atomic
def _kept(actor: Actor, found: Mapping[tuple[UUID, UUID], Found], made: DuplicateSearch) -> UUID:
    now = made.made_at
    before = {(row.first, row.second): row for row in Duplicate.objects.all().iterator()}
    for some in _some(one for pair, one in found.items() if pair in before):
        rows = [_again(before[one.first, one.second], one, now) for one in some]
        Duplicate.objects.bulk_update(rows, _WRITTEN)
    fresh = [pair for pair in found if pair not in before]
    for some in _some(found[pair] for pair in fresh):
        Duplicate.objects.bulk_create(_again(_new(one, now), one, now) for one in some)
    gone = [row.pk for pair, row in before.items() if row.state == DuplicateState.OPEN and pair not in found]
    for some in _some(iter(gone)):
        Duplicate.objects.filter(pk__in=some).delete()
    made.fresh, made.gone = len(fresh), len(gone)
    made.save(force_insert=True)
    event = DuplicatesSearched(made.people, made.found, made.fresh)
    note(actor, Do.SEARCH_DUPLICATES, event, subject="duplicatesearch", pk=made.id, now=now)
    return made.id


def _new(one: Found, now: datetime) -> Duplicate:
    return Duplicate(first=one.first, second=one.second, state=DuplicateState.OPEN, found_at=now)


def _again(row: Duplicate, one: Found, now: datetime) -> Duplicate:
    row.score, row.reasons = one.like.score, [[reason.code, reason.tenths] for reason in one.like.reasons]
    (row.first_kato, row.second_kato), row.seen_at = one.katos, now
    return row


def _some(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(rows, 500)):
        yield some
