"""The public log as files (C2SP tlog-tiles): the same tree over HTTP and in a folder.

checkpoint              the newest signed checkpoint, with the signatures of witnesses
checkpoints/<size>      each checkpoint
tile/<level>/<n>        hashes of the tree, 256 to a file; tile/<level>/<n>.p/<width> while it is partial
tile/entries/<n>        the public leaves, 256 to a file
keys.json, witnesses.json   public keys, with the instants from and until which they count
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from shanyraq.foundation.ledger import checkpoints, keys, rows, store, tiles, tree
from shanyraq.foundation.ledger.models import Checkpoint

ASKED: Final = 64  # tiles in one statement
COSIGNED: Final = 20  # of the newest checkpoints: witnesses may still sign them


def published(path: str) -> bytes | None:
    """The content of one file of the public log; None where there is none. A few queries.

    Tiles reach as far as the newest checkpoint, so that nothing is public that is not signed.
    """
    if path == "checkpoint":
        newest = checkpoints.latest()
        return None if newest is None else newest.note.encode()
    if path == "keys.json":
        return _keys()
    if path == "witnesses.json":
        return _witnesses()
    if path.startswith("checkpoints/"):
        return _checkpoint(path.removeprefix("checkpoints/"))
    return _tile(path)


def publish(directory: Path, *, dry: bool = False) -> int:
    """Write the public log into a folder, what is there already excepted; how many files are new or changed.

    The newest checkpoint is written last, so that a reader never meets one whose tiles are missing. `dry`: only count.
    """
    newest = checkpoints.latest()
    size = newest.size if newest else 0
    written = sum(_put(directory, path, content, dry) for path, content in _tiles(directory, size))
    return written + keep_checkpoints(directory, dry=dry)


def keep_checkpoints(directory: Path, *, dry: bool = False) -> int:
    """Write only what says how far the log has come: checkpoints and keys; how many files are new or changed."""
    known = directory / "checkpoints"
    there = {int(path.name) for path in known.glob("*") if path.name.isdigit()} if known.is_dir() else set()
    sizes = list(Checkpoint.objects.values_list("size", flat=True).order_by("size"))
    fresh = {*sizes[-COSIGNED:], *(size for size in sizes if size not in there)}
    files = [f"checkpoints/{size}" for size in sorted(fresh)]
    written = 0
    for path in (*files, "keys.json", "witnesses.json", "checkpoint"):
        content = published(path)
        written += content is not None and _put(directory, path, content, dry)
    return written


def _keys() -> bytes:
    told = [
        {
            "id": card.id,
            "vkey": card.spelt,
            "valid_from": card.added_at.isoformat(),
            "valid_to": card.retired_at.isoformat() if card.retired_at else None,
        }
        for card in keys.listed()
    ]
    return _json({"log": settings.LOG_NAME, "keys": told})


def _witnesses() -> bytes:
    told = [{"id": card.id, "vkey": card.spelt, "since": card.added_at.isoformat()} for card in checkpoints.witnesses()]
    return _json({"log": settings.LOG_NAME, "witnesses": told})


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _checkpoint(size: str) -> bytes | None:
    if not (size.isascii() and size.isdigit() and len(size) < 19 and str(int(size)) == size):
        return None
    card = checkpoints.at_size(int(size))
    return None if card is None else card.note.encode()


def _tile(path: str) -> bytes | None:
    named = tiles.parse(path)
    if named is None:
        return None
    level, index, width = named
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    height = 0 if level == "entries" else int(level)
    if height > 7 or index * tiles.WIDTH + width > newest >> tiles.HEIGHT * height:
        return None
    if level == "entries":
        return _bundle(index, width)
    content = store.read([(height, index)]).get((height, index), b"")[: width * tree.HASH_BYTES]
    return content if len(content) == width * tree.HASH_BYTES else None


def _bundle(index: int, width: int) -> bytes | None:
    found = rows.between(index * tiles.WIDTH, index * tiles.WIDTH + width)
    return tiles.bundle(row.leaf().encode() for row in found) if len(found) == width else None


def _tiles(directory: Path, size: int) -> Iterator[tuple[str, bytes]]:
    """The tiles and bundles that the folder lacks."""
    for level, (full, width) in enumerate(tiles.shape(size)):
        wanted = [(index, tiles.WIDTH) for index in range(full)] + ([(full, width)] if width else [])
        lacking = [one for one in wanted if not (directory / tiles.path(level, *one)).exists()]
        for start in range(0, len(lacking), ASKED):
            some = dict(lacking[start : start + ASKED])
            for (_, index), hashes in store.read([(level, index) for index in some]).items():
                yield tiles.path(level, index, some[index]), hashes[: some[index] * tree.HASH_BYTES]
        if level == 0:
            for index, across in wanted:
                path = tiles.path("entries", index, across)
                content = None if (directory / path).exists() else _bundle(index, across)
                if content is not None:
                    yield path, content


def _put(directory: Path, path: str, content: bytes, dry: bool) -> bool:
    """Write a file as a whole; whether it is new or changed."""
    file = directory / path
    if file.is_file() and file.read_bytes() == content:
        return False
    if dry:
        return True
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_bytes(content)
    fresh.replace(file)
    return True
