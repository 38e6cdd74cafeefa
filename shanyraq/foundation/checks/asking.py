"""A check put to the database: read only, with a time limit, on both databases."""

import json
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from shanyraq.foundation.checks.check import ONLY, OWN_COLUMNS, Check, Key, Scope, school_year, shifted

_STEPS: Final = 20_000  # of SQLite between two looks at the clock
_AFTER_ANY: Final = "~"  # greater than every digit: the end of a territory
_KEY: Final = (
    "CAST(subject AS text) || '.' || COALESCE(territory, '') || '.' || COALESCE(CAST(organisation AS text), '')"
)
_LISTED: Final = {  # the texts of a JSON list, as rows
    "postgresql": "SELECT jsonb_array_elements_text(CAST(%({0})s AS jsonb))",
    "sqlite": "SELECT value FROM json_each(%({0})s)",
}


@dataclass(frozen=True, slots=True)
class Count:
    """How much was found in one organisation, or in a district outside of any."""

    territory: str
    organisation: UUID | None
    found: int
    explained: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that a check found: what it is about, where, whom it concerns, and the facts that contradict."""

    subject: UUID
    territory: str
    organisation: UUID | None
    person: UUID | None
    label: str
    facts: tuple[tuple[str, Any], ...]

    @property
    def key(self) -> Key:
        """What stays the same of it from night to night."""
        return Key(self.subject, self.territory, self.organisation)


def fingerprint(found: Collection[Finding]) -> str:
    """The hash of the facts of the findings under one key, in whichever order: another one when any fact changes."""
    rows = sorted([name, _plain(value)] for one in found for name, value in (*one.facts, ("", len(found))))
    return sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def counts(check: Check, scope: Scope, today: date) -> tuple[Count, ...]:
    """What a check finds, counted by organisation. 1 query. Raises OperationalError when its time is over."""
    query, facts = _narrowed(check, scope, today)
    counted = f"SELECT territory, organisation, COUNT(*) FROM ({query}) found GROUP BY territory, organisation"  # noqa: S608
    with _reading(check.seconds) as cursor:
        cursor.execute(counted, facts)
        return tuple(Count(place or "", _id(home), found) for place, home, found in cursor.fetchall())


def findings(
    check: Check,
    scope: Scope,
    today: date,
    *,
    limit: int,
    offset: int = 0,
    within: Collection[Key] = (),
    without: Collection[Key] = (),
) -> tuple[Finding, ...]:
    """Rows that a check finds in a scope, in a fixed order: of the named keys only, or of all but them. 1 query.

    Raises OperationalError when its time is over.
    """
    query, facts = _narrowed(check, scope, today)
    facts |= {"page_rows": limit, "page_from": offset}
    kept = ["1 = 1"]
    for name, sign, keys in (("within", "IN", within), ("without", "NOT IN", without)):
        if keys:
            kept.append(f"{_KEY} {sign} ({_LISTED[connection.vendor].format(name)})")
            facts[name] = json.dumps([_keyed(one) for one in keys])
    page = (
        f"SELECT * FROM ({query}) found WHERE {' AND '.join(kept)} "  # noqa: S608
        "ORDER BY subject, territory, organisation LIMIT %(page_rows)s OFFSET %(page_from)s"
    )
    with _reading(check.seconds) as cursor:
        cursor.execute(page, facts)
        names = [column[0] for column in cursor.description]
        return tuple(_finding(names, row) for row in cursor.fetchall())


def asked(query: str, today: date, *, seconds: int) -> list[tuple[Any, ...]]:
    """The rows of a query that knows the day only. 1 query. Raises OperationalError when its time is over."""
    with _reading(seconds) as cursor:
        cursor.execute(query, {"today": connection.ops.adapt_datefield_value(today)})
        return list(cursor.fetchall())


def _finding(names: Sequence[str], row: Sequence[Any]) -> Finding:
    values = dict(zip(names, row, strict=True))
    facts = tuple((name, value) for name, value in values.items() if name not in OWN_COLUMNS)
    return Finding(
        UUID(str(values["subject"])), values["territory"] or "", _id(values.get("organisation")),
        _id(values.get("person")), str(values.get("label") or ""), facts,
    )  # fmt: skip


def _narrowed(check: Check, scope: Scope, today: date) -> tuple[str, dict[str, Any]]:
    """The query of this database for a scope, and its parameters."""
    conditions, facts = [], _parameters(check, today)
    if scope.territory:
        conditions.append(f"{check.territory} >= %(place)s AND {check.territory} < %(place_end)s")
        facts |= {"place": scope.territory, "place_end": scope.territory + _AFTER_ANY}
    if scope.organisation is not None:
        conditions.append(f"{check.organisation} = %(home)s" if check.organisation else "1 = 0")
        facts["home"] = _key(scope.organisation)
    if scope.batch is not None:
        conditions.append(f"({check.batch})" if check.batch else "1 = 0")
        facts["batch"] = _key(scope.batch)
    only = "".join(f" AND {one}" for one in conditions)
    return check.queries[connection.vendor].replace(ONLY, only), facts


def _parameters(check: Check, today: date) -> dict[str, Any]:
    days = {"today": today, **{name: shifted(today, offset) for name, offset in check.days.items()}}
    adapted = {name: connection.ops.adapt_datefield_value(day) for name, day in days.items()}
    return {**adapted, **check.numbers, "school_year": school_year(today)}


@contextmanager
def _reading(seconds: int) -> Iterator[Any]:
    """A cursor that can only read, and no longer than so many seconds."""
    with _postgres(seconds) if connection.vendor == "postgresql" else _sqlite(seconds) as cursor:
        yield cursor


@contextmanager
def _postgres(seconds: int) -> Iterator[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
            yield cursor
        finally:
            transaction.set_rollback(True)  # takes both settings back, also inside a transaction of the caller


@contextmanager
def _sqlite(seconds: int) -> Iterator[Any]:
    connection.ensure_connection()
    ends = time.monotonic() + seconds
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        connection.connection.set_progress_handler(lambda: int(time.monotonic() > ends), _STEPS)
        try:
            yield cursor
        finally:
            connection.connection.set_progress_handler(None, 0)
            cursor.execute("PRAGMA query_only = OFF")


def _id(value: Any) -> UUID | None:
    return None if value is None else UUID(str(value))


def _keyed(key: Key) -> str:
    """A key as the database puts it together."""
    return f"{_key(key.subject)}.{key.territory}.{_key(key.organisation) if key.organisation else ''}"


def _plain(value: Any) -> str:
    """A fact as both databases say it."""
    return (
        f"{Decimal(str(value)).normalize():f}" if isinstance(value, float | Decimal) else str(int(value))
        if isinstance(value, bool) else str(value)
    )  # fmt: skip


def _key(pk: UUID) -> Any:
    return pk if connection.features.has_native_uuid_field else pk.hex
