"""Searches by a number: each is noted, and only so many an hour, so that numbers cannot be tried out."""

from datetime import datetime, timedelta

from django.db import transaction

from shanyraq.foundation import audit, norms
from shanyraq.foundation.access import Actor
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

ACTION = "accounts.look_up"


@transaction.atomic
def note(*, actor: Actor, now: datetime) -> None:
    """Note that someone searches by a number, whatever it finds. 2 queries.

    Raises NotAllowed("access.denied"), Refusal("accounts.too_many_lookups").
    Source: norms/access/lookups_per_hour.yaml
    """
    if actor.user is None:
        raise NotAllowed("access.denied", action=ACTION)
    limit = norms.in_force("access/lookups_per_hour", on=day_of(now)).integer()
    since = now - timedelta(hours=1)
    if AuditEntry.objects.filter(actor_id=actor.user, action=ACTION, at__gt=since).count() >= limit:
        raise Refusal("accounts.too_many_lookups", field="number", n=limit)
    audit.wrote(actor, "accounts.look_up", at=now, subject="accounts_user", subject_id=actor.user)
