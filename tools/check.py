"""`make check`: everything that a machine can hold, one line each, and all of it before the verdict."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS = {
    "floors": [BIN / "lint-imports"],
    "format": [BIN / "ruff", "format", "--check", "."],
    "lint": [BIN / "ruff", "check", "."],
    "types": [BIN / "mypy"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "texts": [sys.executable, "-c", "from shanyraq.foundation import text; print(len(text.catalogue()), 'texts')"],
    "locks": [sys.executable, "tools/locks.py"],
}


def passed(name: str, command: list[object]) -> bool:
    began = time.monotonic()
    environment = {**os.environ, "SHANYRAQ_DEMO": "1"}
    run = subprocess.run([str(word) for word in command], cwd=ROOT, env=environment, capture_output=True, text=True)
    print(f"{'ok  ' if run.returncode == 0 else 'FAIL'} {name:<11} {time.monotonic() - began:5.1f} s", flush=True)
    if run.returncode:
        print(run.stdout + run.stderr, flush=True)
    return run.returncode == 0


if __name__ == "__main__":
    verdicts = [passed(name, command) for name, command in CHECKS.items()]
    sys.exit(0 if all(verdicts) else 1)
