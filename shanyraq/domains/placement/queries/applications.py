"""One application as a plain value, and the rows that stand beside it."""

from collections.abc import Iterable
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
    code: str
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
    radius_km: int | None
    together: bool
    changed_at: datetime
    wishes: tuple[UUID, ...]
    offer: UUID | None


def application_card(application: UUID) -> ApplicationCard | None:
    """One application. 3 queries."""
    row = Application.objects.filter(pk=application).first()
    return None if row is None else cards_of((row,))[0]


def find_application(number: int) -> UUID | None:
    """The application with this number. 1 query."""
    return Application.objects.filter(number=number).values_list("pk", flat=True).first()


def cards_of(rows: Iterable[Application]) -> tuple[ApplicationCard, ...]:
    """The cards of applications, in the order given. 3 queries: theirs, of the wishes, of the offers."""
    found = list(rows)
    ids = [row.pk for row in found]
    wishes: dict[UUID, list[UUID]] = {pk: [] for pk in ids}
    named = Wish.objects.filter(application__in=ids).order_by("application_id", "rank")
    for application, organisation in named.values_list("application_id", "organisation_id"):
        wishes[application].append(organisation)
    live = Offer.objects.filter(application__in=ids, status__in=("held", "accepted"))
    offers = dict(live.values_list("application_id", "id"))
    return tuple(_card(row, tuple(wishes[row.pk]), offers.get(row.pk)) for row in found)


def _card(row: Application, wishes: tuple[UUID, ...], offer: UUID | None) -> ApplicationCard:
    return ApplicationCard(
        id=row.pk,
        number=row.number,
        code=row.code,
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
        radius_km=row.radius_km,
        together=row.together,
        changed_at=row.changed_at,
        wishes=wishes,
        offer=offer,
    )
