"""Backup and restore of a whole database: what comes back, and what is refused, with nothing half done."""

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from shanyraq.foundation import backup, ledger
from shanyraq.foundation.backup import embedded, making, restoring, sealed, service
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[4]
SUBJECT = new_id()

pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="the embedded database")


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A database file with everything the tests' own database has, and a few entries of the ledger."""
    file: Path = tmp_path / "data" / "shanyraq.sqlite3"
    file.parent.mkdir()
    for number in range(5):
        ledger.record("tests.Happened", SUBJECT, {"number": number}, at=NOW)
    connection.ensure_connection()
    file.write_bytes(connection.connection.serialize())
    with closing(sqlite3.connect(file)) as copy:
        copy.execute("INSERT INTO django_session VALUES ('live', 'x', '2030-01-01')")
        copy.commit()
    use(monkeypatch, file)
    return file


def use(monkeypatch, file: Path) -> None:
    for module in (making, restoring):
        monkeypatch.setattr(module, "database_file", lambda: file)


def counts(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as asked:
        return embedded._counts(asked)


def code_of(call, *arguments, **named) -> str:
    with pytest.raises(Refusal) as told:
        call(*arguments, **named)
    return told.value.code


@on_sqlite
class TestEmbedded:
    def test_a_backup_comes_back_whole_elsewhere(self, place, tmp_path, monkeypatch):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        assert made.manifest.rows["ledger_ledgerentry"] == 5 and made.manifest.total > 5
        assert made.path.stat().st_mode & 0o777 == 0o600
        before = counts(place)
        elsewhere = tmp_path / "other" / "shanyraq.sqlite3"
        use(monkeypatch, elsewhere)
        manifest = backup.restore(made.path)
        assert manifest == made.manifest
        assert counts(elsewhere) == {**before, "django_session": 0}
        assert elsewhere.stat().st_mode & 0o777 == 0o600
        assert sorted(one.name for one in elsewhere.parent.iterdir()) == ["shanyraq.sqlite3"]

    def test_append_only_tables_stay_so_and_numbers_go_on(self, place, tmp_path, monkeypatch):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        with closing(sqlite3.connect(place)) as before:
            columns = "kind, subject_id, recorded_at, payload, code, opened, salt, leaf_hash"
            last = before.execute("SELECT max(seq) FROM ledger_ledgerentry").fetchone()[0]
        elsewhere = tmp_path / "shanyraq.sqlite3"
        use(monkeypatch, elsewhere)
        backup.restore(made.path)
        with closing(sqlite3.connect(elsewhere)) as after:
            for statement in ("UPDATE ledger_ledgerentry SET kind = 'x'", "DELETE FROM ledger_ledgerentry"):
                with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                    after.execute(statement)
            after.execute(
                f"INSERT INTO ledger_ledgerentry (id, {columns}) SELECT '{'0' * 32}', {columns} "
                "FROM ledger_ledgerentry LIMIT 1"
            )
            assert after.execute("SELECT max(seq) FROM ledger_ledgerentry").fetchone()[0] == last + 1

    def test_looking_changes_nothing(self, place, tmp_path, monkeypatch):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        elsewhere = tmp_path / "none" / "shanyraq.sqlite3"
        use(monkeypatch, elsewhere)
        assert backup.look(made.path) == made.manifest
        assert not elsewhere.exists()

    def test_a_database_in_use_is_kept_unless_told(self, place, tmp_path):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        with closing(sqlite3.connect(place)) as changed:
            changed.execute("INSERT INTO django_session VALUES ('later', 'x', '2030-01-01')")
            changed.execute("DELETE FROM ledger_pending")
            changed.commit()
        assert code_of(backup.restore, made.path) == "backup.not_empty"
        backup.restore(made.path, replace=True)
        assert counts(place)["ledger_pending"] == made.manifest.rows["ledger_pending"]
        assert counts(place)["django_session"] == 0

    def test_whoever_still_writes_is_not_overrun(self, place, tmp_path, monkeypatch):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        before = counts(place)
        monkeypatch.setattr(embedded, "PAUSE", 0.01)
        monkeypatch.setattr(embedded, "TRIES", 3)
        with closing(sqlite3.connect(place, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            assert code_of(backup.restore, made.path, replace=True) == "backup.busy"
        assert counts(place) == before

    def test_what_is_wrong_with_a_file_is_named_and_nothing_is_touched(self, place, tmp_path, monkeypatch, settings):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        whole, wrong, before = made.path.read_bytes(), tmp_path / "wrong.backup", counts(place)
        middle = bytearray(whole)
        middle[len(whole) // 2] ^= 1
        damaged = {
            "backup.not_ours": b"nothing of ours" * 10,
            "backup.truncated": whole[: len(whole) - 30],
            "backup.changed": bytes(middle),
        }
        for code, content in damaged.items():
            wrong.write_bytes(content)
            assert code_of(backup.restore, wrong, replace=True) == code == code_of(backup.look, wrong)
        assert code_of(backup.restore, tmp_path / "none") == "backup.not_found"
        settings.BACKUP_KEY = "another-key-of-forty-characters-or-more-1234"
        assert code_of(backup.restore, made.path, replace=True) == "backup.wrong_key"
        assert counts(place) == before

    def test_another_version_or_kind_of_database_is_refused(self, place, tmp_path, monkeypatch):
        head = making._head(NOW)
        for wrong, code in (
            (replace(head, migrations=(*head.migrations, "registry.9999_later")), "backup.other_version"),
            (replace(head, form=2), "backup.other_version"),
            (replace(head, engine="postgresql"), "backup.other_engine"),
        ):
            monkeypatch.setattr(making, "_head", lambda now, wrong=wrong: wrong)
            made = backup.make(to=tmp_path / f"{code}{wrong.form}.backup", now=NOW)
            assert code_of(backup.restore, made.path, replace=True) == code

    def test_a_manifest_that_does_not_fit_its_database_is_refused(self, place, tmp_path, monkeypatch):
        monkeypatch.setattr(embedded, "_counts", lambda asked: {"ledger_ledgerentry": 4})
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        monkeypatch.undo()
        use(monkeypatch, place)
        assert code_of(backup.look, made.path) == "backup.changed"

    def test_an_earlier_backup_is_not_overwritten(self, place, tmp_path):
        target = tmp_path / "one.backup"
        target.write_bytes(b"precious")
        assert code_of(backup.make, to=target, now=NOW) == "backup.exists"
        assert target.read_bytes() == b"precious"

    def test_without_a_key_nothing_is_made_or_opened(self, place, tmp_path, settings):
        settings.BACKUP_KEY = ""
        assert code_of(backup.make, to=tmp_path / "one.backup", now=NOW) == "backup.no_key"
        assert code_of(backup.restore, tmp_path / "one.backup") == "backup.no_key"

    def test_a_disk_that_fills_leaves_no_file(self, place, tmp_path, monkeypatch):
        written = 0

        def write(self, content: bytes) -> int:
            nonlocal written
            written += len(content)
            if written > 2_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return len(content)

        monkeypatch.setattr(making._Hashing, "write", write)
        target = tmp_path / "one.backup"
        assert code_of(backup.make, to=target, now=NOW) == "backup.no_space"
        assert not target.exists() and not list(tmp_path.glob("*.part"))
        assert [one.name for one in place.parent.iterdir()] == [place.name]

    def test_a_folder_that_is_not_there_is_said(self, place, tmp_path):
        assert code_of(backup.make, to=tmp_path / "none" / "one.backup", now=NOW) == "backup.cannot_write"

    def test_two_backups_into_one_file_do_not_mix(self, place, tmp_path):
        target = tmp_path / "one.backup"
        with making.writing(target) as first:
            first.write(b"first")
            assert code_of(backup.make, to=target, now=NOW) == "backup.busy"
        assert target.read_bytes() == b"first"


# ---- a process that dies in the middle

DYING = """
import os, signal, sqlite3, sys
from pathlib import Path
import django
django.setup()
from shanyraq.foundation import backup, clock
from shanyraq.foundation.backup import embedded
from shanyraq.foundation.backup.container import Packer
what, path = sys.argv[1], Path(sys.argv[2])
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if what == "make":
    Packer.close = die
    backup.make(to=path, now=clock.now())
elif what == "unpack":
    embedded._require_whole = die
    backup.restore(path, replace=True)
elif what == "fill":
    def copied(source, target):
        target.execute("PRAGMA cache_spill = 1")
        target.execute("PRAGMA cache_size = 2")
        steps = iter(range(40))
        source.backup(target, pages=3, progress=lambda *_: next(steps, None) is None and die())
    embedded._copied = copied
    backup.restore(path, replace=True)
"""


@on_sqlite
@pytest.mark.slow
class TestKilled:
    def run(self, what: str, path: Path, var: Path) -> int:
        environment = {**os.environ, "SHANYRAQ_DEMO": "1", "SHANYRAQ_VAR_DIR": str(var),
                       "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": ""}  # fmt: skip
        script = [sys.executable, "-c", DYING, what, str(path)]
        return subprocess.run(script, cwd=ROOT, env=environment, timeout=120, check=False).returncode

    def test_a_backup_that_was_killed_has_no_name_and_the_next_one_works(self, place, tmp_path):
        target = tmp_path / "one.backup"
        assert self.run("make", target, place.parent) == -signal.SIGKILL
        assert not target.exists()
        assert backup.look(backup.make(to=target, now=NOW).path).total > 5
        assert [one.name for one in place.parent.iterdir()] == [place.name]

    @pytest.mark.parametrize("moment", ["unpack", "fill"])
    def test_a_restore_that_was_killed_leaves_the_database_as_it_was(self, place, tmp_path, moment):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        with closing(sqlite3.connect(place)) as changed:
            changed.execute("DELETE FROM ledger_pending")
            changed.commit()
        before = counts(place)
        assert self.run(moment, made.path, place.parent) == -signal.SIGKILL
        assert counts(place) == before
        with closing(sqlite3.connect(place)) as asked:
            assert asked.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        backup.restore(made.path, replace=True)
        assert counts(place)["ledger_pending"] == made.manifest.rows["ledger_pending"]

    def test_a_new_database_that_was_killed_holds_nothing(self, place, tmp_path):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        empty = tmp_path / "empty"
        assert self.run("fill", made.path, empty) == -signal.SIGKILL
        assert counts(empty / "shanyraq.sqlite3") == {}
        shutil.rmtree(empty)


# ---- PostgreSQL


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="COPY is PostgreSQL's")
class TestService:
    @pytest.fixture(autouse=True)
    def rows(self):
        for number in range(5):
            ledger.record("tests.Happened", SUBJECT, {"number": number}, at=NOW)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_session VALUES ('live', 'x', '2030-01-01')")

    def counts(self) -> dict[str, int]:
        with connection.cursor() as cursor:
            found = {}
            for name in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT count(*) FROM "{name}"')
                found[name] = cursor.fetchone()[0]
            return found

    def test_a_database_goes_back_to_what_it_was(self, tmp_path):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        before = self.counts()
        ledger.record("tests.Happened", SUBJECT, {"number": 99}, at=NOW)
        last = ledger.entries(SUBJECT)[-1].seq
        assert code_of(backup.restore, made.path) == "backup.not_empty"
        assert backup.restore(made.path, replace=True) == made.manifest
        assert self.counts() == {**before, "django_session": 0}
        ledger.record("tests.Happened", SUBJECT, {"number": 6}, at=NOW)
        assert ledger.entries(SUBJECT)[-1].seq == last
        for statement in ("UPDATE ledger_ledgerentry SET kind = 'x'", "DELETE FROM ledger_ledgerentry"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)

    def test_a_wrong_file_takes_nothing_away(self, tmp_path):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        ledger.record("tests.Happened", SUBJECT, {"number": 99}, at=NOW)
        before, whole = self.counts(), made.path.read_bytes()
        for content, code in (
            (whole[: len(whole) - 30], "backup.truncated"),
            (whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:], "backup.changed"),
        ):
            made.path.write_bytes(content)
            assert code_of(backup.look, made.path) == code == code_of(backup.restore, made.path, replace=True)
            assert self.counts() == before

    def test_one_instant_is_copied_whatever_happens_beside(self, tmp_path, monkeypatch):
        copied = service._copy_out

        def later(asked, table, *rest):
            if table == "ledger_ledgerentry":
                ledger.record("tests.Happened", SUBJECT, {"number": 7}, at=NOW)
            return copied(asked, table, *rest)

        monkeypatch.setattr(service, "_copy_out", later)
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        assert made.manifest.rows["ledger_ledgerentry"] == self.counts()["ledger_ledgerentry"] - 1

    def test_whoever_still_works_is_not_overrun(self, tmp_path, monkeypatch):
        made = backup.make(to=tmp_path / "one.backup", now=NOW)
        monkeypatch.setattr(service, "PATIENCE", "100ms")
        with making.service_connection() as reader:
            reader.execute("SELECT count(*) FROM ledger_ledgerentry")
            assert code_of(backup.restore, made.path, replace=True) == "backup.busy"
        assert self.counts()["ledger_ledgerentry"] >= 5


def test_a_chunk_is_what_memory_holds():
    assert sealed.CHUNK <= 1 << 20
