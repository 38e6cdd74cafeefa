"""The lock files hold what pyproject.toml asks for, pinned with hashes, and name no host."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"^([A-Za-z0-9._-]+)")


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lock: Path) -> dict[str, bool]:
    """Name -> whether at least one hash stands with it."""
    found: dict[str, bool] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.read_text("utf-8")):
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", block):
            found[plain(match[1])] = "--hash=sha256:" in block
    return found


def problems() -> list[str]:
    """What is wrong with the locks, in words."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    core = {plain(NAME.match(line)[1]) for line in project["dependencies"]}  # type: ignore[index]
    dev = core | {plain(NAME.match(line)[1]) for line in project["optional-dependencies"]["dev"]}  # type: ignore[index]
    bench = core | {plain(NAME.match(line)[1]) for line in project["optional-dependencies"]["bench"]}  # type: ignore[index]
    wrong = []
    for kind, wanted in (("core", core), ("dev", dev), ("bench", bench)):
        lock = ROOT / "requirements" / f"{kind}.lock"
        names = pinned(lock)
        wrong += [f"{lock.name}: {name} is asked for and not pinned" for name in sorted(wanted - set(names))]
        wrong += [f"{lock.name}: {name} has no hash" for name, hashed in names.items() if not hashed]
        if "://" in lock.read_text("utf-8"):
            wrong.append(f"{lock.name}: names a host")
    return wrong


if __name__ == "__main__":
    found = problems()
    print("\n".join(found) or "locks are in order")
    sys.exit(1 if found else 0)
