"""The seam to an SMS gateway: a protocol, a gateway that keeps silent, and a fake that remembers."""

from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from shanyraq.foundation.refusal import Refusal

LONGEST = 280  # characters; four parts in Cyrillic letters


@dataclass(frozen=True, slots=True)
class Sms:
    """A short message. `key` is the same at each attempt, so that a gateway sends it once."""

    phone: str  # +7 and ten digits
    text: str
    key: str


class SmsGateway(Protocol):
    """Hands over one message, or raises Refusal("notices.phone_unusable"): then trying again is useless.

    Any other exception means "not now": the job comes back to it. A key seen before is not sent twice.
    """

    def send(self, message: Sms) -> None:
        """Hand over the message."""
        ...


class SilentGateway:
    """Sends nothing: for the demonstration, and until a gateway is agreed."""

    def send(self, message: Sms) -> None:
        """Check the message, and drop it."""
        require_sendable(message)


@dataclass(slots=True)
class RecordingGateway:
    """A fake that keeps what it was given, in tests."""

    sent: list[Sms] = field(default_factory=list)

    def send(self, message: Sms) -> None:
        """Keep the message, once for each key."""
        require_sendable(message)
        if all(message.key != earlier.key for earlier in self.sent):
            self.sent.append(message)


def gateway() -> SmsGateway:
    """The gateway that settings.SMS_GATEWAY names."""
    return import_string(settings.SMS_GATEWAY)()  # type: ignore[no-any-return]  # the setting names a gateway


def require_sendable(message: Sms) -> None:
    """Pass when the phone is a Kazakhstan number and the text fits. Raises Refusal("notices.phone_unusable")."""
    digits = message.phone.removeprefix("+7")
    if len(digits) != 10 or not digits.isdecimal() or not message.phone.startswith("+7"):
        raise Refusal("notices.phone_unusable", field="phone")
    if not message.text or len(message.text) > LONGEST:
        raise ValueError(f"an SMS of {len(message.text)} characters")
