"""Databases that are away, full or read-only, and workers that die: a clear answer, and nothing lost or half done."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from shanyraq.domains.placement.models import Offer, Outcome, Round
from shanyraq.domains.placement.services import rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.registry.models import Group
from shanyraq.foundation import clock, jobs, ledger
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces import routines
from shanyraq.interfaces.cli import server
from tests import world as worlds
from tests.world import DISTRICT, NOW

ROOT = Path(__file__).resolve().parent.parent
AWAY = "shanyraq.domains.placement.queries.public"


def gone(*arguments: object, **named: object) -> None:
    raise OperationalError("connection refused")


@pytest.mark.django_db
@pytest.mark.parametrize("lang", LANGS)
def test_a_database_that_is_away_gives_a_page_that_says_so(lang, monkeypatch):
    monkeypatch.setattr(f"{AWAY}.country", gone)
    browser = Client(raise_request_exception=False)
    browser.cookies["language"] = lang
    page = browser.get("/places/")
    assert (page.status_code, page["Retry-After"]) == (503, "60")
    told = page.content.decode()
    assert all(say(f"refusal.page.away.{part}", lang) in told for part in ("what", "why", "todo"))
    assert "connection refused" not in told and "Traceback" not in told


@pytest.mark.django_db
def test_the_api_says_it_as_problem_details(monkeypatch):
    monkeypatch.setattr(f"{AWAY}.queue_lines", gone)
    answer = Client(raise_request_exception=False).get("/api/v1/queue", {"territory": DISTRICT})
    assert (answer.status_code, answer.json()["code"]) == (503, "page.away")
    assert "connection refused" not in answer.content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the pragmas of SQLite stand for the disk")
@pytest.mark.parametrize(
    ("broken", "mended"), [("max_page_count = 1", "max_page_count = 4294967294"), ("query_only = 1", "query_only = 0")]
)
def test_a_disk_that_is_full_or_read_only_loses_nothing(broken, mended):
    with clock.frozen_at(NOW):
        world = worlds.build()
        browser = world.browser("head")
        browser.raise_request_exception = False
        address = reverse("kindergarten:new_group", kwargs={"organisation": world.home.id})
        posted = {"kind": "general", "language": "kk", "born_from": "2022", "born_to": "2022", "places": "5"}
        before, kept, answers = Group.objects.count(), 0, []
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {broken}")
        try:
            for number in range(300):
                last = {**posted, "name": f"Топ {number}", "key": str(new_id())}
                answers.append(browser.post(address, last).status_code)
                kept += answers[-1] == 303
                if answers[-1] != 303:
                    break
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA {mended}")
        assert answers[-1] == 503
        assert Group.objects.count() == before + kept
        opened = AuditEntry.objects.filter(action="registry.change_group", subject="group", at=NOW, role="head")
        assert opened.count() == kept
        assert browser.post(address, last).status_code == 303
        assert Group.objects.count() == before + kept + 1


# ---- workers


@jobs.task()
def leave_a_mark(*, subject: str) -> None:
    ledger.record("tests.Marked", builders.UUID(subject), {}, at=clock.now())


@pytest.mark.django_db
def test_a_job_of_a_worker_that_died_is_done_by_the_one_that_lives():
    """Its successor started at once, when the job was not yet known to be lost."""
    subject, begun = new_id(), datetime.now(UTC)  # the queue of jobs looks at the clock on the wall
    jobs.plan(leave_a_mark, subject=subject)
    DBTaskResult.objects.get().claim("dead")
    routines.begin(begun + timedelta(seconds=5))
    jobs.run_due()
    assert ledger.entries(subject) == ()
    for minutes in (12, 24, 36):
        with clock.frozen_at(begun + timedelta(minutes=minutes)):
            due = DBTaskResult.objects.filter(status="READY", run_after__lte=clock.now())
            due.update(run_after=begun)
            jobs.run_due()
    assert len(ledger.entries(subject)) == 1


@pytest.mark.slow
def test_a_worker_that_was_killed_begins_again(tmp_path):
    script = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
    begun = tmp_path / "begun"

    def workers(at_least: int) -> list[int]:
        for _ in range(100):
            lines = begun.read_text().split() if begun.exists() else []
            if len(lines) >= at_least:
                break
            time.sleep(0.1)
        return [int(line) for line in lines]

    with server.job_worker((sys.executable, "-c", script, str(begun)), pause=0.1):
        os.kill(workers(1)[0], signal.SIGKILL)
        first, second = workers(2)
    assert first != second
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


# ---- a process killed in the middle of a round, on the database in use

KILLED = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from shanyraq.domains.placement.services import rounds
from shanyraq.domains.placement.tests import builders

writes = 0

def count(execute, sql, params, many, context):
    global writes
    writes += sql.startswith(("INSERT", "UPDATE"))
    done = execute(sql, params, many, context)
    if writes == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return done

officer = builders.officer_of()
preview = rounds.preview_round(actor=officer, district=builders.DISTRICT, now=builders.NOW)
with connection.execute_wrapper(count):
    rounds.confirm_round(actor=officer, district=builders.DISTRICT, fingerprint=preview.fingerprint, now=builders.NOW)
"""


def address_of_the_database() -> str:
    now = connection.settings_dict
    return f"postgres://{now['USER']}:{now['PASSWORD']}@{now['HOST']}:{now['PORT']}/{now['NAME']}"


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="on SQLite placement kills a process that works on a file"
)
def test_a_process_killed_during_a_round_leaves_nothing_on_postgresql():
    home = builders.kindergarten(2)
    for _ in range(3):
        builders.application(home.id)
    written = LedgerEntry.objects.count()
    environment = {**os.environ, "DATABASE_URL": address_of_the_database(), "DJANGO_SETTINGS_MODULE": "config.settings",
                   "SHANYRAQ_DEMO": "1"}  # fmt: skip
    for kill_at in (1, 3, 6):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(kill_at)], cwd=ROOT, env=environment, capture_output=True, timeout=120
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        assert (Round.objects.count(), Outcome.objects.count(), Offer.objects.count()) == (0, 0, 0)
        assert LedgerEntry.objects.count() == written
    officer = builders.officer_of()
    seen = rounds.preview_round(actor=officer, district=DISTRICT, now=NOW)
    rounds.confirm_round(actor=officer, district=DISTRICT, fingerprint=seen.fingerprint, now=NOW)
    assert (Round.objects.count(), Outcome.objects.count(), Offer.objects.count()) == (1, 3, 2)
