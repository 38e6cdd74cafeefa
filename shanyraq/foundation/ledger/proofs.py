"""Proofs from the tiles, the public leaves, and what the log holds at its places."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from shanyraq.foundation.ledger import nodes, rows, store, tree
from shanyraq.foundation.ledger.cards import Inclusion, Logged, Opening
from shanyraq.foundation.ledger.models import Leaf, LedgerEntry
from shanyraq.foundation.refusal import Refusal

MOST: Final = 2**62  # of numbers that somebody asks for


@dataclass(frozen=True, slots=True)
class Tree:
    """The log at one size: its root and what proofs at this size are made of."""

    size: int
    root: bytes
    peaks: Sequence[bytes]


def tree_at(size: int | None = None) -> Tree:
    """The log at a size, or at its newest checkpoint. 1 query at a checkpoint, else 2 more.

    Raises Refusal("ledger.no_checkpoint") when there is none, ("ledger.no_such_size") when the log is smaller.
    """
    which = "ORDER BY size DESC LIMIT 1" if size is None else "WHERE size = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT size, root, peaks FROM ledger_checkpoint {which}",  # noqa: S608 - our own words
            () if size is None else (min(size, MOST),),
        )
        row = cursor.fetchone()
    if row is not None:
        return Tree(row[0], bytes(row[1]), nodes.split_peaks(bytes(row[2])))
    if size is None:
        raise Refusal("ledger.no_checkpoint")
    if not 0 < size <= store.size():
        raise Refusal("ledger.no_such_size", size=size)
    peaks = nodes.peaks(size, store.read)
    return Tree(size, tree.fold(peaks), peaks)


def leaf_of(entry: UUID) -> int | None:
    """The place of an entry in the log, by the entry's id; None while it waits for one. 1 query."""
    return leaves_of([entry]).get(entry)


def leaves_of(entries: Collection[UUID]) -> dict[UUID, int]:
    """The places of entries; those that wait are left out. 1 query per 5 000."""
    wanted = list(entries)
    found: dict[UUID, int] = {}
    for start in range(0, len(wanted), rows.ASKED):
        some = LedgerEntry.objects.filter(id__in=wanted[start : start + rows.ASKED])
        seqs = dict(some.values_list("seq", "id"))
        placed = Leaf.objects.filter(entry__in=seqs).values_list("entry", "index")
        found |= {seqs[seq]: index for seq, index in placed}
    return found


def inclusion(index: int, size: int | None = None) -> Inclusion:
    """The proof that a leaf stands at its place, at a size or at the newest checkpoint. At most 4 tiles.

    2 queries at a checkpoint, 1 while its tiles are in memory; 3 more at another size.
    Raises Refusal("ledger.no_checkpoint"), ("ledger.no_such_size"), ("ledger.no_such_leaf"), ("ledger.damaged").
    """
    at, row = _standing(index, size)
    if not 0 <= index < at.size:
        raise Refusal("ledger.no_such_leaf", index=index, size=at.size)
    if row is None:
        raise Refusal("ledger.damaged", index=index)
    leaf = row.leaf()
    path = _checked(index, at, leaf)
    return Inclusion(index, at.size, tuple(step.hex() for step in path), leaf)


def _standing(index: int, size: int | None) -> tuple[Tree, rows.Row | None]:
    """The log at a size and the entry at a place, in one query where the size is that of a checkpoint."""
    newest = "(SELECT max(size) FROM ledger_checkpoint)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.size, c.root, c.peaks, {rows.COLUMNS} FROM ledger_checkpoint c "  # noqa: S608 - our own names
            'LEFT JOIN ledger_leaf l ON l."index" = %s LEFT JOIN ledger_ledgerentry e ON e.seq = l.entry '
            f"WHERE c.size = {newest if size is None else '%s'}",
            [min(index, MOST)] if size is None else [min(index, MOST), min(size, MOST)],
        )
        found = cursor.fetchone()
    if found is None:
        at = tree_at(size)
        placed = rows.between(index, index + 1) if 0 <= index < at.size else []
        return at, placed[0] if placed else None
    at = Tree(found[0], bytes(found[1]), nodes.split_peaks(bytes(found[2])))
    return at, None if found[4] is None else rows.made(found[3:])


