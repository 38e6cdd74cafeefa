"""What happened in the registry, as the ledger keeps it. Ids, codes and days; never names, numbers or addresses."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, GuardianKind
from shanyraq.foundation.ledger import Json


@dataclass(frozen=True, slots=True)
class PersonRegistered:
    universal_id: str
    with_iin: bool


@dataclass(frozen=True, slots=True)
class IinGiven:
    universal_id: str


@dataclass(frozen=True, slots=True)
class GuardianAdded:
    child: UUID
    guardian: UUID
    kind: GuardianKind
    on: date


@dataclass(frozen=True, slots=True)
class GuardianEnded:
    child: UUID
    guardian: UUID
    on: date


@dataclass(frozen=True, slots=True)
class ResidenceMoved:
    person: UUID
    district: str
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationOpened:
    bin: str
    district: str
    on: date


@dataclass(frozen=True, slots=True)
class OrganisationClosed:
    on: date


@dataclass(frozen=True, slots=True)
class GroupOpened:
    organisation: UUID
    places: int
    on: date


@dataclass(frozen=True, slots=True)
class GroupClosed:
    organisation: UUID
    on: date


@dataclass(frozen=True, slots=True)
class PlacesChanged:
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ChildEnrolled:
    child: UUID
    group: UUID
    reason: EntryReason
    on: date


@dataclass(frozen=True, slots=True)
class EnrolmentEnded:
    child: UUID
    group: UUID
    reason: ExitReason
    on: date


Event = (
    PersonRegistered
    | IinGiven
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
)


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
