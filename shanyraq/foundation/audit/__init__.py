"""Every write, and every read of a child's record. The functions load late: this package is a Django application."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shanyraq.foundation.audit import queries, services
    from shanyraq.foundation.audit.services import open_record, read, read_many, wrote, wrote_many

_VERBS = ("open_record", "read", "read_many", "wrote", "wrote_many")
__all__ = ["open_record", "queries", "read", "read_many", "services", "wrote", "wrote_many"]


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return getattr(import_module("shanyraq.foundation.audit.services"), name)
    if name in __all__:
        return import_module(f"shanyraq.foundation.audit.{name}")
    raise AttributeError(name)
