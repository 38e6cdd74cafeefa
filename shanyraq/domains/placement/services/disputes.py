"""A family says that it did not enrol its child: the district must look into it."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from shanyraq.domains.placement import events
from shanyraq.domains.placement.queries.family.record import require_guardian
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import audit, ledger, notices
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.accounts.models import GrantRow
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.timeline import day_of


@transaction.atomic
def dispute_enrolment(*, actor: Actor, enrolment: UUID, now: datetime) -> None:
    """Say "this is not us" about an enrolment of one's child: the officers of the district are told. Nothing ends by
    itself: an officer checks and, where it was wrong, ends the enrolment with a reason.

    Raises NotAllowed.
    """
    card = registry.enrolment(enrolment)
    if card is None:
        raise NotAllowed("access.denied", action="placement.dispute_enrolment")
    require_guardian(actor, card.child, day_of(now))
    kindergarten = registry.organisation_cards((card.organisation,))[card.organisation]
    child = registry.person_cards((card.child,))[card.child]
    event = events.EnrolmentDisputed(card.group)
    ledger.note(event, enrolment, at=now)
    audit.wrote(
        actor, "placement.dispute_enrolment", at=now, subject="enrolment", subject_id=enrolment, child=card.child
    )
    for officer in _officers(card.district, day_of(now)):
        notices.tell_user(
            officer,
            "enrolment_disputed",
            at=now,
            kindergarten=kindergarten.name,
            universal_id=child.universal_id,
            since=card.since,
        )


def _officers(district: str, on: date) -> list[UUID]:
    """Users who answer for the queue of the district on the day."""
    scopes = [district[:length] for length in range(len(district) + 1)]
    rows = GrantRow.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on), role=Role.OFFICER, territory__in=scopes, valid_from__lte=on
    )
    return sorted(set(rows.values_list("user_id", flat=True)))
