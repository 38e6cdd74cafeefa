"""What can leave as a file. Each part of the house names its own; this package knows none of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.text import Lang

Asked: TypeAlias = Mapping[str, str]  # which rows: the parts of the address, as text


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, and the child whose record it shows."""

    cells: Sequence[Any]
    child: UUID | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. `count` and `rows` check the rights of the actor themselves, as pages do.

    Texts: exports.kind.<name> (title) and exports.purpose.<name> (what such a file is for).
    """

    name: str
    roles: tuple[Role, ...]
    columns: tuple[str, ...]  # codes of the catalogue; a list with a chooser gives those chosen by `chosen`
    count: Callable[[Actor, Asked, date], int]
    rows: Callable[[Actor, Asked, Lang, datetime], Iterable[Row]]
    territory: Callable[[Asked], str]  # whose level above approves: a KATO, "" the country
    chosen: Callable[[Asked], tuple[str, ...]] | None = None


_kinds: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> None:
    """Make a kind known."""
    _kinds[kind.name] = kind


def kind(name: str) -> Kind:
    """The kind of a name. Raises KeyError: a fault of ours."""
    return _kinds[name]
