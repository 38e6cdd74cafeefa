"""What every verb does alike: take the row, move the application by the table of states, write down that it happened.

The row of the application is the lock of all that belongs to it: its wishes, papers, offers and waiting entries are
changed only by who holds it. Locks are taken in this order: counter of a round, applications by id, groups by id.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import F

from shanyraq.domains.placement.access import APPLICATIONS, OFFERS, Do
from shanyraq.domains.placement.events import Event
from shanyraq.domains.placement.models import Application, Counter, Offer
from shanyraq.domains.placement.rules.claim import Status, Step, advance
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation import access, audit, ledger, notices
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Fact

LIVE_OFFER = ("held", "accepted")


def held_application(actor: Actor, action: Do, application: UUID) -> Application:
    """The application, locked until the transaction ends. Raises NotAllowed."""
    access.require(APPLICATIONS, action, actor, Application.objects.all(), application)
    return locked(application)


def held_offer(actor: Actor, action: Do, offer: UUID) -> tuple[Application, Offer]:
    """The offer and its application, locked until the transaction ends. Raises NotAllowed."""
    access.require(OFFERS, action, actor, Offer.objects.all(), offer)
    application = locked(Offer.objects.values_list("application_id", flat=True).get(pk=offer))
    fresh = Offer.objects.select_related("group", "round").defer("round__inputs")  # read when nobody else changes it
    return application, fresh.get(pk=offer)


def require_published(offer: Offer) -> None:
    """Pass when the family may know of the offer. Raises Refusal("placement.round_unpublished")."""
    if offer.round is not None and offer.round.status != "published":
        raise Refusal("placement.round_unpublished")


def locked(application: UUID) -> Application:
    """The application, locked until the transaction ends."""
    return Application.objects.select_for_update(of=("self",)).get(pk=application)


def live_offer(application: Application) -> Offer | None:
    """The offer or referral of the application that runs now. 1 query."""
    return Offer.objects.select_related("group").filter(application=application, status__in=LIVE_OFFER).first()


def move(application: Application, step: Step, *, now: datetime, **changed: object) -> str:
    """Move the application by the table and save the named fields with it; the status before.

    Raises Refusal("placement.step_not_allowed").
    """
    before = application.status
    application.status = advance(Status(before), step).value
    put(application, now=now, status=application.status, **changed)
    return before


def put(application: Application, *, now: datetime, **changed: object) -> None:
    """Save the named fields of the application, and when."""
    for name, value in changed.items():
        setattr(application, name, value)
    application.changed_at = now
    application.save(update_fields=[*changed, "changed_at"])


def put_offer(offer: Offer, **changed: object) -> None:
    """Save the named fields of the offer."""
    for name, value in changed.items():
        setattr(offer, name, value)
    offer.save(update_fields=[*changed])


def close_offer(offer: Offer, status: str, *, now: datetime, **changed: object) -> None:
    """End an offer; its place is free from this moment."""
    put_offer(offer, status=status, closed_at=now, **changed)


def next_number(name: str, step: int = 1) -> int:
    """The next number of a counter, held until the transaction ends; with `step`, the last of so many."""
    Counter.objects.get_or_create(name=name)
    Counter.objects.filter(name=name).update(value=F("value") + step)
    return Counter.objects.values_list("value", flat=True).get(name=name)


def happened(
    actor: Actor,
    action: str,
    application: Application,
    event: Event,
    *,
    now: datetime,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Write an act on one application into the ledger and the audit trail."""
    ledger.note(event, application.pk, at=now, code=application.code)
    audit.wrote(
        actor,
        f"placement.{action}",
        at=now,
        subject="placement_application",
        subject_id=application.pk,
        child=application.child_id,
        facts=facts,
    )


def happened_to_many(actor: Actor, action: str, events: Iterable[tuple[Application, Event]], *, now: datetime) -> None:
    """Write one act on many applications into the ledger and the audit trail, in bulk."""
    rows = list(events)
    recorded_many(rows, now=now)
    touched = [(row.pk, row.child_id) for row, _ in rows]
    audit.wrote_many(actor, f"placement.{action}", at=now, subject="placement_application", rows=touched)


def recorded_many(events: Iterable[tuple[Application, Event]], *, now: datetime) -> None:
    """Write down what happened to many applications, in the ledger only."""
    ledger.record_many([ledger.NewEntry.of(event, row.pk, row.code) for row, event in events], at=now)


def noted(actor: Actor, action: str, application: Application, *, now: datetime) -> None:
    """Write an act that changes nothing for others, as on a draft, into the audit trail only."""
    audit.wrote(
        actor,
        f"placement.{action}",
        at=now,
        subject="placement_application",
        subject_id=application.pk,
        child=application.child_id,
    )


def tell_family(application: Application, code: str, *, now: datetime, **facts: Fact) -> None:
    """Tell the applicant, naming the child. 2 queries."""
    child = registry.person_cards((application.child_id,))[application.child_id].name
    notices.tell(application.applicant_id, code, at=now, link=page_of(application), child=child, **facts)


def tell_of_place(application: Application, offer: Offer, code: str, *, now: datetime, **facts: Fact) -> None:
    """Tell the applicant, naming the child and the kindergarten of the offer. 3 queries."""
    home = registry.organisation_cards((offer.group.organisation_id,))[offer.group.organisation_id]
    tell_family(application, code, now=now, kindergarten=home.name, **facts)


class Kept(Protocol):
    """Whatever has the key of an application."""

    @property
    def pk(self) -> Any:
        """The key."""


def page_of(application: Kept) -> str:
    """The family's page of the application."""
    return f"/family/applications/{application.pk}/"


def kind_of(application: Application) -> GroupKind:
    """The kind of group that the application asks for."""
    return GroupKind(application.kind)
