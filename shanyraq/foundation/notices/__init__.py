"""Messages to people: inbox, e-mail, SMS. The functions load late: this package is a Django application."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shanyraq.foundation.notices import queries, services
    from shanyraq.foundation.notices.services import NewNotice, tell, tell_many, tell_user

_VERBS = ("NewNotice", "tell", "tell_many", "tell_user")
__all__ = ["NewNotice", "queries", "services", "tell", "tell_many", "tell_user"]


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return getattr(import_module("shanyraq.foundation.notices.services"), name)
    if name in __all__:
        return import_module(f"shanyraq.foundation.notices.{name}")
    raise AttributeError(name)
