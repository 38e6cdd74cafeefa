"""Verb x resource x territory for every operation of the OpenAPI document: a new one that is not here fails."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps

from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry import services
from shanyraq.domains.registry.rules.kinds import CircumstanceKind, OrganisationKind, RoomKind, Sex
from shanyraq.domains.registry.rules.numbers import compose_iin
from shanyraq.domains.registry.tests import builders as registry_makes
from shanyraq.foundation import clock
from shanyraq.foundation.clients.scopes import Resource, Scope, Verb
from shanyraq.interfaces.api.api import api
from tests import world as worlds
from tests.systems import System, afresh, connected, told
from tests.world import World

pytestmark = pytest.mark.django_db
OURS, OTHERS = "71", "75"
DISTRICT, NOW = make.DISTRICT, make.NOW
ELSEWHERE = {"conformance", "feed", "webhooks", "opendata"}  # modules that hold their own matrix
TODAY = NOW.date()
Made = dict[str, Any]


def person_body(district: str = DISTRICT) -> Made:
    home = {"district": district, "address": "Абай, 1", "lon": 71.4, "lat": 51.1}
    return {"given": "Алия", "sex": "female", "born_on": "2022-05-10", "residence": home}


def waiting(world: World) -> Made:
    return {"application": make.application(world.home.id)}


def stopped(world: World) -> Made:
    """An application on the stop list."""
    pk = make.application(world.home.id)
    from shanyraq.domains.placement.models import Application

    Application.objects.filter(pk=pk).update(status="stopped")
    return {"application": pk}


def open_place(world: World) -> Made:
    from shanyraq.domains.placement.models import Offer, OpenPlace

    offer = Offer.objects.get(pk=str(world.ids["offer"]))
    OpenPlace.objects.create(group_id=world.home.group, offer=offer, opened_at=NOW)
    return waiting(world)


def quiet() -> str:
    """A district of ours where no ceremony runs and a family waits."""
    from shanyraq.domains.registry import queries as registry

    named = {DISTRICT, make.OTHER_DISTRICT}
    free = next(card.kato for card in registry.districts("710000000") if card.kato not in named)
    make.application(make.kindergarten(2, district=free).id, of=make.family(district=free))
    return free


def unpublished(world: World) -> Made:
    from shanyraq.domains.placement.services import rounds

    district = quiet()
    officer = make.officer_of(district)
    preview = rounds.preview_round(actor=officer, district=district, now=NOW)
    return {"round": rounds.confirm_round(actor=officer, district=district, fingerprint=preview.fingerprint, now=NOW)}


def empty_group(world: World) -> Made:
    return {"group": make.group(world.home.id, 5)}


def empty_home(world: World) -> Made:
    return {"organisation": make.kindergarten(2).id}


def round_body(world: World) -> Made:
    from shanyraq.domains.placement.services import rounds

    district = quiet()
    preview = rounds.preview_round(actor=make.officer_of(district), district=district, now=NOW)
    return {"district": district, "fingerprint": preview.fingerprint}


def family_body(world: World) -> Made:
    family = make.family()
    return {"child": family.child, "applicant": family.guardian, "wishes": [world.home.id]}


def organisation_body(world: World) -> Made:
    return {
        "bin": make._bin(9_000), "kind": "kindergarten", "ownership": "state", "language": "kk",
        "name": {"kk": "Бал", "ru": "Бал", "en": "Bal"}, "district": DISTRICT, "address": "Абай, 2",
        "lon": 71.4, "lat": 51.1, "on": "2026-03-02",
    }  # fmt: skip


def group_body(world: World) -> Made:
    return {
        "organisation": world.home.id, "name": "Топ", "language": "kk", "born_from": 2022, "born_to": 2022, "places": 3,
        "on": "2026-03-02",
    }  # fmt: skip


def school_class(world: World) -> Made:
    """A class of a school of ours, opened through the registry."""
    school = registry_makes.organisation(kind=OrganisationKind.SCHOOL, district=DISTRICT)
    return {"organisation": school, "stage": "school", "name": "5 А", "language": "kk", "grade": 5, "seats": 25,
            "on": "2026-03-02"}  # fmt: skip


def learner_body(world: World) -> Made:
    school = school_class(world)["organisation"]
    group = registry_makes.school_class(school)
    return {"child": make.person(), "group": group, "reason": "entered", "on": "2026-03-01"}


def employed(world: World) -> Made:
    """A teacher of a school of ours."""
    school = registry_makes.organisation(kind=OrganisationKind.SCHOOL, district=DISTRICT)
    person = registry_makes.teacher(school, load=Decimal("0.5"))
    employment = services.change_employment(
        actor=make.OPERATOR, employment=_only("Employment", person=person), now=NOW, on=date(2026, 2, 1),
        change=services.EmploymentChange(load=Decimal(1)),
    )  # fmt: skip
    return {"employment": employment}


def employment_body(world: World) -> Made:
    school = registry_makes.organisation(kind=OrganisationKind.SCHOOL, district=DISTRICT)
    return {
        "person": make.person(),
        "organisation": school,
        "post": "head",
        "on": "2026-03-01",
    }


def housed(world: World) -> Made:
    """A building of ours with a room."""
    building = services.add_building(
        actor=make.OPERATOR, on=date(2020, 9, 1), now=NOW,
        new=services.NewBuilding(world.home.id, "Негізгі", "Абай, 2", 71.4, 51.1, 100),
    )  # fmt: skip
    new = services.NewRoom(building, "1", RoomKind.GROUP_ROOM, 20)
    return {"building": building, "room": services.add_room(actor=make.OPERATOR, new=new, on=date(2020, 9, 1), now=NOW)}


def guarded(world: World) -> Made:
    child, adult = make.person(born_on=make.BORN), make.person()
    return {"guardianship": make.guardian_of(child, adult, on=date(2026, 2, 1))}


def supported(world: World) -> Made:
    noted = services.note_circumstance(
        actor=make.OPERATOR, person=make.person(), kind=CircumstanceKind.SPECIAL_NEEDS, on=date(2026, 3, 1), now=NOW
    )
    return {"circumstance": noted}


def _only(table: str, **wanted: UUID) -> UUID:
    found: UUID = apps.get_model("registry", table).objects.get(**wanted, valid_to=None).pk
    return found


def iin() -> str:
    return next(one for serial in range(99) if (one := compose_iin(date(2022, 5, 10), Sex.MALE, serial)))


def child_with_iin(world: World) -> Made:
    services.give_iin(actor=make.OPERATOR, person=UUID(str(world.ids["child"])), iin=iin(), now=NOW)
    return {"iin": iin()}


# operation -> (what else must be there: ids for the address), (the body)
Body = Callable[[World], Any] | None
CASES: Mapping[str, tuple[Callable[[World], Made] | None, Body]] = {
    "people": (None, None),
    "register_person": (None, lambda w: person_body()),
    "find_person": (None, child_with_iin),
    "person": (lambda w: {"person": w.ids["child"]}, None),
    "give_iin": (lambda w: {"person": w.ids["child"]}, lambda w: {"iin": iin()}),
    "add_guardian": (
        lambda w: {"person": w.ids["child"]},
        lambda w: {"guardian": make.person(), "kind": "father", "on": "2026-03-01"},
    ),
    "move_person": (
        lambda w: {"person": make.person(now=NOW - timedelta(days=9))},
        lambda w: {"residence": person_body()["residence"], "on": "2026-03-01"},
    ),
    "open_organisation": (None, organisation_body),
    "close_organisation": (empty_home, lambda w: {"on": "2026-03-03"}),
    "open_group": (None, group_body),
    "open_class": (None, school_class),
    "enrol_learner": (None, learner_body),
    "put_places": (empty_group, lambda w: {"places": 7}),
    "close_group": (empty_group, lambda w: {"on": "2026-03-03"}),
    "applications": (None, None),
    "file_application": (None, family_body),
    "application": (None, None),
    "wishes": (None, None),
    "put_wishes": (waiting, lambda w: {"wishes": [w.home.id, w.other_home.id]}),
    "position": (None, None),
    "withdraw": (waiting, lambda w: {}),
    "resume": (stopped, lambda w: {}),
    "claim_right": (
        waiting,
        lambda w: {
            "benefit": Benefit.LARGE_FAMILY,
            "document": {"kind": "large_family", "number": "1", "issued_on": "2026-02-27"},
        },
    ),
    "request_open_place": (open_place, lambda w: {"organisation": w.home.id}),
    "voucher_step": (lambda w: {"application": w.ids["voucher"]}, lambda w: {"step": "sign"}),
    "documents": (None, None),
    "document": (None, None),
    "confirm_document": (None, lambda w: {}),
    "refuse_document": (None, lambda w: {"reason": "unreadable"}),
    "rounds": (None, None),
    "preview_round": (None, lambda w: {"district": quiet(), "rows": True}),
    "confirm_round": (None, round_body),
    "round_of_district": (None, None),
    "publish_round": (unpublished, lambda w: {}),
    "outcomes": (None, None),
    "offers": (None, None),
    "offer": (None, None),
    "accept_offer": (None, lambda w: {}),
    "decline_offer": (None, lambda w: {"reason": "far"}),
    "extend_referral": (
        lambda w: {"offer": w.ids["offer taken"]},
        lambda w: {"reason": "Баласы ауырып қалды, анықтама күтуде", "until": str(TODAY + timedelta(days=9))},
    ),
    "refuse_admission": (lambda w: {"offer": w.ids["offer taken"]}, lambda w: {"reason": "incomplete_documents"}),
    "employments": (employed, None),
    "employment": (employed, None),
    "appoint": (None, employment_body),
    "change_employment": (employed, lambda w: {"load": 0.5, "on": "2026-03-01"}),
    "end_employment": (employed, lambda w: {"reason": "wish", "on": "2026-03-01"}),
    "buildings": (housed, None),
    "building": (housed, None),
    "rooms": (housed, None),
    "room": (housed, None),
    "guardianships": (guarded, None),
    "guardianship": (guarded, None),
    "end_guardianship": (guarded, lambda w: {"on": "2026-03-02"}),
    "circumstances": (supported, None),
    "circumstance": (supported, None),
    "enrolments": (None, None),
    "enrol": (None, lambda w: {"offer": w.ids["offer taken"], "order_number": "12"}),
    "enrolment": (None, None),
    "end_enrolment": (None, lambda w: {"reason": "moved", "on": "2026-03-03"}),
}
GUARDED = {
    operation.view_func.__name__: operation
    for operation in api.operations()
    if operation.auth_callbacks and operation.view_func.__module__.rpartition(".")[2] not in ELSEWHERE
}
LISTS = {
    "applications", "rounds", "offers", "enrolments", "people", "employments", "buildings", "rooms", "guardianships",
    "circumstances",
}  # fmt: skip


@pytest.fixture
def world():
    afresh()
    with clock.frozen_at(NOW):
        yield worlds.build()


def test_every_operation_that_needs_a_scope_is_tried():
    assert set(GUARDED) == set(CASES)


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_a_door_opens_to_the_scope_and_the_territory_and_to_nobody_else(world, name):
    operation, (more, body) = GUARDED[name], CASES[name]
    needs: Any = operation.auth_callbacks[0]
    world.ids.update(more(world) if more else {})
    path = re.sub(r"\{(?:\w+:)?(\w+)\}", lambda found: str(world.ids[found[1]]), operation.path)
    method, sent = operation.methods[0], body(world) if body else None
    hidden = 404 if "{" in operation.path else 403
    strangers = {
        "no token": (System("", "", ""), 401),
        "another verb": (connected(Scope(_other(needs.verb), needs.resource, OURS)), 403),
        "another resource": (connected(Scope(needs.verb, _next(needs.resource), OURS)), 403),
        "another territory": (connected(Scope(needs.verb, needs.resource, OTHERS)), hidden),
    }
    for who, (stranger, expected) in strangers.items():
        answer = stranger.call(method, f"/api/v1{path}", sent, **_condition(method, "*"))
        if who == "another territory" and name in LISTS:
            assert (answer.status_code, told(answer)["items"]) == (200, []), who
        elif name == "find_person" and who == "another territory":
            assert answer.status_code == 404
        else:
            assert answer.status_code == expected, (who, answer.content)
    ours = connected(Scope(needs.verb, needs.resource, OURS))
    answer = ours.call(method, f"/api/v1{path}", sent, **_condition(method, "*"))
    assert answer.status_code == min(operation.response_models), answer.content
    if name in LISTS | {"outcomes"}:
        assert told(answer)["items"], "a list of nothing proves nothing"


def _condition(method: str, tag: str) -> dict[str, str]:
    return {"If_Match": tag} if method == "PUT" else {}


def _other(verb: Verb) -> Verb:
    return Verb.READ if verb is Verb.WRITE else Verb.WRITE


def _next(resource: Resource) -> Resource:
    every = list(Resource)
    return every[(every.index(resource) + 1) % len(every)]
