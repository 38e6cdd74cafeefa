"""What a verification found: each damage by a stable code, with its place."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from shanyraq.foundation.text import Fact, Lang, say

LISTED: Final = 200  # findings of one code that are told one by one

# code -> the facts that its sentence names
CODES: Final = {
    "entry_changed": ("index", "seq"),
    "entry_removed": ("index",),
    "entry_inserted": ("index",),
    "entries_swapped": ("index", "other"),
    "entry_backdated": ("index", "at", "checkpoint"),
    "entry_unlogged": ("seq",),
    "place_empty": ("index",),
    "pending_forgotten": ("seq", "at"),
    "pending_twice": ("seq",),
    "pending_lost": ("seq",),
    "tile_changed": ("path",),
    "tile_missing": ("path",),
    "tail_lost": ("index", "size", "source"),
    "checkpoint_forked": ("size", "since", "source"),
    "checkpoint_changed": ("size",),
    "checkpoint_unreadable": ("size", "source"),
    "checkpoint_out_of_time": ("size", "at"),
    "wrong_key": ("size", "key", "source"),
    "key_unannounced": ("key",),
    "cosignature_wrong": ("size", "witness"),
    "copy_unreadable": ("source",),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One damage and where it is."""

    code: str
    facts: dict[str, Fact]

    def say(self, lang: Lang) -> str:
        """In words: what is damaged and where."""
        return say(f"ledger.finding.{self.code}", lang, **self.facts)

    def __str__(self) -> str:
        return f"{self.code}({', '.join(f'{name}={value}' for name, value in self.facts.items())})"


@dataclass(frozen=True, slots=True)
class Findings:
    """What a verification looked at and what it found."""

    size: int
    checkpoints: int
    pending: int
    found: tuple[Finding, ...]
    counts: dict[str, int]

    @property
    def ok(self) -> bool:
        """Whether nothing is damaged."""
        return not self.counts


@dataclass(slots=True)
class Gathered:
    """Findings as they come: of each code the first 200, and how many there are."""

    found: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, **facts: Fact) -> None:
        """Note a damage. Raises KeyError, ValueError when it is not one of CODES with its facts."""
        if set(CODES[code]) != facts.keys():
            raise ValueError(f"{code} needs {CODES[code]}")
        self.counts[code] += 1
        if self.counts[code] <= LISTED:
            self.found.append(Finding(code, facts))
