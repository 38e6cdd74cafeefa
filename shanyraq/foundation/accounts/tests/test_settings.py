import json
import os
import subprocess
import sys

import pytest

GOOD = {"SHANYRAQ_SECRET_KEY": "s" * 40, "SHANYRAQ_IDENTITY_KEY": "i" * 40, "SHANYRAQ_HOSTS": "portal.example"}
DEMO_SECRET = "demo-only-never-in-production"


def start(code="", **environment):
    base = {name: value for name, value in os.environ.items() if not name.startswith(("SHANYRAQ_", "DATABASE_URL"))}
    return subprocess.run(
        [sys.executable, "-c", f"from config import settings; {code}"],
        env={**base, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"SHANYRAQ_SECRET_KEY": ""},
        {"SHANYRAQ_IDENTITY_KEY": ""},
        {"SHANYRAQ_SECRET_KEY": "short"},
        {"SHANYRAQ_SECRET_KEY": DEMO_SECRET},
        {"SHANYRAQ_IDENTITY_KEY": DEMO_SECRET},
    ],
)
def test_production_does_not_start_without_its_own_secrets(change):
    started = start(**{**GOOD, **change})
    assert started.returncode != 0
    assert "SHANYRAQ_SECRET_KEY" in started.stderr


def test_production_starts_with_secrets_and_is_strict():
    names = ("DEMO", "DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    started = start(f"import json; print(json.dumps([getattr(settings, n) for n in {names!r}]))", **GOOD)
    assert json.loads(started.stdout) == [False, False, True, True, True]


def test_a_secret_may_come_from_a_file(tmp_path):
    key = tmp_path / "key"
    key.write_text("f" * 50)
    key.chmod(0o600)
    named = {**GOOD, "SHANYRAQ_SECRET_KEY": "", "SHANYRAQ_SECRET_KEY_FILE": str(key)}
    assert start("print(settings.SECRET_KEY)", **named).stdout.strip() == "f" * 50


def test_the_demonstration_starts_without_secrets():
    assert start("print(settings.DEMO)", SHANYRAQ_DEMO="1").stdout.strip() == "True"


@pytest.mark.parametrize("value", ["perhaps", "2", "да"])
def test_a_setting_that_is_neither_yes_nor_no_stops_the_start(value):
    started = start(**GOOD, SHANYRAQ_DEMO=value)
    assert started.returncode != 0
    assert "neither yes nor no" in started.stderr


def test_a_secret_that_everyone_may_read_stops_the_start(tmp_path):
    key = tmp_path / "key"
    key.write_text("f" * 50)
    key.chmod(0o644)
    started = start(**{**GOOD, "SHANYRAQ_SECRET_KEY": "", "SHANYRAQ_SECRET_KEY_FILE": str(key)})
    assert started.returncode != 0
    assert "which everyone on this machine may read" in started.stderr and "f" * 50 not in started.stderr


def test_a_secret_whose_file_is_not_there_stops_the_start(tmp_path):
    started = start(**GOOD, SHANYRAQ_BACKUP_KEY_FILE=str(tmp_path / "none"))
    assert started.returncode != 0 and "cannot be read" in started.stderr


def test_the_database_may_be_named_in_a_file(tmp_path):
    place = tmp_path / "database"
    place.write_text("postgres://portal:secret-word@db.example:5432/portal")
    place.chmod(0o600)
    started = start("print(settings.DATABASES['default']['HOST'])", **GOOD, DATABASE_URL_FILE=str(place))
    assert started.stdout.strip() == "db.example"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"SHANYRAQ_HOSTS": ""}, "SHANYRAQ_HOSTS"),
        ({"SHANYRAQ_HOSTS": "*"}, "SHANYRAQ_HOSTS"),
        ({"SHANYRAQ_DEBUG": "1"}, "SHANYRAQ_DEBUG=1"),
        ({"SHANYRAQ_BACKUP_KEY": "short"}, "SHANYRAQ_BACKUP_KEY must have 40 characters"),
    ],
)
def test_an_open_door_stops_the_start_outside_the_demonstration(change, told):
    started = start(**{**GOOD, **change})
    assert started.returncode != 0 and told in started.stderr
