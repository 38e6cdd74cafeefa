"""What entitles one person to support: read by a narrower rule than the name."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shanyraq.domains.registry.access import PERSON_RULES, Do
from shanyraq.domains.registry.models import Circumstance, Person
from shanyraq.domains.registry.queries.people import names_of
from shanyraq.domains.registry.rules.kinds import CircumstanceKind
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history import BatchCard
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class CircumstanceLine:
    """A ground of support, from when to when; `document`: number of the paper that shows it."""

    id: UUID
    person: UUID
    kind: CircumstanceKind
    document: str
    since: date
    until: date | None
    recorded_at: datetime
    batch: BatchCard | None


@dataclass(frozen=True, slots=True)
class CircumstancesPage:
    """A person's grounds of support, those that hold first."""

    person: UUID
    name: Text
    present: tuple[CircumstanceLine, ...]
    past: tuple[CircumstanceLine, ...]
    may_note: bool


def circumstances_of(actor: Actor, person: UUID, on: date) -> CircumstancesPage:
    """What entitles a person to support, and did. 5 queries. The caller notes the reading.
    Raises NotAllowed("access.denied")."""
    access.require(PERSON_RULES, Do.READ_CIRCUMSTANCE, actor, Person.objects.all(), person)
    rows = list(Circumstance.objects.filter(person_id=person).order_by("-valid_from", "kind", "id"))
    batches = {card.id: card for card in history.cards_of({row.batch for row in rows if row.batch})}
    lines = [_line(row, batches) for row in rows]
    over = {line.id for line in lines if line.until is not None and line.until <= on}
    return CircumstancesPage(
        person,
        names_of((person,))[person],
        tuple(line for line in lines if line.id not in over),
        tuple(line for line in lines if line.id in over),
        notes_circumstances(actor, person),
    )


def notes_circumstances(actor: Actor, person: UUID) -> bool:
    """Whether the actor may read and write what entitles the person to support. 1 query."""
    both = [access.rows(PERSON_RULES, do, actor) for do in (Do.READ_CIRCUMSTANCE, Do.NOTE_CIRCUMSTANCE)]
    return Person.objects.filter(*both, pk=person).exists()


def reads_circumstances(actor: Actor, person: UUID) -> bool:
    """Whether the actor may read what entitles the person to support. 1 query."""
    return Person.objects.filter(access.rows(PERSON_RULES, Do.READ_CIRCUMSTANCE, actor), pk=person).exists()


def circumstance_line(actor: Actor, circumstance: UUID) -> CircumstanceLine | None:
    """One open ground of support, when the actor may change it. 2 queries."""
    row = Circumstance.objects.filter(pk=circumstance, valid_to__isnull=True).first()
    return _line(row, {}) if row is not None and notes_circumstances(actor, row.person_id) else None


def _line(row: Circumstance, batches: dict[UUID, BatchCard]) -> CircumstanceLine:
    return CircumstanceLine(
        row.pk, row.person_id, CircumstanceKind(row.kind), row.document, row.valid_from, row.valid_to,
        row.recorded_at, batches.get(row.batch) if row.batch else None,
    )  # fmt: skip
