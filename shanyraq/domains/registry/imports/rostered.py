"""What a roster of another system writes: classes, people with their identifiers, learners, staff. Many rows at once,
inside the transaction of an import and under its batch; the import has compared, and answers for the rights.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shanyraq.domains.registry.models import Employment, Enrolment, Group, Identifier, Person
from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.rules import names, universal
from shanyraq.domains.registry.rules.kinds import (
    EntryReason,
    ExitReason,
    Funding,
    GroupKind,
    LeavingReason,
    Post,
    Sex,
    Stage,
)
from shanyraq.foundation.refusal import Refusal

PIECE = 500
PLACES = 30  # of a class whose size nobody has told


@dataclass(frozen=True, slots=True)
class Written:
    """Under which change of many rows, since when known, since when it holds, and who says so."""

    batch: UUID
    now: datetime
    day: date
    system: str


@dataclass(frozen=True, slots=True)
class RosterGroup:
    """A class that is new."""

    organisation: UUID
    stage: Stage
    name: str
    language: str
    grade: int | None
    year: int | None
    born: tuple[int, int] | None
    begins: date


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person who is new."""

    key: str  # sourcedId
    surname: str
    given: str
    patronymic: str
    sex: Sex
    born_on: date
    iin: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """A learner in a class; `leaves`: the spell that ends by it."""

    child: UUID
    group: UUID
    stage: Stage
    begins: date
    leaves: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewPost:
    """A person in a post."""

    person: UUID
    organisation: UUID
    post: Post
    begins: date


def open_classes(rows: Sequence[RosterGroup], written: Written) -> None:
    """Open classes. 1 query per 500."""
    Group.objects.bulk_create(
        [
            Group(
                organisation_id=one.organisation, stage=one.stage, name=one.name, kind=GroupKind.GENERAL,
                language=one.language, grade=one.grade, school_year=one.year, places=PLACES, valid_from=one.begins,
                born_from=one.born[0] if one.born else None, born_to=one.born[1] if one.born else None,
                recorded_at=written.now, batch=written.batch,
            )
            for one in rows
        ],
        batch_size=PIECE,
    )  # fmt: skip


def register_members(rows: Sequence[NewMember], written: Written) -> None:
    """Register people, with what the other system calls them. 2 queries per 500."""
    people = [_person(one, written) for one in rows]
    for person, iin in zip(people, [one.iin for one in rows], strict=True):
        if iin:
            sealed = identity.seal(iin)
            person.iin_cipher, person.iin_index = sealed.cipher, sealed.index
    Person.objects.bulk_create(people, batch_size=PIECE)
    link_members([(one.key, person.id) for one, person in zip(rows, people, strict=True)], written)


def link_members(rows: Sequence[tuple[str, UUID]], written: Written) -> None:
    """Note what the other system calls people whom we know. 1 query per 500."""
    Identifier.objects.bulk_create(
        [
            Identifier(
                person_id=person, system=written.system, value=key, valid_from=written.day, recorded_at=written.now,
                batch=written.batch,
            )
            for key, person in rows
        ],
        batch_size=PIECE,
    )  # fmt: skip


def unlink_members(keys: Sequence[str], written: Written) -> None:
    """The other system no longer knows them under these keys. A key of the same day is taken back. 2 queries."""
    rows = Identifier.objects.filter(system=written.system, value__in=keys, valid_to__isnull=True)
    later = rows.filter(valid_from__lt=written.day)
    later.update(valid_to=written.day, recorded_at=written.now, batch=written.batch)


def seat_learners(rows: Sequence[Seat], written: Written) -> None:
    """Put learners into classes, out of those that they leave. Raises Refusal("registry.enrolment_ended")."""
    end_seats([(one.leaves, one.begins) for one in rows if one.leaves], written, ExitReason.TRANSFER)
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                child_id=one.child, group_id=one.group, stage=one.stage, funding=Funding.BUDGET,
                entry_reason=EntryReason.TRANSFER if one.leaves else EntryReason.CARRIED, valid_from=one.begins,
                recorded_at=written.now, batch=written.batch,
            )
            for one in rows
        ],
        batch_size=PIECE,
    )  # fmt: skip


def end_seats(rows: Sequence[tuple[UUID, date]], written: Written, reason: ExitReason = ExitReason.MOVED) -> None:
    """End spells. Raises Refusal("registry.enrolment_ended") when one is no longer open."""
    days = dict(rows)
    held = list(Enrolment.objects.select_for_update().filter(pk__in=days, valid_to__isnull=True).order_by("id"))
    if len(held) < len(days):
        raise Refusal("registry.enrolment_ended", on=written.day)
    for row in held:
        row.valid_to, row.exit_reason = max(days[row.id], _next(row.valid_from)), reason
        row.recorded_at, row.batch = written.now, written.batch
    Enrolment.objects.bulk_update(held, ["valid_to", "exit_reason", "recorded_at", "batch"], batch_size=PIECE)


def appoint_members(rows: Sequence[NewPost], written: Written) -> None:
    """Put people into posts. 1 query per 500."""
    Employment.objects.bulk_create(
        [
            Employment(
                person_id=one.person, organisation_id=one.organisation, post=one.post, valid_from=one.begins,
                recorded_at=written.now, batch=written.batch,
            )
            for one in rows
        ],
        batch_size=PIECE,
    )  # fmt: skip


def end_posts(ids: Sequence[UUID], written: Written) -> None:
    """End employments."""
    held = list(Employment.objects.select_for_update().filter(pk__in=ids, valid_to__isnull=True).order_by("id"))
    for row in held:
        row.valid_to, row.exit_reason = max(written.day, _next(row.valid_from)), LeavingReason.TERM
        row.recorded_at, row.batch = written.now, written.batch
    Employment.objects.bulk_update(held, ["valid_to", "exit_reason", "recorded_at", "batch"], batch_size=PIECE)


def _person(one: NewMember, written: Written) -> Person:
    whole = names.full(one.surname, one.given, one.patronymic)[: names.LONGEST_FULL]
    russian, latin = names.in_russian_letters(whole), names.in_latin_letters(whole)
    return Person(
        universal_id=universal.compose(secrets.randbits(universal.BITS)), surname=one.surname, given=one.given,
        patronymic=one.patronymic, name_ru=russian, name_latin=latin, sex=one.sex, born_on=one.born_on,
        search_key=names.search_key(whole, russian, latin), sort_key=names.sort_key(whole), recorded_at=written.now,
        batch=written.batch,
    )  # fmt: skip


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
