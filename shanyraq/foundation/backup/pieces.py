"""A sealed file kept in rows of the database: columns `number` and `body`, and what says whose they are."""

import io
from collections.abc import Iterator
from typing import Any, Final, cast

from django.db.models import Model

from shanyraq.foundation.backup import sealed

PIECE: Final = 1 << 19  # bytes of a row


class Pieces:
    """A file that is written into rows of a table, in place of those that were there."""

    def __init__(self, table: type[Model], **whose: Any) -> None:
        self._table, self._whose, self._kept, self._number = table, whose, bytearray(), 0
        table._default_manager.filter(**whose).delete()

    def write(self, content: bytes) -> int:
        """Take bytes; whole pieces leave at once."""
        self._kept += content
        while len(self._kept) >= PIECE:
            self._keep(bytes(self._kept[:PIECE]))
            del self._kept[:PIECE]
        return len(content)

    def close(self) -> None:
        """Keep the rest."""
        self._keep(bytes(self._kept))

    def _keep(self, piece: bytes) -> None:
        self._table._default_manager.create(number=self._number, body=piece, **self._whose)
        self._number += 1


def keep(chunks: Iterator[bytes], secret: str, chance: bytes, table: type[Model], **whose: Any) -> None:
    """Seal a file into rows of a table. `chance`: sealed.CHANCE bytes that were never used with the secret."""
    store = Pieces(table, **whose)
    out = sealed.Writer(cast(io.BufferedWriter, store), secret, chance)
    for chunk in chunks:
        out.write(chunk)
    out.close()
    store.close()


def opened(secret: str, table: type[Model], **whose: Any) -> Iterator[bytes]:
    """The content of a file, piece by piece. Raises Refusal of sealed.Reader."""
    reader = sealed.Reader(cast(io.BufferedReader, _Stored(table, whose)), secret)
    while not reader.over:
        yield reader.chunk()


class _Stored:
    """The rows as a file that is read."""

    def __init__(self, table: type[Model], whose: dict[str, Any]) -> None:
        self._table, self._whose, self._number, self._kept = table, whose, 0, bytearray()

    def read(self, size: int) -> bytes:
        while len(self._kept) < size and self._next():
            pass
        taken = bytes(self._kept[:size])
        del self._kept[:size]
        return taken

    def _next(self) -> bool:
        rows = self._table._default_manager.filter(number=self._number, **self._whose)
        body = rows.values_list("body", flat=True).first()
        if body is None:
            return False
        self._kept += bytes(body)
        self._number += 1
        return True
