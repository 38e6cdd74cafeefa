"""What happened, append-only and without names. The functions load late: this package is a Django application."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shanyraq.foundation.ledger.canonical import Json
    from shanyraq.foundation.ledger.services import NewEntry, entries, record, record_many

__all__ = ["Json", "NewEntry", "entries", "record", "record_many"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    home = "canonical" if name == "Json" else "services"
    return getattr(import_module(f"shanyraq.foundation.ledger.{home}"), name)
