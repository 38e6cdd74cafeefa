"""The conformance suite in one command: run it, write the report, send it in.

    CONTRACT_URL=... CONTRACT_CLIENT=... CONTRACT_SECRET=... python conformance.py --send

Without --send the report only stands in conformance-report.json. The exit code is that of the suite.
"""

import argparse
import hashlib
import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from contract_client import Api

HERE = Path(__file__).resolve().parent


class Recorder:
    """Keeps the outcome of each test; a failure of the set-up or of the end is a failure of the test."""

    def __init__(self) -> None:
        self.cases: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        case = self.cases.setdefault(
            report.nodeid, {"name": report.nodeid[-200:], "outcome": "passed", "seconds": 0.0, "message": ""}
        )
        case["seconds"] += report.duration
        if report.outcome != "passed" and case["outcome"] != "failed":
            case["outcome"] = report.outcome
            case["message"] = str(report.longrepr)[-1000:]


def suite_hash() -> str:
    """SHA-256 over names and contents of the suite's files."""
    found = hashlib.sha256()
    for path in sorted(HERE.glob("*.py")):
        found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def main() -> int:
    """Run, write, send."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--send", action="store_true", help="send the report in with the client's token")
    words.add_argument("--report", default="conformance-report.json", help="where the report is written")
    asked, more = words.parse_known_args()
    began, recorder = datetime.now(timezone.utc), Recorder()
    code = pytest.main(["-q", "-rs", "--rootdir", str(HERE), str(HERE), *more], plugins=[recorder])
    report = {
        "suite": suite_hash(),
        "began_at": began.isoformat(timespec="seconds"),
        "cases": [{**case, "seconds": round(case["seconds"], 3)} for case in recorder.cases.values()],
    }
    Path(asked.report).write_text(json.dumps(report, indent=1), "utf-8")
    outcomes = [case["outcome"] for case in report["cases"]]
    print(*(f"{name} {outcomes.count(name)}" for name in ("passed", "failed", "skipped")), f"-> {asked.report}")
    if asked.send:
        api = Api(os.environ["CONTRACT_URL"].rstrip("/"), os.environ["CONTRACT_CLIENT"], os.environ["CONTRACT_SECRET"])
        answer = api.post("/conformance-runs", report)
        print("sent" if answer.status == 201 else f"not taken: {answer.status} {answer.body[:300]!r}")
        return int(code) or int(answer.status != 201)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
