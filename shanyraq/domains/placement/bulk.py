"""The bulk path of placement: the queues of whole regions at once. Rows are tuples in the order given here.

It checks nothing: who calls it answers for the rows. The services are the way in for everything else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shanyraq.domains.placement.events import Event
from shanyraq.domains.placement.models import Application, Counter, DistrictModel, Document, Offer, Wish
from shanyraq.domains.placement.rules.claim import OPEN, Status
from shanyraq.foundation import bulk, ledger
from shanyraq.foundation.bulk import Row
from shanyraq.foundation.ledger import NewEntry

DISTRICT_MODEL: Final = ("id", "district", "model", "act", "valid_from", "valid_to")
APPLICATION: Final = (
    "id", "number", "code", "key", "child", "applicant", "district", "birth_year", "kind", "language", "model",
    "status", "benefit", "right", "applied_at", "right_since", "radius_km", "together", "declines", "restored",
    "due_on", "closed_reason", "created_at", "changed_at",
)  # fmt: skip
WISH: Final = ("id", "application", "organisation", "rank", "open_access", "named_at")
DOCUMENT: Final = (
    "id", "application", "kind", "benefit", "number", "issued_on", "valid_until", "status", "refusal", "filed_at",
    "due_on", "checked_at",
)  # fmt: skip


def write_district_models(rows: Iterable[Row]) -> int:
    """Which model a district places by, as DISTRICT_MODEL; how many."""
    return bulk.write(DistrictModel, DISTRICT_MODEL, rows)


def write_applications(rows: Iterable[Row]) -> int:
    """Applications, as APPLICATION; how many."""
    return bulk.write(Application, APPLICATION, rows)


def write_wishes(rows: Iterable[Row]) -> int:
    """Wishes, as WISH; how many."""
    return bulk.write(Wish, WISH, rows)


def write_documents(rows: Iterable[Row]) -> int:
    """Documents, as DOCUMENT; how many."""
    return bulk.write(Document, DOCUMENT, rows)


def write_entries(happened: Iterable[tuple[UUID, str, Event, datetime]]) -> int:
    """What happened to applications, as (application, its code, event, when), into the ledger; how many."""
    return ledger.load((NewEntry.of(event, pk, code), at) for pk, code, event, at in happened)


def set_counter(name: str, value: int) -> None:
    """Let a counter go on from the last number that the rows took."""
    Counter.objects.update_or_create(name=name, defaults={"value": value})


def open_count() -> int:
    """How many applications are open in the country. 1 query."""
    return Application.objects.filter(status__in=[status.value for status in OPEN]).count()


@dataclass(frozen=True, slots=True)
class Held:
    """A place offered to a family in a round."""

    offer: UUID
    application: UUID
    child: UUID
    applicant: UUID
    group: UUID
    organisation: UUID


def offers_of(round: UUID) -> tuple[Held, ...]:
    """The offers of a round, in the order of the queue numbers. 1 query."""
    rows = Offer.objects.filter(round=round).order_by("application__number")
    columns = ("id", "application", "application__child", "application__applicant", "group", "group__organisation")
    return tuple(Held(*row) for row in rows.values_list(*columns))


def open_applications(district: str, *statuses: Status) -> tuple[tuple[UUID, UUID, UUID], ...]:
    """(application, child, applicant) of a district by queue number. 1 query."""
    rows = Application.objects.filter(district=district, status__in=statuses).order_by("number")
    return tuple(rows.values_list("id", "child", "applicant"))
