"""What happened in the registry, as the ledger keeps it. Ids, codes and days; never names, numbers or addresses.

OPEN names the facts that everybody may read in the public log: kindergartens, groups and places; never a person.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from shanyraq.domains.registry.rules.kinds import (
    EntryReason,
    ExitReason,
    GuardianKind,
    LeavingReason,
    Post,
    SuccessionKind,
)
from shanyraq.foundation.ledger import Event as Event


@dataclass(frozen=True, slots=True)
class PersonRegistered(Event):
    universal_id: str
    with_iin: bool


@dataclass(frozen=True, slots=True)
class IinGiven(Event):
    universal_id: str


@dataclass(frozen=True, slots=True)
class PeopleMerged(Event):
    kept: UUID
    batch: UUID
    rows: int


@dataclass(frozen=True, slots=True)
class PeopleSeparated(Event):
    kept: UUID
    batch: UUID


@dataclass(frozen=True, slots=True)
class GuardianAdded(Event):
    child: UUID
    guardian: UUID
    kind: GuardianKind
    on: date


@dataclass(frozen=True, slots=True)
class GuardianEnded(Event):
    child: UUID
    guardian: UUID
    on: date


@dataclass(frozen=True, slots=True)
class ResidenceMoved(Event):
    person: UUID
    district: str
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationOpened(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"district", "on"})

    bin: str
    district: str
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationClosed(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date


@dataclass(frozen=True, slots=True)
class GroupOpened(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"on", "organisation", "places"})

    organisation: UUID
    places: int
    on: date


@dataclass(frozen=True, slots=True)
class GroupClosed(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"on", "organisation"})

    organisation: UUID
    on: date


@dataclass(frozen=True, slots=True)
class PlacesChanged(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"after", "before"})

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class GroupChanged(Event):
    """Its name, grade, language, shift, room, kind or places are others."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date


@dataclass(frozen=True, slots=True)
class ChildEnrolled(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"group", "on"})

    child: UUID
    group: UUID
    reason: EntryReason
    on: date


@dataclass(frozen=True, slots=True)
class EnrolmentEnded(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"group", "on"})

    child: UUID
    group: UUID
    reason: ExitReason
    on: date


@dataclass(frozen=True, slots=True)
class PersonCorrected(Event):
    universal_id: str
    fields: str  # names of the columns, never what stood there


@dataclass(frozen=True, slots=True)
class IdentifierGiven(Event):
    person: UUID
    system: str


@dataclass(frozen=True, slots=True)
class IdentifierEnded(Event):
    person: UUID
    system: str


@dataclass(frozen=True, slots=True)
class CircumstanceNoted(Event):
    person: UUID
    on: date


@dataclass(frozen=True, slots=True)
class CircumstanceEnded(Event):
    person: UUID
    on: date


@dataclass(frozen=True, slots=True)
class StaffAppointed(Event):
    person: UUID
    organisation: UUID
    post: Post
    on: date


@dataclass(frozen=True, slots=True)
class StaffChanged(Event):
    person: UUID
    organisation: UUID
    on: date


@dataclass(frozen=True, slots=True)
class StaffLeft(Event):
    person: UUID
    organisation: UUID
    reason: LeavingReason
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationChanged(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date


@dataclass(frozen=True, slots=True)
class OrganisationReorganised(Event):
    """Its people and figures go on in others: the successions say in which shares."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"change", "on"})

    change: SuccessionKind
    batch: UUID
    on: date


@dataclass(frozen=True, slots=True)
class PremisesChanged(Event):
    """A building or a room came, changed or went."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date


@dataclass(frozen=True, slots=True)
class BatchApplied(Event):
    """A change of many rows. `root`: one hash over the ids of all that it wrote."""

    kind: str
    added: int
    changed: int
    root: str


@dataclass(frozen=True, slots=True)
class BatchUndone(Event):
    kind: str


# What they happen to is known to everybody, so the log may call it by its id.
OF_PLACES = (
    OrganisationOpened, OrganisationClosed, OrganisationChanged, OrganisationReorganised, PremisesChanged,
    GroupOpened, GroupClosed, PlacesChanged, GroupChanged,
)  # fmt: skip


def code_of(event: Event, subject: UUID) -> str:
    """The public pseudonym of the subject: the id of a kindergarten or group, nothing for people."""
    return subject.hex if isinstance(event, OF_PLACES) else ""
