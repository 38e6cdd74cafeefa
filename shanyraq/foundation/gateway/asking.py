"""Asking a service of the state: the same message id in every attempt, a journal of hashes, a rest when nobody answers.

A caller never waits for the state: `ask` is for jobs. A family's place in a queue does not hang on an answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.conf import settings

from shanyraq.foundation.gateway import envelope
from shanyraq.foundation.gateway.envelope import Answer, Question, Sender, Unreadable
from shanyraq.foundation.gateway.models import Exchange
from shanyraq.foundation.gateway.signing import NcaNodeSigning
from shanyraq.foundation.gateway.transport import Away, Transport, transport
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id

ATTEMPTS: Final = 3
FAILURES: Final = 5  # in a row, then the service rests
REST: Final = timedelta(minutes=1)
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Gateway:
    """The state gateway as we reach it. `sign` puts WS-Security on an envelope (NCANode /wsse/sign)."""

    transport: Transport
    sender: Sender
    sign: Sign = bytes

    def ask(
        self, service: str, data: str, *, purpose: str, now: datetime, consent: str = "", message: UUID | None = None
    ) -> Answer:
        """The answer of a service. Up to ATTEMPTS with one message id; given again, `message` asks the same once more.

        Raises Refusal: gateway.resting (it did not answer five times in a row), gateway.away, gateway.unreadable,
        gateway.refused (with the code of the gateway).
        """
        _require_awake(service, now)
        question = Question(message or new_id(), service, now, data, consent)
        row = _noted(question, purpose)
        try:
            answer = self._answer(self.sign(envelope.asked(question, self.sender)), row)
        except (Away, Unreadable) as problem:
            row.away, row.code = isinstance(problem, Away), type(problem).__name__.lower()
            _ended(row, now)
            raise Refusal(f"gateway.{row.code}") from None
        row.code = answer.code[:20]
        _ended(row, now)
        if not answer.success:
            raise Refusal("gateway.refused", said=answer.code)
        return answer

    def _answer(self, signed: bytes, row: Exchange) -> Answer:
        while True:
            row.attempts += 1
            try:
                body = self.transport.carry(signed)
            except Away:
                if row.attempts >= ATTEMPTS:
                    raise
                continue
            row.answer_hash = sha256(body).digest()
            return envelope.read_answer(body)


def gateway() -> Gateway | None:
    """The gateway that the settings name; nothing where there is none."""
    way = transport()
    if way is None:
        return None
    sender = Sender(settings.GATEWAY_SENDER, settings.GATEWAY_PASSWORD)
    if not settings.GATEWAY_KEY:
        return Gateway(way, sender)
    return Gateway(
        way, sender, NcaNodeSigning(settings.NCANODE_URL, settings.GATEWAY_KEY, settings.GATEWAY_KEY_PASSWORD)
    )


def journal(*, limit: int = 50) -> tuple[Exchange, ...]:
    """The last questions, newest first. 1 query."""
    return tuple(Exchange.objects.order_by("-began_at", "-id")[:limit])


def resting(service: str, now: datetime) -> bool:
    """Whether the service did not answer its last FAILURES questions, the last within REST. 1 query."""
    rows = Exchange.objects.filter(service=service, ended_at__isnull=False).order_by("-began_at", "-id")
    last = list(rows.values_list("away", "ended_at")[:FAILURES])
    latest = last[0][1] if last else None
    return latest is not None and len(last) == FAILURES and all(away for away, _ in last) and latest + REST > now


def _require_awake(service: str, now: datetime) -> None:
    if resting(service, now):
        raise Refusal("gateway.resting")


def _noted(question: Question, purpose: str) -> Exchange:
    plain = envelope.asked(question, Sender("", ""))
    row, made = Exchange.objects.get_or_create(
        id=question.message,
        defaults={
            "service": question.service,
            "purpose": purpose,
            "question_hash": sha256(plain).digest(),
            "began_at": question.sent_at,
        },
    )
    if not made:
        row.began_at, row.attempts, row.away, row.answer_hash = question.sent_at, 0, False, None
    return row


def _ended(row: Exchange, now: datetime) -> None:
    row.ended_at = now
    row.save(update_fields=["attempts", "answer_hash", "code", "began_at", "ended_at", "away"])
