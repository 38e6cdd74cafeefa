"""The OneRoster 1.2 rostering service, for reading: tokens by client credentials, collections, rows.

Addresses, errors and headers are those of the standard; scopes are its scopes, which the operator gives as
`read:rostering:<KATO>` and `read:demographics:<KATO>`. Whose record was read is noted as everywhere.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from pydantic_core import to_json

from shanyraq.domains.registry.queries import rosters
from shanyraq.domains.registry.queries.rosters import Looking
from shanyraq.foundation import audit, clock
from shanyraq.foundation.access import Actor
from shanyraq.foundation.clients import limits, services
from shanyraq.foundation.clients.queries import ClientCard
from shanyraq.foundation.clients.scopes import Resource, Verb
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import serving
from shanyraq.foundation.rest.needs import client_of
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.api import token as house
from shanyraq.interfaces.exchange.oneroster import asking
from shanyraq.interfaces.exchange.oneroster.asking import BadQuestion, Question
from shanyraq.interfaces.exchange.oneroster.collections import COLLECTIONS, Collection, uuid_of
from shanyraq.interfaces.exchange.oneroster.showing import Shown

PURL: Final = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
SCOPES: Final[Mapping[str, Resource]] = {
    f"{PURL}roster.readonly": Resource.ROSTERING,
    f"{PURL}roster-core.readonly": Resource.ROSTERING,
    f"{PURL}roster-demographics.readonly": Resource.DEMOGRAPHICS,
}
MINORS: Final = {400: "invaliddata", 401: "unauthorisedrequest", 403: "forbidden", 404: "unknownobject",
                 429: "server_busy", 500: "internal_server_error", 503: "server_busy"}  # fmt: skip


class Problem(Exception):
    """An answer of the standard that is no success."""

    def __init__(self, status: int, words: str, minor: str = "") -> None:
        super().__init__(words)
        self.status, self.words, self.minor = status, words, minor or MINORS[status]


class Rostering(View):
    """One address of the service. `collection`: what it gives; `path`: how its rows lean on those in the address."""

    http_method_names = ("get", "head", "options")
    collection = ""
    within: Mapping[str, tuple[str, str]] = {}  # part of the address -> collection it names, path to it

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except Problem as problem:
            return failed(problem.status, problem.words, problem.minor)
        except BadQuestion as bad:
            return failed(400, str(bad), bad.minor)
        except Refusal as refused:
            status = {"rest.token_missing": 401, "rest.token_invalid": 401, "access.denied": 403}.get(refused.code, 400)
            return failed(status, refused.code)
        except (OperationalError, InterfaceError):
            return failed(503, "the database is away; repeat later")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A page of the collection, or one row when the address names one."""
        now, wanted = clock.now(), COLLECTIONS[self.collection]
        actor = admitted(request, wanted.resource)
        looking = Looking(actor, day_of(now))
        key = kwargs.pop("key", None)
        within = self._within(looking, kwargs)
        if key is not None:
            return self._one(looking, wanted, key, now)
        asked = asking.question(_sent(request))
        answer = wanted.answer(looking, asked, within)
        note(actor, wanted, answer.rows, now)
        response = _json({wanted.name: list(answer.rows)})
        response["X-Total-Count"] = str(answer.total)
        response["Link"] = links(request, asked, answer.total)
        return response

    def _one(self, looking: Looking, wanted: Collection, key: str, now: datetime) -> HttpResponseBase:
        chosen = _fields_of(_sent(self.request), wanted)
        row = wanted.one(looking, key)
        if row is None:
            raise Problem(404, "there is no such row, or it is not for this client")
        note(looking.actor, wanted, (row,), now)
        return _json({wanted.single: {name: row[name] for name in row if not chosen or name in chosen}})

    def _within(self, looking: Looking, named: Mapping[str, str]) -> Q:
        """The condition of the rows named in the address, each of which must be there to see."""
        found = Q()
        for part, key in named.items():
            name, path = self.within[part]
            if COLLECTIONS[name].one(looking, key) is None:
                raise Problem(404, "there is no such row, or it is not for this client")
            found &= condition(path, key)
        return found


