"""WS-Security on an envelope, by NCANode 3 (POST /wsse/sign), or by a fake that passes the same tests.

The key of the organisation is a setting; it never reaches the database or the journal."""

import json
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from typing import Final
from urllib.request import Request, urlopen

from shanyraq.foundation.gateway.transport import Away

SECONDS: Final = 20
MARK: Final = b"<!--signed:"


@dataclass(frozen=True, slots=True)
class NcaNodeSigning:
    """Signs with a PKCS#12 key, given as base64, and its password."""

    url: str
    key: str
    password: str

    def __call__(self, envelope: bytes) -> bytes:
        """The envelope with its security header. Raises Away."""
        body = json.dumps({"xml": envelope.decode(), "key": self.key, "password": self.password}).encode()
        request = Request(f"{self.url}/wsse/sign", body, {"Content-Type": "application/json"})  # noqa: S310
        try:
            with urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - the address is a setting
                return str(json.load(response)["xml"]).encode()
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as problem:
            raise Away(type(problem).__name__) from None


def fake_signing(envelope: bytes) -> bytes:
    """The envelope with a mark that stands for its signature."""
    return envelope + MARK + sha256(envelope).hexdigest().encode() + b"-->"


def fake_verified(signed: bytes) -> bool:
    """Whether the mark is that of the envelope."""
    envelope, _, mark = signed.rpartition(MARK)
    return bool(envelope) and fake_signing(envelope).endswith(mark)
