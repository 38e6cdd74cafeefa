"""One person's work in one organisation: the spell that was opened, those before and after it, what may be done."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from shanyraq.domains.registry.access import ORGANISATION_RULES, STAFF_RULES, Do
from shanyraq.domains.registry.models import Employment, Organisation
from shanyraq.domains.registry.queries.cards import OrganisationCard
from shanyraq.domains.registry.queries.people import names_of
from shanyraq.domains.registry.queries.places import organisation, organisation_of
from shanyraq.domains.registry.queries.record import known
from shanyraq.domains.registry.rules.kinds import Category, LeavingReason, Post, Qualification
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history import BatchCard
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class WorkSpell:
    """A person in a post, from when to when, as it is known now. `batch`: the change of many rows that wrote it."""

    id: UUID
    post: Post
    subject: str
    load: Decimal
    category: Category | None
    category_until: date | None
    qualification: Qualification | None
    order_number: str
    order_on: date | None
    since: date
    until: date | None
    reason: LeavingReason | None
    recorded_at: datetime
    batch: BatchCard | None

    def lapsed(self, on: date) -> bool:
        """Whether the category no longer holds on the day."""
        return self.category_until is not None and self.category_until <= on


@dataclass(frozen=True, slots=True)
class EmploymentPage:
    """Whose work it is and where. `spells`: all of this person in this organisation, newest first."""

    person: UUID
    name: Text
    home: OrganisationCard
    spell: WorkSpell
    spells: tuple[WorkSpell, ...]
    may_change: bool
    may_open: bool  # the person's whole record


def employment_page(actor: Actor, employment: UUID) -> EmploymentPage:
    """One employment and the others of the same person there. 8 queries. Raises NotAllowed("access.denied")."""
    access.require(STAFF_RULES, Do.READ_STAFF, actor, Employment.objects.all(), employment)
    row = Employment.objects.select_related("organisation").get(pk=employment)
    rows = list(
        Employment.objects.filter(person_id=row.person_id, organisation_id=row.organisation_id).order_by(
            "-valid_from", "-id"
        )
    )
    batches = {card.id: card for card in history.cards_of({one.batch for one in rows if one.batch})}
    spells = tuple(_spell(one, batches) for one in rows)
    return EmploymentPage(
        person=row.person_id,
        name=names_of((row.person_id,))[row.person_id],
        home=organisation_of(row.organisation),
        spell=next(one for one in spells if one.id == employment),
        spells=spells,
        may_change=changes_staff(actor, row.organisation_id) is not None,
        may_open=bool(known.open_records((row.person_id,), actor)),
    )


def changes_staff(actor: Actor, home: UUID) -> OrganisationCard | None:
    """The organisation, when the actor may change its staff. 2 queries."""
    allowed = Organisation.objects.filter(access.rows(ORGANISATION_RULES, Do.CHANGE_STAFF, actor), pk=home)
    return organisation(home) if allowed.exists() else None


def changes_classes(actor: Actor, home: UUID) -> OrganisationCard | None:
    """The organisation, when the actor may open classes and groups in it. 2 queries."""
    allowed = Organisation.objects.filter(access.rows(ORGANISATION_RULES, Do.CHANGE_GROUP, actor), pk=home)
    return organisation(home) if allowed.exists() else None


def _spell(row: Employment, batches: dict[UUID, BatchCard]) -> WorkSpell:
    return WorkSpell(
        row.pk, Post(row.post), row.subject, row.load, Category(row.category) if row.category else None,
        row.category_until, Qualification(row.qualification) if row.qualification else None, row.order_number,
        row.order_on, row.valid_from, row.valid_to, LeavingReason(row.exit_reason) if row.exit_reason else None,
        row.recorded_at, batches.get(row.batch) if row.batch else None,
    )  # fmt: skip
