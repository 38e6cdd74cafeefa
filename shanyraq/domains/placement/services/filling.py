"""Filling in an application: wishes, papers, and what is known of the child on the day."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from shanyraq.domains.placement.models import Application, Document, Wish
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.rules import documents as papers
from shanyraq.domains.placement.rules import wishes
from shanyraq.domains.placement.rules.claim import OPEN, Benefit, OrganisationId, Right
from shanyraq.domains.placement.rules.documents import DocumentKind
from shanyraq.domains.placement.rules.eligibility import Situation
from shanyraq.domains.placement.services import steps
from shanyraq.domains.placement.services.drafts import Draft, NewDocument
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import workdays
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import Period, day_of


def fill(row: Application, draft: Draft, now: datetime) -> None:
    """Put the draft into the row, its wishes and its papers. Raises the Refusal of what cannot be."""
    present = registry.open_enrolment(row.child_id) if draft.transfer else None
    if draft.transfer and present is None:
        raise Refusal("placement.nothing_to_transfer", field="transfer")
    steps.put(
        row,
        now=now,
        kind=draft.kind,
        language=draft.language,
        together=draft.together,
        benefit=draft.benefit,
        present_id=present.id if present else None,
    )
    wish(row, draft.organisations, draft.radius_km, now, may_lack=True)
    steps.put(row, now=now, radius_km=draft.radius_km)
    row.documents.all().delete()
    newest = {papers.as_kind(paper.kind): paper for paper in draft.documents}
    Document.objects.bulk_create([_document(row, kind, paper, now) for kind, paper in newest.items()])


def wish(
    row: Application, organisations: tuple[UUID, ...], radius_km: int | None, now: datetime, *, may_lack: bool = False
) -> None:
    """Put the wishes in the place of those before. `may_lack`: a draft may still have none."""
    if organisations or radius_km is not None or not may_lack:
        check_wishes(row, organisations, radius_km, day_of(now))
    row.wishes.all().delete()
    Wish.objects.bulk_create(
        [
            Wish(application=row, organisation_id=organisation, rank=rank, named_at=now)
            for rank, organisation in enumerate(organisations, start=1)
        ]
    )


def check_wishes(row: Application, organisations: Sequence[UUID], radius_km: int | None, today: date) -> None:
    """Pass when the family may wish so. Raises Refusal("placement.wrong_territory") and what the rule raises."""
    cards = registry.organisation_cards(organisations)
    if any(card.district != row.district_id for card in cards.values()):
        raise Refusal("placement.wrong_territory", field="organisations")
    present = registry.enrolment(row.present_id) if row.present_id else None
    wishes.check_wishes(
        [OrganisationId(organisation) for organisation in organisations],
        radius_km,
        placement_norms(today, row.district_id).wish,
        of_district={card.id for card in cards.values() if today in Period(card.since, card.until)},
        present=OrganisationId(present.organisation) if present else None,
    )


def situation(row: Application, today: date) -> Situation:
    """What is known of the child, the applicant and the district on the day. 5 queries."""
    home = registry.residence(row.child_id, today)
    present = registry.open_enrolment(row.child_id)
    return Situation(
        born_on=registry.person_cards((row.child_id,))[row.child_id].born_on,
        guardian=registry.is_guardian(row.applicant_id, row.child_id, today),
        district=row.district_id,
        residence=home.district if home else None,
        enrolled=present is not None and present.state_order,
        open_application=Application.objects.filter(child=row.child_id, status__in=OPEN).exclude(pk=row.pk).exists(),
        transfer=row.present_id is not None,
    )


def check_papers(row: Application, now: datetime) -> None:
    """Pass when the papers can be taken, and give each its days from now on.

    Raises Refusal("placement.document_missing", "placement.document_expired", "placement.document_future").
    """
    today = day_of(now)
    norm = placement_norms(today, row.district_id).benefit
    rows = list(row.documents.all())
    papers.check_papers(Benefit(row.benefit), steps.kind_of(row), [DocumentKind(paper.kind) for paper in rows])
    for paper in rows:
        kind = DocumentKind(paper.kind)
        papers.check_document(kind, paper.issued_on, today, norm)
        paper.filed_at, paper.due_on = now, papers.proof_due(today, norm, workdays.calendar())
        paper.valid_until = papers.valid_until(kind, paper.issued_on, norm)
    Document.objects.bulk_update(rows, ["filed_at", "due_on", "valid_until"])


def claim(row: Application, benefit: Benefit, new: NewDocument, now: datetime) -> Document:
    """The paper of a right claimed later, waiting for its check; one that waited for the same right gives way."""
    kind = papers.as_kind(new.kind)
    if papers.PAPER_OF.get(benefit) is not kind:
        raise Refusal("placement.document_wrong", field="documents", document=kind)
    papers.check_document(kind, new.issued_on, day_of(now), placement_norms(day_of(now), row.district_id).benefit)
    row.documents.filter(benefit=benefit, kind=kind, status="pending").delete()
    if row.right == Right.GENERAL:
        steps.put(row, now=now, benefit=benefit)
    paper = _document(row, kind, new, now, benefit)
    paper.save(force_insert=True)
    return paper


def _document(
    row: Application, kind: DocumentKind, new: NewDocument, now: datetime, benefit: Benefit | None = None
) -> Document:
    papers.check_number(kind, new.number)
    norm = placement_norms(day_of(now), row.district_id).benefit
    claimed = Benefit(row.benefit) if benefit is None else benefit
    return Document(
        application=row,
        kind=kind,
        benefit=claimed if papers.PAPER_OF.get(claimed) is kind else Benefit.NONE,
        number=new.number,
        issued_on=new.issued_on,
        valid_until=papers.valid_until(kind, new.issued_on, norm),
        filed_at=now,
        due_on=papers.proof_due(day_of(now), norm, workdays.calendar()),
    )
