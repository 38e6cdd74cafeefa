from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.tests import builders as make
from shanyraq.foundation import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world():
    with clock.frozen_at(make.NOW):
        make.territory()
        yield


def everything(client, address):
    cursor, found = "", []
    while True:
        told = client.get(f"{address}&cursor={cursor}").json()
        found += told["items"]
        cursor = told["next"]
        if not cursor:
            return found


def test_territories_come_in_pages_by_kato(client):
    found = everything(client, "/api/v1/territories?limit=50")
    codes = [one["kato"] for one in found]
    assert codes == sorted(set(codes))
    assert sum(one["parent"] is None for one in found) == 20
    assert set(found[0]["name"]) == {"kk", "ru", "en"}


def test_the_districts_of_one_region(client):
    found = client.get("/api/v1/territories?region=710000000").json()["items"]
    assert {one["parent"] for one in found} == {None, "710000000"}


def test_free_places_come_in_pages_and_by_filter(client):
    make.kindergarten(2, 3, 4)
    make.kindergarten(5, born=(2023, 2023))
    make.kindergarten(9, district="101000000")
    assert sum(one["free"] for one in everything(client, "/api/v1/places?territory=71&limit=2")) == 14
    assert sum(one["free"] for one in everything(client, "/api/v1/places?territory=710000000")) == 14
    filtered = everything(client, "/api/v1/places?territory=71&birth_year=2023&limit=2")
    assert [one["places"] for one in filtered] == [5]


def test_the_queue_by_district_and_birth_year(client):
    garden = make.kindergarten(1)
    for _ in range(5):
        make.application(garden.id)
    make.application(garden.id, of=make.family(born_on=date(2023, 4, 1)))
    found = everything(client, "/api/v1/queue?territory=71&limit=1")
    few = {"district": make.DISTRICT, "birth_year": 2023, "waiting": None}
    assert found == [few | {"birth_year": 2022}, few], "one child born in 2023 waits: neither year may tell of it"


def test_the_cost_does_not_grow_with_the_rows(client):
    def cost():
        with CaptureQueriesContext(connection) as counted:
            client.get("/api/v1/places?territory=71")
        return len(counted)

    make.kindergarten(1)
    few = cost()
    for _ in range(30):
        make.kindergarten(1)
    assert cost() == few


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/places", 422, "rest.invalid"),
        ("/api/v1/places?territory=x", 422, "rest.invalid"),
        ("/api/v1/queue?territory=71&limit=0", 422, "rest.invalid"),
        ("/api/v1/queue?territory=71&cursor=%D1%8B", 422, "rest.invalid"),
        ("/api/v1/queue?territory=71&cursor=abc", 400, "rest.cursor_malformed"),
        ("/api/v1/nothing", 404, "rest.not_found"),
        ("/api/nothing", 404, "rest.not_found"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_code(client, address, status, code):
    answer = client.get(address)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_the_document_of_the_api_is_there_and_no_page_that_loads_scripts(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/places", "/api/v1/queue", "/api/v1/territories"} <= set(paths)
    assert client.get("/api/v1/docs").status_code == 404
