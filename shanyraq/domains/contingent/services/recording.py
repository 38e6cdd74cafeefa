"""What every verb does at its end: ledger, audit trail, notices."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.contingent.events import Event
from shanyraq.domains.contingent.models import Denial
from shanyraq.domains.contingent.queries import addresses
from shanyraq.domains.contingent.queries.norms import contingent_norms
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import moving
from shanyraq.foundation import audit, ledger, notices, workdays
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.accounts.models import GrantRow
from shanyraq.foundation.text import Fact
from shanyraq.foundation.timeline import day_of


def note(actor: Actor, action: str, event: Event, *, subject: str, pk: UUID, child: UUID, now: datetime) -> None:
    """Write down one event about a child and who caused it. 2 queries."""
    ledger.note(event, pk, at=now)
    audit.wrote(actor, action, at=now, subject=subject, subject_id=pk, child=child)


def mover(actor: Actor) -> Actor:
    """The actor for the registry, once everybody concerned has agreed or the office has decided."""
    return Actor(user=actor.user, person=actor.person, grants=(Grant(Role.OPERATOR),), system="contingent")


def tell_family(child: UUID, code: str, *, now: datetime, link: str, **facts: Fact) -> None:
    """Tell everybody who answers for the child, naming it."""
    guardians = moving.guardian_ids((child,), day_of(now)).get(child, ())
    name = registry.names_of((child,))[child]
    told = {"child": name, **facts}
    notices.tell_many([notices.NewNotice(one, code, told, link) for one in guardians], at=now)


def tell_heads(organisation: UUID, code: str, *, now: datetime, link: str, **facts: Fact) -> None:
    """Tell the heads of an organisation. No child is named: an inbox is not a record."""
    heads = _users(Q(role=Role.HEAD, organisation_id=organisation), day_of(now))
    for user in heads:
        notices.tell_user(user, code, at=now, link=link, **facts)


def tell_office(district: str, role: Role, code: str, *, now: datetime, link: str, **facts: Fact) -> None:
    """Tell the officers of a district, or those of its region. No child is named."""
    scopes = [district[:length] for length in range(2, len(district) + 1)]
    for user in _users(Q(role=role, territory__in=scopes), day_of(now)):
        notices.tell_user(user, code, at=now, link=link, **facts)


def pass_on_denial(row: Denial, now: datetime) -> None:
    """Save a disputed case and tell the officers until when they decide."""
    home = registry.organisation_cards((row.organisation_id,))[row.organisation_id]
    days = contingent_norms(day_of(now), home.district).denial_decision_days
    row.answer_by = workdays.add(day_of(now), days)
    row.save(update_fields=["state", "answer", "answer_by"])
    tell_office(
        home.district, Role.OFFICER, "contingent.denial_disputed", now=now, link=addresses.denial(row.id),
        organisation=home.name, answer_by=row.answer_by,
    )  # fmt: skip


def _users(wanted: Q, on: date) -> list[UUID]:
    running = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    rows = GrantRow.objects.filter(wanted, running, valid_from__lte=on)
    return sorted(set(rows.values_list("user_id", flat=True)))
