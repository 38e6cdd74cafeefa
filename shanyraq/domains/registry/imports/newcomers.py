"""Whom a load of a country need not ask the database for: numbers that nobody bore when it began.

Eight bytes of each blind index that is there are held in memory, 8 MB a million people. A number that is not among
them is nobody's; one that is may be somebody's, and is asked for. What others write meanwhile is found by the unique
index, and the piece is compared anew without this help.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shanyraq.domains.registry.imports import sealing, store
from shanyraq.domains.registry.imports.seen import among
from shanyraq.domains.registry.queries import identity

HELD: Final = 8  # bytes of a blind index
TRIED: Final = 500  # numbers of a file that tell whether its people are new
Numbers = NDArray[np.uint64]
_known: ContextVar[Numbers | None] = ContextVar("known_numbers", default=None)


def numbers_known(frame: pl.DataFrame) -> Numbers | None:
    """The numbers that are there, when most people of the frame are new; else nothing. 4 to 5 queries."""
    if "iin" not in frame.columns or identity.keys_retired():
        return None
    iins = frame["iin"].drop_nulls()
    tried = iins.gather_every(max(1, iins.len() // TRIED))
    keys = pl.DataFrame({"iin_index": sealing.indexed(tried)})
    there = store.ask(keys, {"one": "1"}, "JOIN registry_person p ON p.iin_index = k.iin_index")
    if tried.is_empty() or 2 * there.height > tried.len():
        return None
    return np.sort(np.frombuffer(store.beginnings("registry_person", "iin_index", HELD), dtype=np.uint64))


@contextmanager
def known(numbers: Numbers | None) -> Iterator[None]:
    """In this block nobody else bears a number."""
    token = _known.set(numbers)
    try:
        yield
    finally:
        _known.reset(token)


def helping() -> bool:
    """Whether this is such a block."""
    return _known.get() is not None


def perhaps_known(indexes: pl.Series) -> pl.Series:
    """For each blind index, whether somebody may bear it."""
    numbers = _known.get()
    if numbers is None or indexes.is_empty():
        return pl.repeat(value=True, n=indexes.len(), eager=True)
    begins = np.frombuffer(b"".join(indexes.bin.head(HELD).to_list()), dtype=np.uint64)
    return pl.Series(among(numbers, begins))
