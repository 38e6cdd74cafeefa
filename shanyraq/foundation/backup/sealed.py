"""A stream of bytes sealed with AES-256-GCM in chunks, so that memory stays small and every change is found.

    magic ‖ salt(16) ‖ prefix(7) ‖ check(16) ‖ { length(4) ‖ chunk }…

Each chunk is sealed under nonce = prefix ‖ its number(4) ‖ last(1), with the head as associated data: a chunk that was
changed, moved, left out or added does not open, and neither does a file whose end is missing. `check` tells a wrong key
from a damaged file.
"""

import hmac
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shanyraq.foundation.refusal import Refusal

MAGIC: Final = b"shanyraq-backup/1\n"
SALT, PREFIX, CHECK, LENGTH, TAG = 16, 7, 16, 4, 16  # bytes
HEAD: Final = len(MAGIC) + SALT + PREFIX + CHECK
CHUNK: Final = 1 << 20  # bytes of content in a chunk
CHANCE: Final = SALT + PREFIX  # random bytes that a new file needs


class Writer:
    """Seals what is written into `raw`. Without `close` the file does not open."""

    def __init__(self, raw: BinaryIO, secret: str, chance: bytes) -> None:
        if len(chance) != CHANCE:
            raise ValueError(f"{CHANCE} random bytes are needed")
        salt, self._prefix = chance[:SALT], chance[SALT:]
        key, check = _keys(secret, salt)
        self._raw, self._cipher, self._number = raw, AESGCM(key), 0
        self._head = MAGIC + salt + self._prefix + check
        self._kept = bytearray()
        raw.write(self._head)

    def write(self, content: bytes) -> None:
        """Take bytes; whole chunks leave at once."""
        self._kept += content
        while len(self._kept) > CHUNK:
            self._seal(bytes(self._kept[:CHUNK]), last=False)
            del self._kept[:CHUNK]

    def close(self) -> None:
        """Seal the last chunk, which says that it is the last."""
        self._seal(bytes(self._kept), last=True)
        self._kept.clear()

    def _seal(self, content: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._prefix, self._number, last), content, self._head)
        self._raw.write(len(sealed).to_bytes(LENGTH, "big") + sealed)
        self._number += 1


class Reader:
    """Opens what a Writer sealed, chunk after chunk.

    Raises Refusal("backup.not_ours"), ("backup.wrong_key"), ("backup.truncated"), ("backup.changed").
    """

    def __init__(self, raw: BinaryIO, secret: str) -> None:
        self._raw, self._number, self.over = raw, 0, False
        self._head = raw.read(HEAD)
        if not self._head.startswith(MAGIC[: len(self._head)]) or not self._head:
            raise Refusal("backup.not_ours")
        if len(self._head) < HEAD:
            raise Refusal("backup.truncated")
        salt, self._prefix = self._head[len(MAGIC) :][:SALT], self._head[len(MAGIC) + SALT :][:PREFIX]
        key, check = _keys(secret, salt)
        if not hmac.compare_digest(check, self._head[-CHECK:]):
            raise Refusal("backup.wrong_key")
        self._cipher = AESGCM(key)
        self._next = self._sealed()

    def chunk(self) -> bytes:
        """The content of the next chunk; empty at the end."""
        if self.over:
            return b""
        sealed, self._next = self._next, self._sealed()
        content = self._opened(sealed, last=not self._next)
        self.over = not self._next
        self._number += 1
        return content

    def _sealed(self) -> bytes:
        length = self._raw.read(LENGTH)
        if not length:
            return b""
        wanted = int.from_bytes(length, "big")
        if len(length) == LENGTH and not TAG <= wanted <= CHUNK + TAG:
            raise Refusal("backup.changed")
        sealed = self._raw.read(wanted)
        if len(length) < LENGTH or len(sealed) < wanted:
            raise Refusal("backup.truncated")
        return sealed

    def _opened(self, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(self._prefix, self._number, last), sealed, self._head)
        except InvalidTag:
            pass
        raise Refusal("backup.truncated" if last and self._goes_on(sealed) else "backup.changed")

    def _goes_on(self, sealed: bytes) -> bool:
        if not sealed:
            return True
        try:
            self._cipher.decrypt(_nonce(self._prefix, self._number, last=False), sealed, self._head)
        except InvalidTag:
            return False
        return True


def _keys(secret: str, salt: bytes) -> tuple[bytes, bytes]:
    made = HKDF(SHA256(), 32 + CHECK, salt, b"shanyraq backup 1").derive(secret.encode())
    return made[:32], made[32:]


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
