"""One application as its family sees it: the place in the queue, each wish with its reason, all that happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shanyraq.domains.placement.models import Application, Document, OpenPlace, Outcome, WaitingEntry, Wish
from shanyraq.domains.placement.queries import rounds
from shanyraq.domains.placement.queries.family import own
from shanyraq.domains.placement.queries.family.choosing import KindergartenLine, kindergartens, wished
from shanyraq.domains.placement.queries.family.home import Place, places_of
from shanyraq.domains.placement.queries.family.own import ApplicationFacts
from shanyraq.domains.placement.queries.queue import QueuePlace, place_in_queue
from shanyraq.domains.placement.queries.rounds import OutcomeLine
from shanyraq.domains.placement.rules.claim import OrganisationId, Status
from shanyraq.domains.placement.rules.reasons import Explanation, WishReason
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import OrganisationCard, PersonCard, ResidenceCard
from shanyraq.foundation.access import Actor
from shanyraq.foundation.ledger import services as ledger


@dataclass(frozen=True, slots=True)
class WishLine:
    """A wish: the kindergarten as it is now, and what the last published round said about it. `named` is false for a
    kindergarten that only lay within the radius."""

    rank: int
    named: bool
    open_access: bool
    kindergarten: KindergartenLine
    reason: WishReason | None


@dataclass(frozen=True, slots=True)
class Paper:
    """A document and where its check stands."""

    id: UUID
    kind: str
    number: str
    issued_on: date
    valid_until: date | None
    status: str
    refusal: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to the application, from the ledger."""

    at: datetime
    kind: str  # the event without its domain
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """All that the page of one application shows. `names` holds the kindergartens that the history mentions."""

    facts: ApplicationFacts
    child: PersonCard
    code: str  # the public name in the log and in the packages of rounds
    applied_at: datetime | None
    right_since: datetime | None
    queue: QueuePlace | None
    outcomes: tuple[OutcomeLine, ...]  # of published rounds, newest first
    wishes: tuple[WishLine, ...]
    elsewhere: tuple[tuple[KindergartenLine, int], ...]  # seats that were left after the round
    papers: tuple[Paper, ...]
    happenings: tuple[Happening, ...]
    names: Mapping[str, OrganisationCard]
    present: Place | None
    offer: UUID | None
    waiting_for: tuple[OrganisationCard, ...]

    @property
    def outcome(self) -> OutcomeLine | None:
        """What the last published round decided."""
        return self.outcomes[0] if self.outcomes else None


@dataclass(frozen=True, slots=True)
class WishesPage:
    """The wishes of an application that was handed in, best first."""

    facts: ApplicationFacts
    wishes: tuple[UUID, ...]
    residence: ResidenceCard | None


def wishes(actor: Actor, pk: UUID, on: date) -> WishesPage:
    """The wishes of an application of the actor's child. 3 queries. Raises NotAllowed("access.denied")."""
    facts = own.application(actor, pk)
    return WishesPage(facts, wished(pk), registry.residence(facts.child, on))


def application(actor: Actor, pk: UUID, on: date) -> ApplicationPage:
    """An application of the actor's child. A fixed number of queries. Raises NotAllowed("access.denied")."""
    facts = own.application(actor, pk)
    times = Application.objects.values_list("applied_at", "right_since", "code").get(pk=pk)
    home = registry.residence(facts.child, on)
    choices = {line.card.id: line for line in kindergartens(facts, home, on)}
    outcomes = rounds.outcomes_of(pk)
    explained = outcomes[0].explanation if outcomes else None
    happenings = _happenings(pk)
    listed = WaitingEntry.objects.filter(application=pk, closed_at=None).order_by("since", "id")
    names = names_in(happenings, listed.values_list("organisation_id", flat=True))
    return ApplicationPage(
        facts=facts,
        child=registry.person_cards((facts.child,))[facts.child],
        code=times[2],
        applied_at=times[0],
        right_since=times[1],
        queue=place_in_queue(pk, on) if facts.status is Status.WAITING else None,
        outcomes=outcomes,
        wishes=_wishes(pk, choices, explained),
        elsewhere=tuple(
            (choices[one.organisation], one.free)
            for one in (explained.elsewhere if explained else ())
            if one.organisation in choices
        ),
        papers=_papers(pk),
        happenings=happenings,
        names=names,
        present=places_of((facts.child,)).get(facts.child),
        offer=own.shown_offers().filter(application=pk).values_list("id", flat=True).first(),
        waiting_for=tuple(names[str(one)] for one in listed.values_list("organisation_id", flat=True)),
    )


