"""The rows of a dated snapshot: those that hold on a day as they were known at an instant, of a territory. Nothing that
happens later changes them: relations are followed in what was known then."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from shanyraq.domains.registry.models import Building, Employment, Enrolment, Group, Organisation
from shanyraq.foundation.history import BatchState, as_of
from shanyraq.foundation.history.fact import TABLES, Fact
from shanyraq.foundation.history.models import Batch

SETTLED: Final = timedelta(minutes=1)  # who writes now has taken their instant before
_HOME: Final = {
    "organisationprofile": "organisation_id",
    "building": "organisation_id",
    "feature": "organisation_id",
    "group": "organisation_id",
    "employment": "organisation_id",
    "succession": "latter_id",
}
_PERSON: Final = {
    "residence": "person_id",
    "identifier": "person_id",
    "circumstance": "person_id",
    "engagement": "person_id",
}


@dataclass(frozen=True, slots=True)
class Instant:
    """What is looked at: what held on a day, as known at an instant, in a territory ("" is the country)."""

    valid: date
    known: datetime
    territory: str = ""


def settled(now: datetime) -> datetime:
    """The latest instant of which everything is known: before whoever is writing now. 1 query."""
    running = (
        Batch.objects.filter(state=BatchState.RUNNING).order_by("made_at").values_list("made_at", flat=True).first()
    )
    latest = now - SETTLED
    return min(latest, running - SETTLED) if running else latest


def tables() -> tuple[type[Fact], ...]:
    """The tables of a snapshot, by name."""
    named = sorted((label, table) for label, table in TABLES.items() if label.startswith("registry."))
    return tuple(table for _, table in named)


def rows(table: type[Fact], at: Instant) -> QuerySet[Any]:
    """The rows of one table, by id. No query yet."""
    found = _known(table, at)
    if at.territory:
        found = found.filter(_inside(table, at))
    ordered: QuerySet[Any] = found.order_by("id")
    return ordered


def _known(table: type[Fact], at: Instant) -> Any:
    dated = any(field.name == "valid_from" for field in table._meta.concrete_fields)
    return as_of(table, valid=at.valid if dated else None, known=at.known)


def _inside(table: type[Fact], at: Instant) -> Q:
    homes = _known(Organisation, at).filter(district__kato__startswith=at.territory)
    name = str(table._meta.model_name)
    if name == "organisation":
        return Q(district__kato__startswith=at.territory)
    if name in _HOME:
        return Q(**{f"{_HOME[name]}__in": homes.values("id")})
    if name == "room":
        return Q(building_id__in=_known(Building, at).filter(organisation_id__in=homes.values("id")).values("id"))
    groups = _known(Group, at).filter(organisation_id__in=homes.values("id"))
    spells = _known(Enrolment, at).filter(group_id__in=groups.values("id"))
    if name == "enrolment":
        return Q(group_id__in=groups.values("id"))
    if name == "guardianship":
        return Q(child_id__in=spells.values("child_id"))
    staff = _known(Employment, at).filter(organisation_id__in=homes.values("id"))
    path = "id" if name == "person" else _PERSON.get(name)
    if path is None:
        return Q(pk__in=())
    return Q(**{f"{path}__in": spells.values("child_id")}) | Q(**{f"{path}__in": staff.values("person_id")})
