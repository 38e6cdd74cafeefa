"""Kindergartens. Anyone may read them; a client opens and closes those of its territory."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services
from shanyraq.domains.registry.rules.kinds import Language, OrganisationKind, Ownership
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.foundation.rest.serving import Made
from shanyraq.foundation.text import Text
from shanyraq.interfaces.api.schemas import START, Clocks, Day, In, Kato, OrganisationOut, Territory, at_of, found

router = Router()


class NameIn(In):
    """A name in the three languages."""

    kk: str = Field(min_length=1, max_length=200)
    ru: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)


class OrganisationIn(In):
    """An organisation to open."""

    bin: str = Field(min_length=12, max_length=20, description="12 digits")
    kind: OrganisationKind
    ownership: Ownership
    name: NameIn
    language: Language
    district: Kato
    address: str = Field(min_length=1, max_length=200)
    lon: float = Field(ge=40, le=90)
    lat: float = Field(ge=38, le=58)
    rural: bool = False
    phone: str = Field("", max_length=20)
    licence: str = Field("", max_length=40)
    shifts: int = Field(1, ge=1, le=3)
    on: Day


class ClosingIn(In):
    """The first day on which it works no more."""

    on: Day


@router.get("/organisations", response=Page[OrganisationOut], summary="Organisations of a territory")
def organisations(
    request: HttpRequest,
    territory: Territory = "",
    kind: OrganisationKind | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[OrganisationOut]:
    """Those at work on the day, today if none is named, by id. 1 query; of another day 2, with what they were called
    and were then."""
    after, at = paging.read_uuid(cursor), at_of(request, clocks)
    rows = registry.organisations_page(
        beginning(territory), at, after=after, limit=limit + 1, kind=kind, dated=clocks.asked
    )
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    return Page[OrganisationOut](items=[OrganisationOut.model_validate(row) for row in items], next=following)


@router.get("/organisations/{uuid:organisation}", response=OrganisationOut, summary="One organisation")
def organisation(request: HttpRequest, organisation: UUID, clocks: Query[Clocks]) -> OrganisationOut:
    """Also one that works no more; of a day, one that worked then. 1 query; of another day 2."""
    if not clocks.asked:
        return _shown(organisation)
    return found(OrganisationOut, registry.organisation_at(organisation, at_of(request, clocks)))


@router.post(
    "/organisations",
    auth=needs("write", "organisations"),
    response={201: OrganisationOut},
    summary="Open an organisation",
)
def open_organisation(request: HttpRequest, body: OrganisationIn) -> Made:
    """In a district of the scope."""
    new = services.NewOrganisation(**body.model_dump(exclude={"on", "name"}), name=Text(**body.name.model_dump()))
    made = services.open_organisation(actor=actor_of(request), new=new, on=body.on, now=now_of(request))
    return Made(_shown(made), f"{START}/organisations/{made}")


@router.post(
    "/organisations/{uuid:organisation}/closing",
    auth=needs("write", "organisations"),
    response=OrganisationOut,
    summary="Close an organisation and its groups",
)
def close_organisation(request: HttpRequest, organisation: UUID, body: ClosingIn) -> OrganisationOut:
    """Its children must have left before."""
    services.close_organisation(actor=actor_of(request), organisation=organisation, on=body.on, now=now_of(request))
    return _shown(organisation)


def beginning(territory: str) -> str:
    """The first digits that all districts of a territory share: two for a region, whose own code ends in zeros."""
    return territory[:2] if territory.endswith("0000000") else territory


def _shown(organisation: UUID) -> OrganisationOut:
    return found(OrganisationOut, registry.organisation(organisation))
