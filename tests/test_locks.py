"""Pinned, hashed, and without an address of any registry; nothing of one machine in any file."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The names are put together here, so that this file holds none of them either.
NAMES = (
    "pypi" + r"\.org",
    "python" + "hosted",
    "registry" + r"\.npm",
    "mirror" + r"s?\.[a-z]+\.",
    "index-" + r"url\s*=",
)
HOSTS = re.compile("|".join(NAMES), re.IGNORECASE)
MACHINE = re.compile(r"/(?:root|home|Users)/[a-z]")


def files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    here = Path(__file__).resolve()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file() and path != here]


def test_locks_hold_what_the_project_asks_for():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import locks
    finally:
        sys.path.pop(0)
    assert locks.problems() == []


def test_every_direct_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lines = re.findall(r'^    "[a-z][^"]*",(.*)$', text, re.MULTILINE)
    dependencies = [line for line in text.splitlines() if re.match(r'^    "[a-z0-9-]+(\[[a-z]+\])?[<>=]', line)]
    assert lines
    assert [line for line in dependencies if "#" not in line] == []


def test_no_file_names_a_registry_or_a_machine():
    found = []
    for path in files():
        if path.suffix in {".png", ".ico", ".woff2", ".gz"}:
            continue
        text = path.read_text("utf-8", errors="ignore")
        found += [
            f"{path.relative_to(ROOT)}: {match[0]}" for match in [HOSTS.search(text), MACHINE.search(text)] if match
        ]
    assert found == []
