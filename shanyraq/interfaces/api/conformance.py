"""A regional system sends in the report of its conformance suite, in its own name."""

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from shanyraq.domains.certification import services
from shanyraq.foundation.rest.needs import actor_of, client_of, needs, now_of
from shanyraq.foundation.rest.serving import Made
from shanyraq.interfaces.api.schemas import START, In, Out

router = Router()
SUITE: Final = Path("tests/contract")


class CaseIn(In):
    """One test of the suite."""

    name: str = Field(min_length=1, max_length=200)
    outcome: Literal["passed", "failed", "skipped"]
    seconds: float = Field(ge=0, le=86_400)
    message: str = Field("", max_length=1_000)


class ReportIn(In):
    """A run of the suite, as `tests/contract/conformance.py` writes it."""

    suite: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the files of the suite as they ran")
    began_at: datetime
    cases: list[CaseIn] = Field(min_length=1, max_length=services.MOST_CASES)


class RunOut(Out):
    """Where the report stands."""

    id: UUID
    passed: int
    failed: int
    skipped: int


@router.post(
    "/conformance-runs", auth=needs("write", "conformance"), response={201: RunOut}, summary="Send a conformance report"
)
def send_report(request: HttpRequest, body: ReportIn) -> Made:
    """It is shown on the page of the system to which the client belongs."""
    report = services.Report(
        bytes.fromhex(body.suite), body.began_at, [case.model_dump(mode="json") for case in body.cases]
    )
    made = services.receive_report(
        actor=actor_of(request), client_code=client_of(request).code, report=report, own_hash=own_hash(),
        now=now_of(request),
    )  # fmt: skip
    outcomes = [case.outcome for case in body.cases]
    counts = {name: outcomes.count(name) for name in ("passed", "failed", "skipped")}
    return Made(RunOut.model_validate({"id": made, **counts}), f"{START}/conformance-runs/{made}")


@lru_cache(maxsize=1)
def own_hash() -> bytes:
    """SHA-256 of the suite of this version; empty where it is not installed."""
    folder = settings.BASE_DIR / SUITE
    return suite_hash(folder) if folder.is_dir() else b""


def suite_hash(folder: Path) -> bytes:
    """SHA-256 over names and contents of the suite's files, in the order of their names."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.digest()
