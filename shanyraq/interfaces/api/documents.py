"""Papers of applications: read, confirmed, refused."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from shanyraq.domains.placement.queries import pages
from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.rules.documents import DocumentKind, DocumentRefusal
from shanyraq.domains.placement.services import documents as services
from shanyraq.foundation import audit
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.interfaces.api.schemas import In, Out
from shanyraq.interfaces.api.steps import NothingIn

router = Router()


class DocumentOut(Out):
    """A paper, and whether it was confirmed."""

    id: UUID
    application: UUID
    kind: DocumentKind
    benefit: Benefit = Field(description="the ground of a right that it proves")
    number: str
    issued_on: date
    valid_until: date | None
    status: str = Field(description="pending, confirmed, refused")
    refusal: str
    due_on: date = Field(description="last day to bring the original")


class DocumentsOut(Out):
    """The papers of an application."""

    items: list[DocumentOut]


class RefusalIn(In):
    """Why a paper is not accepted."""

    reason: DocumentRefusal


@router.get(
    "/applications/{uuid:application}/documents",
    auth=needs("read", "documents"),
    response=DocumentsOut,
    summary="Papers of an application",
)
def documents(request: HttpRequest, application: UUID) -> DocumentsOut:
    """The reading is noted. 3 queries."""
    actor = actor_of(request)
    rows = pages.documents_of(actor, application)
    audit.read_many(actor, "placement.read_application", at=now_of(request), children=[row.child for row in rows])
    return DocumentsOut(items=[DocumentOut.model_validate(row) for row in rows])


@router.get("/documents/{uuid:document}", auth=needs("read", "documents"), response=DocumentOut, summary="One paper")
def document(request: HttpRequest, document: UUID) -> DocumentOut:
    """The reading is noted. 3 queries."""
    actor = actor_of(request)
    row = pages.readable_document(actor, document)
    audit.read(
        actor, "placement.read_application", at=now_of(request), child=row.child, subject="placement_document",
        subject_id=document,
    )  # fmt: skip
    return DocumentOut.model_validate(row)


@router.post(
    "/documents/{uuid:document}/confirmation",
    auth=needs("write", "documents"),
    response=DocumentOut,
    summary="Confirm a paper",
)
def confirm_document(request: HttpRequest, document: UUID, body: NothingIn) -> DocumentOut:
    """The right it proves counts from now, or from the application when it came with it."""
    services.confirm_document(actor=actor_of(request), document=document, now=now_of(request))
    return DocumentOut.model_validate(pages.document_card(document))


@router.post(
    "/documents/{uuid:document}/refusal",
    auth=needs("write", "documents"),
    response=DocumentOut,
    summary="Refuse a paper",
)
def refuse_document(request: HttpRequest, document: UUID, body: RefusalIn) -> DocumentOut:
    """With a reason of the closed list."""
    services.refuse_document(actor=actor_of(request), document=document, reason=body.reason, now=now_of(request))
    return DocumentOut.model_validate(pages.document_card(document))
