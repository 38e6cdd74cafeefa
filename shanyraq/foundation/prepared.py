"""A query that is put together once: for rows that are read by their key many times a second.

    _ONE: Final = Prepared(lambda pk: Group.objects.filter(pk=pk).values_list(*GROUP), UUID)
    rows = _ONE.rows(pk)

The ORM writes the SQL, the first time; after that only the values are put in. The columns are converted as the ORM
converts them, on every database. Each value may stand in the query once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

_SENTINELS: Final[Mapping[type, Any]] = {UUID: UUID(int=0), date: date(1, 1, 1)}


@dataclass(frozen=True, slots=True)
class _Written:
    """The SQL of one database, where in its parameters the values stand, and how columns are converted."""

    sql: str
    params: tuple[Any, ...]
    at: tuple[int, ...]
    compiler: SQLCompiler
    converters: Any


class Prepared:
    """Rows of a `values_list`, by values of the kinds named. `lock`: a table whose rows are held until the transaction
    ends; on SQLite the transaction itself is exclusive."""

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]], *kinds: type, lock: str = "") -> None:
        self._rows, self._kinds, self._lock = rows, kinds, lock
        self._written: dict[str, _Written] = {}

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """The rows with these values. 1 query."""
        try:
            written = self._written.get(connection.vendor) or self._write()
        except EmptyResultSet:  # a filter that nothing can pass
            return []
        params = list(written.params)
        for at, value in zip(written.at, values, strict=True):
            params[at] = _adapted(value)
        with connection.cursor() as cursor:
            cursor.execute(written.sql, params)
            found = cursor.fetchall()
        return [tuple(row) for row in written.compiler.apply_converters(found, written.converters)]

    def _write(self) -> _Written:
        sentinels = [_SENTINELS[kind] for kind in self._kinds]
        compiler = self._rows(*sentinels).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        if self._lock and connection.features.has_select_for_update_of:
            sql += f" FOR UPDATE OF {connection.ops.quote_name(self._lock)}"
        at = [[place for place, param in enumerate(params) if param == _adapted(one)] for one in sentinels]
        assert all(len(places) == 1 for places in at), "each value stands in the query once"
        converters = compiler.get_converters([one[0] for one in compiler.select])
        written = _Written(sql, tuple(params), tuple(places[0] for places in at), compiler, converters)
        self._written[connection.vendor] = written
        return written


def _adapted(value: Any) -> Any:
    """A value as the database of this connection takes it."""
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return connection.ops.adapt_datefield_value(value)
