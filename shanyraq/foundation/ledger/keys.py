"""The keys of the log: those in the settings sign; all that ever signed stay published."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from shanyraq.foundation.ledger import notes, services
from shanyraq.foundation.ledger.models import LogKey
from shanyraq.foundation.refusal import Refusal

ADDED: Final = "ledger.KeyAdded"
RETIRED: Final = "ledger.KeyRetired"


@dataclass(frozen=True, slots=True)
class KeyCard:
    """A public key of the log."""

    id: str
    name: str
    spelt: str
    added_at: datetime
    retired_at: datetime | None

    @property
    def key(self) -> notes.Key:
        """The key itself."""
        return notes.Key.parse(self.spelt)

    def valid_at(self, at: datetime) -> bool:
        """Whether a checkpoint of that instant may be signed with it."""
        return self.added_at <= at and (self.retired_at is None or at < self.retired_at)


def listed() -> tuple[KeyCard, ...]:
    """All keys of the log, the oldest first. 1 query."""
    rows = LogKey.objects.order_by("added_at", "id")
    return tuple(KeyCard(row.id, row.name, row.spelt, row.added_at, row.retired_at) for row in rows)


def signers() -> tuple[notes.Signer, ...]:
    """The secret keys in the settings: one, two while keys overlap, none where checkpoints are not signed."""
    derived = demo_signer().secret()
    if settings.DEMO:
        return _signers(settings.LOG_NAME, settings.LOG_KEY or derived, settings.LOG_KEY_NEXT)
    if derived in (settings.LOG_KEY, settings.LOG_KEY_NEXT):
        raise ImproperlyConfigured("SHANYRAQ_LOG_KEY is the key of the demonstration, which everybody has.")
    return _signers(settings.LOG_NAME, settings.LOG_KEY, settings.LOG_KEY_NEXT)


def demo_signer() -> notes.Signer:
    """The key of the demonstration: no secret, since everybody can derive it."""
    seed = hashlib.sha256(f"log {settings.DEMO_SECRET}".encode()).digest()
    return notes.Signer(settings.LOG_NAME, notes.LOG, seed)


@transaction.atomic
def enrol(now: datetime) -> int:
    """Publish the keys of the settings that are new; how many. 1 query when none is."""
    missing = {signer.key.id: signer.key for signer in signers()}
    for key_id in LogKey.objects.filter(pk__in=missing).values_list("pk", flat=True):
        del missing[key_id]
    for key in missing.values():
        add(key, now)
    return len(missing)


@transaction.atomic
def add(key: notes.Key, now: datetime) -> None:
    """Publish a key: from now on its signature counts. Raises Refusal("ledger.key_known"), ("ledger.not_our_key")."""
    if key.kind != notes.LOG or key.name != settings.LOG_NAME:
        raise Refusal("ledger.not_our_key", name=key.name, log=settings.LOG_NAME)
    if LogKey.objects.filter(pk=key.id).exists():
        raise Refusal("ledger.key_known", key=key.id)
    LogKey.objects.create(id=key.id, name=key.name, spelt=str(key), added_at=now)
    services.record(ADDED, subject(key), {"key": str(key)}, at=now, open=("key",))


@transaction.atomic
def retire(key_id: str, now: datetime) -> None:
    """End a key: it signs nothing any more, and stays published for what it has signed.

    Raises Refusal("ledger.no_such_key"), ("ledger.key_retired"), ("ledger.last_key").
    """
    row = LogKey.objects.select_for_update().filter(pk=key_id).first()
    if row is None:
        raise Refusal("ledger.no_such_key", key=key_id)
    if row.retired_at is not None:
        raise Refusal("ledger.key_retired", key=key_id, at=row.retired_at)
    if not LogKey.objects.filter(retired_at=None).exclude(pk=key_id).exists():
        raise Refusal("ledger.last_key", key=key_id)
    row.retired_at = max(now, row.added_at + timedelta(microseconds=1))
    row.save(update_fields=["retired_at"])
    key = notes.Key.parse(row.spelt)
    services.record(RETIRED, subject(key), {"key": str(key)}, at=row.retired_at, open=("key",))


def trusted() -> tuple[KeyCard, ...]:
    """The listed keys, and those of the settings where the tables have forgotten them: to read saved checkpoints."""
    known = listed()
    ours = {signer.key.id: signer.key for signer in signers()}
    forgotten = [key for key_id, key in ours.items() if key_id not in {card.id for card in known}]
    return known + tuple(
        KeyCard(key.id, key.name, str(key), datetime.min.replace(tzinfo=UTC), None) for key in forgotten
    )


def signing(now: datetime) -> tuple[notes.Signer, ...]:
    """The secret keys of the settings that are published and not retired. 1 query."""
    valid = {card.id for card in listed() if card.valid_at(now)}
    return tuple(signer for signer in signers() if signer.key.id in valid)


def subject(key: notes.Key) -> UUID:
    """What the entries about a key are about."""
    return UUID(bytes=hashlib.sha256(str(key).encode()).digest()[:16], version=5)


@lru_cache(maxsize=8)
def _signers(name: str, *spelt: str) -> tuple[notes.Signer, ...]:
    found = []
    for one in spelt:
        if not one:
            continue
        try:
            signer = notes.Signer.parse(one)
        except notes.BadNote as problem:
            raise ImproperlyConfigured(f"SHANYRAQ_LOG_KEY is no secret key of a log: {problem}.") from None
        if signer.name != name or signer.kind != notes.LOG:
            raise ImproperlyConfigured(f"SHANYRAQ_LOG_KEY is a key of {signer.name!r}, not of the log {name!r}.")
        found.append(signer)
    return tuple(found)
