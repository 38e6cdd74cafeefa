"""What the queue has of an organisation that is to be reorganised: nothing of it is moved, so the office must know."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from shanyraq.domains.placement.models import Application, Offer
from shanyraq.domains.placement.rules.claim import OPEN
from shanyraq.domains.registry.queries.reorganising import Touched


def queue_of(organisation: UUID, on: date) -> Sequence[Touched]:
    """Open applications that name the organisation, and offers of its places that are still to be answered or taken
    up. 2 queries."""
    waiting = Application.objects.filter(status__in=list(OPEN), wishes__organisation_id=organisation)
    offered = Offer.objects.filter(group__organisation_id=organisation, closed_at__isnull=True, enrolment__isnull=True)
    return (
        Touched("placement.reorganised.wishes", waiting.values("pk").distinct().count()),
        Touched("placement.reorganised.offers", offered.count()),
    )
