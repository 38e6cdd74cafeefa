"""Identifiers of rows: time-ordered UUIDs (RFC 9562, version 7), so that inserts stay local in the index; and public
names that tell nothing, not even when."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """A fresh UUIDv7: 48 bits of milliseconds, then chance, so that an id in an address cannot be guessed."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | 0x7 << 76
    return UUID(int=(value & ~(0x3 << 62)) | 0x2 << 62)


def new_code() -> str:
    """A fresh public name: 32 hexadecimal digits of chance."""
    return secrets.token_hex(16)
