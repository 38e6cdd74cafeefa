"""A report of the conformance suite comes in with the token of its system, and with no other."""

import pytest

from shanyraq.domains.certification import queries, services
from shanyraq.domains.placement.tests import builders
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.clients.scopes import Resource, Scope, Verb
from shanyraq.interfaces.api.conformance import own_hash
from tests.systems import System, afresh, connected, told

pytestmark = pytest.mark.django_db
NOW = builders.NOW
CASE = {"name": "test_apply", "outcome": "passed", "seconds": 0.2, "message": ""}


@pytest.fixture(autouse=True)
def _now():
    afresh()
    with clock.frozen_at(NOW):
        builders.territory()
        yield


def body(**change):
    return {"suite": own_hash().hex(), "began_at": NOW.isoformat(), "cases": [CASE], **change}


def test_a_report_stands_on_the_page_of_its_system():
    ours = connected(Scope(Verb.WRITE, Resource.CONFORMANCE, ""))
    new = services.NewSystem("Kezek", "Kezek Systems", client_code=ours.code)
    system = services.register_system(actor=builders.staff(Role.MINISTRY), new=new, now=NOW)
    answer = ours.post("conformance-runs", body())
    assert answer.status_code == 201, answer.content
    assert told(answer)["passed"] == 1
    (run,) = queries.runs_of(system)
    assert run.unchanged


@pytest.mark.parametrize(
    ("scope", "expected"),
    [(Scope(Verb.READ, Resource.CONFORMANCE, ""), 403), (Scope(Verb.WRITE, Resource.CHANGES, ""), 403)],
)
def test_another_scope_does_not_open_it(scope, expected):
    assert connected(scope).post("conformance-runs", body()).status_code == expected


def test_without_a_token_or_a_registered_system_it_is_shut():
    assert System("", "", "").post("conformance-runs", body()).status_code == 401
    assert connected(Scope(Verb.WRITE, Resource.CONFORMANCE, "")).post("conformance-runs", body()).status_code == 403


@pytest.mark.parametrize("change", [{"suite": "x"}, {"cases": []}, {"cases": [{**CASE, "outcome": "maybe"}]}])
def test_a_report_of_another_shape_is_refused(change):
    ours = connected(Scope(Verb.WRITE, Resource.CONFORMANCE, ""))
    assert ours.post("conformance-runs", body(**change)).status_code == 422
