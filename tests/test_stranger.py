"""A stranger downloads every published round of the demonstration, and the one file, and hears "equal"."""

import subprocess
import sys
from pathlib import Path

import pytest

from shanyraq.domains.placement.models import Round
from shanyraq.foundation import clock, ledger
from shanyraq.interfaces.sandbox import life
from shanyraq.interfaces.sandbox.tests.test_build import build

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_every_published_round_of_the_demonstration_is_equal(client, tmp_path):
    life.live(build(tmp_path))
    ledger.sequence(clock.now())
    published = list(Round.objects.filter(status="published").values_list("pk", flat=True))
    verifier = tmp_path / "verify_round.py"
    verifier.write_bytes(_body(client.get("/rounds/verify_round.py")))

    said = {round: _verified(client, round, verifier, tmp_path) for round in published}

    assert len(said) >= 3
    assert {answer.splitlines()[-1].partition(":")[0] for answer in said.values()} == {"equal"}, said


def _verified(client, round, verifier: Path, folder: Path) -> str:
    package = folder / f"{round}.zip"
    package.write_bytes(_body(client.get(f"/rounds/{round}/package.zip")))
    command = [sys.executable, "-I", "-S", str(verifier), str(package)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False).stdout


def _body(response) -> bytes:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content) if response.streaming else response.content
