"""The words of the API that several resources share. Each value is named and described where people read it."""

from datetime import date, datetime
from typing import Annotated, Final, TypeVar
from uuid import UUID

from django.http import HttpRequest
from ninja import Query
from ninja.errors import ValidationError
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from shanyraq.domains.registry.queries import At
from shanyraq.domains.registry.rules.kinds import (
    GroupKind,
    GuardianKind,
    Language,
    OrganisationKind,
    Ownership,
    Sex,
    Stage,
)
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest.needs import now_of
from shanyraq.foundation.timeline import day_of

Shown = TypeVar("Shown", bound=BaseModel)
START: Final = "/api/v1"
EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2199, 12, 31)
DAY_PATTERN: Final = "^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _plain_day(value: object) -> object:
    """A day comes as text only: a number would be read as seconds, and a wrong one as a day nobody meant."""
    if isinstance(value, str) and len(value) == 10:
        return value
    raise ValueError("a day is written YYYY-MM-DD")


def _plain_instant(value: object) -> object:
    """An instant comes as text with its zone."""
    if isinstance(value, str) and "T" in value and len(value) <= 40:
        return value
    raise ValueError("an instant is written YYYY-MM-DDThh:mm:ssZ")


Day = Annotated[
    date,
    BeforeValidator(_plain_day),
    Field(ge=EARLIEST, le=LATEST),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY_PATTERN}),
]
Instant = Annotated[AwareDatetime, BeforeValidator(_plain_instant)]
Kato = Annotated[str, Field(pattern=r"^[0-9]{9}$", description="KATO of a district")]
Territory = Annotated[str, Query(pattern=r"^([0-9]{2,9})?$", description="a KATO code or its first digits")]
Year = Annotated[int, Field(ge=1900, le=2199)]


class In(BaseModel):
    """A body: a property that is not described is refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Out(BaseModel):
    """An answer, read from a plain value of the house."""

    model_config = ConfigDict(from_attributes=True)


class Clocks(BaseModel):
    """The two clocks of what is asked for."""

    valid: Day | None = Field(
        None, description="as it was on this day, which is not to come; what did not hold then is left out"
    )
    known: Instant | None = Field(
        None, description="as it was known at this instant, which has passed: before later corrections"
    )

    @property
    def asked(self) -> bool:
        """Whether a day or an instant is named."""
        return self.valid is not None or self.known is not None


class Name(Out):
    """A name in the three languages; names of people in Kazakh, Russian and Latin letters."""

    kk: str
    ru: str
    en: str


class TerritoryOut(Out):
    """A region, or a district of it."""

    kato: str
    parent: str | None = Field(description="KATO of the region; none for a region")
    kind: str
    name: Name


class OrganisationOut(Out):
    """An education organisation, as it is today, or was on the day that is asked for."""

    id: UUID
    bin: str = Field(description="business identification number; public")
    kind: OrganisationKind
    ownership: Ownership
    name: Name
    language: Language
    district: str = Field(description="KATO")
    rural: bool
    address: str
    lon: float
    lat: float
    phone: str
    shifts: int
    since: date
    until: date | None = Field(description="first day on which it works no more")


class GroupOut(Out):
    """A kindergarten group, class, college group or club: whom it takes, and how many places it has."""

    id: UUID
    organisation: UUID
    district: str = Field(description="KATO")
    name: str
    kind: GroupKind
    language: Language
    stage: Stage
    born_from: int | None = Field(description="first birth year taken; of kindergarten groups")
    born_to: int | None = Field(description="last birth year taken, inclusive; of kindergarten groups")
    grade: int | None = Field(description="grade of a school, year of a college")
    school_year: int | None = Field(description="the calendar year in which it began; of classes and college groups")
    shift: int | None
    places: int = Field(description="state-order places of a group, seats of a class")
    since: date
    until: date | None


class GuardianOut(Out):
    """Who answers for a child."""

    id: UUID = Field(description="of the guardianship")
    person: UUID
    kind: GuardianKind
    since: date


class ResidenceOut(Out):
    """Where a person lives."""

    district: str = Field(description="KATO")
    address: str
    rural: bool
    lon: float
    lat: float
    since: date


class FormerOut(Out):
    """A record of the same person that was merged into this one: its id and universal ID lead here."""

    id: UUID
    universal_id: str


class PersonOut(Out):
    """A person. The IIN is never given out: only its last digits."""

    id: UUID
    universal_id: str
    name: Name
    sex: Sex
    born_on: date
    masked_iin: str
    residence: ResidenceOut | None
    guardians: list[GuardianOut] = Field(description="who answers for the child on the day; none for an adult")
    former: list[FormerOut] = Field(description="records that were merged into this one")


class Done(Out):
    """What was done, and when."""

    id: UUID
    at: datetime


def today_of(request: HttpRequest) -> date:
    """The calendar day of the request in Kazakhstan."""
    return day_of(now_of(request))


def at_of(request: HttpRequest, clocks: Clocks, *, today: bool = True) -> At:
    """The day and the instant that are asked for; without a day, today, or whenever it holds.

    Raises ValidationError: in_the_future, too_early.
    """
    faults = []
    if clocks.valid is not None and clocks.valid > today_of(request):
        faults.append(("valid", "in_the_future"))
    if clocks.known is not None and clocks.known.year < EARLIEST.year:
        faults.append(("known", "too_early"))
    elif clocks.known is not None and clocks.known > now_of(request):
        faults.append(("known", "in_the_future"))
    if faults:
        raise ValidationError([{"loc": ("query", name), "type": what} for name, what in faults])
    day = clocks.valid or (today_of(request) if today else None)
    return At(day, clocks.known)


def found(schema: type[Shown], card: object) -> Shown:
    """A card as the API shows it. Raises Refusal("rest.not_found") for none."""
    if card is None:
        raise Refusal("rest.not_found")
    return schema.model_validate(card)
