"""The one that gives committed entries their place in the log, builds the tree over them and signs it.

Requests only insert: nobody waits for the sequencer, and it waits for nobody. Each batch is one transaction, so a
process that dies leaves neither a gap nor a double: the next one begins where the last committed batch ended.
"""

from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from shanyraq.foundation.ledger import checkpoints, keys, nodes, store, tiles, tree
from shanyraq.foundation.ledger.cards import CheckpointCard

BATCH: Final = {"postgresql": 50_000, "sqlite": 5_000}  # on SQLite writers wait for a batch: some milliseconds

_TAKE: Final = """
SELECT p.seq, e.leaf_hash FROM ledger_pending p JOIN ledger_ledgerentry e ON e.seq = p.seq ORDER BY p.seq LIMIT %s
"""
_PLACE_POSTGRES: Final = """
INSERT INTO ledger_leaf ("index", entry) SELECT %s + place - 1, seq
FROM unnest(%s::bigint[]) WITH ORDINALITY AS taken (seq, place) ORDER BY place
"""
_FREE_POSTGRES: Final = "DELETE FROM ledger_pending WHERE seq = ANY(%s::bigint[])"
_PLACE_SQLITE: Final = 'INSERT INTO ledger_leaf ("index", entry) VALUES (%s, %s)'
_FREE_SQLITE: Final = "DELETE FROM ledger_pending WHERE seq = %s"


def sequence(now: datetime) -> CheckpointCard | None:
    """Give every committed entry its place, sign the grown tree; the new checkpoint.

    None when nothing is new, when another sequencer is at work, or when no key is set (the tree grows nevertheless).
    Runs in batches of one transaction each, unless the caller holds one.
    """
    keys.enrol(now)
    while True:
        placed = _batch()
        if placed is None:
            return None
        if placed < BATCH[connection.vendor]:
            return checkpoints.sign(now)


@transaction.atomic
def _batch() -> int | None:
    """Place one batch; how many entries. None when another sequencer is at work."""
    if not store.try_lock():
        return None
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [BATCH[connection.vendor]])
        taken = cursor.fetchall()
    if taken:
        size = store.size()
        _grow(size, b"".join([leaf for _, leaf in taken]))
        _place(size, [seq for seq, _ in taken])
    return len(taken)


def _grow(size: int, hashes: bytes) -> None:
    before = [place for place, _ in tiles.edge(size)]
    held = store.read(before) if before else {}
    for place, width in tiles.edge(size):
        if len(held.get(place, b"")) != width * tree.HASH_BYTES:
            raise nodes.MissingTile(tiles.path(*place, width))
    edge = tiles.Edge.of(size, held)
    edge.append(hashes)
    store.write(edge.changed, before)


def _place(size: int, taken: list[int]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_PLACE_POSTGRES, [size, taken])
            cursor.execute(_FREE_POSTGRES, [taken])
            return
        rows: list[tuple[Any, ...]] = [(size + at, seq) for at, seq in enumerate(taken)]
        cursor.executemany(_PLACE_SQLITE, rows)
        cursor.executemany(_FREE_SQLITE, [(seq,) for seq in taken])
