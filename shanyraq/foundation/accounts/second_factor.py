"""The second factor: a code of an authenticator application (TOTP, RFC 6238), or a recovery code on paper."""

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote, urlencode

import segno
from django.db import transaction
from django_otp import devices_for_user
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.refusal import Refusal

ISSUER: Final = "Shanyraq"
CODES: Final = 10


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator application needs: a QR code as an image address, and the same key as text."""

    image: str  # data: URI of an SVG
    key: str  # base32, in groups of four


def is_set_up(user: User) -> bool:
    """Whether the user has a confirmed second factor. At most 2 queries."""
    return bool(_devices(user))


@transaction.atomic
def begin(user: User) -> Setup:
    """The key of a new device, not yet confirmed: the same one until it is."""
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "totp"})
    key = b32encode(device.bin_key).decode().rstrip("=")
    label = quote(f"{ISSUER}:{user.sign_in_name}")
    address = f"otpauth://totp/{label}?{urlencode({'secret': key, 'issuer': ISSUER, 'digits': 6, 'period': 30})}"
    return Setup(_qr(address), " ".join(key[at : at + 4] for at in range(0, len(key), 4)))


@transaction.atomic
def confirm(*, actor: Actor, user: User, code: str, now: datetime) -> tuple[Any, tuple[str, ...]]:
    """The new device, once its first code is right, and ten recovery codes, shown once; earlier ones go.

    Raises Refusal("accounts.wrong_code").
    """
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None or not device.verify_token(_digits(code)):
        raise Refusal("accounts.wrong_code", field="code")
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    codes = _new_recovery_codes(user)
    audit.wrote(actor, "accounts.set_second_factor", at=now, subject="accounts_user", subject_id=user.id)
    return device, codes


def check(user: User, code: str) -> Any:
    """The device whose code this is; a recovery code works once. Slows down after each wrong one.

    Raises Refusal("accounts.wrong_code").
    """
    for device in _devices(user):
        written = _digits(code) if isinstance(device, TOTPDevice) else code.strip().lower()
        if _fits(device, written) and _verified(device, written):
            return device
    raise Refusal("accounts.wrong_code", field="code")


def _devices(user: User) -> list[Any]:
    return list(devices_for_user(user))  # type: ignore[no-untyped-call]  # django_otp has no types


def _verified(device: Any, written: str) -> bool:
    with transaction.atomic():
        locked = type(device).objects.select_for_update().get(pk=device.pk)
        return bool(locked.verify_token(written))


def _fits(device: Any, written: str) -> bool:
    """A six-digit code is no recovery code, and the other way round: neither slows the other down."""
    return isinstance(device, TOTPDevice) == (len(written) == 6 and written.isdecimal())


def _new_recovery_codes(user: User) -> tuple[str, ...]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
    codes = tuple(b32encode(secrets.token_bytes(5)).decode().lower() for _ in range(CODES))
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes


def _digits(code: str) -> str:
    return "".join(code.split())


def _qr(address: str) -> str:
    image = BytesIO()
    segno.make(address, error="m").save(image, kind="svg", scale=5, border=4, dark="#000", light="#fff")
    return f"data:image/svg+xml,{quote(image.getvalue())}"
