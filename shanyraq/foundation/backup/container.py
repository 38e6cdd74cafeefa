"""What stands inside a backup: a head, the parts (tables, or one database file), and the manifest that closes it.

Frames of type(1) ‖ length(4) ‖ content, compressed, sealed. The manifest comes last: only then are counts known.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, Final

from shanyraq.foundation.backup import sealed
from shanyraq.foundation.refusal import Refusal

PIECE: Final = 1 << 18  # bytes of one frame of content, and of one step of decompression
LIMIT: Final = 1 << 26  # bytes of any frame
START, CONTENT, MANIFEST, HEAD = b"T", b"D", b"M", b"H"


@dataclass(frozen=True, slots=True)
class Head:
    """What is known before the first row: enough to refuse at once."""

    form: int
    version: str  # of the platform
    engine: str  # "sqlite" or "postgresql"
    made_at: str  # ISO instant
    migrations: tuple[str, ...]  # "registry.0001_first", sorted


@dataclass(frozen=True, slots=True)
class Part:
    """A table with its columns, or the file of the embedded database."""

    name: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the backup holds."""

    head: Head
    rows: Mapping[str, int]  # by table
    sha256: str  # of the content of all parts, in their order
    sequences: Mapping[str, tuple[int, bool]] = field(default_factory=dict)  # last value, and whether it was given out
    checkpoint: Mapping[str, Any] | None = None  # of the log: its size and the signed note

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return sum(self.rows.values())


class Packer:
    """Writes a backup into a file, front to back."""

    def __init__(self, raw: BinaryIO, secret: str, chance: bytes, head: Head) -> None:
        self.head = head
        self._out, self._zip, self._hash = sealed.Writer(raw, secret, chance), zlib.compressobj(1), hashlib.sha256()
        self._frame(HEAD, _json(asdict(head)))

    def part(self, part: Part) -> None:
        """Begin a part: what is written next belongs to it."""
        self._frame(START, _json(asdict(part)))

    def write(self, content: bytes) -> None:
        """Content of the part."""
        self._hash.update(content)
        for at in range(0, len(content), PIECE):
            self._frame(CONTENT, content[at : at + PIECE])

    def close(
        self, rows: Mapping[str, int], sequences: Mapping[str, tuple[int, bool]], checkpoint: Mapping[str, Any] | None
    ) -> Manifest:
        """The manifest, and the end."""
        manifest = Manifest(self.head, rows, self._hash.hexdigest(), sequences, checkpoint)
        self._frame(MANIFEST, _json(asdict(manifest)))
        self._out.write(self._zip.flush())
        self._out.close()
        return manifest

    def _frame(self, kind: bytes, content: bytes) -> None:
        self._out.write(self._zip.compress(kind + len(content).to_bytes(4, "big") + content))


class Unpacker:
    """Reads a backup front to back. `head` is there at once, `manifest` when the parts have been read."""

    def __init__(self, raw: BinaryIO, secret: str) -> None:
        self._in, self._zip, self._hash = sealed.Reader(raw, secret), zlib.decompressobj(), hashlib.sha256()
        self._kept = b""
        kind, content = self._frame()
        told = _read(content) if kind == HEAD else {}
        if told.get("form") != 1:
            raise Refusal(
                "backup.other_version", made=str(told.get("version", "")), at=str(told.get("made_at", ""))[:10]
            )
        self.head = Head(**{**told, "migrations": tuple(told["migrations"])})
        self.manifest: Manifest | None = None
        self._ahead = self._frame()

    def parts(self) -> Iterator[tuple[Part, Iterator[bytes]]]:
        """Each part with its content, which must be read before the next part is asked for.

        At the end the hash is compared. Raises Refusal("backup.changed").
        """
        while self._ahead[0] == START:
            told = _read(self._ahead[1])
            self._ahead = self._frame()
            yield Part(told["name"], tuple(told["columns"])), self._content()
        if self._ahead[0] != MANIFEST:
            raise Refusal("backup.changed")
        told = _read(self._ahead[1])
        sequences = {name: (value, called) for name, (value, called) in told["sequences"].items()}
        self.manifest = Manifest(self.head, told["rows"], told["sha256"], sequences, told["checkpoint"])
        while self._more():  # to the very end, so that a file without its last chunk is found
            pass
        if self.manifest.sha256 != self._hash.hexdigest() or self._kept:
            raise Refusal("backup.changed")

    def _content(self) -> Iterator[bytes]:
        while self._ahead[0] == CONTENT:
            self._hash.update(self._ahead[1])
            yield self._ahead[1]
            self._ahead = self._frame()

    def _frame(self) -> tuple[bytes, bytes]:
        head = self._take(5)
        length = int.from_bytes(head[1:], "big")
        if length > LIMIT:
            raise Refusal("backup.changed")
        return head[:1], self._take(length)

    def _take(self, wanted: int) -> bytes:
        while len(self._kept) < wanted:
            if not self._more():
                raise Refusal("backup.truncated")
        taken, self._kept = self._kept[:wanted], self._kept[wanted:]
        return taken

    def _more(self) -> bool:
        waiting = self._zip.unconsumed_tail
        while not waiting:
            waiting = self._in.chunk()
            if not waiting and self._in.over:
                return False
        self._kept += self._zip.decompress(waiting, PIECE)
        return True


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _read(content: bytes) -> dict[str, Any]:
    told = json.loads(content)
    return told if isinstance(told, dict) else {}