def _wishes(pk: UUID, choices: Mapping[UUID, KindergartenLine], explained: Explanation | None) -> tuple[WishLine, ...]:
    rows = Wish.objects.filter(application=pk).order_by("rank").values_list("rank", "open_access", "organisation_id")
    said = {wish.organisation: wish for wish in (explained.wishes if explained else ())}
    named = [(rank, True, opened, UUID(str(organisation))) for rank, opened, organisation in rows]
    known = {organisation for *_, organisation in named}
    near = [(one.rank, False, False, one.organisation) for one in said.values() if one.organisation not in known]
    return tuple(
        WishLine(rank, by_name, opened, choices[organisation], said.get(OrganisationId(organisation)))
        for rank, by_name, opened, organisation in (*named, *near)
        if organisation in choices
    )


def _papers(pk: UUID) -> tuple[Paper, ...]:
    rows = Document.objects.filter(application=pk).order_by("id")
    fields = ("id", "kind", "number", "issued_on", "valid_until", "status", "refusal", "due_on")
    return tuple(Paper(*row) for row in rows.values_list(*fields))


def _happenings(pk: UUID) -> tuple[Happening, ...]:
    """What the ledger holds, without what a round decided that is not published yet. 2 queries."""
    unpublished = unpublished_rounds(pk)
    return tuple(
        Happening(entry.recorded_at, entry.kind.removeprefix("placement."), entry.payload)
        for entry in ledger.entries(pk)
        if entry.kind.startswith("placement.") and entry.payload.get("round") not in unpublished
    )


def unpublished_rounds(pk: UUID) -> frozenset[str]:
    """Ids, as text, of rounds that decided on the application and are not published: what they did is not told yet.
    1 query."""
    secret = Outcome.objects.filter(application=pk, round__status="confirmed").values_list("round_id", flat=True)
    return frozenset(str(one) for one in secret)


def names_in(happenings: Iterable[Happening], more: Iterable[UUID] = ()) -> Mapping[str, OrganisationCard]:
    """Kindergartens by id as text, and by the id of their groups that the history names. 2 queries."""
    happenings = tuple(happenings)
    groups = {UUID(one.payload["group"]) for one in happenings if one.payload.get("group")}
    cards = registry.group_cards(groups)
    wanted = {UUID(one.payload["organisation"]) for one in happenings if one.payload.get("organisation")}
    found = registry.organisation_cards(wanted | {group.organisation for group in cards.values()} | set(more))
    by_group = {str(group.id): found[group.organisation] for group in cards.values()}
    return {str(card.id): card for card in found.values()} | by_group


@dataclass(frozen=True, slots=True)
class OpenPlacesPage:
    """Kindergartens of the district with places in open access for such a child."""

    facts: ApplicationFacts
    kindergartens: tuple[KindergartenLine, ...]
    asked: frozenset[UUID]


def open_places(actor: Actor, pk: UUID, on: date) -> OpenPlacesPage:
    """Places that nobody chose in time, for the actor's child. A fixed number of queries. Raises NotAllowed."""
    facts = own.application(actor, pk)
    opened = OpenPlace.objects.filter(
        closed_at=None,
        group__organisation__district=facts.district,
        group__kind=facts.kind,
        group__language=facts.language,
        group__born_from__lte=facts.birth_year,
        group__born_to__gte=facts.birth_year,
    )
    there = set(opened.values_list("group__organisation_id", flat=True))
    lines = kindergartens(facts, registry.residence(facts.child, on), on) if there else ()
    asked = Wish.objects.filter(application=pk).values_list("organisation_id", flat=True)
    return OpenPlacesPage(facts, tuple(line for line in lines if line.card.id in there), frozenset(asked))
