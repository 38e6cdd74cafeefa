"""Open data over the API: the same bytes as the files."""

import hashlib

import pytest

from shanyraq.domains.placement.tests import builders as make
from shanyraq.foundation import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.OPEN_DATA_DIR = tmp_path
    with clock.frozen_at(make.NOW):
        make.kindergarten(3, 2)
        yield


def test_every_table_of_the_list_is_there_with_its_hash(client):
    listed = client.get("/api/v1/open-data").json()
    assert listed["licence"] == "CC-BY-4.0"
    for table in listed["tables"]:
        answer = client.get(table["href"])
        assert answer["Content-Type"] == "application/json"
        assert hashlib.sha256(answer.content).hexdigest() == table["sha256"]
        assert answer["ETag"] == f'"{table["sha256"]}"'
        assert client.get(table["href"], headers={"if-none-match": answer["ETag"]}).status_code == 304
        assert b"," in client.get(table["csv"]).content


@pytest.mark.parametrize("name", ["nothing", "datapackage"])
def test_what_is_no_table_is_a_problem(client, name):
    answer = client.get(f"/api/v1/open-data/{name}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "rest.not_found"
