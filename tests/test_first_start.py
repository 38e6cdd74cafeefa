"""What a newcomer does first: `shanyraq up`, twice, and a look at the first page."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "shanyraq.interfaces.cli.main"]


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    return {
        **kept,
        "SHANYRAQ_DEMO": "1",
        "SHANYRAQ_VAR_DIR": str(folder),
        "SHANYRAQ_LANG": "en",
        "PYTHONPATH": str(ROOT),
    }


def up(folder: Path, *words: str) -> tuple[str, float]:
    """What it told, and the seconds of processor it took: on a busy machine the clock on the wall says little."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [*COMMAND, "up", *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return run.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    told, seconds = up(folder, "--no-serve")
    return folder, told, seconds


@pytest.mark.slow
def test_the_first_start_builds_the_country_in_well_under_a_minute(house):
    folder, told, seconds = house
    assert seconds < 30
    assert "11 kindergartens" in told
    assert "Ready" in told
    assert (folder / "sandbox" / "truth.jsonl").read_text("utf-8").count("\n") >= 6


@pytest.mark.slow
def test_the_second_start_takes_less_than_five_seconds(house):
    told, seconds = up(house[0], "--no-serve")
    assert seconds < 5
    assert "Building" not in told


@pytest.mark.slow
def test_the_portal_answers_says_whom_to_sign_in_as_and_stops_cleanly(house):
    folder = house[0]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*COMMAND, "up", "--port", str(port)], cwd=folder, env=environment(folder), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        page = wait_for(f"http://127.0.0.1:{port}/")
        assert "<html" in page
        refused = subprocess.run(
            [*COMMAND, "up", "--port", str(port)], cwd=folder, env=environment(folder), capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip
        assert refused.returncode == 1
        assert f"Port {port} is busy" in refused.stderr
    finally:
        server.send_signal(signal.SIGINT)
        told, _ = server.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}/" in told
    assert "demo-parent" in told
    assert "Traceback" not in told


def wait_for(address: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.read().decode("utf-8")
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{address} did not answer")


@pytest.mark.slow
def test_without_the_demo_there_is_no_start_without_secrets(tmp_path):
    bare = {name: value for name, value in environment(tmp_path).items() if name != "SHANYRAQ_DEMO"}
    run = subprocess.run([*COMMAND, "check"], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "shanyraq secrets" in run.stderr
    assert "Traceback" not in run.stderr
