"""Rows of placement for regional systems, page by page in the order of their ids: the next page begins after the last.

Each list is filtered by what the actor may read, with the rule that also checks one row.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shanyraq.domains.placement.access import APPLICATIONS, DOCUMENTS, OFFERS, ROUNDS, Do
from shanyraq.domains.placement.models import Application, Document, Offer, Outcome, Round
from shanyraq.domains.placement.queries.applications import ApplicationCard, cards_of
from shanyraq.domains.placement.queries.rounds import RoundSummary, summary_of
from shanyraq.domains.placement.rules.claim import Benefit, Status
from shanyraq.domains.placement.rules.documents import DocumentKind
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.rest.paging import narrowed, rows_after


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """Which applications are asked for; None means all."""

    territory: str = ""
    status: Status | None = None
    birth_year: int | None = None
    kind: GroupKind | None = None
    number: int | None = None
    child: UUID | None = None
    changed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """Which offers are asked for; None means all."""

    territory: str = ""
    status: str | None = None
    application: UUID | None = None
    round: UUID | None = None
    group: UUID | None = None


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer, or the referral that it became."""

    id: UUID
    application: UUID
    child: UUID
    round: UUID | None
    group: UUID
    organisation: UUID
    status: str
    offered_at: datetime
    answer_by: date
    answered_at: datetime | None
    decline_reason: str
    referral_number: str
    valid_until: date | None
    enrolment: UUID | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """A paper of an application, and whether it was confirmed."""

    id: UUID
    application: UUID
    child: UUID
    kind: DocumentKind
    benefit: Benefit
    number: str
    issued_on: date
    valid_until: date | None
    status: str
    refusal: str
    due_on: date


@dataclass(frozen=True, slots=True)
class OutcomeCard:
    """What a round decided on one application. `reason` is a stable word."""

    id: UUID
    application: UUID
    number: int | None
    code: str
    child: UUID
    birth_year: int
    position: int
    group: UUID | None
    organisation: UUID | None
    wish_rank: int | None
    reason: str


def applications_page(
    actor: Actor, wanted: ApplicationFilter, *, after: UUID | None, limit: int
) -> tuple[ApplicationCard, ...]:
    """Applications that were handed in and that the actor may read, by id. 3 queries."""
    rows = Application.objects.filter(access.rows(APPLICATIONS, Do.READ, actor)).exclude(status=Status.DRAFT)
    if wanted.territory:
        rows = rows.filter(district__kato__startswith=wanted.territory)
    if wanted.changed_since is not None:
        rows = rows.filter(changed_at__gte=wanted.changed_since)
    given = {name: getattr(wanted, name) for name in ("status", "birth_year", "kind", "number", "child")}
    return cards_of(rows_after(narrowed(rows, **given), after, limit))


def offers_page(actor: Actor, wanted: OfferFilter, *, after: UUID | None, limit: int) -> tuple[OfferCard, ...]:
    """Offers that the actor may read, by id. 1 query."""
    rows = Offer.objects.filter(access.rows(OFFERS, Do.READ, actor))
    if wanted.territory:
        rows = rows.filter(application__district__kato__startswith=wanted.territory)
    given = {name: getattr(wanted, name) for name in ("status", "application", "round", "group")}
    return tuple(map(_offer, rows_after(narrowed(rows, **given), after, limit).select_related("application", "group")))


def readable_offer(actor: Actor, offer: UUID) -> OfferCard:
    """One offer that the actor may read. 2 queries. Raises NotAllowed("access.denied")."""
    access.require(OFFERS, Do.READ, actor, Offer.objects.all(), offer)
    return offer_card(offer)


def offer_card(offer: UUID) -> OfferCard:
    """One offer, for whom has been let in already. 1 query."""
    return _offer(Offer.objects.select_related("application", "group").get(pk=offer))


def documents_of(actor: Actor, application: UUID) -> tuple[DocumentCard, ...]:
    """The papers of an application that the actor may read, by id. 2 queries. Raises NotAllowed("access.denied")."""
    access.require(APPLICATIONS, Do.READ, actor, Application.objects.all(), application)
    rows = Document.objects.filter(application=application).select_related("application")
    return tuple(map(_document, rows.order_by("id")))


def document_card(document: UUID) -> DocumentCard:
    """One paper, for whom has been let in already. 1 query."""
    return _document(Document.objects.select_related("application").get(pk=document))


def readable_document(actor: Actor, document: UUID) -> DocumentCard:
    """One paper that the actor may read. 2 queries. Raises NotAllowed("access.denied")."""
    access.require(DOCUMENTS, Do.READ, actor, Document.objects.all(), document)
    return document_card(document)


def rounds_page(
    actor: Actor, territory: str, *, after: UUID | None, limit: int, status: str | None = None
) -> tuple[RoundSummary, ...]:
    """Rounds that the actor may read, confirmed and published, by id: the oldest first. 1 query."""
    rows = Round.objects.defer("inputs").filter(access.rows(ROUNDS, Do.READ, actor))
    if territory:
        rows = rows.filter(district__kato__startswith=territory)
    return tuple(map(summary_of, rows_after(narrowed(rows, status=status), after, limit)))


def readable_round(actor: Actor, round: UUID) -> RoundSummary:
    """One round that the actor may read. 2 queries. Raises NotAllowed("access.denied")."""
    access.require(ROUNDS, Do.READ, actor, Round.objects.all(), round)
    return summary_of(Round.objects.defer("inputs").get(pk=round))


def outcomes_page(actor: Actor, round: UUID, *, after: UUID | None, limit: int) -> tuple[OutcomeCard, ...]:
    """What a round decided, by id of the outcome, for whom may read the round. 2 queries.

    Raises NotAllowed("access.denied").
    """
    access.require(ROUNDS, Do.READ, actor, Round.objects.all(), round)
    rows = rows_after(Outcome.objects.filter(round=round), after, limit).select_related("application", "group")
    return tuple(map(_outcome, rows))


def _offer(row: Offer) -> OfferCard:
    return OfferCard(
        id=row.pk,
        application=row.application_id,
        child=row.application.child_id,
        round=row.round_id,
        group=row.group_id,
        organisation=row.group.organisation_id,
        status=row.status,
        offered_at=row.offered_at,
        answer_by=row.answer_by,
        answered_at=row.answered_at,
        decline_reason=row.decline_reason,
        referral_number=row.referral_number,
        valid_until=row.valid_until,
        enrolment=row.enrolment_id,
        closed_at=row.closed_at,
    )


def _outcome(row: Outcome) -> OutcomeCard:
    return OutcomeCard(
        id=row.pk,
        application=row.application_id,
        number=row.application.number,
        code=row.application.code,
        child=row.application.child_id,
        birth_year=row.application.birth_year,
        position=row.position,
        group=row.group_id,
        organisation=row.group.organisation_id if row.group else None,
        wish_rank=row.wish_rank,
        reason=row.reason,
    )


def _document(row: Document) -> DocumentCard:
    return DocumentCard(
        id=row.pk,
        application=row.application_id,
        child=row.application.child_id,
        kind=DocumentKind(row.kind),
        benefit=Benefit(row.benefit),
        number=row.number,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        status=row.status,
        refusal=row.refusal,
        due_on=row.due_on,
    )
