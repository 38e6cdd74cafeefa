"""The real way to the state gateway and its fake pass the same tests: over HTTP to this machine, and inside."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.foundation.accounts.tests.servers import serving
from shanyraq.foundation.gateway import asking, consents, envelope
from shanyraq.foundation.gateway.asking import Gateway
from shanyraq.foundation.gateway.envelope import Answer, Question, Sender, Unreadable
from shanyraq.foundation.gateway.fakes import FakeConsents
from shanyraq.foundation.gateway.models import Consent, Exchange
from shanyraq.foundation.gateway.signing import NcaNodeSigning, fake_signing, fake_verified
from shanyraq.foundation.gateway.transport import Away, FakeGateway, HttpTransport
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
US = Sender("shanyraq", "a password")
IIN = "990230300015"  # 30 February: nobody's
PERSON = UUID(int=7)


def echo(question: Question) -> str:
    return f"<told token='{question.consent}'>{question.data}</told>"


@pytest.fixture(params=["fake", "http"])
def state(request) -> Iterator[tuple[FakeGateway, Gateway]]:
    """The gateway, and the way to it."""
    fake = FakeGateway(
        US, {"echo": echo, consents.SERVICE: FakeConsents(lambda iin: "given" if iin == IIN else "refused")}
    )
    if request.param == "fake":
        yield fake, Gateway(fake, US)
        return

    def answer(path, body, headers):
        assert headers["Content-Type"].startswith("text/xml")
        try:
            return 200, fake.carry(body)
        except Away:
            return 503, {}

    with serving(answer) as address:
        yield fake, Gateway(HttpTransport(address), US)


def test_a_service_answers(state):
    _, gateway = state
    answer = gateway.ask("echo", "<q>Әлия & Ко</q>", purpose="test", now=NOW, consent="t-1")
    assert answer == Answer("SCSS001", "", "<told token='t-1'><q>Әлия & Ко</q></told>")
    row = Exchange.objects.get()
    assert (row.code, row.attempts, row.away, len(row.answer_hash or b"")) == ("SCSS001", 1, False, 32)


def test_each_attempt_carries_the_same_message_id(state):
    fake, gateway = state
    fake.silences = 2
    gateway.ask("echo", "x", purpose="test", now=NOW)
    assert len(fake.heard) == 3
    assert len({one.message for one in fake.heard}) == 1
    assert Exchange.objects.get().attempts == 3


def test_silence_is_told_and_journalled(state):
    fake, gateway = state
    fake.silences = 3
    with pytest.raises(Refusal, match=r"gateway\.away"):
        gateway.ask("echo", "x", purpose="test", now=NOW)
    assert Exchange.objects.get().away


def test_the_same_question_can_be_asked_again_by_its_id(state):
    fake, gateway = state
    message = new_id()
    fake.silences = 3
    with pytest.raises(Refusal):
        gateway.ask("echo", "x", purpose="test", now=NOW, message=message)
    gateway.ask("echo", "x", purpose="test", now=NOW + timedelta(minutes=2), message=message)
    assert Exchange.objects.get().code == "SCSS001"


def test_a_service_that_does_not_answer_is_left_in_peace_for_a_while(state):
    fake, gateway = state
    fake.silences = 3 * asking.FAILURES
    for n in range(asking.FAILURES):
        with pytest.raises(Refusal, match=r"gateway\.away"):
            gateway.ask("echo", "x", purpose="test", now=NOW + timedelta(seconds=n))
    heard = len(fake.heard)
    with pytest.raises(Refusal, match=r"gateway\.resting"):
        gateway.ask("echo", "x", purpose="test", now=NOW + timedelta(seconds=30))
    assert len(fake.heard) == heard
    assert gateway.ask("echo", "x", purpose="test", now=NOW + timedelta(minutes=2)).success


@pytest.mark.parametrize(
    ("service", "sender", "code"), [("none", US, "SCSE002"), ("echo", Sender("x", "y"), "SCSE001")]
)
def test_a_no_of_the_gateway_is_told_with_its_code(state, service, sender, code):
    _, gateway = state
    with pytest.raises(Refusal, match=code):
        Gateway(gateway.transport, sender).ask(service, "x", purpose="test", now=NOW)


def test_consent_is_asked_for_given_used_and_withdrawn(state):
    fake, gateway = state
    until = NOW + timedelta(days=30)
    asked = consents.request(gateway, person=PERSON, iin=IIN, purpose="family", until=until, now=NOW)
    assert consents.request(gateway, person=PERSON, iin=IIN, purpose="family", until=until, now=NOW) == asked
    with pytest.raises(Refusal, match="consent_missing"):
        consents.token(person=PERSON, purpose="family", now=NOW)
    assert consents.look(gateway, consent=asked, now=NOW).state == "given"
    token = consents.token(person=PERSON, purpose="family", now=NOW)
    assert token.encode() not in bytes(Consent.objects.get().token or b"")
    gateway.ask("echo", "x", purpose="family", now=NOW, consent=token)
    assert fake.heard[-1].consent == token
    for at, purpose in ((until, "family"), (NOW, "other")):
        with pytest.raises(Refusal, match="consent_missing"):
            consents.token(person=PERSON, purpose=purpose, now=at)
    assert consents.withdraw(person=PERSON, purpose="family", now=NOW) == 1
    with pytest.raises(Refusal, match="consent_missing"):
        consents.token(person=PERSON, purpose="family", now=NOW)
    assert [one.state for one in consents.of_person(PERSON)] == ["withdrawn"]


def test_what_was_taken_back_while_the_state_was_asked_stays_taken_back(state):
    fake, gateway = state
    pk = consents.request(gateway, person=PERSON, iin=IIN, purpose="p", until=NOW + timedelta(days=9), now=NOW)
    answer = fake.services[consents.SERVICE]

    def meanwhile(question):
        consents.withdraw(person=PERSON, purpose="p", now=NOW)
        return answer(question)

    carried = Gateway(FakeGateway(US, {consents.SERVICE: meanwhile}), US)
    assert consents.look(carried, consent=pk, now=NOW).state == consents.WITHDRAWN
    with pytest.raises(Refusal, match=r"gateway\.consent_missing"):
        consents.token(person=PERSON, purpose="p", now=NOW)


def test_a_request_that_nobody_answered_before_its_end_is_made_again(state):
    _, gateway = state
    until = NOW + timedelta(days=1)
    first = consents.request(gateway, person=PERSON, iin=IIN, purpose="p", until=until, now=NOW)
    assert consents.request(gateway, person=PERSON, iin=IIN, purpose="p", until=until, now=NOW) == first
    later, end = NOW + timedelta(days=2), NOW + timedelta(days=9)
    assert consents.request(gateway, person=PERSON, iin=IIN, purpose="p", until=end, now=later) != first


def test_a_question_that_was_answered_at_last_is_no_silence(state):
    fake, gateway = state
    fake.silences, message = asking.ATTEMPTS, new_id()
    with pytest.raises(Refusal, match=r"gateway\.away"):
        gateway.ask("echo", "x", purpose="test", now=NOW, message=message)
    gateway.ask("echo", "x", purpose="test", now=NOW, message=message)
    assert not Exchange.objects.get().away


def test_a_refused_consent_gives_no_token(state):
    _, gateway = state
    asked = consents.request(
        gateway, person=PERSON, iin="990230300608", purpose="p", until=NOW + timedelta(days=1), now=NOW
    )
    assert consents.look(gateway, consent=asked, now=NOW).state == "refused"


def test_an_envelope_comes_back_as_it_went():
    question = Question(new_id(), "echo", NOW, "<a>ұ & <b/></a>", "token", "corr")
    assert envelope.read_question(envelope.asked(question, US)) == (question, US)


def test_the_journal_holds_neither_question_nor_password(state):
    _, gateway = state
    gateway.ask("echo", IIN, purpose="test", now=NOW)
    held = b"".join(str(value).encode() for value in Exchange.objects.values().get().values())
    assert IIN.encode() not in held
    assert US.password.encode() not in held


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>"""


