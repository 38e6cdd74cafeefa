"""The rostering service as a consumer of OneRoster 1.2 meets it."""

import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Group
from shanyraq.domains.registry.rules.kinds import OrganisationKind, Stage
from shanyraq.domains.registry.tests import builders
from shanyraq.foundation import clock
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.clients.scopes import Resource, Scope, Verb
from shanyraq.interfaces.exchange.oneroster import asking
from shanyraq.interfaces.exchange.oneroster.collections import COLLECTIONS
from shanyraq.interfaces.exchange.oneroster.service import PURL
from shanyraq.interfaces.exchange.oneroster.urls import NESTED
from tests.systems import System, afresh, connected

pytestmark = pytest.mark.django_db
BASE = "/ims/oneroster/rostering/v1p2"


@pytest.fixture
def school() -> Any:
    afresh()
    services.load_territory()
    with clock.frozen_at(builders.NOW):
        yield roster()


def roster(district: str = builders.ESIL, n: int = 3) -> dict[str, Any]:
    """A school with a class and its pupils, and a kindergarten in another region with one child."""
    home = builders.organisation(kind=OrganisationKind.SCHOOL, district=district)
    klass = Group.objects.create(
        organisation_id=home, stage=Stage.SCHOOL, name="5 А", kind="general", language="kk", grade=5, school_year=2025,
        places=25, valid_from=date(2025, 9, 1), recorded_at=builders.NOW,
    )  # fmt: skip
    children = [builders.person(given=name, surname="Омаров") for name in ("Әлия", "Болат", "Дана")[:n]]
    for child in children:
        enrol(child, klass.id)
    far = builders.organisation(district=builders.SEMEY)
    stranger = builders.person(given="Бөтен")
    builders.enrol(stranger, builders.group(far))
    return {"home": home, "class": klass.id, "children": children, "far": far, "stranger": stranger}


def enrol(child: Any, klass: Any) -> None:
    from shanyraq.domains.registry.models import Enrolment

    Enrolment.objects.create(
        child_id=child, group_id=klass, stage=Stage.SCHOOL, funding="budget", entry_reason="entered",
        valid_from=date(2025, 9, 1), recorded_at=builders.NOW,
    )  # fmt: skip


def consumer(territory: str = "71") -> System:
    return connected(
        Scope(Verb.READ, Resource.ROSTERING, territory), Scope(Verb.READ, Resource.DEMOGRAPHICS, territory)
    )


def got(system: System, path: str, **asked: str) -> Any:
    answer = system.get(f"{BASE}/{path}?{urlencode(asked)}")
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def test_every_address_of_the_standard_answers(school):
    system = consumer()
    for name, one in COLLECTIONS.items():
        rows = got(system, name)[name]
        for row in rows[:1]:
            assert got(system, f"{name}/{row['sourcedId']}")[one.single] == row
    ids = {"school": school["home"], "klass": school["class"], "student": school["children"][0]}
    ids |= {"user": school["children"][0], "term": "term-2025", "course": f"{school['home']}-school-5"}
    for address, (name, _) in NESTED.items():
        if "<str:teacher>" in address:
            continue
        path = address
        for part, pk in ids.items():
            path = path.replace(f"<str:{part}>", str(pk))
        assert name in got(system, path), path


def test_rows_are_those_of_the_record(school):
    system = consumer()
    users = got(system, "users", sort="givenName")["users"]
    assert {row["givenName"] for row in users} == {"Әлия", "Болат", "Дана"}
    assert all(row["roles"][0]["role"] == "student" and row["grades"] == ["05"] for row in users)
    assert len(got(system, f"schools/{school['home']}/students")["students"]) == 3
    assert got(system, f"students/{school['children'][0]}/classes")["classes"][0]["title"] == "5 А"
    assert got(system, f"classes/{school['class']}/teachers")["teachers"] == []
    demographics = got(system, "demographics")["demographics"][0]
    assert set(demographics) == {"sourcedId", "status", "dateLastModified", "birthDate", "sex"}
    assert got(system, "enrollments")["enrollments"][0]["class"]["sourcedId"] == str(school["class"])


def test_nobody_sees_rows_of_another_territory(school):
    system = consumer()
    assert str(school["far"]) not in json.dumps(got(system, "orgs"))
    for path in (f"orgs/{school['far']}", f"users/{school['stranger']}", f"schools/{school['far']}/students"):
        answer = system.get(f"{BASE}/{path}")
        assert answer.status_code == 404, path
        minor = json.loads(answer.content)["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"]
        assert minor == "unknownobject"


