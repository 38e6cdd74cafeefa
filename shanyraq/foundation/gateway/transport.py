"""The way to the gateway: a protocol, the way over HTTPS, and a gateway of our own for the demonstration and tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Final, Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings
from django.utils.module_loading import import_string

from shanyraq.foundation.gateway import envelope
from shanyraq.foundation.gateway.envelope import Answer, Question, Sender, Unreadable

SECONDS: Final = 20
DENIED: Final = "SCSE001"  # of our fake: sender unknown
UNKNOWN: Final = "SCSE002"  # of our fake: no such service


class Away(Exception):
    """No answer came, or nobody knows whether the question arrived."""


class Transport(Protocol):
    """Carries one envelope there and one back. Raises Away."""

    def carry(self, body: bytes) -> bytes:
        """The envelope that came back."""
        ...


@dataclass(frozen=True, slots=True)
class HttpTransport:
    """Over HTTP to the address of the gateway."""

    url: str
    seconds: float = SECONDS

    def carry(self, body: bytes) -> bytes:
        """Post the envelope; a fault of SOAP comes with status 500 and is an answer too."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        request = Request(self.url, body, headers)  # noqa: S310 - the address is a setting
        try:
            with urlopen(request, timeout=self.seconds) as response:  # noqa: S310
                return bytes(response.read(envelope.LARGEST + 1))
        except HTTPError as problem:
            with problem:
                held = problem.read(envelope.LARGEST + 1)
            if b"Envelope" in held:
                return held
            raise Away(str(problem.code)) from None
        except (OSError, HTTPException, ValueError) as problem:
            raise Away(type(problem).__name__) from None


@dataclass(slots=True)
class FakeGateway:
    """A gateway that knows one sender, and services given as functions from a question to XML. A message that it has
    answered is answered the same way again. `silences`: so many questions go unanswered first."""

    sender: Sender
    services: dict[str, Callable[[Question], str]] = field(default_factory=dict)
    silences: int = 0
    heard: list[Question] = field(default_factory=list)
    _given: dict[str, bytes] = field(default_factory=dict)

    def carry(self, body: bytes) -> bytes:
        """Answer an envelope."""
        try:
            question, sender = envelope.read_question(body)
        except Unreadable as problem:
            return envelope.answered(Answer("SCSE003", str(problem), ""))
        self.heard.append(question)
        if self.silences:
            self.silences -= 1
            raise Away("silence")
        key = str(question.message)
        if key not in self._given:
            self._given[key] = envelope.answered(self._answer(question, sender))
        return self._given[key]

    def _answer(self, question: Question, sender: Sender) -> Answer:
        if sender != self.sender:
            return Answer(DENIED, "sender", "")
        if question.service not in self.services:
            return Answer(UNKNOWN, "service", "")
        return Answer(envelope.SUCCESS, "", self.services[question.service](question))


def transport() -> Transport | None:
    """The way in use: what settings.GATEWAY_TRANSPORT names, the address of the gateway, else none."""
    path = getattr(settings, "GATEWAY_TRANSPORT", "")
    if path:
        return import_string(path)()  # type: ignore[no-any-return]  # the setting names a transport
    return HttpTransport(settings.GATEWAY_URL) if settings.GATEWAY_URL else None
