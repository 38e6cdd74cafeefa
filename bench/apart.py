"""A measurement in a process of its own, on a SQLite database of its own: the others leave nothing behind for it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict

from bench.rows import Row

ALONE = "--apart"


def rows(module: str, *words: str) -> list[Row]:
    """What `python -m MODULE WORDS --apart` tells in its last line. Ends the whole run when it fails."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        own = kept | {"SHANYRAQ_VAR_DIR": folder, "SHANYRAQ_DEMO": "1"}
        command = [sys.executable, "-m", module, *words, ALONE]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=own)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return [Row(**one) for one in json.loads(done.stdout.splitlines()[-1])]


def tell(found: Iterable[Row]) -> None:
    """The last line of such a process."""
    print(json.dumps([asdict(row) for row in found]))
