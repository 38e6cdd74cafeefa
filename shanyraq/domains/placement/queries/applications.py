"""One application as a plain value, and the rows that stand beside it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shanyraq.domains.placement.models import Application, Offer, Wish
from shanyraq.domains.placement.rules.claim import Benefit, Model, Right, Status
from shanyraq.domains.registry.rules.kinds import GroupKind, Language


@dataclass(frozen=True, slots=True)
class ApplicationCard:
    """An application without the names of people; `offer` is the one that runs now."""

    id: UUID
    number: int | None
    child: UUID
    applicant: UUID
    district: str
    birth_year: int
    kind: GroupKind
    language: Language
    model: Model
    status: Status
    benefit: Benefit
    right: Right
    applied_at: datetime | None
    right_since: datetime | None
    due_on: date | None
    declines: int
    closed_reason: str
    wishes: tuple[UUID, ...]
    offer: UUID | None


def application_card(application: UUID) -> ApplicationCard | None:
    """One application. 3 queries."""
    row = Application.objects.filter(pk=application).first()
    return None if row is None else _card(row)


def find_application(number: int) -> UUID | None:
    """The application with this number. 1 query."""
    return Application.objects.filter(number=number).values_list("pk", flat=True).first()


def _card(row: Application) -> ApplicationCard:
    wishes = Wish.objects.filter(application=row).order_by("rank").values_list("organisation_id", flat=True)
    live = Offer.objects.filter(application=row, status__in=("held", "accepted"))
    return ApplicationCard(
        id=row.pk,
        number=row.number,
        child=row.child_id,
        applicant=row.applicant_id,
        district=row.district_id,
        birth_year=row.birth_year,
        kind=GroupKind(row.kind),
        language=Language(row.language),
        model=Model(row.model),
        status=Status(row.status),
        benefit=Benefit(row.benefit),
        right=Right(row.right),
        applied_at=row.applied_at,
        right_since=row.right_since,
        due_on=row.due_on,
        declines=row.declines,
        closed_reason=row.closed_reason,
        wishes=tuple(wishes),
        offer=live.values_list("pk", flat=True).first(),
    )
