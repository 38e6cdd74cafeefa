"""People: children and those who answer for them. No IIN stands in an address, and none is given out."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services
from shanyraq.domains.registry.rules.kinds import GuardianKind, Sex
from shanyraq.foundation import audit
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.foundation.rest.serving import Made
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.api.organisations import beginning
from shanyraq.interfaces.api.schemas import (
    START,
    Clocks,
    Day,
    FormerOut,
    GuardianOut,
    In,
    Kato,
    Name,
    PersonOut,
    ResidenceOut,
    Territory,
    at_of,
    today_of,
)

router = Router()
READ, WRITE = needs("read", "people"), needs("write", "people")
LOOKED = "registry.read_person"


class ResidenceIn(In):
    """Where someone lives."""

    district: Kato
    address: str = Field(min_length=1, max_length=200)
    lon: float = Field(ge=40, le=90)
    lat: float = Field(ge=38, le=58)
    rural: bool = False


class PersonIn(In):
    """A person to register. The IIN may come later; names in Russian and Latin letters are made when left out."""

    given: str = Field(min_length=1, max_length=80, description="Kazakh letters")
    surname: str = Field("", max_length=80)
    patronymic: str = Field("", max_length=80)
    name_ru: str = Field("", max_length=240)
    name_latin: str = Field("", max_length=240)
    sex: Sex
    born_on: Day
    residence: ResidenceIn
    iin: str | None = Field(None, description="12 digits", pattern=r"^[0-9 -]{12,20}$")


class IinIn(In):
    """An IIN, in the body so that no log of addresses keeps it."""

    iin: str = Field(description="12 digits", pattern=r"^[0-9 -]{12,20}$")


class GuardianIn(In):
    """Who answers for the child, and since when."""

    guardian: UUID
    kind: GuardianKind
    on: Day


class MoveIn(In):
    """Another residence from a day on."""

    residence: ResidenceIn
    on: Day


@router.post("/people", auth=WRITE, response={201: PersonOut}, summary="Register a person")
def register_person(request: HttpRequest, body: PersonIn) -> Made:
    """A child or an adult, in a district of the scope. Refused with one code, `api.iin_not_free`, when the IIN
    cannot be given to this record; whose it is, is not said."""
    home = services.NewResidence(**body.residence.model_dump())
    new = services.NewPerson(**body.model_dump(exclude={"residence"}), residence=home)
    try:
        made = services.register_person(actor=actor_of(request), new=new, now=now_of(request))
    except Refusal as refused:
        raise _veiled(refused) from None
    return Made(_person(request, made), f"{START}/people/{made}")


@router.post("/people/lookup", auth=READ, response=PersonOut, summary="Find a person by IIN")
def find_person(request: HttpRequest, body: IinIn) -> PersonOut:
    """Only who lives in the territory of the scope is found. An unknown IIN and one of another territory get the same
    answer, after the same work."""
    person = registry.find_person(body.iin) or new_id()  # a made-up id is asked for as a real one is
    try:
        return _read(request, person)
    except Refusal:
        raise Refusal("rest.not_found") from None


@router.get("/people", auth=READ, response=Page[PersonOut], summary="People of a territory")
def people(
    request: HttpRequest,
    territory: Territory = "",
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
    *,
    clocks: Query[Clocks],
) -> Page[PersonOut]:
    """Who lives in the territory of the scope, by id; each is noted as read, and the family sees it. 7 queries."""
    actor, at, after = actor_of(request), at_of(request, clocks), paging.read_uuid(cursor)
    rows = registry.people_page(actor, beginning(territory), at, after=after, limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.card.id), limit=limit)
    children = [row.card.id for row in items]
    audit.read_many(actor, LOOKED, at=now_of(request), children=children, subject="person")
    return Page[PersonOut](items=[shown(row) for row in items], next=following)


@router.get("/people/{uuid:person}", auth=READ, response={200: PersonOut, 308: None}, summary="One person")
def person(request: HttpRequest, person: UUID, clocks: Query[Clocks]) -> PersonOut | HttpResponse:
    """The reading is noted and the family sees it. A record that was merged into another leads there by 308, unless it
    is asked for as it was known before."""
    actor, at = actor_of(request), at_of(request, clocks)
    stands = registry.standing((person,)).get(person, person)
    if stands == person:
        services.read_person(actor=actor, person=person, now=now_of(request))
        return _known(person, at)
    registry.readable(actor, stands)
    record = registry.person_records((person,), at).get(person) if at.known else None
    if record is None or record.merged:
        return moved(request, f"{START}/people/{stands}")
    audit.read(actor, LOOKED, at=now_of(request), child=person, subject="person", subject_id=person)
    return shown(record)


@router.post("/people/{uuid:person}/iin", auth=WRITE, response=PersonOut, summary="Give the IIN")
def give_iin(request: HttpRequest, person: UUID, body: IinIn) -> PersonOut:
    """To a person who was registered without one."""
    try:
        services.give_iin(actor=actor_of(request), person=person, iin=body.iin, now=now_of(request))
    except Refusal as refused:
        raise _veiled(refused) from None
    return _person(request, person)


@router.post(
    "/people/{uuid:person}/guardians",
    auth=WRITE,
    response={201: PersonOut},
    summary="Note who answers for a child",
)
def add_guardian(request: HttpRequest, person: UUID, body: GuardianIn) -> Made:
    """The answer is the child with everyone who answers for it."""
    actor, now = actor_of(request), now_of(request)
    registry.changeable(actor, body.guardian)  # an adult of another territory must not be found by trying
    services.add_guardian(actor=actor, child=person, guardian=body.guardian, kind=body.kind, on=body.on, now=now)
    return Made(_person(request, person), f"{START}/people/{person}")


@router.post(
    "/people/{uuid:person}/residences",
    auth=WRITE,
    response={201: PersonOut},
    summary="Note where a person lives from a day on",
)
def move_person(request: HttpRequest, person: UUID, body: MoveIn) -> Made:
    """Within the territory of the scope; who leaves it, is taken over by the other territory."""
    actor, now = actor_of(request), now_of(request)
    registry.registrable(actor, body.residence.district)
    home = services.NewResidence(**body.residence.model_dump())
    services.move_residence(actor=actor, person=person, residence=home, on=body.on, now=now)
    return Made(_person(request, person), f"{START}/people/{person}")


def _read(request: HttpRequest, person: UUID) -> PersonOut:
    services.read_person(actor=actor_of(request), person=person, now=now_of(request))
    return _person(request, person)


def _person(request: HttpRequest, person: UUID) -> PersonOut:
    """The person as it stands. 5 queries."""
    return _known(person, registry.At(today_of(request)))


def _known(person: UUID, at: registry.At) -> PersonOut:
    record = registry.person_records((person,), at).get(person)
    if record is None:
        raise Refusal("rest.not_found")
    return shown(record)


def shown(record: registry.PersonRecord) -> PersonOut:
    """A person as the API shows them."""
    card, home = record.card, record.residence
    return PersonOut(
        id=card.id,
        universal_id=card.universal_id,
        name=Name.model_validate(card.name),
        sex=card.sex,
        born_on=card.born_on,
        masked_iin=card.masked_iin,
        residence=ResidenceOut.model_validate(home) if home else None,
        guardians=[
            GuardianOut(id=one.id, person=one.person.id, kind=one.kind, since=one.since) for one in record.guardians
        ],
        former=[FormerOut.model_validate(one) for one in record.former],
    )


def moved(request: HttpRequest, address: str) -> HttpResponse:
    """The way to the record that goes on, asked in the same way."""
    asked = request.META.get("QUERY_STRING", "")
    return HttpResponse(status=308, headers={"Location": f"{address}?{asked}" if asked else address})


def _veiled(refused: Refusal) -> Refusal:
    return Refusal("api.iin_not_free", field="iin") if refused.code in VEILED else refused


VEILED = frozenset(("registry.iin_known", "registry.iin_birth_date", "registry.iin_sex", "registry.iin_given"))
