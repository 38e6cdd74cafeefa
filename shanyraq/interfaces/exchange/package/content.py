"""The rows of a package as text: every version of every row, one JSON object a line, the same bytes anywhere.

The IIN travels in the open inside the sealed file, since each installation seals numbers with a key of its own.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import Field, Model

from shanyraq.domains.registry.queries import identity
from shanyraq.foundation.history import known_of
from shanyraq.foundation.history.fact import Fact

ASKED: Final = 500
IIN: Final = 12
SEALED: Final = ("iin_cipher", "iin_index")
NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")  # signs that no database keeps as text
Version = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """What one table of a package holds."""

    rows: int  # that stand
    former: int  # versions that stood before
    sha256: str  # of its lines
    columns: tuple[str, ...]


def columns(table: type[Fact]) -> tuple[str, ...]:
    """The names of a line: columns of the table, the two of the number as one, and until when it was known."""
    names = [field.attname for field in table._meta.concrete_fields if field.attname not in SEALED]
    numbered = ["iin"] if len(names) < len(table._meta.concrete_fields) else []
    return tuple(sorted([*names, *numbered, "known_to"]))


def lines(table: type[Fact], ids: Collection[UUID]) -> Iterator[str]:
    """All versions of the rows, by id, the oldest first. 1 query per 500."""
    ordered = sorted(ids)
    for at in range(0, len(ordered), ASKED):
        for _, version in versions(table, ordered[at : at + ASKED]):
            yield written(version)


def versions(table: type[Fact], ids: Collection[UUID]) -> Iterator[tuple[UUID, Version]]:
    """The versions of some rows as plain values. 1 query."""
    rows = known_of(table)._default_manager.filter(pk__in=ids).order_by("id", "recorded_at", "known_to")
    for row in rows.values():
        yield row["id"], _plain(row)


def written(version: Mapping[str, Any]) -> str:
    """The one line of a version."""
    return json.dumps(version, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(table: type[Fact], line: str) -> Version:
    """The values of a line, as the table wants them. Raises ValueError, KeyError, TypeError, ValidationError."""
    told = json.loads(line)
    values = values_of(table, {**told, **dict.fromkeys(SEALED)})
    known_to = told["known_to"]
    values["known_to"] = _instant(datetime.fromisoformat(known_to)) if known_to else None
    if "iin" in told:
        number = _text(told["iin"], IIN)
        sealed = identity.seal(number) if number else None
        values["iin_cipher"] = sealed.cipher if sealed else None
        values["iin_index"] = sealed.index if sealed else None
    return values


def values_of(table: type[Model], told: Mapping[str, Any]) -> Version:
    """The columns of a table from plain values. Raises as `read`."""
    return {field.attname: _value(field, told[field.attname]) for field in table._meta.concrete_fields}


def hashed(texts: Iterable[str]) -> str:
    """SHA-256 over lines."""
    digest = hashlib.sha256()
    for one in texts:
        digest.update(one.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def plain(value: Any) -> Any:
    """A value of a column as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def _plain(row: Mapping[str, Any]) -> Version:
    version = {name: plain(value) for name, value in row.items() if name not in SEALED}
    if "iin_cipher" in row:
        version["iin"] = identity.unseal(row["iin_cipher"]) if row["iin_cipher"] else ""
    return version


def _value(field: "Field[Any, Any]", told: Any) -> Any:
    if told is None:
        return None
    value = field.to_python(told)
    if isinstance(value, datetime):
        return _instant(value)
    return _text(value, field.max_length) if isinstance(value, str) else value


def _instant(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError
    return at


def _text(told: str, longest: int | None) -> str:
    if NO_TEXT.search(told) or (longest is not None and len(told) > longest):
        raise ValueError
    return told