def test_filter_sort_fields_and_pages(school):
    system = consumer()
    found = got(system, "users", filter="givenName='Болат' OR givenName='Дана'", sort="givenName", orderBy="desc")
    assert [row["givenName"] for row in found["users"]] == ["Дана", "Болат"]
    assert len(got(system, "users", filter="familyName~'омар' AND status='active'")["users"]) in (
        0,
        3,
    )  # letters of SQLite
    assert len(got(system, "users", filter="role='student'")["users"]) == 3
    assert got(system, "users", filter="role='teacher'")["users"] == []
    assert got(system, "users", filter="dateLastModified>'2999-01-01'")["users"] == []
    assert got(system, "orgs", filter="type='district'")["orgs"] == []
    assert got(system, "terms", filter="schoolYear='2026'")["terms"][0]["title"] == "2025/2026"
    assert set(got(system, "users", fields="sourcedId,givenName")["users"][0]) == {"sourcedId", "givenName"}
    answer = system.get(f"{BASE}/users?limit=2&offset=0&sort=givenName")
    assert answer["X-Total-Count"] == "3"
    assert 'rel="next"' in answer["Link"]
    second = got(system, "users", limit="2", offset="2", sort="givenName")["users"]
    assert len(second) == 1


@pytest.mark.parametrize(
    ("query", "minor"),
    [
        ("filter=givenName", "invalid_filter_field"),
        ("filter=shoeSize='4'", "invalid_filter_field"),
        ("fields=shoeSize", "invalid_selection_field"),
        ("sort=shoeSize", "invaliddata"),
        ("limit=0", "invaliddata"),
        ("offset=x", "invaliddata"),
        ("orderBy=up", "invaliddata"),
        ("colour=red", "invaliddata"),
    ],
)
def test_what_the_standard_does_not_have_is_refused(school, query, minor):
    answer = consumer().get(f"{BASE}/users?{query}")
    assert answer.status_code == 400
    told = json.loads(answer.content)
    assert told["imsx_codeMajor"] == "failure"
    assert told["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == minor


def test_without_token_or_scope_nothing_is_told(school):
    assert Client().get(f"{BASE}/users").status_code == 401
    only = connected(Scope(Verb.READ, Resource.ROSTERING, "71"))
    assert only.get(f"{BASE}/users").status_code == 200
    assert only.get(f"{BASE}/demographics").status_code == 403
    assert connected(Scope(Verb.READ, Resource.PEOPLE, "71")).get(f"{BASE}/users").status_code == 403
    assert only.call("POST", f"{BASE}/users", {}).status_code == 405


def test_a_consumer_gets_its_token_with_the_scopes_of_the_standard(school):
    system = consumer()
    body = {"grant_type": "client_credentials", "client_id": system.code, "client_secret": system.secret}
    answer = Client().post("/ims/oneroster/token", {**body, "scope": f"{PURL}roster-core.readonly"})
    told = json.loads(answer.content)
    assert told["scope"] == f"{PURL}roster-core.readonly"
    assert Client().get(f"{BASE}/orgs", headers={"Authorization": f"Bearer {told['access_token']}"}).status_code == 200
    wrong = Client().post("/ims/oneroster/token", {**body, "client_secret": "x"})
    assert (wrong.status_code, json.loads(wrong.content)["error"]) == (401, "invalid_client")
    strange = Client().post("/ims/oneroster/token", {**body, "scope": "everything"})
    assert json.loads(strange.content)["error"] == "invalid_scope"


def test_reading_is_noted_for_the_family(school):
    consumer().get(f"{BASE}/students")
    seen = AuditEntry.objects.filter(action="exchange.read_roster").values_list("child_id", flat=True)
    assert set(seen) == set(school["children"])


def test_a_page_costs_the_same_with_one_row_and_with_many(school, django_assert_max_num_queries):
    system = consumer()
    for name in ("users", "enrollments", "classes", "orgs"):
        for limit in ("1", "3"):
            with django_assert_max_num_queries(8):
                got(system, name, limit=limit)


def test_a_filter_reads_quotes_and_refuses_a_third_condition():
    parsed, both = asking.parsed(r"familyName='O\'Neil' and status='active'")
    assert (parsed[0].value, both) == ("O'Neil", True)
    with pytest.raises(asking.BadQuestion):
        asking.parsed("a='1' AND b='2' AND c='3'")
