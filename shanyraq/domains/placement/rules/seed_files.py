"""What parties of a ceremony hand to one another: keys, sealed shares, signed messages, as small JSON files. Pure.

Chance comes in as an argument: a secret key, or the 32 bytes of one.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shanyraq.domains.placement.rules.seed import SeedMessage, SeedStep
from shanyraq.foundation.refusal import Refusal

PARTY_FORM: Final = "shanyraq-seed-party/1"
KEY_BYTES: Final = 32
MOST_LETTERS: Final = 20_000  # of a file that somebody hands in


@dataclass(frozen=True, slots=True)
class SeedParty:
    """The public face of a party."""

    name: str
    box_key: str  # X25519, hexadecimal: shares for it are sealed to this key
    sign_key: str  # Ed25519, hexadecimal: its messages are signed with the other half

    def text(self) -> str:
        """The file that a party gives to the officer."""
        return spelled({"form": PARTY_FORM, "name": self.name, "box_key": self.box_key, "sign_key": self.sign_key})


@dataclass(frozen=True, slots=True, repr=False)
class SeedSecret:
    """The secret half of a party's keys."""

    box: bytes
    sign: bytes

    def party(self, name: str) -> SeedParty:
        """The public face."""
        box = X25519PrivateKey.from_private_bytes(self.box).public_key().public_bytes_raw()
        sign = Ed25519PrivateKey.from_private_bytes(self.sign).public_key().public_bytes_raw()
        return SeedParty(name, box.hex(), sign.hex())

    def signed(self, ceremony: str, message: SeedMessage) -> dict[str, str]:
        """A message as it is handed in: its text and the signature under it."""
        text = spelled(_plain(ceremony, message))
        return {"message": text, "signature": Ed25519PrivateKey.from_private_bytes(self.sign).sign(text.encode()).hex()}

    def opened(self, box: str, about: str) -> str | None:
        """The share in a box that was sealed for this party; None when it does not open."""
        try:
            sent = bytes.fromhex(box)
            shared = X25519PrivateKey.from_private_bytes(self.box).exchange(
                X25519PublicKey.from_public_bytes(sent[:32])
            )
            key = _key(shared, sent[:32])
            return AESGCM(key).decrypt(bytes(12), sent[32:], about.encode()).decode("ascii")
        except (ValueError, InvalidTag):
            return None


def sealed(share: str, to: str, about: str, once: bytes) -> str:
    """A share sealed for the holder of a box key; `once`: 32 bytes of chance that are used for nothing else."""
    mine = X25519PrivateKey.from_private_bytes(once)
    public = mine.public_key().public_bytes_raw()
    key = _key(mine.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(to))), public)
    return (public + AESGCM(key).encrypt(bytes(12), share.encode(), about.encode())).hex()


def about(ceremony: str, party: int, holder: int) -> str:
    """What a box belongs to: it opens for nothing else."""
    return f"{ceremony}/{party}/{holder}"


def read_party(text: str) -> SeedParty:
    """The public face of a party from its file. Raises Refusal("placement.seed_malformed")."""
    body = _read(text)
    try:
        found = SeedParty(str(body["name"]).strip(), body["box_key"], body["sign_key"])
        X25519PublicKey.from_public_bytes(bytes.fromhex(found.box_key))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(found.sign_key))
    except (KeyError, TypeError, ValueError):
        raise Refusal("placement.seed_malformed") from None
    if body.get("form") != PARTY_FORM or not 0 < len(found.name) <= 120:
        raise Refusal("placement.seed_malformed")
    return found


def read_messages(text: str) -> list[tuple[str, str]]:
    """The signed texts of a file, each with its signature. Raises Refusal("placement.seed_malformed")."""
    body = _read(text)
    try:
        return [(str(one["message"]), str(one["signature"])) for one in body["messages"]]
    except (KeyError, TypeError):
        raise Refusal("placement.seed_malformed") from None


def checked(ceremony: str, text: str, signature: str, keys: dict[int, str]) -> SeedMessage:
    """The message of a signed text; `keys`: the sign keys of the parties by place.

    Raises Refusal("placement.seed_forged") when the party that it names has not signed it or it is of another
    ceremony, ("placement.seed_malformed").
    """
    body = _read(text)
    try:
        message = SeedMessage(
            int(body["party"]), SeedStep(body["step"]), int(body.get("about", 0)), _words(body, "hashes"),
            _words(body, "boxes"), _words(body, "shares"),
        )  # fmt: skip
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[message.party])).verify(
            bytes.fromhex(signature), text.encode()
        )
    except InvalidSignature:
        raise Refusal("placement.seed_forged") from None
    except (KeyError, TypeError, ValueError):
        raise Refusal("placement.seed_malformed") from None
    if body.get("ceremony") != ceremony:
        raise Refusal("placement.seed_forged")
    return message


def spelled(body: dict[str, Any]) -> str:
    """The one text of a file: keys sorted, no spaces."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(ceremony: str, message: SeedMessage) -> dict[str, Any]:
    parts = {"about": message.about, "hashes": message.hashes, "boxes": message.boxes, "shares": message.shares}
    return {"ceremony": ceremony, "party": message.party, "step": message.step.value} | {
        name: list(value) if isinstance(value, tuple) else value for name, value in parts.items() if value
    }


def _words(body: dict[str, Any], name: str) -> tuple[str, ...]:
    found = body.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError(name)
    return tuple(found)


def _read(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text) if len(text) <= MOST_LETTERS else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal("placement.seed_malformed")
    return body


def _key(shared: bytes, public: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"shanyraq seed share " + public).derive(shared)
