"""What the public sees of an entry: its leaf, which names nobody, with the rest of the entry under a seal. Pure.

    leaf = {"at": instant, "code": pseudonym, "kind": what happened, "open": public facts, "seal": hex}
    seal = SHA-256(salt ‖ {"payload": all facts, "subject": id})

Only who holds the salt can show what the seal holds, and nobody can show anything else. docs/rules/log.md
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from shanyraq.foundation.ledger import notes, tree
from shanyraq.foundation.ledger.canonical import Json

SALT_BYTES: Final = 16
_plain = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode  # as canonical()
_word = json.JSONEncoder(ensure_ascii=False).encode


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
    """The leaf of an entry from its columns, in the one spelling of canonical JSON. `opened` names what is open.

    Raises KeyError when a fact that should be open is not in the payload.
    """
    public = "{}"
    if opened:
        facts = json.loads(payload)
        public = _plain({name: facts[name] for name in opened.split(",")})
    return (
        f'{{"at":"{notes.spell(at)}","code":{_word(code)},"kind":{_word(kind)},"open":{public},'
        f'"seal":"{seal(salt, subject, payload)}"}}'
    )


def hash_of(*, at: datetime, code: str, kind: str, opened: str, payload: str, salt: bytes, subject: UUID) -> bytes:
    """The hash of an entry's leaf from its columns."""
    leaf = text(at=at, code=code, kind=kind, opened=opened, payload=payload, salt=salt, subject=subject)
    return tree.leaf_hash(leaf.encode())
