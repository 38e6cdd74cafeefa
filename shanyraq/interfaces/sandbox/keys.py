"""Identifiers of the synthetic country: row ids, universal ids and IINs, all from the seed. Pure.

IINs follow the rule, so that every check of the platform accepts them, and take their serial numbers from 9000 to
9999 only: a range that the sandbox keeps for itself, so that a number of the sandbox is known at sight. Of those
prefixes the rule never issues one in about 121; such a person has no IIN, like newborns and foreigners.
"""

from datetime import date
from typing import Final

import numpy as np

from shanyraq.domains.registry.rules import numbers, universal
from shanyraq.interfaces.sandbox.shares import Ints

FIRST_SERIAL: Final = 9000
SERIALS: Final = 1000
_CENTURY_CODE: Final = {18: 1, 19: 3, 20: 5}


class RowIds:
    """Row ids of version 7 in rising order: the instant of the country, a counter and chance."""

    def __init__(self, as_of: date, rng: np.random.Generator) -> None:
        self.instant = (as_of.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000
        self.given = 0
        self.rng = rng

    def take(self, count: int) -> list[str]:
        """The next ids, as 32 hexadecimal digits."""
        at = self.given + np.arange(count, dtype=np.uint64)
        self.given += count
        bits = self.rng.integers(0, 1 << 62, count, dtype=np.uint64)
        head = (np.uint64(self.instant) + (at >> np.uint64(12))) << np.uint64(16)
        head |= np.uint64(0x7 << 12) | (at & np.uint64(0xFFF))
        tail = bits | np.uint64(0x2 << 62)
        text = np.stack([head, tail], axis=1).astype(">u8").tobytes().hex()
        return [text[start : start + 32] for start in range(0, 32 * count, 32)]


def universal_ids(count: int, rng: np.random.Generator) -> list[str]:
    """Universal ids of people."""
    return universal.compose_many(rng.integers(0, 1 << universal.BITS, count, dtype=np.uint64))


class Iins:
    """Gives out IINs; counts what each day of birth and sex has had."""

    def __init__(self) -> None:
        self.given: dict[int, int] = {}

    def take(self, born: Ints, female: Ints) -> list[str]:
        """The IIN of each person; empty where the rule issues none."""
        key = born * 2 + female
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(key) else np.zeros(0, dtype=np.int64)
        lengths = np.diff(np.r_[starts, len(key)])
        before = np.array([self.given.get(int(ordered[start]), 0) for start in starts], dtype=np.int64)
        for start, length, had in zip(starts, lengths, before, strict=True):
            self.given[int(ordered[start])] = int(had + length)
        rank = np.empty(len(key), dtype=np.int64)
        rank[order] = np.arange(len(key)) - np.repeat(starts - before, lengths)
        return _compose(born, female, rank)


def _compose(born: Ints, female: Ints, rank: Ints) -> list[str]:
    days, back = np.unique(born, return_inverse=True)
    dates = [date.fromordinal(int(day)) for day in days]
    heads = np.array([[int(digit) for digit in f"{day:%y%m%d}"] for day in dates], dtype=np.int64).reshape(-1, 6)
    centuries = np.array([_CENTURY_CODE[day.year // 100] for day in dates], dtype=np.int64)
    serial = FIRST_SERIAL + rank
    tail = np.stack([serial // 1000 % 10, serial // 100 % 10, serial // 10 % 10, serial % 10], axis=1)
    prefix = np.concatenate([heads[back], (centuries[back] + female)[:, None], tail], axis=1)
    checks = numbers.check_digits(prefix)
    text = (np.concatenate([prefix, np.maximum(checks, 0)[:, None]], axis=1) + ord("0")).astype(np.uint8)
    flat = text.tobytes().decode("ascii")
    issued = (checks != numbers.NEVER_ISSUED) & (rank < SERIALS)
    return [flat[12 * at : 12 * at + 12] if issued[at] else "" for at in range(len(born))]
