"""Clients: added, given another secret or other scopes, revoked by the operator; signed in with their secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.clients import queries, scopes, secrecy, tokens
from shanyraq.foundation.clients.models import Client, KeptAnswer
from shanyraq.foundation.clients.queries import ClientCard
from shanyraq.foundation.clients.scopes import Scope
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of

SUBJECT: Final = "clients_client"
KEPT: Final = timedelta(days=1)  # how long the answer to an idempotency key is kept
USED_AGAIN: Final = timedelta(minutes=1)  # `used_at` is written at most so often


@dataclass(frozen=True, slots=True)
class Issued:
    """A client with a secret that is shown now and never again."""

    code: str
    secret: str


@dataclass(frozen=True, slots=True)
class Pass:
    """An access token: its text, how many seconds it counts, and what it opens."""

    token: str
    seconds: int
    scope: str


@transaction.atomic
def add_client(
    *, actor: Actor, name: str, owner: str, given: Sequence[Scope], now: datetime, rate: int | None = None
) -> Issued:
    """A new client with its first secret.

    Raises NotAllowed("access.denied"), Refusal: clients.text_missing, clients.no_scope, clients.rate.
    """
    require_role(actor, Role.OPERATOR)
    _require(name, owner, given, rate)
    issued = Issued(secrecy.new_code(), secrecy.new_secret())
    row = Client.objects.create(
        code=issued.code,
        name=name.strip()[:100],
        owner=owner.strip()[:200],
        scopes=scopes.written(given),
        rate=rate or settings.CLIENT_RATE,
        secret_hash=secrecy.hashed(issued.secret),
        created_at=now,
    )
    facts = {"scopes": [None, row.scopes], "rate": [None, row.rate]}
    audit.wrote(actor, "clients.add_client", at=now, subject=SUBJECT, subject_id=row.pk, facts=facts)
    return issued


@transaction.atomic
def rotate_secret(*, actor: Actor, code: str, now: datetime, former_until: date) -> Issued:
    """Another secret. The one before counts until a day; with a day that has come, it and every token end now.

    Raises NotAllowed("access.denied"), Refusal: clients.unknown, clients.revoked.
    """
    row = _held(actor, code)
    secret = secrecy.new_secret()
    keeps = former_until > day_of(now)
    row.former_hash, row.former_until = (row.secret_hash, former_until) if keeps else (None, None)
    row.secret_hash = secrecy.hashed(secret)
    row.version += 0 if keeps else 1
    row.save(update_fields=["secret_hash", "former_hash", "former_until", "version"])
    facts = {"former_until": [None, former_until]}
    audit.wrote(actor, "clients.rotate_secret", at=now, subject=SUBJECT, subject_id=row.pk, facts=facts)
    return Issued(row.code, secret)


@transaction.atomic
def change_scopes(*, actor: Actor, code: str, given: Sequence[Scope], now: datetime, rate: int | None = None) -> None:
    """Other scopes and, where given, another rate; both count within seconds, also for tokens given out before.

    Raises NotAllowed("access.denied"), Refusal: clients.unknown, clients.revoked, clients.no_scope, clients.rate.
    """
    row = _held(actor, code)
    _require(row.name, row.owner, given, rate)
    before = (row.scopes, row.rate)
    row.scopes, row.rate = scopes.written(given), rate or row.rate
    row.save(update_fields=["scopes", "rate"])
    facts = {"scopes": [before[0], row.scopes], "rate": [before[1], row.rate]}
    audit.wrote(actor, "clients.change_scopes", at=now, subject=SUBJECT, subject_id=row.pk, facts=facts)


@transaction.atomic
def revoke_client(*, actor: Actor, code: str, now: datetime) -> None:
    """Shut a client out, within seconds. Repeated, it changes nothing.

    Raises NotAllowed("access.denied"), Refusal("clients.unknown").
    """
    require_role(actor, Role.OPERATOR)
    row = Client.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise Refusal("clients.unknown", field="client", client=code)
    if row.revoked_at is not None:
        return
    row.revoked_at, row.version = now, row.version + 1
    row.save(update_fields=["revoked_at", "version"])
    audit.wrote(actor, "clients.revoke_client", at=now, subject=SUBJECT, subject_id=row.pk)


def sign_in(*, code: str, secret: str, now: datetime) -> ClientCard | None:
    """The client that the secret proves, or None. One query and one comparison, whether the client exists or not."""
    row = Client.objects.filter(code=code[:64]).first() if "\0" not in code else None
    running = row is not None and row.former_until is not None and row.former_until > day_of(now)
    kept = (row.secret_hash, row.former_hash if running else None) if row is not None else (None, None)
    proven = secrecy.matches(secret, *kept)
    if row is None or not proven or row.revoked_at is not None:
        return None
    _used(row.pk, now)
    return queries.client(row.code)


def token_for(card: ClientCard, *, now: datetime) -> Pass:
    """An access token for a client that has signed in."""
    seconds = settings.CLIENT_TOKEN_SECONDS
    text = tokens.issue(card.id, card.version, int(now.timestamp()) + seconds)
    return Pass(text, seconds, scopes.written(card.scopes))


def bearer(token: str, *, now: datetime) -> ClientCard | None:
    """The client that a token stands for, or None when it is not ours, has expired or was taken back."""
    read = tokens.read(token)
    if read is None or tokens.expired(read, now):
        return None
    card = queries.known(read.client)
    if card is None or card.revoked_at is not None or card.version != read.version:
        return None
    return card


@transaction.atomic
def forget_answers(*, actor: Actor, now: datetime) -> int:
    """Remove the answers to idempotency keys that are older than a day; how many. Raises NotAllowed."""
    require_role(actor, Role.OPERATOR)
    return KeptAnswer.objects.filter(kept_at__lt=now - KEPT).delete()[0]


def _used(pk: UUID, now: datetime) -> None:
    stale = Q(used_at__isnull=True) | Q(used_at__lt=now - USED_AGAIN)
    Client.objects.filter(stale, pk=pk).update(used_at=now)


def _held(actor: Actor, code: str) -> Client:
    require_role(actor, Role.OPERATOR)
    row = Client.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise Refusal("clients.unknown", field="client", client=code)
    if row.revoked_at is not None:
        raise Refusal("clients.revoked", field="client", client=code)
    return row


def _require(name: str, owner: str, given: Sequence[Scope], rate: int | None) -> None:
    if not name.strip() or not owner.strip():
        raise Refusal("clients.text_missing", field="name" if not name.strip() else "owner")
    if not given:
        raise Refusal("clients.no_scope", field="scope")
    if rate is not None and not 1 <= rate <= 1_000_000:
        raise Refusal("clients.rate", field="rate")