@pytest.mark.parametrize("body", [b"", b"<", BOMB, b"<a/>", b"\xff\xfe", b"<response/>", b"x" * (envelope.LARGEST + 1)])
def test_what_is_no_envelope_is_refused(body):
    with pytest.raises(Unreadable):
        envelope.read_answer(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body):
    with contextlib.suppress(Unreadable):
        envelope.read_answer(body)


@pytest.fixture(params=["fake", "ncanode"])
def sign(request):
    if request.param == "fake":
        yield fake_signing
        return

    def answer(path, body, headers):
        told = json.loads(body)
        if (path, told["key"], told["password"]) != ("/wsse/sign", "a2V5", "secret"):
            return 400, {"status": 400}
        return 200, {"status": 200, "xml": fake_signing(told["xml"].encode()).decode()}

    with serving(answer) as address:
        yield NcaNodeSigning(address, "a2V5", "secret")


def test_an_envelope_is_signed_and_a_changed_one_is_found(sign):
    signed = sign(envelope.asked(Question(new_id(), "echo", NOW, "x"), US))
    assert fake_verified(signed)
    assert not fake_verified(signed.replace(b"echo", b"ecHo"))
    assert envelope.read_question(signed)[0].service == "echo"


def test_a_signing_service_that_does_not_answer_is_away():
    with pytest.raises(Away), serving(lambda *asked: (500, {})) as address:
        NcaNodeSigning(address, "a2V5", "secret")(b"<a/>")
