"""Two clocks for every fact, and changes of many rows that can be taken back. See README.md.

When a fact holds stands in its own columns; since when it is known stands in `recorded_at`. Former versions are kept by
the database itself, so `history.as_of(table, valid=day, known=instant)` answers for every row and every list. Tables
come from `history.fact` (Fact, remembered). The functions load late: this package is a Django application.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from shanyraq.foundation.history.batches import (
        BatchCard,
        Obstacle,
        begin,
        card,
        cards,
        cards_of,
        counted,
        finish,
        obstacles,
        retract,
        touched,
        undo,
    )
    from shanyraq.foundation.history.fact import TABLES, known_of, past_of
    from shanyraq.foundation.history.known import as_of, versions
    from shanyraq.foundation.history.rows import Became, WrittenRow, place_of, rows_written
    from shanyraq.foundation.history.states import BatchState

_HOMES: Final = {
    "batches": (
        "BatchCard",
        "Obstacle",
        "begin",
        "card",
        "cards",
        "cards_of",
        "counted",
        "finish",
        "obstacles",
        "retract",
        "touched",
        "undo",
    ),
    "fact": ("TABLES", "known_of", "past_of"),
    "known": ("as_of", "versions"),
    "states": ("BatchState",),
    "rows": ("Became", "WrittenRow", "place_of", "rows_written"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


__all__ = [
    "TABLES",
    "BatchCard",
    "BatchState",
    "Became",
    "Obstacle",
    "WrittenRow",
    "as_of",
    "begin",
    "card",
    "cards",
    "cards_of",
    "counted",
    "finish",
    "known_of",
    "obstacles",
    "past_of",
    "place_of",
    "retract",
    "rows_written",
    "touched",
    "undo",
    "versions",
]
