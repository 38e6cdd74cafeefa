"""Verbs of a family on its application: draft, file, change, withdraw, bring back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.services.drafts import Draft, NewApplication, NewDocument
from shanyraq.foundation.access import Actor

__all__ = [
    "Draft",
    "NewApplication",
    "NewDocument",
    "change_wishes",
    "claim_right",
    "file",
    "file_application",
    "request_open_place",
    "resume",
    "save_draft",
    "start_draft",
    "withdraw",
]


@transaction.atomic
def start_draft(*, actor: Actor, child: UUID, now: datetime) -> UUID:
    """A draft for the child: the one that exists, else a fresh one. Repeating it changes nothing.

    Raises NotAllowed; Refusal("placement.not_guardian", "placement.open_application").
    """
    raise NotImplementedError


@transaction.atomic
def save_draft(*, actor: Actor, application: UUID, draft: Draft, now: datetime) -> None:
    """Keep what the family has filled in so far. Only a draft changes; nothing is checked for completeness.

    Raises NotAllowed; Refusal("placement.step_not_allowed") and the refusals of a wish that cannot be.
    """
    raise NotImplementedError


@transaction.atomic
def file(*, actor: Actor, application: UUID, now: datetime) -> int:
    """Hand in a draft: its number in the queue of the country. Repeated, it answers with the same number.

    Raises NotAllowed; Refusal with the first reason that the law names.
    """
    raise NotImplementedError


def file_application(*, actor: Actor, new: NewApplication, key: UUID, now: datetime) -> UUID:
    """Draft and hand in, in one call: the application. The same key gives the first result again and writes nothing.

    Raises NotAllowed; Refusal as `file`; Refusal("placement.key_reused") when the key came with another child.
    """
    raise NotImplementedError


@transaction.atomic
def withdraw(*, actor: Actor, application: UUID, now: datetime) -> None:
    """End an application at the family's wish; a place held for it is free again. Repeated, it changes nothing."""
    raise NotImplementedError


@transaction.atomic
def resume(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Bring an application back from the stop list, at its first date. Repeated, it is refused."""
    raise NotImplementedError


@transaction.atomic
def change_wishes(
    *, actor: Actor, application: UUID, organisations: Sequence[UUID], radius_km: int | None, now: datetime
) -> None:
    """Put other wishes, best first; the place in the queue stays. Repeated, it changes nothing."""
    raise NotImplementedError


@transaction.atomic
def claim_right(*, actor: Actor, application: UUID, benefit: Benefit, document: NewDocument, now: datetime) -> None:
    """Claim a right that appeared later. It counts from the day on which its document is confirmed."""
    raise NotImplementedError


@transaction.atomic
def request_open_place(*, actor: Actor, application: UUID, organisation: UUID, now: datetime) -> None:
    """Ask for a place in open access; the next round gives it by the serving order. Repeated, it changes nothing."""
    raise NotImplementedError
