"""Whom a head means: a pupil by number and birth date, one's own classes and pupils; and the child of a family."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shanyraq.domains.contingent.queries import cases
from shanyraq.domains.contingent.queries.norms import contingent_norms
from shanyraq.domains.contingent.rules.denial import DenialState
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import EnrolmentCard, OrganisationCard, PersonCard, moving
from shanyraq.domains.registry.queries.moving import ClassCard
from shanyraq.domains.registry.rules.kinds import Stage
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Pupil:
    """Someone in a class."""

    enrolment: UUID
    child: UUID
    name: Text
    born_on: date
    since: date


@dataclass(frozen=True, slots=True)
class Stay:
    """An enrolment of one's child, and what the family said of it."""

    enrolment: EnrolmentCard
    organisation: OrganisationCard
    group: str
    running: bool
    denial: UUID | None
    said: DenialState | None

    @property
    def look(self) -> str:
        """How what was said looks."""
        return cases.look_of(self.said or "")


@dataclass(frozen=True, slots=True)
class ChildPage:
    """Where one's child is listed, at all stages."""

    child: PersonCard
    stays: tuple[Stay, ...]


def own_organisations(actor: Actor) -> tuple[OrganisationCard, ...]:
    """The organisations whose head the actor is, by name. 1 query."""
    ids = {grant.organisation for grant in actor.grants if grant.role is Role.HEAD and grant.organisation}
    return tuple(sorted(registry.organisation_cards(ids).values(), key=lambda card: (card.name.kk, str(card.id))))


def own_classes(actor: Actor, today: date) -> tuple[ClassCard, ...]:
    """Classes and groups of the actor's organisations into which one may be transferred. 1 query an organisation."""
    found = [one for home in own_organisations(actor) for one in moving.classes_of(home.id, today)]
    return tuple(one for one in found if one.stage in (Stage.SCHOOL, Stage.TVET))


def find_pupil(number: str, born_on: date) -> UUID:
    """The person with this IIN or universal ID and this birth date. 2 queries. The caller has counted the search.

    Raises Refusal: contingent.pupil_unknown, whether the number or the day does not fit; and what the numbers raise.
    """
    typed = number.strip()
    digits = "".join(typed.split())
    found = registry.find_person(digits) if digits.isdigit() else registry.find_by_universal_id(typed)
    if found is None or registry.person_cards((found,))[found].born_on != born_on:
        raise Refusal("contingent.pupil_unknown", field="number")
    return found


def pupils(group: UUID, today: date) -> tuple[Pupil, ...]:
    """Who is in a class without an end, by the Kazakh alphabet. 2 queries."""
    rows = [one for one in moving.learners_of(group, today) if one.until is None]
    cards = registry.person_cards([one.child for one in rows])
    return tuple(Pupil(one.id, one.child, cards[one.child].name, cards[one.child].born_on, one.since) for one in rows)


def child_page(actor: Actor, child: UUID, today: date) -> ChildPage:
    """Where one's child is listed. 6 queries. Raises NotAllowed for anyone but a guardian."""
    if actor.person is None or not registry.is_guardian(actor.person, child, today):
        raise NotAllowed("access.denied", action="contingent.read_listing")
    rows = registry.enrolments_of(child)
    homes = registry.organisation_cards([one.organisation for one in rows])
    groups = moving.class_names([one.group for one in rows])
    said = cases.denials_of(child)
    stays = [
        Stay(
            one, homes[one.organisation], groups[one.group], one.until is None or one.until > today,
            *said.get(one.id, (None, None)),
        )
        for one in reversed(rows)
    ]  # fmt: skip
    return ChildPage(registry.person_cards((child,))[child], tuple(stays))


def unlisted(actor: Actor, territory: str, today: date) -> tuple[PersonCard, ...]:
    """Children of compulsory school age who live in the territory and are listed nowhere; at most 200. 2 queries.

    Raises NotAllowed for anyone but the office of the territory.
    """
    offices = (Role.OFFICER, Role.REGION, Role.OPERATOR)
    if not any(one.role in offices and territory.startswith(one.territory) for one in actor.grants):
        raise NotAllowed("access.denied", action="contingent.read_unlisted")
    norm = contingent_norms(today, territory)
    oldest, youngest = _years_ago(today, norm.oldest + 1), _years_ago(today, norm.youngest)
    ids = moving.unlisted(territory, oldest, youngest, today)
    cards = registry.person_cards(ids)
    return tuple(cards[pk] for pk in ids)


def _years_ago(today: date, years: int) -> date:
    return date(today.year - years, today.month, min(today.day, 28))
