"""Every measurement beside its peer, one after the other, written to bench/RESULTS.md.

    make bench                                  all that need no built country
    python -m bench.all matching log http       some of them
    DATABASE_URL=... python -m bench.all national load pages      on a country that the sandbox built (they write)

Each part replaces its own section of the file and leaves the others as they are.
"""

import importlib
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.rows import Row

RESULTS: Final = Path(__file__).with_name("RESULTS.md")
ALONE: Final = ("matching", "log", "http", "duplicates", "contradictions", "rollover", "indicators")
PARTS: Final = {
    "matching": "Placement kernel",
    "national": "A national round",
    "log": "The log",
    "duplicates": "Duplicates beside splink",
    "contradictions": "Contradictions in countries that taught nothing",
    "rollover": "The turn of the school year",
    "indicators": "Indicators of a country",
    "spark": "Indicators on a cluster",
    "imports": "Files of a country",
    "http": "Endpoints beside other stacks",
    "load": "A thousand parents at once",
    "pages": "Pages at 1:100",
}
COLUMNS: Final = ("what", "ours", "peer", "ratio", "bar", "met")


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    missed = 0
    for part in wanted or ALONE:
        print(f"== {PARTS[part]}", flush=True)
        rows: list[Row] = importlib.import_module(f"bench.{part}").run()
        for row in rows:
            print(row)
        write(part, rows)
        missed += sum(row.met is False for row in rows)
    return 1 if missed else 0


def write(part: str, rows: list[Row]) -> None:
    """Put the rows into their section of the results."""
    lines = [f"<!-- {part} -->", f"## {PARTS[part]}", "", f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}.", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
    section = "\n".join([*lines, f"<!-- end {part} -->"])
    text = RESULTS.read_text("utf-8") if RESULTS.is_file() else "# Results\n"
    found = re.compile(rf"<!-- {part} -->.*?<!-- end {part} -->", re.DOTALL)
    text = found.sub(lambda _: section, text) if found.search(text) else f"{text.rstrip()}\n\n{section}\n"
    RESULTS.write_text(text, "utf-8")


def machine() -> str:
    """What the figures depend on."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
