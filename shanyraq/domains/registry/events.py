"""What happened in the registry, as the ledger keeps it. Ids, codes and days; never names, numbers or addresses.

OPEN names the facts that everybody may read in the public log: kindergartens, groups and places; never a person.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import Enum
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
from shanyraq.foundation.ledger import Json


@dataclass(frozen=True, slots=True)
class PersonRegistered:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    universal_id: str
    with_iin: bool


@dataclass(frozen=True, slots=True)
class IinGiven:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    universal_id: str


@dataclass(frozen=True, slots=True)
class PeopleMerged:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    kept: UUID
    batch: UUID
    rows: int


@dataclass(frozen=True, slots=True)
class PeopleSeparated:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    kept: UUID
    batch: UUID


@dataclass(frozen=True, slots=True)
class GuardianAdded:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    child: UUID
    guardian: UUID
    kind: GuardianKind
    on: date


@dataclass(frozen=True, slots=True)
class GuardianEnded:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    child: UUID
    guardian: UUID
    on: date


@dataclass(frozen=True, slots=True)
class ResidenceMoved:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    person: UUID
    district: str
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationOpened:
    OPEN: ClassVar[frozenset[str]] = frozenset({"district", "on"})

    bin: str
    district: str
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationClosed:
    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date


@dataclass(frozen=True, slots=True)
class GroupOpened:
    OPEN: ClassVar[frozenset[str]] = frozenset({"on", "organisation", "places"})

    organisation: UUID
    places: int
    on: date


@dataclass(frozen=True, slots=True)
class GroupClosed:
    OPEN: ClassVar[frozenset[str]] = frozenset({"on", "organisation"})

    organisation: UUID
    on: date


@dataclass(frozen=True, slots=True)
class PlacesChanged:
    OPEN: ClassVar[frozenset[str]] = frozenset({"after", "before"})

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ChildEnrolled:
    OPEN: ClassVar[frozenset[str]] = frozenset({"group", "on"})

    child: UUID
    group: UUID
    reason: EntryReason
    on: date


@dataclass(frozen=True, slots=True)
class EnrolmentEnded:
    OPEN: ClassVar[frozenset[str]] = frozenset({"group", "on"})

    child: UUID
    group: UUID
    reason: ExitReason
    on: date


@dataclass(frozen=True, slots=True)
class PersonCorrected:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    universal_id: str
    fields: str  # names of the columns, never what stood there


@dataclass(frozen=True, slots=True)
class IdentifierGiven:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    person: UUID
    system: str


@dataclass(frozen=True, slots=True)
class IdentifierEnded:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    person: UUID
    system: str


@dataclass(frozen=True, slots=True)
class CircumstanceNoted:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    person: UUID
    on: date


@dataclass(frozen=True, slots=True)
class CircumstanceEnded:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    person: UUID
    on: date


@dataclass(frozen=True, slots=True)
class StaffAppointed:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    person: UUID
    organisation: UUID
    post: Post
    on: date


@dataclass(frozen=True, slots=True)
class StaffChanged:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    person: UUID
    organisation: UUID
    on: date


@dataclass(frozen=True, slots=True)
class StaffLeft:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    person: UUID
    organisation: UUID
    reason: LeavingReason
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationChanged:
    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date


@dataclass(frozen=True, slots=True)
class OrganisationReorganised:
    """Its people and figures go on in others: the successions say in which shares."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"change", "on"})

    change: SuccessionKind
    batch: UUID
    on: date


@dataclass(frozen=True, slots=True)
class PremisesChanged:
    """A building or a room came, changed or went."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"on"})

    on: date


@dataclass(frozen=True, slots=True)
class BatchApplied:
    """A change of many rows. `root`: one hash over the ids of all that it wrote."""

    OPEN: ClassVar[frozenset[str]] = frozenset()

    kind: str
    added: int
    changed: int
    root: str


@dataclass(frozen=True, slots=True)
class BatchUndone:
    OPEN: ClassVar[frozenset[str]] = frozenset()

    kind: str


Event = (
    PersonRegistered
    | IinGiven
    | PeopleMerged
    | PeopleSeparated
    | GuardianAdded
    | GuardianEnded
    | ResidenceMoved
    | OrganisationOpened
    | OrganisationClosed
    | GroupOpened
    | GroupClosed
    | PlacesChanged
    | ChildEnrolled
    | EnrolmentEnded
    | BatchApplied
    | BatchUndone
    | PersonCorrected
    | IdentifierGiven
    | IdentifierEnded
    | CircumstanceNoted
    | CircumstanceEnded
    | StaffAppointed
    | StaffChanged
    | StaffLeft
    | OrganisationChanged
    | OrganisationReorganised
    | PremisesChanged
)


# What they happen to is known to everybody, so the log may call it by its id.
OF_PLACES = (
    OrganisationOpened, OrganisationClosed, OrganisationChanged, OrganisationReorganised, PremisesChanged,
    GroupOpened, GroupClosed, PlacesChanged,
)  # fmt: skip


def code_of(event: Event, subject: UUID) -> str:
    """The public pseudonym of the subject: the id of a kindergarten or group, nothing for people."""
    return subject.hex if isinstance(event, OF_PLACES) else ""


def kind_of(event: Event) -> str:
    """The kind under which the ledger keeps the event: registry.ChildEnrolled and so on."""
    return f"registry.{type(event).__name__}"


def payload_of(event: Event) -> Mapping[str, Json]:
    """The event as plain JSON."""
    return {name: _plain(value) for name, value in asdict(event).items()}


def _plain(value: object) -> Json:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool | int):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
