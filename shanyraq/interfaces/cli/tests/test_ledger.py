"""`shanyraq ledger`: the verbs by which an operator and a witness look after the log."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

from shanyraq.foundation import clock, ledger, text
from shanyraq.foundation.ledger import append_only, making, notes
from shanyraq.foundation.ledger.models import Checkpoint, LedgerEntry
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.cli.main import root

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 5, tzinfo=UTC)
WITNESS = making.new_key("witness.example", notes.WITNESS)


@pytest.fixture(autouse=True)
def _elsewhere(settings, tmp_path):
    settings.LOG_DIR = tmp_path / "log"
    with clock.frozen_at(AT):
        yield


def call(*words: object, code: int = 0, lang: str = "en") -> str:
    answer = CliRunner().invoke(root, ["ledger", *map(str, words), "--lang", lang])
    assert answer.exit_code == code, answer.output
    return answer.output


def sequenced(count: int = 3) -> None:
    for _ in range(count):
        ledger.record("x.Happened", new_id(), {"n": 1}, at=AT)
    call("sequence")


def test_sequencing_can_be_tried():
    ledger.record("x.Happened", new_id(), {}, at=AT)
    assert "2 entries" in call("sequence", "--dry-run")
    assert (ledger.size(), Checkpoint.objects.count()) == (0, 0)
    assert "2 entries" in call("sequence") and ledger.size() == 2
    assert "No new checkpoint" in call("sequence")


@pytest.mark.parametrize("lang", text.LANGS)
def test_the_state_of_the_log(lang):
    assert text.say("cli.ledger.status.no_checkpoint", lang) in call("status", lang=lang)
    sequenced()
    told = call("status", lang=lang)
    assert "demo.shanyraq.invalid/log+" in told and "4" in told


def test_a_log_without_a_key_says_so(settings):
    assert "not signed" not in call("status")
    settings.DEMO, settings.LOG_KEY, settings.LOG_KEY_NEXT = False, "", ""
    assert "not signed" in call("status")


def test_a_checkpoint_is_printed_byte_by_byte():
    call("checkpoint", code=2)
    sequenced()
    card = ledger.latest_checkpoint()
    assert card is not None
    assert call("checkpoint") == card.note == call("checkpoint", "--size", 4)
    call("checkpoint", "--size", 9, code=2)


@pytest.mark.parametrize("lang", text.LANGS)
def test_a_damaged_log_ends_with_one(lang):
    sequenced()
    assert text.say("cli.ledger.verify.ok", lang, size=4, checkpoints=1, waiting=0) in call("verify", lang=lang)
    with append_only.lifted(connection):
        LedgerEntry.objects.filter(seq=LedgerEntry.objects.order_by("seq")[1].seq).update(payload='{"n":2}')
    told = call("verify", lang=lang, code=1)
    assert "[entry_changed]" in told and text.say("cli.ledger.verify.damaged", lang, n=1) in told


def test_what_the_routine_kept_is_held_against_the_log(settings):
    sequenced()
    ledger.keep_checkpoints(settings.LOG_DIR)
    with append_only.lifted(connection):
        for table in ("leaf", "tile", "checkpoint", "pending", "logkey", "ledgerentry"):
            connection.cursor().execute(f"DELETE FROM ledger_{table}")
    assert "[tail_lost]" in call("verify", code=1)


def test_proofs_are_printed():
    sequenced()
    proof = json.loads(call("prove", 1))
    assert (proof["index"], proof["size"], len(proof["path"])) == (1, 4, 2)
    entry = LedgerEntry.objects.order_by("seq")[1].id
    assert json.loads(call("prove", "--entry", entry))["index"] == 1
    call("prove", 9, code=2)
    call("prove", "--entry", new_id(), code=2)
    sequenced(2)
    assert len(json.loads(call("consistency", 4))["path"]) == 1
    call("consistency", 9, code=2)


def test_a_key_in_a_file_is_read_by_nobody_else(tmp_path):
    file = tmp_path / "key"
    told = call("keys", "new", "--name", "a.example/log", "--to", file)
    signer = making.parsed_signer(file.read_text())
    assert str(signer.key) in told and signer.secret() not in told
    assert file.stat().st_mode & 0o777 == 0o600
    call("keys", "new", "--name", "a.example/log", "--to", file, code=2)
    assert making.parsed_signer(file.read_text()) == signer
    assert "PRIVATE+KEY+a.example/log+" in call("keys", "new", "--name", "a.example/log")
    call("keys", "new", "--name", "a b", code=2)


def test_keys_and_witnesses_are_added_and_retired():
    sequenced()
    new = making.new_key("demo.shanyraq.invalid/log").key
    call("keys", "add", new, "--dry-run")
    assert len(ledger.keys_listed()) == 1
    call("keys", "add", new)
    call("keys", "add", "nonsense", code=2)
    assert str(new) in call("keys", "list")
    call("keys", "retire", new.id, "--dry-run")
    assert [card.retired_at for card in ledger.keys_listed()] == [None, None]
    assert f"The key {new.id} is retired" in call("keys", "retire", new.id)
    call("keys", "retire", new.id, code=2)
    call("witnesses", "add", WITNESS.key)
    call("witnesses", "add", new, code=2)
    assert str(WITNESS.key) in call("witnesses", "list")


def test_a_witness_from_its_key_to_its_signature(tmp_path):
    sequenced()
    folder, key, state, note = tmp_path / "public", tmp_path / "key", tmp_path / "state", tmp_path / "note"
    assert "files new or changed" in call("publish", "--to", folder)
    key.write_text(WITNESS.secret())
    look = ("witness", "--log", folder, "--key", key, "--state", state)
    call(*look, "--dry-run")
    assert not state.exists()
    assert "first time" in call(*look, "--out", note)
    call("cosign", note, code=2)  # nobody knows this witness yet
    call("witnesses", "add", WITNESS.key)
    assert "1 new signature" in call("cosign", note, "--dry-run") and "1 new signature" in call("cosign", note)
    assert "0 new signatures" in call("cosign", note)
    sequenced()
    call("publish", "--to", folder)
    assert "begin with the 4 seen before" in call(*look)
    assert "witness.example" in call("checkpoint", "--size", 4)
    key.write_text(making.new_key("a.example/log").secret())
    call(*look, code=2)
    (folder / "checkpoint").write_text("x")
    key.write_text(WITNESS.secret())
    call(*look, code=2)
    call("witness", "--log", "http://127.0.0.1:9", "--key", key, "--state", tmp_path / "new", code=2)


@pytest.mark.slow
def test_a_witness_needs_none_of_our_settings_and_tables(tmp_path):
    sequenced()
    ledger.publish(tmp_path / "public")
    (tmp_path / "key").write_text(WITNESS.secret())
    bare = {
        name: value for name, value in os.environ.items() if not name.startswith(("SHANYRAQ", "DJANGO", "DATABASE"))
    }
    command = [str(Path(sys.executable).parent / "shanyraq"), "ledger", "witness", "--log", "public", "--key", "key",
               "--state", "state", "--lang", "en"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert notes.Note.parse(done.stdout).by(WITNESS.key) is not None
    assert json.loads((tmp_path / "state").read_text())["size"] == 4
