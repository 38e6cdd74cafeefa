"""Answers kept by idempotency key: the same request again gets the same answer, another with its key is refused.

The row of a key is written first, in the transaction of the write: who comes with the same key at the same moment
waits for that transaction at the unique constraint, then reads what it answered. A refused write is rolled back with
its row, so the key may be used again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from shanyraq.foundation.clients import secrecy
from shanyraq.foundation.clients.models import KeptAnswer
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id

_COLUMNS: Final = ("id", "client_id", "key", "request_hash", "status", "body", "location", "tag", "kept_at")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a write answered."""

    status: int
    body: bytes
    location: str
    tag: str


def once(
    *, client: UUID, key: UUID, digest: bytes, now: datetime, act: Callable[[], Answered]
) -> tuple[Answered, bool]:
    """What the act answers, or what it answered to the same request before; and whether it was before.

    2 queries besides those of the act; 2 when it was before. Raises Refusal("rest.key_reused").
    """
    with transaction.atomic():
        if not _begun(client, key, digest, now):
            row = KeptAnswer.objects.get(client=client, key=key)
            if bytes(row.request_hash) != digest:
                raise Refusal("rest.key_reused", field="Idempotency-Key")
            return Answered(row.status, secrecy.unsealed(row.body), row.location, row.tag), True
        answer = act()
        KeptAnswer.objects.filter(client=client, key=key).update(
            status=answer.status, body=secrecy.sealed(answer.body), location=answer.location, tag=answer.tag
        )
        return answer, False


def _begun(client: UUID, key: UUID, digest: bytes, now: datetime) -> bool:
    """Whether the key is ours: nobody came with it before."""
    values = (new_id(), client, key, digest, 0, b"", "", "", now)
    fields = (KeptAnswer._meta.get_field(name) for name in _COLUMNS)
    written = [
        field.get_db_prep_save(value, connection)  # type: ignore[union-attr]  # a concrete field, each of them
        for field, value in zip(fields, values, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {KeptAnswer._meta.db_table} ({', '.join(_COLUMNS)}) "  # noqa: S608 - names of ours only
            f"VALUES ({', '.join(['%s'] * len(_COLUMNS))}) ON CONFLICT (client_id, key) DO NOTHING",
            written,
        )
        return bool(cursor.rowcount == 1)
