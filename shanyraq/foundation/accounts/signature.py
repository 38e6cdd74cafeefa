"""The seam to the national signature (ЭЦҚ, ЭЦП): a signed XML document in, who signed it out.

The browser signs through NCALayer or eGov mobile; the server asks a verifying service. NcaNode speaks to NCANode 3
(open source); the fake passes the same tests.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from html import unescape
from typing import Any, Final, Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from xml.sax.saxutils import escape

from django.conf import settings
from django.core import signing
from django.utils.module_loading import import_string

from shanyraq.foundation.refusal import Refusal

SECONDS: Final = 20


class Purpose(StrEnum):
    """What a key may be used for: each citizen holds one to sign in and one to sign."""

    SIGN = "SIGN"
    AUTH = "AUTH"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: the IIN, for an organisation also the BIN, and until when the certificate lasts."""

    iin: str
    bin: str
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a verifying service tells of one signature."""

    valid: bool  # chain, dates and signature
    revoked: bool
    purpose: str
    signer: Signer


class SignatureService(Protocol):
    """Looks at the signature of an XML document."""

    def certificates(self, document: str) -> tuple[Certificate, ...]:
        """Every signature in the document, revocation checked; empty when there is none.

        Raises Refusal("accounts.signature_away") when the service does not answer.
        """
        ...


def verify(service: SignatureService, document: str, *, iin: str, now: datetime, bin: str = "") -> Signer:
    """The one signer of a document, who must be the acting person (and their organisation).

    Raises Refusal with: accounts.signature_missing, accounts.signature_invalid, accounts.signature_revoked,
    accounts.signature_expired, accounts.signature_purpose (a key to sign in was used), accounts.signature_of_another.
    """
    found = service.certificates(document)
    if len(found) != 1:
        raise Refusal("accounts.signature_missing", n=len(found))
    certificate = found[0]
    problem = _problem(certificate, now) or _stranger(certificate.signer, iin, bin)
    if problem:
        raise Refusal(f"accounts.signature_{problem}")
    return certificate.signer


def _problem(certificate: Certificate, now: datetime) -> str:
    signer = certificate.signer
    if certificate.revoked:
        return "revoked"
    if not signer.valid_from <= now < signer.valid_until:
        return "expired"
    if not certificate.valid:
        return "invalid"
    return "" if certificate.purpose == Purpose.SIGN else "purpose"


def _stranger(signer: Signer, iin: str, bin: str) -> str:
    return "" if signer.iin == iin and (not bin or signer.bin == bin) else "of_another"


@dataclass(frozen=True, slots=True)
class NcaNode:
    """A verifying service over HTTP: POST /xml/verify of NCANode 3, with revocation by OCSP."""

    url: str

    def certificates(self, document: str) -> tuple[Certificate, ...]:
        """Every signature in the document."""
        body = json.dumps({"xml": document, "revocationCheck": ["OCSP"]}).encode()
        request = Request(f"{self.url}/xml/verify", body, {"Content-Type": "application/json"})  # noqa: S310
        try:
            with urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - the address is a setting
                answer = json.load(response)
        except HTTPError as problem:
            with problem:
                if problem.code < 500:  # the document cannot be read: it holds no signature
                    return ()
                raise Refusal("accounts.signature_away") from None
        except (OSError, ValueError):
            raise Refusal("accounts.signature_away") from None
        return tuple(_certificate(signer) for signer in answer.get("signers") or ())


@dataclass(frozen=True, slots=True)
class FakeSignatures:
    """The service of the demonstration and of tests. `sign` stands for NCALayer, `certificates` for the check."""

    def sign(
        self,
        text: str,
        *,
        iin: str,
        valid_from: datetime,
        valid_until: datetime,
        bin: str = "",
        purpose: Purpose = Purpose.SIGN,
        revoked: bool = False,
    ) -> str:
        """A document with a signature that only this service understands."""
        told = {
            "iin": iin,
            "bin": bin,
            "from": valid_from.isoformat(),
            "until": valid_until.isoformat(),
            "purpose": purpose,
            "revoked": revoked,
            "text": _digest(text),
        }
        signature = signing.dumps(told, salt="signature-fake")
        return f"<document><text>{escape(text)}</text><signature>{signature}</signature></document>"

    def certificates(self, document: str) -> tuple[Certificate, ...]:
        """Every signature in the document."""
        text, told = _between(document, "text"), _between(document, "signature")
        if not told:
            return ()
        try:
            fields = signing.loads(told, salt="signature-fake")
        except signing.BadSignature:
            return ()
        signer = Signer(
            fields["iin"],
            fields["bin"],
            datetime.fromisoformat(fields["from"]),
            datetime.fromisoformat(fields["until"]),
        )
        intact = fields["text"] == _digest(unescape(text))
        return (Certificate(intact, fields["revoked"], fields["purpose"], signer),)


def service() -> SignatureService | None:
    """The service in use: the one that settings.SIGNATURE_SERVICE names, the fake in the demonstration, else none."""
    address = getattr(settings, "NCANODE_URL", "")
    if address:
        return NcaNode(address)
    path = getattr(settings, "SIGNATURE_SERVICE", "")
    if path:
        return import_string(path)()  # type: ignore[no-any-return]  # the setting names a service
    return FakeSignatures() if settings.DEMO else None


def _certificate(told: Mapping[str, Any]) -> Certificate:
    subject = told.get("subject") or {}
    signer = Signer(
        str(subject.get("iin") or ""),
        str(subject.get("bin") or ""),
        datetime.fromisoformat(told["notBefore"]),
        datetime.fromisoformat(told["notAfter"]),
    )
    revoked = any(check.get("revoked") for check in told.get("revocations") or ())
    return Certificate(bool(told.get("valid")), revoked, str(told.get("keyUsage") or ""), signer)


def _between(document: str, tag: str) -> str:
    _, _, rest = document.partition(f"<{tag}>")
    return rest.partition(f"</{tag}>")[0]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
