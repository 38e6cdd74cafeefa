"""The log beside its peer: recording, sequencing into the signed tree, proofs among ten million entries, verification.

    DATABASE_URL=postgres://postgres@127.0.0.1/postgres SHANYRAQ_DEMO=1 python -m bench.log [--entries 400000]

PostgreSQL only; a database of its own is made and removed again. Seconds are processor time of this process and of the
database's process that serves it, added up: what one core needs. The peer is PyPI `pymerkle` (`.venv-bench`), which
keeps its tree in memory: it numbers nothing, stores nothing and signs nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bench.rows import Row

ROOT: Final = Path(__file__).resolve().parent.parent
PEERS: Final = ROOT / ".venv-bench" / "bin" / "python"
NAME: Final = f"bench_log_{os.getpid()}"
TEN_MILLION: Final = 10_000_000
PROOFS: Final = 1_000
RUNS: Final = 5  # the quietest counts
START: Final = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
JOB: Final = "log"
DISTRICTS: Final = ("711110000", "751110000", "791110000")

PEER: Final = """
import json, sys, time
from pymerkle import InmemoryTree
leaves = [line.encode() for line in open(sys.argv[1], encoding="utf-8").read().split("\\n")]
tree = InmemoryTree(algorithm="sha256")
begun = time.process_time()
tree.append_entries(leaves)
appended = time.process_time() - begun
took = []
for index in range(1, len(leaves) + 1, max(1, len(leaves) // 200)):
    begun = time.perf_counter()
    tree.prove_inclusion(index)
    took.append(time.perf_counter() - begun)
took.sort()
print(json.dumps({"appended": appended, "root": tree.get_root().hex(), "p50": took[len(took) // 2]}))
"""


def run(entries: int = 400_000) -> list[Row]:
    """Every measurement, in a database of its own."""
    import dj_database_url
    import psycopg

    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return [Row(JOB, "not measured: DATABASE_URL names no PostgreSQL", "", "", False)]
    now = dj_database_url.parse(url)
    server: dict[str, Any] = {"host": now["HOST"], "port": now["PORT"] or 5432, "user": now["USER"],
                              "password": now["PASSWORD"], "dbname": "postgres", "autocommit": True}  # fmt: skip
    with psycopg.connect(**server) as connection:
        connection.execute(f"CREATE DATABASE {NAME}")
    address = f"postgres://{now['USER']}:{now['PASSWORD']}@{now['HOST']}:{now['PORT'] or 5432}/{NAME}"
    try:
        inner = subprocess.run(
            [sys.executable, "-m", "bench.log", "--inner", "--entries", str(entries)], cwd=ROOT, check=True,
            stdout=subprocess.PIPE, text=True, env={**os.environ, "DATABASE_URL": address, "SHANYRAQ_DEMO": "1"},
        )  # fmt: skip
    finally:
        with psycopg.connect(**server) as connection:
            connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
    return [Row(**row) for row in json.loads(inner.stdout.splitlines()[-1])]


# ---- inside the database of its own


@dataclass(slots=True)
class Spent:
    """Processor seconds of this process and of the database's, and seconds on the wall."""

    ours: float = 0.0
    server: float = 0.0
    wall: float = 0.0

    @property
    def core(self) -> float:
        """What one core needs."""
        return self.ours + self.server


@contextmanager
def spent() -> Iterator[Spent]:
    result = Spent()
    backend = _backend()
    before = time.process_time(), _seconds_of(backend), time.perf_counter()
    yield result
    result.ours = time.process_time() - before[0]
    result.server = _seconds_of(backend) - before[1]
    result.wall = time.perf_counter() - before[2]


def _backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _seconds_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def news(count: int) -> Iterator[Any]:
    """Applications as the sandbox files them, with their instants."""
    from shanyraq.foundation.ledger import NewEntry

    for n in range(count):
        at = START + timedelta(milliseconds=n)
        payload = {
            "applied_at": at.isoformat(), "birth_year": 2022, "district": DISTRICTS[n % 3], "group_kind": "general",
            "language": "kk", "model": "portal", "number": n, "transfer": False,
            "wishes": [str(UUID(int=n + wish)) for wish in range(3)],
        }  # fmt: skip
        public = ("applied_at", "birth_year", "district", "group_kind", "language", "model", "number")
        yield NewEntry("placement.ApplicationFiled", UUID(int=n), payload, f"{n:032x}", public), at


def inner(entries: int) -> list[Row]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    _say("recording")
    rows = [_record(entries)]
    _say("sequencing")
    rows += _sequence(entries)
    _say("the peer")
    rows += _peer(min(entries, 100_000))
    _say("verifying")
    rows.append(_verify(entries))
    _say("ten million")
    rows += _ten_million()
    return rows


def _record(entries: int) -> Row:
    from shanyraq.foundation import ledger

    made = list(news(entries))
    with spent() as took:
        ledger.load(made)
    return Row(JOB, "recording with leaf, salt and seal, by COPY", _rate(entries, took.core))


def _sequence(entries: int) -> list[Row]:
    from shanyraq.foundation import ledger
    from shanyraq.foundation.ledger.models import LedgerEntry, Pending

    with spent() as took:
        card = ledger.sequence(START + timedelta(hours=1))
    assert card is not None
    assert (card.size, Pending.objects.count()) == (entries + 1, 0)
    assert LedgerEntry.objects.count() == entries + 1
    rate = entries / took.core
    split = f"{_rate(entries, took.core)} ({took.ours:.1f} s here, {took.server:.1f} s database)"
    return [
        Row(JOB, f"sequencing {entries:,} committed entries into the signed tree", split, ">= 100,000/s", rate >= 1e5),
    ]


def _peer(count: int) -> list[Row]:
    from shanyraq.foundation import ledger
    from shanyraq.foundation.ledger import tiles, tree

    leaves = [text for start in range(0, count, 10_000) for text in ledger.leaves(start, start + 10_000)][:count]
    hashes = [tree.leaf_hash(leaf.encode()) for leaf in leaves]
    begun = time.process_time()
    edge = tiles.Edge(0)
    edge.append(b"".join([tree.leaf_hash(leaf.encode()) for leaf in leaves]))
    ours, peaks = time.process_time() - begun, edge.peaks()
    root, proof = tree.fold(peaks).hex(), _in_memory(count, peaks, edge.changed)
    if not PEERS.exists():
        return [Row(JOB, "the peer is not installed", "", "python3.11 tools/prepare.py bench", False)]
    file = Path(f"/tmp/{NAME}.txt")
    try:
        file.write_text("\n".join(leaves), "utf-8")
        told = subprocess.run([PEERS, "-c", PEER, file], check=True, stdout=subprocess.PIPE, text=True)
    finally:
        file.unlink(missing_ok=True)
    peer = json.loads(told.stdout)
    growing = tree.Growing()
    growing.append(hashes)
    same = peer["root"] == root == growing.root().hex()
    return [
        Row(JOB, f"the root over {count:,} leaves is the peer's", "equal" if same else "different", "equal", same),
        Row(
            JOB, f"hashing {count:,} leaves into the tree, in memory", _rate(count, ours),
            peer=_rate(count, peer["appended"]), ratio=f"{peer['appended'] / ours:.1f}",
        ),
        Row(
            JOB, f"one inclusion proof among {count:,}, from memory", f"{proof * 1000:.3f} ms",
            peer=f"{peer['p50'] * 1000:.3f} ms", ratio=f"{peer['p50'] / proof:.1f}",
        ),
    ]  # fmt: skip


def _in_memory(count: int, peaks: Any, held: Any) -> float:
    """Seconds of a proof in the middle of several, from tiles in memory as the peer has its tree."""
    from shanyraq.foundation.ledger import nodes, tree

    took = []
    nodes.forget()
    for _ in range(2):  # the second time from memory
        took = []
        for index in range(0, count, max(1, count // 200)):
            begun = time.perf_counter()
            wanted = tree.inclusion_nodes(index, count)
            node = nodes.answering(wanted, lambda places: {at: held[at] for at in places}, remembered=True)
            tree.inclusion_proof(index, count, node, peaks)
            took.append(time.perf_counter() - begun)
    nodes.forget()
    return statistics.median(took)


def _verify(entries: int) -> Row:
    from shanyraq.foundation import ledger

    with spent() as took:
        result = ledger.verify(now=START + timedelta(hours=1))
    assert result.ok, result.counts
    return Row(JOB, f"verifying {entries:,} entries, everything anew", _rate(entries, took.core))


def _ten_million() -> list[Row]:
    """Random leaves up to ten million through the code that grows the tree, real entries behind them, proofs of all."""
    from django.db import connection, transaction

    from shanyraq.foundation import ledger
    from shanyraq.foundation.ledger import sequencer, store

    real, stretch = 100_000, 200_000
    first, size = store.size(), store.size()
    begun = time.process_time()
    while size < TEN_MILLION - real:
        count = min(stretch, TEN_MILLION - real - size)
        with transaction.atomic(), connection.cursor() as cursor:
            sequencer._grow(size, os.urandom(32 * count))
            cursor.execute(
                'INSERT INTO ledger_leaf ("index", entry) SELECT n, -n FROM generate_series(%s, %s) n',
                [size, size + count - 1],
            )
        size += count
    grown = time.process_time() - begun
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ledger.load(news(real))
    with spent() as took:
        card = ledger.sequence(START + timedelta(hours=2))
    assert card is not None
    assert card.size == TEN_MILLION
    return [
        Row(JOB, "growing the tree to ten million, here", _rate(TEN_MILLION - real - first, grown)),
        Row(JOB, "sequencing behind ten million", _rate(real, took.core), ">= 100,000/s", real / took.core >= 1e5),
        *_proofs(size, real),
    ]


def _proofs(first: int, real: int) -> list[Row]:
    from shanyraq.foundation import ledger
    from shanyraq.foundation.ledger import nodes, proofs, store, tree

    def full(place: int) -> None:
        ledger.inclusion(first + place * real // PROOFS)

    def path(place: int) -> None:
        index = place * (TEN_MILLION // PROOFS) + place % 256
        at = proofs.tree_at()
        node = nodes.answering(tree.inclusion_nodes(index, at.size), store.read, remembered=True)
        tree.inclusion_proof(index, at.size, node, at.peaks)

    rows = []
    for what, work in (("of an entry, its leaf too, checked", full), ("anywhere, the path alone", path)):
        for memory, prepare in MEMORIES.items():
            took, core = min((_times(work, prepare) for _ in range(RUNS)), key=lambda one: one[1])
            p50, p95 = statistics.median(took) * 1000, statistics.quantiles(took, n=20)[-1] * 1000
            told = f"{core * 1000:.2f} ms of one core; wall p50 {p50:.2f}, p95 {p95:.2f} ms"
            name = f"inclusion proof among 10 million {what}; tiles in memory: {memory}"
            rows.append(Row(JOB, name, told, "<= 1 ms", core <= 0.001))
    return rows


def _forget_all() -> None:
    from shanyraq.foundation.ledger import nodes

    nodes.forget()


def _forget_leaves() -> None:
    """As in a process that has been asked before, but never for this leaf."""
    from shanyraq.foundation.ledger import nodes

    for place in [place for place in nodes._kept if place[0] == 0]:
        del nodes._kept[place]


MEMORIES: Final = {"none": _forget_all, "all but the leaf's own": _forget_leaves, "the last 512": lambda: None}


def _times(work: Any, prepare: Callable[[], None]) -> tuple[list[float], float]:
    """Seconds on the wall of each proof, and processor seconds of one, here and in the database."""
    took = []
    for place in range(PROOFS):
        prepare()
        begun = time.perf_counter()
        work(place)
        took.append(time.perf_counter() - begun)
    with spent() as all_of_them:
        for place in range(PROOFS):
            prepare()
            work(place)
    return took, all_of_them.core / PROOFS


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}/s"


def _say(what: str) -> None:
    print(f"  {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="The log: recording, sequencing, proofs, verification.")
    asked.add_argument("--entries", type=int, default=400_000)
    asked.add_argument("--inner", action="store_true")
    given = asked.parse_args()
    if given.inner:
        print(json.dumps([{name: getattr(row, name) for name in Row.__slots__} for row in inner(given.entries)]))
    else:
        for found in run(given.entries):
            print(found)
