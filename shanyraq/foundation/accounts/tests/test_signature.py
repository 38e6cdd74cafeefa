import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shanyraq.foundation.accounts import signature
from shanyraq.foundation.accounts.signature import FakeSignatures, NcaNode, Purpose, SignatureService, Signer
from shanyraq.foundation.accounts.tests.servers import serving
from shanyraq.foundation.refusal import Refusal

NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
IIN, BIN = "900213300012", "970740000123"
FROM, UNTIL = NOW - timedelta(days=30), NOW + timedelta(days=335)
TEXT = "Мен <балабақшаны> таңдаймын & қол қоямын"


@dataclass
class Harness:
    """A service, and a way to sign so that it understands."""

    service: SignatureService
    sign: Callable[..., str]


def _told(document: str) -> dict[str, Any]:
    """What NCANode would say of a document of the fake: the shape of its published description."""
    signers = [
        {
            "valid": one.valid and not one.revoked,
            "revocations": [{"revoked": one.revoked, "by": "OCSP"}],
            "notBefore": one.signer.valid_from.isoformat(timespec="milliseconds"),
            "notAfter": one.signer.valid_until.isoformat(timespec="milliseconds"),
            "keyUsage": one.purpose,
            "subject": {"iin": one.signer.iin, **({"bin": one.signer.bin} if one.signer.bin else {})},
        }
        for one in FakeSignatures().certificates(document)
    ]
    return {"status": 200, "message": "OK", "valid": all(signer["valid"] for signer in signers), "signers": signers}


@pytest.fixture(params=["fake", "ncanode"])
def harness(request) -> Iterator[Harness]:
    fake = FakeSignatures()

    def sign(**change: Any) -> str:
        return fake.sign(TEXT, **{"iin": IIN, "valid_from": FROM, "valid_until": UNTIL, **change})

    if request.param == "fake":
        yield Harness(fake, sign)
        return

    def answer(path, body, headers):
        asked = json.loads(body)
        if (path, asked["revocationCheck"]) != ("/xml/verify", ["OCSP"]):
            return 404, {}
        if "<signature>" not in asked["xml"]:
            return 400, {"status": 400, "message": "no signature"}
        return 200, _told(asked["xml"])

    with serving(answer) as base:
        yield Harness(NcaNode(base), sign)


def verified(harness, document, **change):
    return signature.verify(harness.service, document, **{"iin": IIN, "now": NOW, **change})


def code_of(harness, document, **change):
    with pytest.raises(Refusal) as refused:
        verified(harness, document, **change)
    return refused.value.code


class TestEveryService:
    """What each service, real or fake, must do."""

    def test_tells_who_signed(self, harness):
        assert verified(harness, harness.sign()) == Signer(IIN, "", FROM, UNTIL)

    def test_tells_for_which_organisation(self, harness):
        assert verified(harness, harness.sign(bin=BIN), bin=BIN).bin == BIN

    @pytest.mark.parametrize("document", ["", "<document/>", "<document><text>x</text></document>"])
    def test_a_document_without_a_signature(self, harness, document):
        assert code_of(harness, document) == "accounts.signature_missing"

    def test_a_document_changed_after_it_was_signed(self, harness):
        document = harness.sign().replace("таңдаймын", "таңдамаймын")
        assert code_of(harness, document) == "accounts.signature_invalid"

    def test_a_revoked_certificate(self, harness):
        assert code_of(harness, harness.sign(revoked=True)) == "accounts.signature_revoked"

    def test_a_key_for_signing_in_does_not_sign(self, harness):
        assert code_of(harness, harness.sign(purpose=Purpose.AUTH)) == "accounts.signature_purpose"

    @pytest.mark.parametrize("now", [FROM - timedelta(seconds=1), UNTIL, UNTIL + timedelta(days=900)])
    def test_a_certificate_out_of_its_time(self, harness, now):
        assert code_of(harness, harness.sign(), now=now) == "accounts.signature_expired"

    def test_another_person(self, harness):
        assert code_of(harness, harness.sign(), iin="990101300015") == "accounts.signature_of_another"

    @pytest.mark.parametrize("signed", ["", "111140000123"])
    def test_another_organisation(self, harness, signed):
        assert code_of(harness, harness.sign(bin=signed), bin=BIN) == "accounts.signature_of_another"


@pytest.mark.parametrize("answer", [(500, {}), (502, b"<html>"), (200, b"not json")])
def test_a_service_in_trouble_is_away(answer):
    with serving(lambda path, body, headers: answer) as base, pytest.raises(Refusal) as refused:
        signature.verify(NcaNode(base), "<a/>", iin=IIN, now=NOW)
    assert refused.value.code == "accounts.signature_away"


def test_the_service_is_a_setting(settings):
    assert isinstance(signature.service(), FakeSignatures)
    settings.DEMO = False
    assert signature.service() is None
    settings.SIGNATURE_SERVICE = "shanyraq.foundation.accounts.signature.FakeSignatures"
    assert isinstance(signature.service(), FakeSignatures)
    settings.NCANODE_URL = "http://127.0.0.1:14579"
    assert signature.service() == NcaNode("http://127.0.0.1:14579")
