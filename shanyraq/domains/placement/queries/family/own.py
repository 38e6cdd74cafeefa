"""The rows that belong to a family: found only for a guardian of the child, else as if they were not there."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from shanyraq.domains.placement.access import APPLICATIONS, OFFERS, Do
from shanyraq.domains.placement.models import Application, Offer, Outcome
from shanyraq.domains.placement.rules.claim import Benefit, Model, Right, Status
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import Text

DECIDED = frozenset({Status.OFFERED, Status.VOUCHER_OFFERED})


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """An application without what hangs on it."""

    id: UUID
    child: UUID
    number: int | None
    status: Status
    model: Model
    kind: GroupKind
    language: Language
    benefit: Benefit
    right: Right
    category: int | None
    birth_year: int
    district: str
    district_name: Text
    radius_km: int | None
    together: bool
    present: UUID | None
    declines: int
    restored: bool
    due_on: date | None
    closed_reason: str


def application(actor: Actor, pk: UUID) -> ApplicationFacts:
    """An application of the actor's child. 1 query. Raises NotAllowed("access.denied")."""
    opened = access.rows(APPLICATIONS, Do.ACT_FOR_FAMILY, actor)
    row = Application.objects.select_related("district").filter(opened, pk=pk).first()
    if row is None:
        raise NotAllowed("access.denied", action=str(Do.ACT_FOR_FAMILY))
    return as_published([facts_of(row)])[0]


def as_published(known: Collection[ApplicationFacts]) -> list[ApplicationFacts]:
    """The applications as families may know them: what an unpublished round decided has not happened yet. 1 query,
    none when no round could have decided on them."""
    decided = [one.id for one in known if one.status in DECIDED]
    rows = Outcome.objects.filter(application_id__in=decided, round__status="confirmed") if decided else None
    secret = set(rows.values_list("application_id", flat=True)) if rows is not None else set()
    return [replace(one, status=Status.WAITING, due_on=None) if one.id in secret else one for one in known]


def shown_offers() -> QuerySet[Offer]:
    """Live offers that families may see: those of published rounds, and those made without a round."""
    return Offer.objects.filter(Q(round=None) | Q(round__status="published"), closed_at=None)


def offer(actor: Actor, pk: UUID) -> Offer:
    """An offer to the actor's child, with its application. 1 query. Raises NotAllowed("access.denied")."""
    opened = access.rows(OFFERS, Do.ACT_FOR_FAMILY, actor)
    published = Q(round=None) | Q(round__status="published")
    row = Offer.objects.select_related("application__district").filter(opened, published, pk=pk).first()
    if row is None:
        raise NotAllowed("access.denied", action=str(Do.ACT_FOR_FAMILY))
    return row


def facts_of(row: Application) -> ApplicationFacts:
    """A row as plain values; its district must be loaded."""
    return ApplicationFacts(
        id=row.pk,
        child=row.child_id,
        number=row.number,
        status=Status(row.status),
        model=Model(row.model),
        kind=GroupKind(row.kind),
        language=Language(row.language),
        benefit=Benefit(row.benefit),
        right=Right(row.right),
        category=row.category,
        birth_year=row.birth_year,
        district=row.district_id,
        district_name=Text(row.district.name_kk, row.district.name_ru, row.district.name_en),
        radius_km=row.radius_km,
        together=row.together,
        present=row.present_id,
        declines=row.declines,
        restored=row.restored,
        due_on=row.due_on,
        closed_reason=row.closed_reason,
    )
