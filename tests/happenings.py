"""Every kind of event that the platform can write into the ledger."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import shanyraq
from shanyraq.foundation.ledger import Event


def events() -> list[type[Event]]:
    """All of them, in the order of their kinds: what stands in `events.py` or a package of that name."""
    for found in pkgutil.walk_packages(shanyraq.__path__, "shanyraq."):
        if "events" in found.name.split("."):
            import_module(found.name)
    every = {one.KIND: one for one in _below(Event) if one.__module__.startswith("shanyraq.")}
    bases = {base.KIND for one in every.values() for base in one.__bases__ if issubclass(base, Event)}
    return [every[kind] for kind in sorted(every.keys() - bases)]


def _below(base: type[Event]) -> Iterator[type[Event]]:
    for one in base.__subclasses__():
        yield one
        yield from _below(one)
