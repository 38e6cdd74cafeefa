"""Numbers of many people: their blind indexes, their seals, and fresh universal IDs."""

import secrets

import numpy as np
import polars as pl

from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.rules import universal


def indexed(iins: pl.Series) -> pl.Series:
    """The blind index of each number, empty where there is none: what a lookup asks for."""
    return pl.Series("iin_index", identity.indexes(iins.to_list()), dtype=pl.Binary)


def formerly(iins: pl.Series) -> list[pl.Series]:
    """The blind index of each number by each key that is being retired."""
    return [pl.Series("iin_former", one, dtype=pl.Binary) for one in identity.former_indexes(iins.to_list())]


def sealed(iins: pl.Series) -> pl.Series:
    """Each number encrypted, empty where there is none."""
    return pl.Series("iin_cipher", identity.ciphers(iins.to_list()), dtype=pl.Binary)


def universal_ids(n: int) -> pl.Series:
    """Fresh universal IDs."""
    bits = np.frombuffer(secrets.token_bytes(8 * n), dtype=np.uint64) >> np.uint64(64 - universal.BITS)
    return pl.Series("universal_id", universal.compose_many(bits), dtype=pl.String)
