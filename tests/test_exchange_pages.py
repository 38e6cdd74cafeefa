"""The pages and the command line of exchange."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from django.test import Client

from shanyraq.domains.registry import services
from shanyraq.domains.registry.tests import builders
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.exports import making, rules
from shanyraq.foundation.exports import services as exports
from shanyraq.foundation.exports.models import Export
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.cli.main import root
from shanyraq.interfaces.exchange import leaving, snapshots
from shanyraq.interfaces.exchange.package import loading
from shanyraq.interfaces.exchange.pages import trusted
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


def user_of(role: Role) -> Any:
    user = accounts.create_user(actor=builders.SYSTEM, sign_in_name=role.value, now=NOW)
    accounts.grant(actor=builders.SYSTEM, user=user, role=role, valid_from=NOW.date(), now=NOW)
    return user


def actor(role: Role) -> Any:
    return accounts.actor_of(User.objects.get(pk=user_of(role)), clock.now())


def operator() -> Client:
    user = user_of(Role.OPERATOR)
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


def test_a_package_is_brought_looked_at_loaded_and_taken_back():
    client = operator()
    file = io.BytesIO(content(client.post("/exchange/package/", {"year": 2025, "territory": "71", "secret": SECRET})))
    file.name = "year.shanyraq-year"
    wiped()
    assert client.post("/exchange/load/", {"file": file, "secret": "another"}).status_code == 422
    file.seek(0)
    brought = client.post("/exchange/load/", {"file": file, "secret": SECRET})
    assert brought.status_code == 303
    here = brought["Location"]
    assert "Rows to be added" in client.get(here).content.decode()
    assert client.post(here, {"secret": "another"}).status_code == 422
    assert client.post(here, {"secret": SECRET}).status_code == 303
    page = client.get(here).content.decode()
    assert "The package was loaded" in page
    assert "Take the load back" in page
    assert "History keeps them" in client.get(f"{here}undo/").content.decode()
    assert client.post(f"{here}undo/", {"key": str(new_id())}).status_code == 303
    assert "can be loaded again" in client.get(here).content.decode()
    assert client.post(f"{here}undo/", {"key": str(new_id())}).status_code == 422
    assert here in client.get("/exchange/").content.decode()
    assert here not in Client().get("/exchange/").content.decode()


def test_a_large_package_waits_for_a_second_person():
    client, second = operator(), actor(Role.AUDITOR)
    asked = {"year": 2025, "territory": "71", "secret": SECRET}
    with patch.object(rules.Limits, "on", return_value=rules.Limits(1, 1, 10)):
        assert client.post("/exchange/package/", asked).status_code == 422
        assert client.post("/exchange/roster/").status_code == 422
        waits = client.post("/exchange/package/", {**asked, "purpose": "The new server of the region takes over"})
        assert waits.status_code == 303
        row = Export.objects.get(kind=leaving.SCHOOL_YEAR)
        early = client.post("/exchange/package/", {**asked, "approval": row.code})
        assert early.status_code == 422
        exports.approve(actor=second, export=row.id, now=clock.now())
        making.make_file.func(export=str(row.id))
        other = client.post("/exchange/package/", {**asked, "territory": "75", "approval": row.code})
        assert other.status_code == 422
        given = client.post("/exchange/package/", {**asked, "approval": row.code})
        assert given.status_code == 200
        assert row.code in given["Content-Disposition"]
    report = loading.reconcile(
        actor=builders.SYSTEM, source=io.BytesIO(content(given)), secret=SECRET, trusted=trusted("")
    )  # fmt: skip
    assert report.manifest.taken == row.code


def test_a_file_leaves_the_command_line_for_a_named_person_only(tmp_path: Path):
    words = ["exchange", "roster", "--to", str(tmp_path / "roster.zip"), "--lang", "en"]
    done = CliRunner().invoke(root, words)
    assert (done.exit_code, "exchange.taker_unnamed" in done.output) == (2, True)
    user_of(Role.OPERATOR)
    with patch.object(rules.Limits, "on", return_value=rules.Limits(1, 1, 10)):
        assert "exports.too_big" in CliRunner().invoke(root, [*words, "--as", "operator"]).output
        said = run(*words[1:4], "--as", "operator", "--purpose", "A memory stick for the new journal")
    assert Export.objects.get().code in said
    assert not (tmp_path / "roster.zip").exists()


def run(*words: str) -> str:
    done = CliRunner().invoke(root, ["exchange", *words, "--lang", "en"])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_year_goes_from_house_to_house_by_commands(tmp_path: Path):
    file, secret = str(tmp_path / "year"), str(tmp_path / "secret")
    user_of(Role.OPERATOR)
    told = run("pack", "--year", "2025", "--territory", "71", "--to", file, "--secret-file", secret, "--as", "operator")
    assert "The package is ready" in told
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
    wiped()
    assert "Not here" in run("reconcile", file, "--secret-file", secret)
    run("load", file, "--secret-file", secret, "--dry-run")
    assert "Not here" in run("reconcile", file, "--secret-file", secret)
    assert "No differences." in run("load", file, "--secret-file", secret)
    assert "No differences." in run("reconcile", file, "--secret-file", secret)
    load = run("loads").splitlines()[1].split()[0]
    assert "was taken back" in run("undo", load)


def test_a_snapshot_is_taken_listed_and_computed_again():
    told = run("snapshot", "--valid", "2026-03-01", "--territory", "71")
    pk = told.split()[2].strip(",:")
    assert pk in run("snapshots")
    assert "the fingerprint matches" in run("verify-snapshot", pk)


def test_a_roster_is_written_for_a_memory_stick(tmp_path: Path):
    user_of(Role.OPERATOR)
    assert "people: 4" in run("roster", "--to", str(tmp_path / "roster.zip"), "--as", "operator")
