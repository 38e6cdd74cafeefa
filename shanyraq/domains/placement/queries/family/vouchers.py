"""A voucher as its family sees it: the kindergarten chosen, those waited for, those that could be chosen."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shanyraq.domains.placement.models import Offer, WaitingEntry
from shanyraq.domains.placement.queries.family import own
from shanyraq.domains.placement.queries.family.choosing import KindergartenLine, kindergartens
from shanyraq.domains.placement.queries.family.own import ApplicationFacts
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import OrganisationCard, PersonCard
from shanyraq.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class VoucherPage:
    """The application, the kindergarten chosen with the voucher, and the choice there is."""

    facts: ApplicationFacts
    child: PersonCard
    chosen: OrganisationCard | None
    waiting_for: frozenset[UUID]
    kindergartens: tuple[KindergartenLine, ...]


def voucher(actor: Actor, application: UUID, on: date) -> VoucherPage:
    """The voucher of the actor's child. A fixed number of queries. Raises NotAllowed("access.denied")."""
    facts = own.application(actor, application)
    live = Offer.objects.filter(application=application, closed_at=None)
    chosen = live.values_list("group__organisation_id", flat=True).first()
    waits = WaitingEntry.objects.filter(application=application, closed_at=None)
    return VoucherPage(
        facts=facts,
        child=registry.person_cards((facts.child,))[facts.child],
        chosen=registry.organisation(chosen) if chosen else None,
        waiting_for=frozenset(waits.values_list("organisation_id", flat=True)),
        kindergartens=kindergartens(facts, registry.residence(facts.child, on), on),
    )
