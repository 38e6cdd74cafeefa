"""A process killed in the middle of a round, and a round of a large district."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.models import Application, Offer, Round
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW

ROOT = Path(__file__).resolve().parents[4]
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
    if writes == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)

preview = rounds.preview_round(actor=builders.OPERATOR, district=builders.DISTRICT, now=builders.NOW)
with connection.execute_wrapper(count):
    rounds.confirm_round(
        actor=builders.OPERATOR, district=builders.DISTRICT, fingerprint=preview.fingerprint, now=builders.NOW
    )
"""


def database_file(folder: Path) -> Path:
    """The database of the test as a file that another process can open."""
    path = folder / "killed.sqlite3"
    with sqlite3.connect(path) as file:
        connection.connection.backup(file)
    file.close()
    return path


def confirm_in_a_process(path: Path, kill_at: int) -> int:
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{path}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SHANYRAQ_DEMO": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(kill_at)], cwd=ROOT, env=environment, capture_output=True, timeout=120
    ).returncode


def counts(path: Path) -> dict[str, int]:
    questions = {
        "rounds": "select count(*) from placement_round",
        "outcomes": "select count(*) from placement_outcome",
        "offers": "select count(*) from placement_offer",
        "offered": "select count(*) from placement_application where status = 'offered'",
        "ledger": "select count(*) from ledger_ledgerentry where kind like 'placement.%' and kind not like '%Filed'",
    }
    with sqlite3.connect(path) as file:
        found = {name: file.execute(sql).fetchone()[0] for name, sql in questions.items()}
    file.close()
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="kills a process that works on a file of SQLite")
def test_a_process_killed_during_a_round_leaves_no_round_and_the_next_leaves_the_whole(tmp_path):
    home = builders.kindergarten(2)
    for _ in range(3):
        builders.application(home.id)
    path = database_file(tmp_path)
    nothing = dict.fromkeys(("rounds", "outcomes", "offers", "offered", "ledger"), 0)
    for kill_at in (2, 5):
        assert confirm_in_a_process(path, kill_at) == -signal.SIGKILL
        assert counts(path) == nothing
    assert confirm_in_a_process(path, kill_at=-1) == 0
    assert counts(path) == {"rounds": 1, "outcomes": 3, "offers": 2, "offered": 2, "ledger": 1}


def copies(application, count: int) -> None:
    """More families like this one, put straight into the tables."""
    row = Application.objects.get(pk=application)
    child_model, wish = type(row.child), row.wishes.get()
    people, rows, wishes = [], [], []
    for at in range(count):
        child = child_model.objects.model(
            universal_id=f"X{at:011d}",
            given="Бала",
            sex="male",
            born_on=builders.BORN,
            recorded_at=NOW,
        )
        people.append(child)
        copy = Application(
            number=(row.number or 0) + 1 + at,
            child_id=child.pk,
            applicant_id=row.applicant_id,
            district_id=row.district_id,
            birth_year=row.birth_year,
            status=Status.WAITING,
            applied_at=NOW,
            right_since=NOW,
            created_at=NOW,
            changed_at=NOW,
        )
        rows.append(copy)
        wishes.append(type(wish)(application=copy, organisation_id=wish.organisation_id, rank=1, named_at=NOW))
    child_model.objects.bulk_create(people, batch_size=500)
    Application.objects.bulk_create(rows, batch_size=500)
    type(wish).objects.bulk_create(wishes, batch_size=500)


def queries_of_a_round() -> tuple[int, int]:
    """Queries that read for the preview, and those that are not the rows of a bulk insert in the confirmation."""
    with CaptureQueriesContext(
        connection,
    ) as read:
        preview = rounds.preview_round(actor=builders.OPERATOR, district=DISTRICT, now=NOW)
    with CaptureQueriesContext(connection) as write:
        rounds.confirm_round(actor=builders.OPERATOR, district=DISTRICT, fingerprint=preview.fingerprint, now=NOW)
    inserts = sum(one["sql"].startswith(("INSERT", "SAVEPOINT", "RELEASE")) for one in write)
    return len(read), len(write) - inserts


@pytest.mark.django_db
def test_a_round_costs_the_same_queries_whatever_the_number_of_claims():
    home = builders.kindergarten(20, 20)
    first = builders.application(home.id)
    few = queries_of_a_round()
    copies(first, 300)
    many = queries_of_a_round()
    assert many[0] <= few[0] and many[1] <= few[1]
    assert (Round.objects.count(), Offer.objects.count()) == (2, 40)
