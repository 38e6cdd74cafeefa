"""From the record to the page: snapshot, count, versions, files, the stable link; on the database."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from shanyraq.analytics.snapshot import writing
from shanyraq.domains.placement.tests.builders import OPERATOR, refused, staff
from shanyraq.domains.registry import bulk
from shanyraq.domains.registry.queries.datasets import PUBLISHED
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.nation import counting, queries, studies
from shanyraq.interfaces.nation.models import Count, Number
from tests.data_checks import world
from tests.data_checks.world import NOW, TODAY

pytestmark = pytest.mark.django_db
MINISTRY = staff(Role.MINISTRY)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with clock.frozen_at(NOW):
        yield tmp_path


@pytest.fixture
def country():
    return world.build()


def feature(home, kind, value):
    bulk.write_features([(new_id(), home, kind, Decimal(value), "", TODAY - timedelta(days=40), None, NOW)])


def test_a_passport_becomes_a_number(country):
    school = world.Organisation.objects.filter(kind="school").first()
    for kind in ("water", "toilets", "handwashing"):
        feature(school.id, kind, 1)
    counting.count(actor=MINISTRY, on=TODAY, now=NOW)
    count = queries.present()
    line = queries.one(count, "13")
    assert line.number.counted == 1 and line.number.known == 1 and line.unasked == line.number.among - 1
    assert line.value == 100.0
    assert queries.one(count, "13", school.district_id).number.counted == 1


def test_a_snapshot_names_nobody_and_says_where_it_is_from(country, place):
    taken = counting.count(actor=MINISTRY, on=TODAY, now=NOW).snapshot
    told = json.loads((taken.folder / "snapshot.json").read_text("utf-8"))
    assert set(told["datasets"]) == {one.name for one in PUBLISHED}
    names = {column["name"] for one in told["datasets"].values() for column in one["columns"]}
    assert not names & {"surname", "given", "iin", "born_on", "address", "universal_id"}
    assert all(one["lineage"]["statement"].strip().startswith("SELECT") for one in told["datasets"].values())
    everything = b"".join(path.read_bytes() for path in taken.folder.rglob("*.parquet"))
    people = world.Person.objects.all()
    assert people and not any(one.id.hex.encode() in everything for one in people)


def test_the_same_record_gives_the_same_fingerprint_and_shares_its_files(country, place):
    first = counting.count(actor=MINISTRY, on=TODAY, now=NOW).snapshot
    second = counting.count(actor=MINISTRY, on=TODAY, now=LATER).snapshot
    assert first.fingerprint == second.fingerprint
    one = next(first.folder.rglob("*.parquet"))
    assert one.samefile(second.folder / one.relative_to(first.folder))


def test_only_the_last_snapshots_are_kept(country, place):
    for hours in range(5):
        counting.count(actor=MINISTRY, on=TODAY, now=NOW + timedelta(hours=hours))
    assert len(list(studies.folder().iterdir())) == writing.KEPT


def test_a_full_disk_leaves_nothing_half_done(country, place, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.pq, "ParquetWriter", full)
    with pytest.raises(OSError, match="No space"):
        counting.count(actor=MINISTRY, on=TODAY, now=NOW)
    assert list(studies.folder().iterdir()) == [] and not Count.objects.exists()


def test_who_may_count_and_publish(country):
    for actor in (staff(Role.REGION, "71"), staff(Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            counting.count(actor=actor, on=TODAY, now=NOW)
        with pytest.raises(NotAllowed):
            counting.publish(actor=actor, year=TODAY.year, reason="", now=NOW)


def test_a_day_to_come_is_refused(country):
    with refused("nation.day_ahead"):
        counting.count(actor=MINISTRY, on=TODAY + timedelta(days=1), now=NOW)


class TestVersions:
    def test_a_published_version_stays_and_the_next_one_has_a_reason(self, country):
        counting.count(actor=MINISTRY, on=TODAY, now=NOW)
        counting.publish(actor=MINISTRY, year=TODAY.year, reason="", now=NOW)
        school = world.Organisation.objects.filter(kind="school").first()
        feature(school.id, "anti_terror", 1)
        counting.count(actor=MINISTRY, on=TODAY, now=LATER)
        with refused("nation.reason_missing"):
            counting.publish(actor=MINISTRY, year=TODAY.year, reason=" ", now=LATER)
        counting.publish(actor=MINISTRY, year=TODAY.year, reason="A passport came late", now=LATER)
        triangle = queries.versions("21")
        assert [(count.version, number.known) for count, number in triangle] == [(1, 0), (2, 1)]
        assert triangle[0][1].value is None and triangle[1][1].value == 100.0
        assert LedgerEntry.objects.filter(kind="nation.NumbersPublished").count() == 2

    def test_what_has_not_changed_is_not_counted_again(self, country):
        first = counting.count(actor=MINISTRY, on=TODAY, now=NOW)
        counting.publish(actor=MINISTRY, year=TODAY.year, reason="", now=NOW)
        assert counting.count(actor=MINISTRY, on=TODAY, now=LATER).id == first.id
        assert Count.objects.count() == 1
        assert counting.count(actor=MINISTRY, on=TODAY, now=LATER, engine_at="duckdb").id != first.id

    def test_every_engine_of_this_machine_counts_the_same(self, country):
        told = []
        for at, name in enumerate(("polars", "duckdb")):
            counting.count(actor=MINISTRY, on=TODAY, now=NOW + timedelta(hours=at), engine_at=name)
            rows = Number.objects.order_by("series", "territory", "cut")
            told.append(list(rows.values_list("series", "territory", "cut", "counted", "known", "among", "value")))
        assert told[0] == told[1] and len(told[0]) > 10

    def test_nothing_to_publish(self, country):
        with refused("nation.nothing_counted"):
            counting.publish(actor=MINISTRY, year=TODAY.year, reason="", now=NOW)

    def test_a_new_count_replaces_the_present_one_only(self, country):
        for hour in range(3):
            counting.count(actor=MINISTRY, on=TODAY, now=NOW + timedelta(hours=hour), engine_at="polars")
        assert Count.objects.count() == 1
        assert Number.objects.values("count").distinct().count() == 1


class TestPages:
    @pytest.fixture(autouse=True)
    def counts(self, country):
        self.school = world.Organisation.objects.filter(kind="school").first()
        feature(self.school.id, "anti_terror", 0)
        counting.count(actor=OPERATOR, on=TODAY, now=NOW)

    @pytest.mark.parametrize("lang", ["kk", "ru", "en"])
    def test_every_page_in_every_language(self, lang, django_assert_max_num_queries):
        browser = Client()
        browser.cookies["language"] = lang
        district = self.school.district_id
        region = f"{district[:2]}0000000"
        for address in (
            "/nation/", f"/nation/{region}/", f"/nation/{district}/", "/nation/indicators/21/",
            f"/nation/indicators/9/?component=tvet&place={region}", "/nation/indicators/4/",
        ):  # fmt: skip
            with django_assert_max_num_queries(14):
                assert browser.get(address).status_code == 200, address

    def test_an_unknown_number_is_shown_as_unknown(self):
        page = Client(headers={"accept-language": "en"}).get("/nation/indicators/4/").content.decode()
        assert "PISA" in page and "unknown" in page

    def test_the_file_holds_what_is_seen(self):
        answer = Client().get("/nation/file/csv/?direction=4")
        rows = list(csv.reader(io.StringIO(answer.content.decode().lstrip("\ufeff"))))
        assert [row[0] for row in rows[1:]] == ["19", "20", "21"]
        told = json.loads(Client().get("/nation/file/json/?q=WorldSkills").content)
        assert [row["series"] for row in told] == ["17"]

    def test_a_number_has_a_stable_link(self):
        told = Client().get(f"/nation/numbers/21/{TODAY.year}/?place={self.school.district_id}").json()
        assert told["versions"][0]["value"] == 0.0 and told["target"] == 100
        assert told["versions"][0]["snapshot"] == queries.present().snapshot

    @pytest.mark.parametrize(
        "address", ["/nation/999999999/", "/nation/x/", "/nation/indicators/30/", "/nation/numbers/77/2026/",
                    "/nation/numbers/21/1999/", "/nation/indicators/1/?place=000"],
    )  # fmt: skip
    def test_what_there_is_not(self, address):
        assert Client().get(address).status_code == 404

    def test_targets_of_counts_are_the_countrys(self):
        count = queries.present()
        whole = {line.series: line for line in queries.board(count)}
        part = {line.series: line for line in queries.board(count, self.school.district_id)}
        year = TODAY.year
        assert whole["27"].target == whole["27"].component.targets.get(year) and part["27"].target is None
        assert part["21"].target == 100 and part["21"].missing == 1


def test_without_a_count_the_page_says_so(db):
    page = Client(headers={"accept-language": "en"}).get("/nation/").content.decode()
    assert "nation count" in page
