"""Regional systems at the API: clients with scopes, and calls with their tokens."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shanyraq.foundation import clock
from shanyraq.foundation.access import system
from shanyraq.foundation.clients import limits, queries, scopes, services
from shanyraq.foundation.clients.scopes import Resource, Verb
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.api.api import api

OPERATOR = system("tests")
EVERY = tuple((verb, resource) for verb in Verb for resource in Resource)
KEY = object()  # a fresh idempotency key


@dataclass
class System:
    """A client that has its token."""

    code: str
    secret: str
    token: str
    browser: Any = field(default_factory=Client)

    def call(self, method: str, path: str, body: Any = None, *, key: Any = KEY, **headers: str) -> Any:
        """One request: `If_Match="..."` and the like become headers."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): one for name, one in headers.items()},
        }
        if method in ("POST", "PUT", "PATCH") and key is not None:
            sent["Idempotency-Key"] = str(new_id() if key is KEY else key)
        data = {} if body is None else {"data": json.dumps(body, default=str), "content_type": "application/json"}
        address = path if path.startswith("/") else f"/api/v1/{path}"
        return self.browser.generic(method, address, headers=sent, **data)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.call("POST", path, {} if body is None else body, **more)

    def put(self, path: str, body: Any, **more: Any) -> Any:
        return self.call("PUT", path, body, **{"key": None, **more})


def scoped(territory: str = "71", *pairs: tuple[Verb, Resource]) -> tuple[scopes.Scope, ...]:
    return tuple(scopes.Scope(verb, resource, territory) for verb, resource in pairs or EVERY)


def connected(*given: scopes.Scope, rate: int = 1_000_000) -> System:
    """A client that works: with these scopes, or with all of them in region 71."""
    now = clock.now()
    issued = services.add_client(
        actor=OPERATOR, name="Queue", owner="Region", given=given or scoped(), rate=rate, now=now
    )
    card = services.sign_in(code=issued.code, secret=issued.secret, now=now)
    assert card is not None
    return System(issued.code, issued.secret, services.token_for(card, now=now).token)


def afresh() -> None:
    """Every worker forgets whom it knows and what they have used up."""
    queries.forget()
    limits.BUCKETS.forget()


def told(answer: Any) -> Any:
    return json.loads(answer.content)


def code_of(answer: Any) -> str:
    return str(told(answer)["code"])


def ids(rows: Any) -> list[UUID]:
    return [UUID(row["id"]) for row in rows]


def open_doors() -> str:
    """Names of the addresses of the API that anyone may read."""
    return " ".join(sorted(f"api-1:{name}" for name, guarded in _doors().items() if not guarded))


def guarded_doors() -> str:
    """Names of the addresses that need a token: a browser, whoever sits at it, has none. See test_api_matrix.py."""
    return " ".join(sorted(f"api-1:{name}" for name, guarded in _doors().items() if guarded))


def _doors() -> dict[str, bool]:
    """Operation -> whether its address stays shut without a token. One that anyone may read and a system may write
    counts as open: the matrix of the API tries the writing."""
    readable = {one.path for one in api.operations() if not one.auth_callbacks and one.methods == ["GET"]}
    named = {one.view_func.__name__: one.path not in readable for one in api.operations()}
    return {name: guarded for name, guarded in named.items() if name != "token"}


def cost_of(ours, address):
    """How many queries a list costs; it has rows."""
    with CaptureQueriesContext(connection) as counted:
        assert told(ours.get(address))["items"]
    return len(counted)


def through_pages(ours, address):
    """The rows of all pages of a list."""
    found, cursor = [], ""
    while True:
        page = told(ours.get(f"{address}&cursor={cursor}"))
        found += page["items"]
        if not (cursor := page["next"]):
            return found
