"""What every peer does, line for line what our endpoints do, with SQLAlchemy's core and asyncpg.

Read: one group by its id with the district of its kindergarten, as JSON with an ETag; the caller's bucket is looked at.
Write: the token is checked, the group locked, its children counted, its places set, and the change written to the
ledger (payload, salted seal, leaf hash) and to the audit, in one transaction.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
import uuid
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

TOKEN_KEY = bytes.fromhex(os.environ["BENCH_TOKEN_KEY"])
RATE = 60_000_000
data = MetaData()
GROUP = Table(
    "registry_group",
    data,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid),
    Column("name", String),
    Column("kind", String),
    Column("language", String),
    Column("born_from", SmallInteger),
    Column("born_to", SmallInteger),
    Column("places", SmallInteger),
    Column("valid_from", Date),
    Column("valid_to", Date),
)
ORGANISATION = Table("registry_organisation", data, Column("id", Uuid, primary_key=True), Column("district_id", String))
ENROLMENT = Table(
    "registry_enrolment",
    data,
    Column("id", Uuid, primary_key=True),
    Column("group_id", Uuid),
    Column("valid_to", Date),
    Column("state_order", SmallInteger),
)
LEDGER = Table(
    "ledger_ledgerentry",
    data,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("id", Uuid),
    Column("kind", String),
    Column("subject_id", Uuid),
    Column("recorded_at", DateTime(timezone=True)),
    Column("payload", String),
    Column("code", String),
    Column("opened", String),
    Column("salt", LargeBinary),
    Column("leaf_hash", LargeBinary),
)
AUDIT = Table(
    "audit_auditentry",
    data,
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True)),
    Column("kind", String),
    Column("action", String),
    Column("actor_id", Uuid),
    Column("person_id", Uuid),
    Column("role", String),
    Column("system", String),
    Column("organisation_id", Uuid),
    Column("child_id", Uuid),
    Column("subject", String),
    Column("subject_id", Uuid),
    Column("reason", String),
    Column("facts", JSONB),
)
CARD = select(
    GROUP.c.id,
    GROUP.c.organisation_id,
    ORGANISATION.c.district_id,
    GROUP.c.name,
    GROUP.c.kind,
    GROUP.c.language,
    GROUP.c.born_from,
    GROUP.c.born_to,
    GROUP.c.places,
    GROUP.c.valid_from,
    GROUP.c.valid_to,
).join(ORGANISATION, ORGANISATION.c.id == GROUP.c.organisation_id)


class GroupOut(BaseModel):
    """A group as the API shows it."""

    id: uuid.UUID
    organisation: uuid.UUID
    district: str
    name: str
    kind: str
    language: str
    born_from: int
    born_to: int
    places: int
    since: date
    until: date | None


class PlacesIn(BaseModel):
    """The number of places."""

    places: int


class Missing(Exception):
    """No such group."""


class Refused(Exception):
    """No valid token, or too many requests."""


def engine() -> AsyncEngine:
    """Connections to the database that DATABASE_URL names."""
    address = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://", 1)
    return create_async_engine(address, pool_size=8, max_overflow=8)


_left: dict[str, tuple[float, float]] = {}


def take(name: str) -> None:
    """One request from the caller's bucket."""
    now = time.monotonic()
    left, at = _left.get(name, (float(RATE), now))
    left = min(RATE, left + (now - at) * RATE / 60)
    if left < 1:
        raise Refused
    _left[name] = (left - 1, now)


def require_token(header: str) -> str:
    """The client of a bearer token."""
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer":
        raise Refused
    whole = base64.urlsafe_b64decode(token.removeprefix("shq1.") + "==")
    plain, seal = whole[:-32], whole[-32:]
    if not hmac.compare_digest(seal, hmac.digest(TOKEN_KEY, plain, "sha256")):
        raise Refused
    if int.from_bytes(plain[20:28]) < time.time():
        raise Refused
    return plain[:16].hex()


async def read(database: AsyncEngine, group: uuid.UUID) -> tuple[bytes, str]:
    """The JSON of a group and its ETag."""
    async with database.connect() as connection:
        row = (await connection.execute(CARD.where(GROUP.c.id == group))).first()
    if row is None:
        raise Missing
    return told(GroupOut.model_construct(**as_named(row)))


def as_named(row: Any) -> dict[str, Any]:
    """The fields of the answer."""
    return {
        "id": row.id,
        "organisation": row.organisation_id,
        "district": row.district_id,
        "name": row.name,
        "kind": row.kind,
        "language": row.language,
        "born_from": row.born_from,
        "born_to": row.born_to,
        "places": row.places,
        "since": row.valid_from,
        "until": row.valid_to,
    }


def told(card: GroupOut) -> tuple[bytes, str]:
    """JSON and ETag."""
    body = card.__pydantic_serializer__.to_json(card)
    return body, f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


async def write(database: AsyncEngine, client: str, group: uuid.UUID, places: int) -> tuple[bytes, str]:
    """Set the places of a group and write it down."""
    now = datetime.now(UTC)
    async with database.begin() as connection:
        row = (await connection.execute(CARD.where(GROUP.c.id == group).with_for_update(of=GROUP))).first()
        if row is None:
            raise Missing
        open_ended = (ENROLMENT.c.valid_to.is_(None)) | (ENROLMENT.c.valid_to > now.date())
        taken = (
            await connection.execute(
                select(ENROLMENT.c.group_id, func.count(ENROLMENT.c.id))
                .where(ENROLMENT.c.group_id == group, open_ended)
                .group_by(ENROLMENT.c.group_id)
            )
        ).first()
        if taken is not None and taken[1] > places:
            raise Refused
        await connection.execute(GROUP.update().where(GROUP.c.id == group).values(places=places))
        await connection.execute(LEDGER.insert().values(**entry(group, {"after": places, "before": row.places}, now)))
        await connection.execute(AUDIT.insert().values(**trail(client, group, [row.places, places], now)))
    return told(GroupOut.model_construct(**{**as_named(row), "places": places}))


def entry(group: uuid.UUID, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The row of the ledger: the payload, its salted seal, the hash of its public leaf."""
    text, salt = canonical(payload), secrets.token_bytes(16)
    seal = hashlib.sha256(salt + canonical({"payload": payload, "subject": str(group)}).encode()).hexdigest()
    leaf = {"at": now.isoformat(), "code": group.hex, "kind": "registry.PlacesChanged", "open": payload, "seal": seal}
    return {
        "id": uuid.uuid4(),
        "kind": "registry.PlacesChanged",
        "subject_id": group,
        "recorded_at": now,
        "payload": text,
        "code": group.hex,
        "opened": "after,before",
        "salt": salt,
        "leaf_hash": hashlib.sha256(b"\0" + canonical(leaf).encode()).digest(),
    }


def trail(client: str, group: uuid.UUID, places: list[int], now: datetime) -> dict[str, Any]:
    """The row of the audit."""
    return {
        "id": uuid.uuid4(),
        "at": now,
        "kind": "write",
        "action": "registry.change_group",
        "role": "system",
        "system": f"client {client[:16]}",
        "subject": "group",
        "subject_id": group,
        "reason": "",
        "facts": {"places": places},
    }


def canonical(payload: Any) -> str:
    """The one JSON text."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
