"""One person's life in the record: each fact with when it holds, when and by what it was recorded, and what it said
before.

    timeline = timeline_of(actor, person, known=None)

Other parts of the house add what they know of a person (the queue, say) by `contribute`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias
from uuid import UUID

from shanyraq.domains.registry.models import (
    Circumstance,
    Employment,
    Enrolment,
    Group,
    Guardianship,
    Identifier,
    Organisation,
    Person,
    Residence,
)
from shanyraq.domains.registry.queries.record.circumstances import reads_circumstances
from shanyraq.domains.registry.queries.record.known import name_of
from shanyraq.domains.registry.queries.territory import territories
from shanyraq.domains.registry.rules import kinds
from shanyraq.foundation import history
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.history import BatchCard, known_of
from shanyraq.foundation.history.fact import Fact as Row
from shanyraq.foundation.text import Fact, Text


@dataclass(frozen=True, slots=True)
class Change:
    """One field as it was written and as it is written now. `code`: the text that names the field."""

    code: str
    before: Fact
    after: Fact


@dataclass(frozen=True, slots=True)
class Version:
    """What was known of a fact from one instant to another."""

    recorded_at: datetime
    known_to: datetime | None  # None: still
    batch: BatchCard | None
    changes: tuple[Change, ...]  # against the version before; none for the first


@dataclass(frozen=True, slots=True)
class Spell:
    """A fact of a life. `about` says what it is of (enrolment, employment...), `title` where or what."""

    id: UUID
    about: str
    title: Fact
    since: date
    until: date | None
    facts: tuple[tuple[str, Fact], ...]  # code of a name, value
    recorded_at: datetime
    batch: BatchCard | None = None
    versions: tuple[Version, ...] = ()
    organisation: UUID | None = None
    taken_back: bool = False
    over: bool = False  # it has ended, also when the day of its end is that of its beginning

    @property
    def code(self) -> str:
        """Code of the text that says what it is of."""
        return f"record.about.{self.about}"


@dataclass(frozen=True, slots=True)
class Timeline:
    """A person's facts, newest first, as they were known; and the versions of what is written of the person."""

    person: UUID
    name: Text
    universal_id: str
    born_on: date
    sex: kinds.Sex
    spells: tuple[Spell, ...]
    versions: tuple[Version, ...]


Source: TypeAlias = Callable[[UUID, datetime | None], Sequence[Spell]]
_SOURCES: Final[list[Source]] = []

_ENUMS: Final[Mapping[str, type[StrEnum]]] = {
    "stage": kinds.Stage, "form": kinds.Form, "language": kinds.Language, "funding": kinds.Funding,
    "entry_reason": kinds.EntryReason, "exit_reason": kinds.ExitReason, "post": kinds.Post,
    "category": kinds.Category, "qualification": kinds.Qualification, "sex": kinds.Sex,
}  # fmt: skip
_OWN_ENUMS: Final[Mapping[tuple[type[Row], str], type[StrEnum]]] = {
    (Employment, "exit_reason"): kinds.LeavingReason,
    (Guardianship, "kind"): kinds.GuardianKind,
    (Circumstance, "kind"): kinds.CircumstanceKind,
}
_DATES: Final = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class _Part:
    """A table of the timeline: whose rows, which fields are told, and who does not see them."""

    about: str
    table: type[Row]
    of: str  # column of the person
    facts: tuple[str, ...]
    hidden_from: frozenset[Role] = frozenset()


_HOUSEHOLD: Final = frozenset({Role.TEACHER})  # what a teacher has no need of: homes, guardians, numbers
_PARTS: Final = (
    _Part("enrolment", Enrolment, "child_id", (
        "group", "stage", "form", "language", "funding", "entry_reason", "order_number", "order_on", "exit_reason",
        "exit_order",
    )),
    _Part("employment", Employment, "person_id", (
        "post", "subject", "load", "category", "category_until", "qualification", "order_number", "order_on",
        "exit_reason",
    )),
    _Part("circumstance", Circumstance, "person_id", ("kind", "document")),
    _Part("residence", Residence, "person_id", ("district", "address"), _HOUSEHOLD),
    _Part("guardianship", Guardianship, "child_id", ("guardian", "kind"), _HOUSEHOLD),
    _Part("identifier", Identifier, "person_id", ("system", "value"), _HOUSEHOLD),
)  # fmt: skip
_OF_PERSON: Final = ("surname", "given", "patronymic", "name_ru", "name_latin", "sex", "born_on")


