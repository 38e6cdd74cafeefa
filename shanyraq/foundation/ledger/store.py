"""Tiles and places as the database holds them."""

from collections.abc import Collection
from typing import Final

from django.db import connection

from shanyraq.foundation.ledger.models import Leaf, Tile
from shanyraq.foundation.ledger.tiles import Place

LOCK: Final = 0x5348414E4C4F47  # of the sequencer, on PostgreSQL
ASKED: Final = 200  # places in one statement


def size() -> int:
    """How many leaves the log has. 1 query."""
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def read(places: Collection[Place]) -> dict[Place, bytes]:
    """Tiles by place; what is missing is left out. 1 query per 200."""
    wanted = list(places)
    found: dict[Place, bytes] = {}
    for start in range(0, len(wanted), ASKED):
        some = wanted[start : start + ASKED]
        pairs = " OR ".join(['(level = %s AND "index" = %s)'] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT level, "index", hashes FROM ledger_tile WHERE {pairs}',  # noqa: S608
                [number for place in some for number in place],
            )
            found |= {(level, index): bytes(hashes) for level, index, hashes in cursor.fetchall()}
    return found


def write(changed: dict[Place, bytes], begun: Collection[Place]) -> None:
    """Keep tiles; `begun` are those that are there already and have grown. 2 queries."""
    grown = [(changed[place], *place) for place in begun if place in changed]
    fresh = [Tile(level=at[0], index=at[1], hashes=hashes) for at, hashes in changed.items() if at not in begun]
    with connection.cursor() as cursor:
        if grown:
            cursor.executemany('UPDATE ledger_tile SET hashes = %s WHERE level = %s AND "index" = %s', grown)
    Tile.objects.bulk_create(fresh, batch_size=100)


def try_lock() -> bool:
    """Hold the sequencer's lock until the transaction ends; False when another holds it. Never waits.

    On SQLite the transaction itself is the lock: there is one writer at a time.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])
