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
    named = {**GOOD, "SHANYRAQ_SECRET_KEY": "", "SHANYRAQ_SECRET_KEY_FILE": str(key)}
    assert start("print(settings.SECRET_KEY)", **named).stdout.strip() == "f" * 50


def test_the_demonstration_starts_without_secrets():
    assert start("print(settings.DEMO)", SHANYRAQ_DEMO="1").stdout.strip() == "True"


@pytest.mark.parametrize("value", ["perhaps", "2", "да"])
def test_a_setting_that_is_neither_yes_nor_no_stops_the_start(value):
    started = start(**GOOD, SHANYRAQ_DEMO=value)
    assert started.returncode != 0
    assert "neither yes nor no" in started.stderr
