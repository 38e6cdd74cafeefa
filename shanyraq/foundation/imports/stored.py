"""What an import keeps: its file, the faults found in it and the rows to write, sealed in rows of the database."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, Literal

import polars as pl
from django.conf import settings

from shanyraq.foundation.backup import pieces, sealed
from shanyraq.foundation.imports.models import Import, ImportPart

Content = Literal["file", "issues", "rows"]
CHUNK: Final = 1 << 20


def keep_file(row: Import, path: Path) -> None:
    """Keep the file itself."""
    _keep(row, "file", _chunks(path))


def keep_frame(row: Import, content: Content, frame: pl.DataFrame) -> None:
    """Keep faults or rows, in place of those of an earlier look."""
    packed = BytesIO()
    frame.write_ipc(packed, compression="zstd")
    _keep(row, content, iter((packed.getvalue(),)))


def frame_of(row: Import, content: Content) -> pl.DataFrame:
    """Faults or rows as they were kept; an empty frame when they were removed. A few queries."""
    if not ImportPart.objects.filter(owner=row, content=content).exists():
        return pl.DataFrame()
    packed = b"".join(pieces.opened(_secret(row, content), ImportPart, owner=row, content=content))
    return pl.read_ipc(BytesIO(packed))


@contextmanager
def file_of(row: Import) -> Iterator[Path]:
    """The file as one of the disk, while it is read. Raises Refusal when it was removed or changed."""
    with NamedTemporaryFile(prefix="shanyraq-import-") as file:
        for chunk in pieces.opened(_secret(row, "file"), ImportPart, owner=row, content="file"):
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def remove(rows: list[Import]) -> None:
    """Remove the files of imports and what was found in them."""
    ImportPart.objects.filter(owner__in=rows).delete()


def _keep(row: Import, content: Content, chunks: Iterator[bytes]) -> None:
    chance = secrets.token_bytes(sealed.CHANCE)
    pieces.keep(chunks, _secret(row, content), chance, ImportPart, owner=row, content=content)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _secret(row: Import, content: Content) -> str:
    return f"imports:{content}:{row.id}:{settings.SECRET_KEY}"
