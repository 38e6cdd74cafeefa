"""The API keeps to its own document: whatever comes, no 500, no status, content type, header or shape it does not say.

Requests are made from the OpenAPI document, good ones and bad ones, by nobody and by a client of every scope; half of
the good ones name rows that are there. The same code asks the same things twice.
"""

from collections.abc import Iterator
from typing import Any, Final
from unittest.mock import patch

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from shanyraq.foundation import clock
from shanyraq.foundation.access import system
from shanyraq.foundation.clients import queries as clients
from shanyraq.foundation.clients import services as registering
from shanyraq.foundation.clients.scopes import Resource, Scope, Verb
from shanyraq.interfaces.api.api import api
from tests import world as worlds
from tests.world import NOW, World

CHECKS: Final = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
OPERATIONS: Final = [
    (method.upper(), path) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods
]
EVERY_SCOPE: Final = [Scope(verb, resource) for verb in Verb for resource in Resource]
pytestmark = pytest.mark.django_db
CAREFUL: Final = {HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large}


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker) -> Iterator[World]:
    """One world for all examples: each of them is taken back. The connection stays open from test to test: closed, as
    the end of a test does on PostgreSQL, it would take this world with it."""
    open_to_the_end = patch.object(connections["default"], "close")
    with django_db_blocker.unblock(), clock.frozen_at(NOW), transaction.atomic(), open_to_the_end:
        yield worlds.build()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def token(built: World) -> Iterator[str]:
    given = registering.add_client(
        actor=system("tests"), name="Tests", owner="Tests", given=EVERY_SCOPE, now=NOW, rate=1_000_000
    )
    card = registering.sign_in(code=given.code, secret=given.secret, now=NOW)
    assert card
    yield registering.token_for(card, now=NOW).token
    clients.forget()


@pytest.fixture(scope="module")
def document() -> Any:
    loaded = schemathesis.openapi.from_dict(api.get_openapi_schema())
    loaded.app = get_wsgi_application()
    return loaded


@pytest.fixture(autouse=True)
def _without_limits(settings):
    settings.API_OPEN_RATE = 1_000_000


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])
def test_nobody_gets_what_the_document_says(method, path, built, document):
    ask(document[path][method], built, {}, good=2, bad=2)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])
def test_a_client_gets_what_the_document_says(method, path, built, token, document):
    ask(document[path][method], built, {"Authorization": f"Bearer {token}"}, good=8, bad=4)


def ask(operation: Any, world: World, headers: dict[str, str], *, good: int, bad: int) -> None:
    """So many good and bad requests of an operation; each answer is held against the document, and taken back."""
    for mode, count in ((GenerationMode.POSITIVE, good), (GenerationMode.NEGATIVE, bad)):

        @settings(max_examples=count, derandomize=True, database=None, deadline=None, suppress_health_check=CAREFUL)
        @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
        def check(case: Any, real: bool) -> None:
            if real:
                case.path_parameters = {
                    name: str(world.ids.get(name, value)) for name, value in (case.path_parameters or {}).items()
                }
            with transaction.atomic(), clock.frozen_at(NOW):
                answer = case.call(headers=headers)
                transaction.set_rollback(True)
            case.validate_response(answer, checks=CHECKS)

        check()
