"""What an address, a file or a command asks of a list, as text, read into `Wanted`. What cannot be read is left out."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from shanyraq.domains.registry.queries.record.asking import Table, Wanted
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit import statement
from shanyraq.foundation.timeline import COUNTRY_ZONE

LONGEST_TERM = 100


def wanted_of(table: Table, asked: Mapping[str, str], today: date) -> Wanted:
    """The rows that hold today as known now, unless `valid` and `known` say another day."""
    kato = asked.get("territory", "")
    return Wanted(
        valid=day(asked.get("valid", "")) or today,
        known=known_at(asked.get("known", "")),
        term=" ".join(asked.get("term", "").split())[:LONGEST_TERM],
        organisation=_uuid(asked.get("organisation", "")),
        group=_uuid(asked.get("group", "")),
        territory=kato if kato.isascii() and kato.isdigit() and len(kato) <= 9 else "",
        filters=table.kept(asked),
    )


def reading_asked(asked: Mapping[str, str]) -> statement.Asked:
    """Which days and which role a statement of who saw what is asked for."""
    role = asked.get("role", "")
    return statement.Asked(
        day(asked.get("since", "")), day(asked.get("until", "")), Role(role) if role in set(Role) else None
    )


def known_at(text: str) -> datetime | None:
    """The last instant of a day: what was known when the day was over. None for an empty or unreadable text."""
    on = day(text)
    if on is None:
        return None
    return datetime.combine(on + timedelta(days=1), time.min, COUNTRY_ZONE) - timedelta(microseconds=1)


def day(text: str) -> date | None:
    """A day of this or the last century, written 2026-09-01 or 01.09.2026."""
    parts = text.strip().split(".")
    plain = "-".join(reversed(parts)) if len(parts) == 3 else text.strip()
    try:
        found = date.fromisoformat(plain)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2199 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
