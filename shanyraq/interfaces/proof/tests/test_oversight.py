"""The auditor's pages of the log: what they show, that looks are noted, and a verification from question to answer."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.foundation import jobs, ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit.models import AuditEntry, LogCheck
from shanyraq.foundation.ledger import append_only
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.proof import silences
from shanyraq.interfaces.proof.tests import world

pytestmark = pytest.mark.django_db
PAGES = ("/audit/log/", "/audit/log/time/", "/audit/log/verify/")


@pytest.fixture(autouse=True)
def _at():
    with world.then():
        yield


@pytest.fixture
def auditor():
    return world.browser_of(Role.AUDITOR)


def _key(one):
    return one.application.hex if connection.vendor == "sqlite" else one.application


def place_of(one):
    return ledger.leaf_of(ledger.entries(one.application)[0].id)


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_speaks_each_language(lang):
    one = world.logged()
    browser = world.browser_of(Role.AUDITOR, lang)
    for path in (*PAGES, f"/audit/log/entries/{place_of(one)}/"):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert f'<html lang="{lang}">' in page.content.decode()


def test_the_content_of_an_entry_is_shown_and_its_salt_is_not(auditor):
    one = world.logged()
    page = auditor.get(f"/audit/log/entries/{place_of(one)}/").content.decode()
    assert say("oversight.sealed", "en") in page
    assert say("proof.entry.proved", "en") in page
    assert str(one.application) in page
    assert ledger.opening(ledger.entries(one.application)[0].id).salt not in page


def test_a_changed_entry_is_seen_on_its_page(auditor):
    one = world.logged()
    entry = ledger.entries(one.application)[0]
    append_only.release(connection, "ledger_ledgerentry")
    row = LedgerEntry.objects.get(id=entry.id)
    LedgerEntry.objects.filter(id=entry.id).update(payload=row.payload.replace('"number":', '"number":9'))
    page = auditor.get(f"/audit/log/entries/{place_of(one)}/").content.decode()
    assert say("oversight.damaged", "en") in page


def test_each_look_stands_in_the_record_of_the_child(auditor):
    one = world.logged()
    auditor.get("/audit/log/")
    auditor.get(f"/audit/log/entries/{place_of(one)}/")
    noted = AuditEntry.objects.filter(child_id=one.family.child, role="auditor").values_list("action", flat=True)
    assert sorted(noted) == ["audit.open_entry", "audit.read_log"]
    looks = one.browser.get(f"/record/people/{one.family.child}/readers/").content.decode()
    assert say("action.audit.open_entry", "en") in looks


def test_a_look_at_an_entry_about_no_child_is_noted_too(auditor):
    ledger.sequence(world.NOW)
    auditor.get("/audit/log/entries/0/")
    assert AuditEntry.objects.filter(action="audit.open_entry", child_id=None).count() == 1


# ---- gaps in time


def test_silence_delay_and_missing_numbers_are_shown(auditor):
    one = world.logged()
    with world.then(world.NOW + timedelta(hours=9)):  # a working day without an entry
        world.more_entries(1, world.NOW + timedelta(hours=8, minutes=30))
        ledger.record("tests.Late", new_id(), {}, at=world.NOW + timedelta(hours=6))
        ledger.sequence(world.NOW + timedelta(hours=8, minutes=50))
        world.logged(sequenced=False)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE placement_application SET number = number + 3 WHERE id <> %s", [_key(one)])
        page = auditor.get("/audit/log/time/?days=1").content.decode()
    assert say("oversight.silent.none", "en") not in page
    assert say("oversight.slow.none", "en") not in page
    assert re.search(r"<td[^>]*>170</td>", page)  # minutes that the late entry had waited
    assert say("oversight.numbers.none", "en") not in page
    assert say("oversight.waiting", "en") in page


def test_working_time_knows_weekends_nights_and_borders():
    def hours(start, end):
        found = silences.working_time(start, end, lambda day: day.weekday() < 5)
        return found / timedelta(hours=1)

    monday = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # 08:00 in Kazakhstan
    assert hours(monday, monday + timedelta(days=1)) == 9
    assert hours(monday, monday + timedelta(hours=2)) == 1
    assert hours(monday - timedelta(days=2), monday) == 0  # a weekend
    assert hours(monday, monday + timedelta(days=7)) == 45
    assert hours(monday, monday) == 0


def test_silences_are_those_with_nothing_between_them():
    start = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 09:00
    points = [start + timedelta(hours=hour) for hour in (1, 2, 7)]
    found = silences.silences(points, start, start + timedelta(hours=9), lambda day: day != date(2026, 3, 3))
    assert [(one.since, one.hours) for one in found] == [(points[1], 5)]


# ---- verification


def test_a_verification_runs_and_says_that_all_is_well(auditor):
    world.logged()
    asked = auditor.post("/audit/log/verify/", {"key": str(new_id())})
    assert asked.status_code == 303
    before = auditor.get(asked["Location"])
    assert before["Refresh"] == "3"
    assert say("oversight.check.waiting", "en") in before.content.decode()
    jobs.run_due()
    after = auditor.get(asked["Location"])
    assert say("oversight.check.whole", "en") in after.content.decode()
    assert "Refresh" not in after.headers
    card = LogCheck.objects.get()
    assert (card.damages, card.done, card.total) == (0, ledger.size(), ledger.size())


@pytest.mark.parametrize("lang", LANGS)
def test_a_damage_is_named_in_words(lang):
    one = world.logged()
    append_only.release(connection, "ledger_ledgerentry")
    entry = ledger.entries(one.application)[0]
    LedgerEntry.objects.filter(id=entry.id).update(kind="placement.ApplicationAnnulled")
    browser = world.browser_of(Role.AUDITOR, lang)
    asked = browser.post("/audit/log/verify/", {"key": str(new_id())})
    jobs.run_due()
    page = browser.get(asked["Location"]).content.decode()
    assert say("oversight.check.damaged", lang) in page
    assert "entry_changed" in page
    assert say("ledger.finding.entry_changed", lang, index=place_of(one), seq=entry.seq)[:20] in page


def test_one_key_asks_once(auditor):
    key = str(new_id())
    assert {auditor.post("/audit/log/verify/", {"key": key})["Location"] for _ in range(2)} == {
        f"/audit/log/verify/{key}/"
    }
    assert LogCheck.objects.count() == 1


def test_a_verification_that_breaks_off_says_so(auditor, monkeypatch):
    def broken(**_):
        raise OSError("disk")

    monkeypatch.setattr("shanyraq.foundation.audit.verification.verification.verify", broken)
    asked = auditor.post("/audit/log/verify/", {"key": str(new_id())})
    jobs.run_due()
    page = auditor.get(asked["Location"]).content.decode()
    assert "OSError" in page and "disk" not in page


@pytest.mark.parametrize("path", PAGES)
def test_the_number_of_queries_does_not_grow(auditor, path):
    counts = []
    for more in (1, 30):
        for number in range(more):
            world.more_entries(1, world.NOW + timedelta(seconds=number))
        world.logged()
        auditor.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert auditor.get(path).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1], counts
