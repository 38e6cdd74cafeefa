"""What the public sees of an entry: its leaf, which names nobody, with the rest of the entry under a seal. Pure.

    leaf = {"at": instant, "code": pseudonym, "kind": what happened, "open": public facts, "seal": hex}
    seal = SHA-256(salt ‖ {"payload": all facts, "subject": id})

Only who holds the salt can show what the seal holds, and nobody can show anything else. docs/rules/log.md
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from shanyraq.foundation.ledger.canonical import Json, canonical

SALT_BYTES: Final = 16
MOST_BYTES: Final = 65_535  # a bundle of the published log gives the length of a leaf in two bytes
LEAF_PREFIX: Final = b"\x00"


def instant(at: datetime) -> str:
    """An instant as a leaf spells it: UTC, six digits of a second, e.g. 2026-11-02T04:00:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def opened(names: Iterable[str], payload: Mapping[str, Json]) -> str:
    """The names of the public facts as the column keeps them: sorted, with commas.

    Raises ValueError when a name is not in the payload: it would be public by mistake of spelling only.
    """
    wanted = sorted(set(names))
    missing = [name for name in wanted if name not in payload]
    if missing:
        raise ValueError(f"not in the payload: {', '.join(missing)}")
    return ",".join(wanted)


def seal(salt: bytes, subject: UUID, payload: str) -> str:
    """The salted commitment to all of an entry, in hexadecimal. `payload`: its canonical text."""
    return hashlib.sha256(salt + f'{{"payload":{payload},"subject":"{subject}"}}'.encode()).hexdigest()


def text(*, at: datetime, code: str, kind: str, opened: str, payload: str, salt: bytes, subject: UUID) -> str:
    """The leaf of an entry from its columns. Raises ValueError when it is too long to be published."""
    public: dict[str, Json] = {}
    if opened:
        facts = json.loads(payload)
        public = {name: facts[name] for name in opened.split(",")}
    leaf = canonical(
        {"at": instant(at), "code": code, "kind": kind, "open": public, "seal": seal(salt, subject, payload)}
    )
    if len(leaf.encode()) > MOST_BYTES:
        raise ValueError(f"{kind}: a leaf holds {MOST_BYTES} bytes at most")
    return leaf


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf in the tree (RFC 9162, 2.1.1)."""
    return hashlib.sha256(LEAF_PREFIX + leaf).digest()


def hash_of(*, at: datetime, code: str, kind: str, opened: str, payload: str, salt: bytes, subject: UUID) -> bytes:
    """The hash of an entry's leaf from its columns."""
    leaf = text(at=at, code=code, kind=kind, opened=opened, payload=payload, salt=salt, subject=subject)
    return leaf_hash(leaf.encode())
