import json
import socket
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from shanyraq.foundation import ledger, text
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.cli import main, server, statics, upkeep


def call(*words: str) -> Result:
    return CliRunner().invoke(main.root, list(words))


def walk(group, path=()):
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        assert found is not None, name
        yield (*path, name), found
        if hasattr(found, "list_commands"):
            yield from walk(found, (*path, name))


def test_every_command_answers_for_help():
    for path, _ in walk(main.root):
        answer = call(*path, "--help")
        assert answer.exit_code == 0, (path, answer.output)


def test_every_write_of_a_domain_can_be_tried():
    """Every verb of a domain says by its decorator that it reads, or can be tried with --dry-run."""
    for path, found in walk(main.root):
        if path[0] in {"registry", "placement"} and not hasattr(found, "list_commands"):
            options = {name for parameter in found.params for name in parameter.opts}
            assert getattr(found.callback, "reads_only", False) or "--dry-run" in options, path
            assert {"--as", "--lang"} <= options, path


def test_an_unknown_command_is_refused():
    assert call("nonsense").exit_code == 2


def test_secrets_are_long_and_fresh():
    first, second = call("secrets").output, call("secrets").output
    assert first != second
    assert all(len(line.split("=", 1)[1]) >= 40 for line in first.splitlines())


@pytest.mark.django_db
def test_check_finds_the_tables_and_texts_in_order():
    answer = call("check")
    assert "✗" not in answer.output
    assert answer.exit_code == 0


def test_check_tells_what_is_wrong(monkeypatch):
    monkeypatch.setitem(upkeep.CHECKS, "tables", lambda: iter(["registry.0099_missing"]))
    monkeypatch.setitem(upkeep.CHECKS, "settings", lambda: iter(()))
    answer = call("check")
    assert answer.exit_code == 1
    assert "registry.0099_missing" in answer.output


@pytest.mark.django_db
def test_migrate_dry_run_names_what_would_run(monkeypatch):
    monkeypatch.setattr(upkeep, "missing_migrations", lambda: ["placement.0099_more"])
    answer = call("migrate", "--dry-run")
    assert "placement.0099_more" in answer.output


@pytest.mark.django_db
@pytest.mark.parametrize("lang", text.LANGS)
def test_norms_are_listed_and_shown_with_their_act(lang):
    listed = call("norms", "list", "--lang", lang, "--on", "2026-11-23")
    assert "placement/exclusive_choice" in listed.output
    shown = call("norms", "show", "placement/exclusive_choice", "--lang", lang, "--on", "2026-11-23")
    assert shown.output.splitlines()[1].startswith("3 (workdays)")
    assert call("norms", "show", "placement/nonsense").exit_code == 1


@pytest.mark.django_db
def test_the_ledger_of_a_subject_is_listed():
    subject = new_id()
    ledger.record("placement.ApplicationFiled", subject, {"number": 7}, at=datetime(2026, 11, 23, 5, tzinfo=UTC))
    answer = call("ledger", "list", str(subject))
    assert "placement.ApplicationFiled" in answer.output
    assert json.loads(answer.output.splitlines()[1]) == {"number": 7}


def test_a_busy_port_is_noticed():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert not server.free("127.0.0.1", holder.getsockname()[1])


def test_static_files_are_collected_once(settings, tmp_path):
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    assert statics.collect_if_stale()
    assert not statics.collect_if_stale()
    (tmp_path / "static.stamp").write_text("older", "utf-8")
    assert statics.collect_if_stale()


@pytest.mark.django_db
def test_the_sandbox_is_never_built_on_data_nor_outside_the_demo(settings, monkeypatch):
    monkeypatch.setattr("shanyraq.interfaces.sandbox.country.empty", lambda: False)
    assert call("sandbox", "build").exit_code == 1
    settings.DEMO = False
    for verb in ("build", "reset"):
        answer = call("sandbox", verb)
        assert answer.exit_code == 1
        assert "SHANYRAQ_DEMO" in answer.output
