"""How a record was seen: on its own page, in a list, in a file, by a programme; or not seen but changed. Pure."""

from enum import StrEnum
from typing import Final

from shanyraq.foundation.access import Role


class Channel(StrEnum):
    """In what form somebody got to see a record."""

    PAGE = "page"
    LIST = "list"
    FILE = "file"
    PROGRAMME = "programme"
    CHANGE = "change"


FILES: Final = frozenset({"exports.read", "exchange.read_package", "exchange.write_roster"})
LISTS: Final = frozenset({
    "accuracy.read_contradictions", "accuracy.read_duplicates", "audit.read_reader", "contingent.read_class",
    "contingent.read_corrections", "contingent.read_denials", "contingent.read_transfers", "contingent.read_unlisted",
    "imports.changes", "placement.read_arrivals", "placement.read_group", "placement.read_papers",
    "placement.read_queue", "registry.read_list", "registry.read_staff_readings",
})  # fmt: skip


def channel_of(kind: str, action: str, role: str) -> Channel:
    """How it was seen, by what the audit wrote: the kind of the entry, its action, the role of the one who acted."""
    if kind == "write":
        return Channel.CHANGE
    if role == Role.SYSTEM:
        return Channel.PROGRAMME
    if action in FILES:
        return Channel.FILE
    return Channel.LIST if action in LISTS else Channel.PAGE
