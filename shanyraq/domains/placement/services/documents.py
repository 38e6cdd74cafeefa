"""Verbs of an officer on a document of an application."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from shanyraq.domains.placement import events
from shanyraq.domains.placement.access import DOCUMENTS, Do
from shanyraq.domains.placement.models import Application, Document
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.rules import documents as papers
from shanyraq.domains.placement.rules.claim import CLOSED, Benefit, Right, Status
from shanyraq.domains.placement.rules.documents import DocumentKind, DocumentRefusal, Proof
from shanyraq.domains.placement.services import steps
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of


@transaction.atomic
def confirm_document(*, actor: Actor, document: UUID, now: datetime) -> None:
    """Confirm a document; the right it proves counts by `documents.standing`. Repeated, it is refused.

    Raises NotAllowed; Refusal("placement.document_checked", "placement.document_expired", "placement.closed").
    """
    row, paper = _held(actor, document)
    today = day_of(now)
    norm = placement_norms(today, row.district_id).benefit
    papers.check_document(DocumentKind(paper.kind), paper.issued_on, today, norm)
    _check(actor, paper, "confirmed", now)
    restand(row, now)
    event = events.DocumentConfirmed(paper.pk, paper.kind, row.right, row.right_since or now)
    steps.happened(actor, "confirm_document", row, event, now=now, facts={"document": [paper.kind, "confirmed"]})
    steps.tell_family(
        row, "placement.document_confirmed", now=now, document=DocumentKind(paper.kind), right=Right(row.right)
    )


@transaction.atomic
def refuse_document(*, actor: Actor, document: UUID, reason: str, now: datetime) -> None:
    """Refuse a document with a reason; what it should prove is not proven. Repeated, it is refused.

    Raises NotAllowed; Refusal("placement.document_checked", "placement.refusal_reason", "placement.closed").
    """
    row, paper = _held(actor, document)
    why = _reason(reason)
    _check(actor, paper, "refused", now, refusal=why.value)
    restand(row, now)
    event = events.DocumentRefused(paper.pk, paper.kind, why.value, row.right, row.right_since or now)
    steps.happened(actor, "refuse_document", row, event, now=now, facts={"document": [paper.kind, "refused"]})
    steps.tell_family(
        row,
        "placement.document_refused",
        now=now,
        document=DocumentKind(paper.kind),
        reason=why,
        right=Right(row.right),
    )


def restand(row: Application, now: datetime) -> None:
    """Bring right and its time to what the confirmed papers prove. 2 queries."""
    assert row.applied_at is not None
    rows = list(row.documents.exclude(benefit=Benefit.NONE).exclude(status="pending").order_by("filed_at", "pk"))
    proofs = [
        Proof(
            benefit=Benefit(paper.benefit),
            claimed_at=paper.filed_at,
            confirmed_at=paper.checked_at if paper.status == "confirmed" else None,
            refused=paper.status == "refused",
            valid_until=paper.valid_until,
        )
        for paper in rows
    ]
    norm = placement_norms(day_of(now), row.district_id).benefit
    found = papers.standing(row.applied_at, proofs, norm)
    grounds = [proof.benefit for proof in proofs if proof.confirmed_at and norm.right_of(proof.benefit) is found.right]
    benefit = grounds[0] if grounds and found.right is not Right.GENERAL else row.benefit
    steps.put(row, now=now, right=found.right, right_since=found.since, benefit=benefit)


def _held(actor: Actor, document: UUID) -> tuple[Application, Document]:
    access.require(DOCUMENTS, Do.CHECK, actor, Document.objects.all(), document)
    row = steps.locked(Document.objects.values_list("application_id", flat=True).get(pk=document))
    paper = Document.objects.get(pk=document)
    if paper.status != "pending":
        raise Refusal("placement.document_checked")
    if row.status in CLOSED or row.status == Status.DRAFT:
        raise Refusal("placement.closed", status=Status(row.status))
    return row, paper


def _check(actor: Actor, paper: Document, status: str, now: datetime, refusal: str = "") -> None:
    paper.status, paper.refusal, paper.checked_by, paper.checked_at = status, refusal, actor.user, now
    paper.save(update_fields=["status", "refusal", "checked_by", "checked_at"])


def _reason(code: str) -> DocumentRefusal:
    try:
        return DocumentRefusal(code)
    except ValueError:
        raise Refusal("placement.refusal_reason", field="reason") from None