def consistency(first: int, second: int) -> tuple[str, ...]:
    """The proof that the log of `first` leaves is the beginning of that of `second`, in hexadecimal. 2 queries.

    Raises Refusal("ledger.no_such_size"), ("ledger.damaged").
    """
    if not 0 < first <= second:
        raise Refusal("ledger.no_such_size", size=first)
    at = tree_at(second)
    try:
        node = nodes.answering(tree.consistency_nodes(first, second), store.read)
        return tuple(step.hex() for step in tree.consistency_proof(first, second, node, at.peaks))
    except nodes.MissingTile as missing:
        raise Refusal("ledger.damaged_tile", path=str(missing)) from None


def subtrees(indices: Iterable[int], size: int | None = None) -> dict[str, str]:
    """One proof for many leaves: the fewest ranges "start:end" with their hashes that, with the leaves themselves,
    make the root at a size.

    The root over [start, end) is the range's hash if it is given, the leaf's hash if it is one leaf, else the node
    over the ranges split where RFC 9162 splits. 1 query per 200 tiles.
    """
    at = tree_at(size)
    wanted = sorted(set(indices))
    if wanted and not 0 <= wanted[0] <= wanted[-1] < at.size:
        raise Refusal("ledger.no_such_leaf", index=wanted[-1], size=at.size)
    ranges = tree.subtrees(wanted, at.size)
    try:
        node = nodes.answering(tree.range_nodes(ranges, at.size), store.read)
        hashes = [tree.over_range(*one, at.size, node, at.peaks) for one in ranges]
    except nodes.MissingTile as missing:
        raise Refusal("ledger.damaged_tile", path=str(missing)) from None
    return {f"{start}:{end}": found.hex() for (start, end), found in zip(ranges, hashes, strict=True)}


# ---- leaves and entries


def leaves(start: int, end: int) -> tuple[str, ...]:
    """The public leaves of the places [start, end), as far as there are. 1 query."""
    return tuple(row.leaf() for row in rows.between(start, end))


def leaves_at(indices: Collection[int]) -> dict[int, str]:
    """The public leaves of some places. 1 query per 5 000."""
    return {row.place: row.leaf() for row in rows.among('l."index"', list(indices))}


def logged(start: int, end: int) -> tuple[Logged, ...]:
    """The entries at the places [start, end). Private: for those who may see payloads. 1 query."""
    return tuple(_logged(row) for row in rows.between(start, end))


def history(subjects: Collection[UUID]) -> tuple[Logged, ...]:
    """All that has a place in the log about some subjects, in its order. Private. 1 query per 5 000."""
    found = (_logged(row) for row in rows.among("e.subject_id", list(subjects)))
    return tuple(sorted(found, key=lambda one: one.index))


def opening(entry: UUID) -> Opening:
    """What opens the seal of an entry. Private: the caller has checked who asks. 1 query.

    Raises Refusal("ledger.no_such_entry").
    """
    row = LedgerEntry.objects.filter(id=entry).values_list("salt", "subject_id", "payload").first()
    if row is None:
        raise Refusal("ledger.no_such_entry")
    return Opening(bytes(row[0]).hex(), row[1], json.loads(row[2]))


def _checked(index: int, at: Tree, leaf_text: str) -> list[bytes]:
    """The proof, made once more from fresh tiles when those in memory are of another log."""
    leaf_hash = tree.leaf_hash(leaf_text.encode())
    for _ in range(2):
        try:
            node = nodes.answering(tree.inclusion_nodes(index, at.size), store.read, remembered=True)
            path = tree.inclusion_proof(index, at.size, node, at.peaks)
            tree.verify_inclusion(leaf_hash, index, at.size, path, at.root)
        except (tree.BadProof, nodes.MissingTile):
            nodes.forget()
        else:
            return path
    raise Refusal("ledger.damaged", index=index)


def _logged(row: rows.Row) -> Logged:
    return Logged(row.place, row.id, row.kind, row.subject, row.code, row.at, json.loads(row.payload))
