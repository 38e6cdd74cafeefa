"""What happened, append-only and without names. The functions load late: this package is a Django application."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from shanyraq.foundation.ledger.canonical import Json
    from shanyraq.foundation.ledger.cards import CheckpointCard, Inclusion, Logged, Opening
    from shanyraq.foundation.ledger.services import Entry, NewEntry, entries, load, record, record_many

_HOMES: Final = {
    "canonical": ("Json",),
    "cards": ("CheckpointCard", "Inclusion", "Logged", "Opening"),
    "services": ("Entry", "NewEntry", "entries", "load", "record", "record_many"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CheckpointCard",
    "Entry",
    "Inclusion",
    "Json",
    "Logged",
    "NewEntry",
    "Opening",
    "entries",
    "load",
    "record",
    "record_many",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(name)
    return getattr(import_module(f"shanyraq.foundation.ledger.{_HOME_OF[name]}"), name)
