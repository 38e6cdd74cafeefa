"""A query that is put together once: for rows that are read by their key many times a second.

    _ONE: Final = Prepared(lambda: Group.objects.values_list(*GROUP), "pk")
    rows = _ONE.rows(pk)

The ORM writes the SQL, the first time; after that only the value of the key is put in. The columns are converted as the
ORM converts them, on every database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

_SENTINEL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Written:
    """The SQL of one database, where in its parameters the key stands, and how columns are converted."""

    sql: str
    params: tuple[Any, ...]
    at: int
    compiler: SQLCompiler
    converters: Any


class Prepared:
    """Rows of a `values_list` by one UUID field."""

    def __init__(self, rows: Callable[[], QuerySet[Any, Any]], field: str) -> None:
        self._rows, self._field = rows, field
        self._written: dict[str, _Written] = {}

    def rows(self, key: UUID) -> list[tuple[Any, ...]]:
        """The rows with this key. 1 query."""
        written = self._written.get(connection.vendor) or self._write()
        params = list(written.params)
        params[written.at] = key if connection.features.has_native_uuid_field else key.hex
        with connection.cursor() as cursor:
            cursor.execute(written.sql, params)
            found = cursor.fetchall()
        return [tuple(row) for row in written.compiler.apply_converters(found, written.converters)]

    def _write(self) -> _Written:
        query = self._rows().filter(**{self._field: _SENTINEL}).query
        compiler = query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        keys = [at for at, value in enumerate(params) if value in (_SENTINEL, _SENTINEL.hex)]
        assert len(keys) == 1, "one key, once"
        converters = compiler.get_converters([one[0] for one in compiler.select])
        written = _Written(sql, tuple(params), keys[0], compiler, converters)
        self._written[connection.vendor] = written
        return written
