"""A published log, read from a folder or an address: what a witness and a verification look at."""

import urllib.error
import urllib.request
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from shanyraq.foundation.ledger import nodes, tiles
from shanyraq.foundation.ledger.tiles import Place

MOST_BYTES: Final = 20_000_000  # of one file: a bundle of 256 leaves of 64 kB at most
TIMEOUT: Final = 20  # seconds


class Unreachable(OSError):
    """The address does not answer, or answers with something else than a file."""


class Source(Protocol):
    """A tree of files."""

    @property
    def name(self) -> str:
        """Where it is."""

    def get(self, path: str) -> bytes | None:
        """The file, or None where there is none. Raises Unreachable."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A published log in a folder."""

    name: str

    def get(self, path: str) -> bytes | None:
        """The file, or None where there is none."""
        file = Path(self.name) / path
        return file.read_bytes() if file.is_file() else None


@dataclass(frozen=True, slots=True)
class Web:
    """A published log at an address."""

    name: str

    def get(self, path: str) -> bytes | None:
        """The file, or None where there is none. Raises Unreachable."""
        address = f"{self.name.rstrip('/')}/{path}"
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:  # noqa: S310 - source() lets http(s) only
                return bytes(answer.read(MOST_BYTES))
        except urllib.error.HTTPError as problem:
            if problem.code == 404:
                return None
            raise Unreachable(f"{address}: {problem.code}") from None
        except (urllib.error.URLError, TimeoutError, ValueError) as problem:
            raise Unreachable(f"{address}: {problem}") from None


def send(place: str, note: str) -> None:
    """Hand a cosigned checkpoint to the log at an address. Raises Unreachable when it is not taken."""
    address = f"{place.rstrip('/')}/cosignatures"
    request = urllib.request.Request(address, note.encode(), {"Content-Type": "text/plain"}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - the caller names http(s) only
            answer.read(MOST_BYTES)
    except (urllib.error.URLError, TimeoutError, ValueError) as problem:
        raise Unreachable(f"{address}: {problem}") from None


def source(place: str) -> Source:
    """The published log at an address or in a folder."""
    return Web(place) if place.startswith(("http://", "https://")) else Folder(place)


def reader(found: Source, size: int) -> nodes.Read:
    """Reads tiles of a published log of `size` leaves. A partial tile that has become full is cut to its width."""

    def read(places: Collection[Place]) -> dict[Place, bytes]:
        held = {place: _tile(found, place, size) for place in places}
        return {place: content for place, content in held.items() if content is not None}

    return read


def _tile(found: Source, place: Place, size: int) -> bytes | None:
    level, index = place
    count = (size >> tiles.HEIGHT * level) - index * tiles.WIDTH
    width = min(count, tiles.WIDTH)
    if width <= 0:
        return None
    content = found.get(tiles.path(level, index, width))
    if content is None and width < tiles.WIDTH:
        content = found.get(tiles.path(level, index))
    return None if content is None else content[: width * 32]
