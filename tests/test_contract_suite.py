"""The contract tests of vendors, run against a server of ours on a free port of this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source import ROOT

pytestmark = pytest.mark.slow
OURS = ("SHANYRAQ_", "DATABASE_", "CONTRACT_", "DJANGO_", "PYTEST_")
SCOPES = [
    f"{verb}:{resource}:*"
    for verb in ("read", "write")
    for resource in ("people", "organisations", "groups", "applications", "rounds", "offers", "enrolments", "webhooks")
]
# The worker of jobs, without the minute between two rounds of its routines.
HURRIED = """
import os, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from shanyraq.foundation import clock, jobs, ledger
from shanyraq.foundation.webhooks import sending
from shanyraq.interfaces import feed
while True:
    ledger.sequence(clock.now())
    sending.plan(feed.for_hook, now=clock.now())
    jobs.run_due()
    time.sleep(0.5)
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> dict[str, str]:
    """The environment of a fresh demonstration on this machine."""
    folder = tmp_path_factory.mktemp("house")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    made = {
        **kept,
        "SHANYRAQ_DEMO": "1",
        "SHANYRAQ_VAR_DIR": str(folder),
        "SHANYRAQ_LANG": "en",
        "PYTHONPATH": str(ROOT),
    }
    run(made, "up", "--no-serve")
    return made


@pytest.fixture(scope="module")
def server(house) -> Iterator[str]:
    """A server with a worker beside it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log_of(house, "server") as told, log_of(house, "worker") as heard:
        serving = subprocess.Popen(
            command("serve", "--port", str(port), "--no-jobs"), cwd=ROOT, env=house, stdout=told, stderr=told
        )
        working = subprocess.Popen([sys.executable, "-c", HURRIED], cwd=ROOT, env=house, stdout=heard, stderr=heard)
        try:
            yield listening(port, serving)
        finally:
            for child in (working, serving):
                child.terminate()
            for child in (working, serving):
                child.wait(20)


def test_a_vendor_finds_every_promise_kept(house, server):
    added = run(house, "clients", "add", "Contract", "--owner", "tests", "--rate", "100000", *scopes()).stdout.split()
    client, secret = credentials(added)
    run(house, "systems", "add", "Contract", "--provider", "tests", "--client", client)
    asked = {
        **house,
        "CONTRACT_URL": server,
        "CONTRACT_CLIENT": client,
        "CONTRACT_SECRET": secret,
        "CONTRACT_PATIENCE": "60",
    }
    suite = subprocess.run(
        [sys.executable, "conformance.py", "--send", "--report", str(Path(house["SHANYRAQ_VAR_DIR"]) / "report.json"),
         "-p", "no:randomly", "-p", "no:django"],
        cwd=ROOT / "tests/contract", env=asked, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    heard = (Path(house["SHANYRAQ_VAR_DIR"]) / "worker.log").read_text("utf-8")
    assert suite.returncode == 0, suite.stdout[-6_000:] + suite.stderr[-2_000:] + heard[-2_000:]
    assert " passed" in suite.stdout
    assert "skipped 0" in suite.stdout, suite.stdout[-2_000:]
    assert "sent" in suite.stdout
    assert "Contract" in run(house, "systems", "list").stdout


def test_the_suite_needs_nothing_but_pytest():
    for path in (ROOT / "tests/contract").glob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith(("import ", "from ")):
                module = line.split()[1].split(".")[0]
                assert module in {*sys.stdlib_module_names, "pytest", "contract_client", "conftest"}, (path.name, line)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "shanyraq.interfaces.cli.main", *words]


def run(house: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        command(*words), cwd=ROOT, env=house, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return done


def scopes() -> list[str]:
    return [
        word
        for scope in (*SCOPES, "read:changes:*", "read:documents:*", "write:conformance:*")
        for word in ("--scope", scope)
    ]


def credentials(words: list[str]) -> tuple[str, str]:
    """Client and secret among what the command printed: the words of 16 letters and of 43."""
    return next(word for word in words if len(word) == 16), next(word for word in words if len(word) == 43)


def log_of(house: dict[str, str], name: str):
    return (Path(house["SHANYRAQ_VAR_DIR"]) / f"{name}.log").open("w", encoding="utf-8")


def listening(port: int, serving: "subprocess.Popen[bytes]") -> str:
    for _ in range(300):
        assert serving.poll() is None, "the server ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return f"http://127.0.0.1:{port}"
        time.sleep(0.1)
    raise AssertionError("the server does not listen")