def contribute(source: Source) -> None:
    """Let another part of the house add what it knows of a person: asked with the person and the instant."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def timeline_of(actor: Actor, person: UUID, known: datetime | None) -> Timeline | None:
    """A person's timeline, as it was known at an instant; None when nothing was known of the person then. 14 queries
    and those of the sources. The caller has asked for the right to read the record, and notes the reading."""
    of_person = history.versions(Person, person)
    row = _at(of_person, known)
    if row is None:
        return None
    parts = [part for part in _PARTS if not _hidden(part, actor)]
    if not reads_circumstances(actor, person):
        parts = [part for part in parts if part.table is not Circumstance]
    written = {part: _by_fact(part, person) for part in parts}
    rows = [row for facts in written.values() for versions in facts.values() for row in versions]
    beside = _Beside(rows, of_person)
    spells = [
        spell
        for part, facts in written.items()
        for versions in facts.values()
        if (spell := _spell(part, versions, known, beside)) is not None
    ]
    for source in _SOURCES:
        spells.extend(source(person, known))
    spells.sort(key=lambda spell: (spell.since, spell.recorded_at, spell.id), reverse=True)
    told = _versions(Person, _OF_PERSON, of_person, known, beside)
    return Timeline(
        person, name_of(row), row.universal_id, row.born_on, kinds.Sex(row.sex), tuple(spells), told
    )  # fmt: skip


def _hidden(part: _Part, actor: Actor) -> bool:
    """Whether every role that the actor holds is one from whom the part is kept."""
    roles = {grant.role for grant in actor.grants} - {Role.GUARDIAN}
    return bool(roles) and roles <= part.hidden_from


def _by_fact(part: _Part, person: UUID) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    rows = known_of(part.table)._default_manager.filter(**{part.of: person}).order_by("recorded_at")
    for row in rows:
        found[row.pk].append(row)
    return found


def _at(versions: Iterable[Any], known: datetime | None) -> Any | None:
    for row in versions:
        if known is None and row.known_to is None:
            return row
        if known is not None and row.recorded_at <= known and (row.known_to is None or row.known_to > known):
            return row
    return None


class _Beside:
    """What the rows point at, read once: groups, organisations, guardians, districts, batches. 5 queries."""

    def __init__(self, rows: Sequence[Any], of_person: Sequence[Any]) -> None:
        self.groups = {row.pk: row for row in Group.objects.filter(pk__in=_ids(rows, "group_id"))}
        homes = _ids(rows, "organisation_id") | {row.organisation_id for row in self.groups.values()}
        named = Organisation.objects.filter(pk__in=homes).values_list("id", "name_kk", "name_ru", "name_en")
        self.homes = {pk: Text(*spelled) for pk, *spelled in named}
        people = Person.objects.filter(pk__in=_ids(rows, "guardian_id")).defer("iin_cipher", "iin_index")
        self.people = {row.pk: name_of(row) for row in people}
        self.districts = {kato: card.name for kato, card in territories(_ids(rows, "district_id")).items()}
        batches = _ids([*rows, *of_person], "batch")
        self.batches = {card.id: card for card in history.cards_of(batches)}

    def shown(self, table: type[Row], field: str, row: Any) -> Fact:
        """A field as people read it."""
        if field == "group":
            group = self.groups.get(row.group_id)
            return group.name if group else ""
        if field == "guardian":
            return self.people.get(row.guardian_id)
        if field == "district":
            return self.districts.get(row.district_id)
        value: Any = getattr(row, field)
        of = _OWN_ENUMS.get((table, field)) or _ENUMS.get(field)
        return of(value) if of is not None and value else value

    def home(self, row: Any) -> UUID | None:
        """The organisation that a row is about."""
        if hasattr(row, "group_id"):
            group = self.groups.get(row.group_id)
            return None if group is None else group.organisation_id
        home: UUID | None = getattr(row, "organisation_id", None)
        return home


def _ids(rows: Iterable[Any], field: str) -> set[Any]:
    return {value for row in rows if (value := getattr(row, field, None)) is not None}


def _spell(part: _Part, versions: Sequence[Any], known: datetime | None, beside: _Beside) -> Spell | None:
    row = _at(versions, known)
    taken_back = row is None and known is None and versions[-1].known_to is not None
    if taken_back:
        row = versions[-1]
    if row is None:
        return None
    home = beside.home(row)
    facts = [(f"record.field.{name}", beside.shown(part.table, name, row)) for name in part.facts]
    title = beside.homes.get(home) if home else facts.pop(0)[1]
    spell = Spell(
        row.pk, part.about, title, row.valid_from, row.valid_to, tuple(fact for fact in facts if fact[1]),
        row.recorded_at, beside.batches.get(row.batch), organisation=home, taken_back=taken_back,
    )  # fmt: skip
    return replace(spell, versions=_versions(part.table, (*part.facts, *_DATES), versions, known, beside))


def _versions(
    table: type[Row], fields: Collection[str], rows: Sequence[Any], known: datetime | None, beside: _Beside
) -> tuple[Version, ...]:
    """What was known, oldest first, up to the instant asked for."""
    found: list[Version] = []
    before: Any = None
    for row in rows:
        if known is not None and row.recorded_at > known:
            break
        changes = [] if before is None else [
            Change(f"record.field.{name}", was, now)
            for name in fields
            if (was := beside.shown(table, name, before)) != (now := beside.shown(table, name, row))
        ]  # fmt: skip
        ended = row.known_to if known is None or (row.known_to and row.known_to <= known) else None
        found.append(Version(row.recorded_at, ended, beside.batches.get(row.batch), tuple(changes)))
        before = row
    return tuple(found)
