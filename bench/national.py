"""A national round: every district from rows to stored, published and logged outcomes, on a country 1:1.

    SHANYRAQ_DEMO=1 DATABASE_URL=postgres://... python -m bench.national [--workers 2]

The database is one that `shanyraq up --scale 1:1` built. THE ROUND IS HELD: the rows stay. Measured from outside: wall
time and processor time of all processes of `shanyraq placement hold-rounds`, the most memory they held at one moment
(each shared page once), and the share of PostgreSQL on this machine. Then every round is replayed, and some districts
are held once more and taken back, to count queries and part the time.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import django

from bench.rows import Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
COMMAND: Final = Path(sys.executable).parent / "shanyraq"
JOB: Final = "national"
SECONDS, MEGABYTES = 90, 3_000
TICK: Final = os.sysconf("SC_CLK_TCK")
EVERY: Final = 0.25  # seconds between two looks at the memory


@dataclass
class Seen:
    """What was seen of the processes while the command ran."""

    wall: float = 0.0
    ours: float = 0.0  # seconds of processor time
    postgres: float = 0.0
    memory: int = 0  # megabytes, ours
    memory_of_postgres: int = 0
    said: list[str] = field(default_factory=list)
    code: int = 0


def main() -> int:
    asked = argparse.ArgumentParser(description="A national round.")
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    rows = run(asked.parse_args().workers)
    print(*rows, sep="\n")
    return 1 if any(row.met is False for row in rows) else 0


def run(workers: int = os.cpu_count() or 2) -> list[Row]:
    """Every measurement. The round stays held."""
    django.setup()
    from django.db import connection

    if connection.vendor != "postgresql":
        return [Row(JOB, "a national round", "not measured: it needs PostgreSQL")]
    before = _counted()
    seen = _watched([str(COMMAND), "placement", "hold-rounds", "--again", "--workers", str(workers)])
    after = _counted()
    new = {name: after[name] - before[name] for name in after}
    whole = new["outcomes"] == new["claims"] and after["entries"] == after["leaves"] and not after["pending"]
    published = seen.code == 0 and whole and after["unpublished"] == before["unpublished"]
    old_enough, placed = f"{new['claims']:,} of {before['waiting']:,} waiting old enough", f"{new['placed']:,} placed"
    what = f"{new['rounds']} districts, {old_enough}, {placed}: rows to stored, published, logged"
    return [
        Row(JOB, what, f"{seen.wall:.0f} s with {workers} processes",
            f"≤ {SECONDS} s, complete", seen.wall <= SECONDS and published),
        Row(JOB, "most memory of all our processes at one moment", f"{seen.memory:,} MB", f"≤ {MEGABYTES:,} MB",
            0 < seen.memory <= MEGABYTES),
        Row(JOB, "processor time: ours, PostgreSQL's (all of this machine's)",
            f"{seen.ours:.0f} s, {seen.postgres:.0f} s"),
        Row(JOB, "memory of PostgreSQL's processes, at most", f"{seen.memory_of_postgres:,} MB"),
        Row(JOB, "entries of the ledger, all in the signed log; notices to families",
            f"{new['entries']:,}; {new['notices']:,}", "all", whole),
        *_replayed(new["rounds"]),
        *_parts(),
    ]  # fmt: skip


def _counted() -> dict[str, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM placement_application WHERE status = 'waiting'), r.*,"
            " (SELECT count(*) FROM placement_outcome), (SELECT count(*) FROM ledger_ledgerentry),"
            " (SELECT count(*) FROM ledger_leaf), (SELECT count(*) FROM ledger_pending),"
            " (SELECT count(*) FROM notices_notice)"
            " FROM (SELECT count(*), coalesce(sum(claims), 0), coalesce(sum(placed), 0),"
            " count(*) FILTER (WHERE status <> 'published') FROM placement_round) r"
        )
        row = cursor.fetchone()
    names = (
        "waiting",
        "rounds",
        "claims",
        "placed",
        "unpublished",
        "outcomes",
        "entries",
        "leaves",
        "pending",
        "notices",
    )
    return dict(zip(names, row, strict=True))


def _replayed(rounds: int) -> list[Row]:
    begun = time.perf_counter()
    replay = subprocess.run([str(COMMAND), "placement", "replay"], capture_output=True, text=True, check=False)
    took = time.perf_counter() - begun
    said = replay.stdout.strip().splitlines()[-1] if replay.stdout.strip() else replay.stderr[-200:]
    return [Row(JOB, f"every round run again from what it kept: {said}", f"{took:.0f} s", "all equal, none missing",
                replay.returncode == 0 and rounds > 0)]  # fmt: skip


# ---- looking from outside


def _watched(command: list[str]) -> Seen:
    seen, begun, before = Seen(), time.perf_counter(), _postgres_seconds()
    used = os.times()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        looker = threading.Thread(target=_look, args=(process, seen))
        looker.start()
        assert process.stdout is not None
        for line in process.stdout:
            seen.said.append(line.rstrip())
            print("   ", line.rstrip(), flush=True)
        seen.code = process.wait()
        looker.join()
    now = os.times()
    seen.wall = time.perf_counter() - begun
    seen.ours = now.children_user + now.children_system - used.children_user - used.children_system
    seen.postgres = _postgres_seconds() - before
    return seen


def _look(process: "subprocess.Popen[str]", seen: Seen) -> None:
    while process.poll() is None:
        parents = dict(_parents())
        ours = {pid for pid in parents if process.pid in _line(pid, parents)}
        seen.memory = max(seen.memory, sum(map(_megabytes, ours)))
        theirs = sum(_megabytes(pid) for pid in parents if _name(pid) == "postgres")
        seen.memory_of_postgres = max(seen.memory_of_postgres, theirs)
        time.sleep(EVERY)


def _line(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid:
        yield pid
        pid = parents.get(pid, 0)


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))):
            yield int(folder.name), int(stat[1])


def _megabytes(pid: int) -> int:
    """The memory of a process, of a page that n processes share an n-th part; all of it where that is not told."""
    for file, name in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
        except OSError:
            continue
        return sum(int(line.split()[1]) for line in lines if line.startswith(name)) // 1024
    return 0


def _postgres_seconds() -> float:
    """Processor time of every postgres on this machine, with those that have ended: their parent has counted them."""
    ticks = 0
    for pid, parent in _parents():
        if _name(pid) == "postgres" and (stat := _stat(pid)):
            ticks += sum(map(int, stat[11:13])) + (sum(map(int, stat[13:15])) if _name(parent) != "postgres" else 0)
    return ticks / TICK


# ---- looking from inside: what is held here is taken back


def _parts() -> list[Row]:
    from shanyraq.domains.placement.models import Application

    rows = []
    for model in ("queue", "voucher"):
        waiting = Application.objects.filter(status="waiting", model=model).values_list("district_id", flat=True)
        sizes: dict[str, int] = {}
        for district in waiting:
            sizes[district] = sizes.get(district, 0) + 1
        by_size = sorted(sizes, key=lambda district: sizes[district])
        small, large = by_size[0], by_size[-1]
        counts = {district: _taken_back(district)[0] for district in (small, large)}
        rows.append(
            Row(JOB, f"{model}: queries for a district with {sizes[small]:,} waiting, and {sizes[large]:,}",
                f"{counts[small]}, {counts[large]}", "a fixed number", max(counts.values()) <= FIXED[model])
        )  # fmt: skip
        timed = [_taken_back(district)[1] for district in by_size[:: max(len(by_size) // 10, 1)]]
        total = {name: sum(one[name] for one in timed) for name in timed[0]}
        whole = sum(total.values())
        parts = ", ".join(f"{name} {seconds / whole:.0%}" for name, seconds in total.items())
        rows.append(Row(JOB, f"{model}: {len(timed)} districts in one process: {parts}", f"{whole:.1f} s"))
    return rows


FIXED: Final = {"queue": 60, "voucher": 75}  # the voucher model updates one category after the other, 21 at most


def _taken_back(district: str) -> tuple[int, dict[str, float]]:
    """Queries and seconds by part of one more round of the district."""
    from django.db import connection, transaction

    from shanyraq.domains.placement.services import decisions, rounds, settling
    from shanyraq.foundation import access, clock

    parts: dict[str, float] = {"decided": 0.0, "stored": 0.0, "published": 0.0}
    queries = 0

    def count(execute: Any, *given: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*given)

    def timed(module: Any, name: str, part: str) -> Any:
        work = getattr(module, name)

        def around(*given: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return work(*given, **named)
            finally:
                parts[part] += time.perf_counter() - begun

        setattr(module, name, around)
        return lambda: setattr(module, name, work)

    undo = [
        timed(decisions, "decide", "decided"),
        timed(settling, "hold", "stored"),
        timed(settling, "publish", "published"),
    ]
    try:
        with transaction.atomic(), connection.execute_wrapper(count):
            rounds.hold_round(actor=access.system("bench"), district=district, now=clock.now(), again=True)
            transaction.set_rollback(True)
    finally:
        for step in undo:
            step()
    return queries, parts


if __name__ == "__main__":
    sys.exit(main())
