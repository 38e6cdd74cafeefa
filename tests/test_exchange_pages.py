"""The pages and the command line of exchange."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from shanyraq.domains.registry import services
from shanyraq.domains.registry.tests import builders
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.interfaces.cli.main import root
from shanyraq.interfaces.exchange import snapshots
from tests.test_exchange_package import wiped
from tests.test_exchange_service import roster

pytestmark = pytest.mark.django_db
NOW = builders.NOW
SECRET = "a secret of more than twenty letters"


@pytest.fixture(autouse=True)
def school() -> Any:
    with clock.frozen_at(NOW + timedelta(hours=1)):
        services.load_territory()
        yield roster()


def operator() -> Client:
    user = accounts.create_user(actor=builders.SYSTEM, sign_in_name="operator", now=NOW)
    accounts.grant(actor=builders.SYSTEM, user=user, role=Role.OPERATOR, valid_from=NOW.date(), now=NOW)
    client = Client()
    client.cookies["language"] = "en"
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_anyone_sees_snapshots_with_their_fingerprints():
    made = snapshots.take(actor=builders.SYSTEM, valid=NOW.date(), now=clock.now())
    page = Client().get("/exchange/").content.decode()
    assert snapshots.verify(made).fingerprint in page


def test_the_operator_packs_a_year_and_reconciles_it():
    client = operator()
    packed = client.post("/exchange/package/", {"year": 2025, "territory": "71", "secret": SECRET})
    assert packed.status_code == 200
    file = io.BytesIO(content(packed))
    file.name = "year.shanyraq-year"
    report = client.post("/exchange/reconcile/", {"file": file, "secret": SECRET}).content.decode()
    assert "No differences." in report
    file.seek(0)
    wrong = client.post("/exchange/reconcile/", {"file": file, "secret": "another"})
    assert wrong.status_code == 422
    empty = client.post("/exchange/package/", {"year": 2025, "territory": "99", "secret": SECRET})
    assert empty.status_code == 422


def test_the_operator_takes_a_roster():
    assert content(operator().post("/exchange/roster/"))[:2] == b"PK"


def run(*words: str) -> str:
    done = CliRunner().invoke(root, ["exchange", *words, "--lang", "en"])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_year_goes_from_house_to_house_by_commands(tmp_path: Path):
    file, secret = str(tmp_path / "year"), str(tmp_path / "secret")
    told = run("pack", "--year", "2025", "--territory", "71", "--to", file, "--secret-file", secret)
    assert "The package is ready" in told
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
    wiped()
    assert "Not here" in run("reconcile", file, "--secret-file", secret)
    run("load", file, "--secret-file", secret, "--dry-run")
    assert "Not here" in run("reconcile", file, "--secret-file", secret)
    assert "No differences." in run("load", file, "--secret-file", secret)
    assert "No differences." in run("reconcile", file, "--secret-file", secret)


def test_a_snapshot_is_taken_listed_and_computed_again():
    told = run("snapshot", "--valid", "2026-03-01", "--territory", "71")
    pk = told.split()[2].strip(",:")
    assert pk in run("snapshots")
    assert "the fingerprint matches" in run("verify-snapshot", pk)


def test_a_roster_is_written_for_a_memory_stick(tmp_path: Path):
    assert "people: 4" in run("roster", "--to", str(tmp_path / "roster.zip"))
