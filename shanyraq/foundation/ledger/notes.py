"""Signed notes (C2SP signed-note), checkpoints (tlog-checkpoint) and cosignatures (tlog-cosignature). Pure.

demo.shanyraq.invalid/log                       origin: which log
1042                                            how many leaves
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=    root
2026-11-23T16:00:00.000000Z                     when it was signed
                                                (an empty line, then one line for each signature)
— demo.shanyraq.invalid/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5…
"""

import binascii
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG: Final = b"\x01"  # Ed25519 over the text of the note
WITNESS: Final = b"\x04"  # cosignature/v1: Ed25519 over a time and the text of the note
PRIVATE: Final = "PRIVATE+KEY+"
MOST_BYTES: Final = 100_000  # of a note that somebody sends us
MOST_SIGNATURES: Final = 100


class BadNote(ValueError):
    """What should be a note, a key or a signature is none. The message says what is wrong with its form."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with the name of its owner. Spelt as `<name>+<id>+<base64 of kind and key>`."""

    name: str
    kind: bytes
    public: bytes

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that tell keys apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).hexdigest()[:8]

    def __str__(self) -> str:
        return f"{self.name}+{self.id}+{b64encode(self.kind + self.public).decode()}"

    @classmethod
    def parse(cls, spelt: str) -> "Key":
        """The key from its spelling. Raises BadNote."""
        name, key_id, kind, public = _key_parts(spelt)
        key = cls(name, kind, public)
        if key.id != key_id:
            raise BadNote("the id is not that of the key")
        return key

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether the signature (behind the id) is this key's over the text."""
        message, stamp = text.encode(), signature
        if self.kind == WITNESS:
            message, stamp = _cosigned(text, int.from_bytes(signature[:8], "big")), signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(stamp, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A secret key: what signs. Spelt as `PRIVATE+KEY+<name>+<id>+<base64 of kind and seed>`."""

    name: str
    kind: bytes
    seed: bytes

    @classmethod
    def parse(cls, spelt: str) -> "Signer":
        """The secret key from its spelling. Raises BadNote."""
        if not spelt.startswith(PRIVATE):
            raise BadNote(f"a secret key begins with {PRIVATE}")
        name, key_id, kind, seed = _key_parts(spelt.removeprefix(PRIVATE))
        signer = cls(name, kind, seed)
        if signer.key.id != key_id:
            raise BadNote("the id is not that of the key")
        return signer

    @property
    def key(self) -> Key:
        """The public key."""
        return Key(self.name, self.kind, self._secret().public_key().public_bytes_raw())

    def secret(self) -> str:
        """The spelling of the secret key: for a file that nobody else reads."""
        return f"{PRIVATE}{self.name}+{self.key.id}+{b64encode(self.kind + self.seed).decode()}"

    def sign(self, text: str) -> "Signature":
        """The log's signature under a text."""
        return Signature(self.name, self.key.id, self._secret().sign(text.encode()))

    def cosign(self, text: str, at: datetime) -> "Signature":
        """A witness's signature under the text of a checkpoint: it has seen no other history up to `at`."""
        seconds = int(at.timestamp())
        signature = seconds.to_bytes(8, "big") + self._secret().sign(_cosigned(text, seconds))
        return Signature(self.name, self.key.id, signature)

    def _secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note."""

    name: str
    key_id: str
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {b64encode(bytes.fromhex(self.key_id) + self.value).decode()}\n"

    @property
    def cosigned_at(self) -> datetime:
        """When a witness signed, to the second."""
        return datetime.fromtimestamp(int.from_bytes(self.value[:8], "big"), UTC)


@dataclass(frozen=True, slots=True)
class Note:
    """A text with the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    @classmethod
    def parse(cls, content: str) -> "Note":
        """The note. Signatures of kinds that we do not know are kept. Raises BadNote."""
        text, found, lines = content.rpartition("\n\n")
        if not found or not text or len(content) > MOST_BYTES:
            raise BadNote("a note is a text, an empty line and signatures")
        if not lines.endswith("\n") or any(ord(letter) < 32 and letter != "\n" for letter in content):
            raise BadNote("a note is plain lines")
        signatures = tuple(_signature(line) for line in lines.splitlines())
        if not 0 < len(signatures) <= MOST_SIGNATURES:
            raise BadNote("a note has 1 to 100 signatures")
        return cls(f"{text}\n", signatures)

    def by(self, key: Key) -> Signature | None:
        """The signature of a key that is truly under the text; None without one."""
        named = (one for one in self.signatures if (one.name, one.key_id) == (key.name, key.id))
        return next((one for one in named if key.signed(self.text, one.value)), None)

    def with_signatures(self, more: Iterable[Signature]) -> "Note":
        """The note with signatures added below, each once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *more))))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: so many leaves, this root, at this instant."""

    origin: str
    size: int
    root: bytes
    at: datetime

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n{spell(self.at)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint from the text of a note. Raises BadNote."""
        lines = text.splitlines()
        if len(lines) < 4 or not all(lines):
            raise BadNote("a checkpoint has an origin, a size, a root and a time")
        size, root = lines[1], _unbase64(lines[2])
        if not (size.isascii() and size.isdigit()) or size != str(int(size)) or len(size) > 18 or len(root) != 32:
            raise BadNote("the size or the root of the checkpoint is none")
        try:
            at = datetime.strptime(lines[3], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError:
            raise BadNote("the time of the checkpoint is none") from None
        return cls(lines[0], int(size), root, at)


def spell(at: datetime) -> str:
    """An instant as notes and leaves spell it: UTC, six digits of a second, 2026-11-02T04:00:00.000000Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def sign(checkpoint: Checkpoint, signers: Sequence[Signer]) -> Note:
    """The checkpoint as a note under the signature of every signer."""
    text = str(checkpoint)
    return Note(text, tuple(signer.sign(text) for signer in signers))


def split_notes(content: str) -> list[str]:
    """Notes that stand one behind the other in a file, each as its own text."""
    found: list[str] = []
    lines: list[str] = []
    for line in content.splitlines(keepends=True):
        if lines and lines[-1].startswith("— ") and not line.startswith("— "):
            found.append("".join(lines))
            lines = []
        if lines or line.strip():
            lines.append(line)
    return [*found, "".join(lines)] if lines else found


def valid_name(name: str) -> bool:
    """Whether a log or a witness may be called so: some letters, no space, no plus sign."""
    return 0 < len(name) <= 100 and "+" not in name and not any(letter.isspace() or ord(letter) < 32 for letter in name)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    value = _unbase64(encoded)
    if dash != "—" or not valid_name(name) or len(value) < 5:
        raise BadNote("a signature is a dash, a name and base64")
    return Signature(name, value[:4].hex(), value[4:])


def _key_parts(spelt: str) -> tuple[str, str, bytes, bytes]:
    parts = spelt.strip().split("+", 2)
    if len(parts) != 3 or not valid_name(parts[0]):
        raise BadNote("a key is <name>+<id>+<base64>")
    value = _unbase64(parts[2])
    if len(value) != 33 or value[:1] not in (LOG, WITNESS):
        raise BadNote("the key is not an Ed25519 key of a log or a witness")
    return parts[0], parts[1], value[:1], value[1:]


def _unbase64(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("not base64") from None