def condition(path: str, key: str) -> Q:
    """Rows that lean on another: by its id, or by what a derived row is made of."""
    if path == "year":
        year = int(key.rpartition("-")[2])
        return Q(school_year=year) | Q(
            school_year__isnull=True, valid_from__range=(date(year, 8, 1), date(year + 1, 7, 31))
        )
    if path == "course":
        home, stage, grade = key.rsplit("-", 2)
        return Q(organisation_id=uuid_of(home), stage=stage, grade=None if grade == "x" else int(grade))
    wanted = Q(**{path: uuid_of(key)}) if path != "-" else Q(pk__in=())
    if path.startswith("enrolments__child"):
        return Q(pk__in=rosters.classes_with(wanted))
    return Q(pk__in=rosters.people_with(wanted)) if path.startswith(("enrolments__", "employments__")) else wanted


def admitted(request: HttpRequest, resource: Resource) -> Actor:
    """The client as an actor. Raises Problem: no token, no scope, too many."""
    card: ClientCard = client_of(request)
    allowance = limits.take(card.code, card.rate)
    if allowance is not None and not allowance.passes:
        raise Problem(429, f"too many requests; repeat in {allowance.wait} seconds")
    actor = card.acting(Verb.READ, resource)
    if actor is None:
        raise Problem(403, f"the client has no scope for {resource}")
    return actor


def note(actor: Actor, wanted: Collection, rows: Any, now: datetime) -> None:
    """Note whose records were read."""
    if wanted.single in ("user", "demographics"):
        children = [UUID(row["sourcedId"]) for row in rows if "sourcedId" in row]
    elif wanted.single == "enrollment":
        children = [UUID(row["user"]["sourcedId"]) for row in rows if "user" in row]
    else:
        return
    audit.read_many(actor, "exchange.read_roster", at=now, children=children, subject=f"oneroster_{wanted.name}")


def links(request: HttpRequest, asked: Question, total: int) -> str:
    """The header that leads to the other pages."""
    last = max(0, (total - 1) // asked.limit * asked.limit)
    places = {"first": 0, "last": last}
    if asked.offset + asked.limit < total:
        places["next"] = asked.offset + asked.limit
    if asked.offset:
        places["prev"] = max(0, asked.offset - asked.limit)
    base, sent = request.build_absolute_uri(request.path), _sent(request)
    pages = {rel: urlencode({**sent, "limit": str(asked.limit), "offset": str(at)}) for rel, at in places.items()}
    return ", ".join(f'<{base}?{query}>; rel="{rel}"' for rel, query in pages.items())


def failed(status: int, words: str, minor: str = "") -> HttpResponse:
    """An error as the standard writes it (imsx_StatusInfo)."""
    told = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": words,
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor or MINORS[status]}
            ]
        },
    }
    response = JsonResponse(told, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="shanyraq"'
    response["Cache-Control"] = "no-store"
    return response


@method_decorator(csrf_exempt, name="dispatch")
class Token(View):
    """Client credentials (RFC 6749, 4.4), with the scopes of the standard."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest) -> HttpResponse:
        """An access token for what the client has of the scopes it asks for."""
        attempts = limits.take(f"token {serving.address_of(request)}", house.ATTEMPTS)
        if attempts is not None and not attempts.passes:
            return house.refused("invalid_request", "too many attempts", status=429, wait=attempts.wait)
        if request.POST.get("grant_type") != "client_credentials":
            return house.refused("unsupported_grant_type", "grant_type must be client_credentials")
        card, now = house.proven(request, request.POST, clock.now()), clock.now()
        if card is None:
            return house.refused("invalid_client", "client or secret is wrong", status=401)
        held = [scope for scope, resource in SCOPES.items() if card.acting(Verb.READ, resource)]
        asked = request.POST.get("scope", "").split() or held
        given = [scope for scope in asked if scope in held]
        if not given or set(asked) - set(SCOPES):
            return house.refused("invalid_scope", "the client has none of the scopes asked for")
        made = services.token_for(card, now=now)
        told = {
            "access_token": made.token,
            "token_type": "Bearer",
            "expires_in": made.seconds,
            "scope": " ".join(given),
        }
        return JsonResponse(told, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _sent(request: HttpRequest) -> dict[str, str]:
    return {name: str(values[-1]) for name, values in request.GET.lists()}


def _fields_of(sent: Mapping[str, str], wanted: Collection) -> frozenset[str]:
    chosen = frozenset(asking.question({name: sent[name] for name in sent if name == "fields"}).fields)
    if set(sent) - {"fields"} or chosen - wanted.fields:
        raise BadQuestion("invalid_selection_field", "fields of the row only")
    return chosen


def _json(told: Shown) -> HttpResponse:
    return HttpResponse(to_json(told), content_type="application/json")
