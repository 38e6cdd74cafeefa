"""Editions: whole or not there, hashed, described in three languages, served with what a cache needs."""

import csv
import hashlib
import json
import os
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.tests import builders as make
from shanyraq.foundation import clock
from shanyraq.foundation.text import LANGS
from shanyraq.interfaces.opendata import editions, package, views
from shanyraq.interfaces.opendata.command import open_data
from shanyraq.interfaces.opendata.tables import TABLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.OPEN_DATA_DIR = tmp_path / "open-data"
    with clock.frozen_at(make.NOW):
        make.territory()
        yield


@pytest.fixture
def garden():
    garden = make.kindergarten(4, 3)
    for _ in range(6):
        make.application(garden.id)
    return garden


def test_the_package_describes_every_file_with_its_hash_and_fields(garden, tmp_path):
    edition = editions.write(tmp_path, make.NOW)
    assert {path.name for path in edition.folder.iterdir()} == {
        editions.PACKAGE,
        *(f"{table.name}.{kind}" for table in TABLES for kind in ("csv", "json")),
    }
    for one in edition.package["resources"]:
        content = (edition.folder / one["path"]).read_bytes()
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert one["bytes"] == len(content)
        assert set(one["titles"]) == set(LANGS)
        assert one["licenses"] and one["sources"]
        names = [field["name"] for field in one["schema"]["fields"]]
        assert set(one["schema"]["primaryKey"]) <= set(names)
        rows = rows_of(edition.folder / one["path"])
        assert len(rows) == one["rows"]
        assert all(list(row) == names for row in rows)


def test_both_formats_say_the_same(garden, tmp_path):
    folder = editions.write(tmp_path, make.NOW).folder
    for table in TABLES:
        sheet, tree = (rows_of(folder / f"{table.name}.{kind}") for kind in ("csv", "json"))
        hides = {field.name for field in table.fields if field.hides}
        told = [
            {name: ("*" if name in hides else "") if cell is None else str(cell) for name, cell in row.items()}
            for row in tree
        ]
        assert told == sheet, table.name


def test_no_key_stands_twice(garden, tmp_path):
    folder = editions.write(tmp_path, make.NOW).folder
    for table in TABLES:
        keys = [tuple(row[name] for name in table.key) for row in rows_of(folder / f"{table.name}.csv")]
        assert len(keys) == len(set(keys)), table.name


def test_a_name_that_a_spreadsheet_would_run_stands_as_text():
    assert editions._cell("=HYPERLINK(1)", False) == "'=HYPERLINK(1)"
    assert editions._cell(None, True) == "*"
    assert editions._cell(None, False) == ""


def test_a_writer_that_dies_leaves_no_half_edition(garden, tmp_path, monkeypatch):
    first = editions.write(tmp_path, make.NOW)
    monkeypatch.setattr(package, "describe", lambda *given, **named: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        editions.write(tmp_path, make.NOW + timedelta(hours=1))
    assert [one.name for one in tmp_path.iterdir() if one.name != "open-data"] == [first.folder.name]
    found = editions.latest(tmp_path)
    assert found
    assert found.folder == first.folder


def test_the_portal_keeps_the_last_editions_and_renews_when_something_happened(garden, settings):
    made = editions.current(make.NOW)
    assert editions.current(make.NOW + timedelta(hours=1)).folder == made.folder
    assert not editions.stale(made, make.NOW)
    assert editions.stale(made, make.NOW + timedelta(days=1))
    make.application(garden.id)
    assert editions.stale(made, make.NOW)
    for hour in range(5):
        editions.renew(make.NOW + timedelta(hours=hour + 1))
    assert len(os.listdir(settings.OPEN_DATA_DIR)) == editions.KEPT


def test_the_command_writes_a_dated_folder(garden, tmp_path):
    run = CliRunner().invoke(open_data, ["write", "--to", str(tmp_path / "out")])
    assert run.exit_code == 0, run.output
    (made,) = (tmp_path / "out").iterdir()
    assert made.name == "20260302T050000Z"
    sha256 = hashlib.sha256((made / "rounds.csv").read_bytes()).hexdigest()
    assert f"{sha256}  rounds.csv" in run.output.splitlines()


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_opens_without_counting_anything_again(client, garden, lang):
    client.cookies["language"] = lang
    editions.current(make.NOW)
    for address in ("/open-data/", *(f"/open-data/{table.name}/" for table in TABLES)):
        with CaptureQueriesContext(connection) as counted:
            answer = client.get(address)
        assert answer.status_code == 200, address
        assert "UNDEFINED-VARIABLE" not in answer.content.decode(), address
        assert len(counted) == 0, address


def test_a_file_is_served_with_its_hash_and_not_sent_twice(client, garden):
    answer = client.get("/open-data/queue-districts.csv")
    content = answer.content
    assert answer["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert answer["Last-Modified"] == "Mon, 02 Mar 2026 05:00:00 GMT"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    for header in ({"if-none-match": answer["ETag"]}, {"if-modified-since": answer["Last-Modified"]}):
        again = client.get("/open-data/queue-districts.csv", headers=header)
        assert again.status_code == 304
        assert again["ETag"] == answer["ETag"]
    other = client.get("/open-data/queue-districts.csv", headers={"if-none-match": '"other"'})
    assert other.status_code == 200


def test_a_large_file_is_sent_piece_by_piece(client, garden, monkeypatch):
    small = client.get("/open-data/places-groups.csv")
    monkeypatch.setattr(views, "AT_ONCE", 10)
    answer = client.get("/open-data/places-groups.csv")
    assert answer.streaming
    assert b"".join(answer.streaming_content) == small.content
    assert answer["ETag"] == small["ETag"]
    answer.close()


@pytest.mark.parametrize("name", ["nothing.csv", "nothing/", "..%2fsecrets.json", "queue-years"])
def test_what_is_not_there_is_not_found(client, name):
    assert client.get(f"/open-data/{name}", follow=True).status_code == (200 if name == "queue-years" else 404)


def rows_of(path):
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"))
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))
