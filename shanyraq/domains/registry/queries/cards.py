"""The plain values that the registry hands out. Nobody outside sees its rows."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shanyraq.domains.registry.rules.kinds import (
    EntryReason,
    ExitReason,
    Form,
    Funding,
    GroupKind,
    GuardianKind,
    Language,
    OrganisationKind,
    Ownership,
    Sex,
    Stage,
    TerritoryKind,
)
from shanyraq.domains.registry.rules.tiles import Tile
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as a screen may show them: the IIN masked, empty when there is none yet."""

    id: UUID
    universal_id: str
    name: Text  # in Kazakh, Russian and Latin letters
    sex: Sex
    born_on: date
    masked_iin: str


@dataclass(frozen=True, slots=True)
class GuardianCard:
    """Who answers for a child, and since when."""

    id: UUID  # of the guardianship
    child: UUID
    person: PersonCard
    kind: GuardianKind
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class ResidenceCard:
    """Where a person lives, and since when."""

    id: UUID
    person: UUID
    district: str
    address: str
    rural: bool
    lon: float
    lat: float
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """An organisation as anyone may see it, as it is today."""

    id: UUID
    bin: str
    kind: OrganisationKind
    ownership: Ownership
    name: Text
    language: Language
    district: str
    rural: bool
    address: str
    lon: float
    lat: float
    phone: str
    since: date
    until: date | None
    shifts: int = 1
    licence: str = ""
    authority: UUID | None = None
    head_office: UUID | None = None


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A group or class: whom it takes and how many places it has. Birth years are a kindergarten's, the grade and the
    school year a school's or college's."""

    id: UUID
    organisation: UUID
    district: str
    name: str
    kind: GroupKind
    language: Language
    born_from: int  # of a class: empty
    born_to: int  # inclusive
    places: int
    since: date
    until: date | None
    stage: Stage = Stage.PRESCHOOL
    grade: int | None = None
    school_year: int | None = None
    shift: int | None = None


@dataclass(frozen=True, slots=True)
class GroupSize:
    """A group in a sum over a territory."""

    id: UUID
    district: str
    places: int


@dataclass(frozen=True, slots=True)
class EnrolmentCard:
    """A child in a group, from when to when."""

    id: UUID
    child: UUID
    group: UUID
    stage: Stage
    grade: int | None
    form: Form
    language: Language
    organisation: UUID
    district: str
    funding: Funding
    entry_reason: EntryReason
    exit_reason: ExitReason | None
    order_number: str
    since: date
    until: date | None

    @property
    def state_order(self) -> bool:
        """Whether the place is paid by the state order."""
        return self.funding is Funding.STATE_ORDER


@dataclass(frozen=True, slots=True)
class TerritoryCard:
    """A region or a district. `tile` is its place on the equal-tile map, for regions only."""

    kato: str
    parent: str | None
    kind: TerritoryKind
    name: Text
    iso: str
    split_from: str
    lon: float | None
    lat: float | None
    population: int | None
    since: date
    until: date | None
    tile: Tile | None

    @property
    def region(self) -> str:
        """KATO of the region: its own, or its parent's."""
        return self.parent or self.kato
