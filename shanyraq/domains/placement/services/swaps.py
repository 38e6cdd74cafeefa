"""Two families exchange places: both families and both kindergartens consent."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from shanyraq.domains.placement import events
from shanyraq.domains.placement.models import Application, Offer, Swap
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.rules import referral
from shanyraq.domains.placement.rules import swap as rules
from shanyraq.domains.placement.rules.claim import OPEN, Group, GroupId, OrganisationId
from shanyraq.domains.placement.rules.swap import Party, Seat
from shanyraq.domains.placement.services import steps
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services as register
from shanyraq.domains.registry.queries import EnrolmentCard
from shanyraq.foundation import audit, ledger, notices, workdays
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

SUBJECT = "placement_swap"


@transaction.atomic
def propose_swap(*, actor: Actor, first: UUID, second: UUID, now: datetime) -> UUID:
    """Propose that the children of two enrolments change places: the swap, with the consent of the one who proposes.

    Repeated, it answers with the same swap. Raises NotAllowed unless the actor is a guardian of the first child;
    Refusal as `swap.check_swap`, first of all "placement.swap_not_allowed" where the norm does not allow it.
    """
    today = day_of(now)
    cards = registry.enrolment_cards((first, second))
    if first not in cards or Party.FIRST_FAMILY not in _families(actor, cards[first], None, today):
        raise NotAllowed("access.denied", action="placement.propose_swap")
    if second not in cards or cards[first].until is not None or cards[second].until is not None:
        raise Refusal("placement.swap_closed")
    registry.hold_groups({card.group for card in cards.values()})
    same = Swap.objects.filter(first=first, second=second, status="proposed").first()
    if same is not None:
        return same.pk
    norm = placement_norms(today, cards[first].district).swap
    rules.check_swap(_seat(cards[first], today), _seat(cards[second], today), norm)
    row = Swap(
        first_id=first,
        second_id=second,
        status="proposed",
        proposed_by=actor.person or cards[first].child,
        proposed_at=now,
        answer_by=rules.answer_by(today, norm, workdays.calendar()),
        first_family_at=now,
    )
    row.save(force_insert=True)
    _written(actor, "propose_swap", row, events.SwapProposed(first, second, row.answer_by), cards.values(), now)
    _tell(cards[second], "placement.swap_proposed", now, cards[first].organisation, answer_by=row.answer_by)
    return row.pk


@transaction.atomic
def consent(*, actor: Actor, swap: UUID, now: datetime) -> None:
    """Consent for one's own side, family or kindergarten; with the fourth consent the children change places.

    Repeated, it changes nothing. Raises NotAllowed; Refusal("placement.swap_closed", "placement.swap_too_late") and
    those of registry.swap_places.
    """
    row, first, second = _held(actor, swap)
    sides = _sides(actor, first, second, day_of(now))
    fresh = [side for side in sides if getattr(row, f"{side}_at") is None]
    if row.status == "done" or (row.status == "proposed" and not fresh):
        return
    if row.status != "proposed":
        raise Refusal("placement.swap_closed")
    if referral.over(row.answer_by, day_of(now)):
        raise Refusal("placement.swap_too_late", day=row.answer_by)
    for side in fresh:
        setattr(row, f"{side}_at", now)
        row.save(update_fields=[f"{side}_at"])
        _written(actor, "consent_to_swap", row, events.SwapConsented(side.value), (first, second), now)
    if not rules.missing(side for side in Party if getattr(row, f"{side}_at") is not None):
        _exchange(actor, row, first, second, now)


@transaction.atomic
def refuse_swap(*, actor: Actor, swap: UUID, now: datetime) -> None:
    """Refuse for one's own side; nothing changes, and both families are told. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.swap_closed") when the exchange is done.
    """
    row, first, second = _held(actor, swap)
    side = _sides(actor, first, second, day_of(now))[0]
    if row.status == "refused":
        return
    if row.status != "proposed":
        raise Refusal("placement.swap_closed")
    _close(row, "refused", now)
    _written(actor, "refuse_swap", row, events.SwapRefused(side.value), (first, second), now)
    for card in (first, second):
        _tell(card, "placement.swap_refused", now)


@transaction.atomic
def lapse(*, actor: Actor, now: datetime) -> int:
    """Close the swaps that not all consented to in time; how many. For `deadlines.run_deadlines`."""
    past = Swap.objects.select_for_update().filter(status="proposed", answer_by__lt=day_of(now)).order_by("pk")
    rows = list(past)
    cards = registry.enrolment_cards([pk for row in rows for pk in (row.first_id, row.second_id)])
    for row in rows:
        both = (cards[row.first_id], cards[row.second_id])
        _close(row, "lapsed", now)
        _written(actor, "lapse_swap", row, events.SwapLapsed(row.answer_by), both, now)
        for card in both:
            _tell(card, "placement.swap_refused", now)
    return len(rows)


def _held(actor: Actor, swap: UUID) -> tuple[Swap, EnrolmentCard, EnrolmentCard]:
    row = Swap.objects.select_for_update().filter(pk=swap).first()
    if row is None:
        raise NotAllowed("access.denied", action="placement.swap")
    cards = registry.enrolment_cards((row.first_id, row.second_id))
    return row, cards[row.first_id], cards[row.second_id]


def _families(actor: Actor, first: EnrolmentCard, second: EnrolmentCard | None, today: date) -> list[Party]:
    if actor.has(Role.OPERATOR):
        return [Party.FIRST_FAMILY, Party.SECOND_FAMILY]
    if actor.person is None or not actor.has(Role.GUARDIAN):
        return []
    sides = ((Party.FIRST_FAMILY, first), (Party.SECOND_FAMILY, second))
    return [
        party for party, card in sides if card is not None and registry.is_guardian(actor.person, card.child, today)
    ]


def _sides(actor: Actor, first: EnrolmentCard, second: EnrolmentCard, today: date) -> list[Party]:
    """For whom the actor speaks. Raises NotAllowed when for nobody."""
    own = {grant.organisation for grant in actor.grants if grant.role is Role.HEAD}
    heads = ((Party.FIRST_HEAD, first), (Party.SECOND_HEAD, second))
    sides = _families(actor, first, second, today)
    sides += [party for party, card in heads if card.organisation in own or actor.has(Role.OPERATOR)]
    if not sides:
        raise NotAllowed("access.denied", action="placement.swap")
    return sides


def _seat(card: EnrolmentCard, today: date) -> Seat:
    group = registry.group_cards((card.group,))[card.group]
    leaving = Offer.objects.filter(application__child=card.child, status__in=steps.LIVE_OFFER).exists()
    proposed = Swap.objects.filter(status="proposed")
    swapping = proposed.filter(first=card.id).exists() or proposed.filter(second=card.id).exists()
    return Seat(
        enrolment=card.id,
        child=card.child,
        birth_year=registry.person_cards((card.child,))[card.child].born_on.year,
        district=card.district,
        group=Group(
            GroupId(group.id),
            OrganisationId(group.organisation),
            group.kind,
            group.language,
            group.born_from,
            group.born_to,
            group.places,
            0,
        ),
        state_order=card.state_order,
        leaving=leaving or swapping,
    )


def _exchange(actor: Actor, row: Swap, first: EnrolmentCard, second: EnrolmentCard, now: datetime) -> None:
    """All four have consented, so the one who came last may move both children."""
    mover = Actor(user=actor.user, person=actor.person, grants=(Grant(Role.OPERATOR),), system="swap of places")
    entered = register.swap_places(actor=mover, first=first.id, second=second.id, on=day_of(now), now=now)
    _close(row, "done", now)
    for left, present in zip((first, second), entered, strict=True):
        Application.objects.filter(present=left.id, status__in=OPEN).update(present=present, changed_at=now)
    _written(actor, "swap_places", row, events.SwapDone(*entered), (first, second), now)
    _tell(first, "placement.swap_done", now, second.organisation, day=day_of(now))
    _tell(second, "placement.swap_done", now, first.organisation, day=day_of(now))


def _close(row: Swap, status: str, now: datetime) -> None:
    row.status, row.closed_at = status, now
    row.save(update_fields=["status", "closed_at"])


def _written(
    actor: Actor, action: str, row: Swap, event: events.Event, cards: Iterable[EnrolmentCard], now: datetime
) -> None:
    ledger.note(event, row.pk, at=now)
    touched = [(row.pk, card.child) for card in cards]
    audit.wrote_many(actor, f"placement.{action}", at=now, subject=SUBJECT, rows=touched)


def _tell(card: EnrolmentCard, code: str, now: datetime, organisation: UUID | None = None, **facts: date) -> None:
    """Tell every guardian of the child, naming the child and, where one is given, the kindergarten."""
    child = registry.person_cards((card.child,))[card.child].name
    home = (
        {}
        if organisation is None
        else {"kindergarten": registry.organisation_cards((organisation,))[organisation].name}
    )
    people = [guardian.person.id for guardian in registry.guardians_of(card.child, day_of(now))]
    notices.tell_many(
        [notices.NewNotice(person, code, {"child": child, **home, **facts}, "/family/") for person in people], at=now
    )
