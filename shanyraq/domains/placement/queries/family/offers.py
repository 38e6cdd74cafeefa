"""An offer with all that a family should know before it answers; the referral that it becomes."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shanyraq.domains.placement.models import Outcome
from shanyraq.domains.placement.queries.family import own
from shanyraq.domains.placement.queries.family.choosing import kilometres
from shanyraq.domains.placement.queries.family.home import Place, places_of
from shanyraq.domains.placement.queries.family.own import ApplicationFacts
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import GroupCard, OrganisationCard, PersonCard
from shanyraq.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class OfferPage:
    """An offer or a referral. `wish_rank` is empty when the place lay within the radius or in open access."""

    id: UUID
    facts: ApplicationFacts
    child: PersonCard
    organisation: OrganisationCard
    group: GroupCard
    distance_km: float | None
    wish_rank: int | None
    present: Place | None
    status: str
    offered_at: datetime
    answer_by: date
    answered_at: datetime | None
    decline_reason: str
    referral_number: str
    valid_until: date | None
    extended_at: datetime | None
    extension_reason: str
    contract_signed_at: datetime | None


def offer(actor: Actor, pk: UUID, on: date) -> OfferPage:
    """An offer to the actor's child. A fixed number of queries. Raises NotAllowed("access.denied")."""
    row = own.offer(actor, pk)
    facts = own.facts_of(row.application)
    group = registry.group_cards((row.group_id,))[row.group_id]
    organisation = registry.organisation_cards((group.organisation,))[group.organisation]
    ranks = Outcome.objects.filter(application=facts.id, round=row.round_id, group=row.group_id)
    return OfferPage(
        id=row.pk,
        facts=facts,
        child=registry.person_cards((facts.child,))[facts.child],
        organisation=organisation,
        group=group,
        distance_km=kilometres(registry.residence(facts.child, on), organisation),
        wish_rank=ranks.values_list("wish_rank", flat=True).first() if row.round_id else None,
        present=places_of((facts.child,)).get(facts.child) if facts.present else None,
        status=row.status,
        offered_at=row.offered_at,
        answer_by=row.answer_by,
        answered_at=row.answered_at,
        decline_reason=row.decline_reason,
        referral_number=row.referral_number,
        valid_until=row.valid_until,
        extended_at=row.extended_at,
        extension_reason=row.extension_reason,
        contract_signed_at=row.contract_signed_at,
    )
