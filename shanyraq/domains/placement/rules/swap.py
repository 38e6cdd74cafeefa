"""Exchange of two places by consent of both families and both kindergartens. Pure.

Not lawful everywhere: norms/placement/swap says so by territory. Source: norms/placement/swap, swap_answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shanyraq.domains.placement.rules.claim import Group, OrganisationId
from shanyraq.domains.placement.rules.deadlines import Workdays
from shanyraq.domains.placement.rules.norms import SwapNorm
from shanyraq.foundation.refusal import Refusal


class Party(StrEnum):
    """Who must consent."""

    FIRST_FAMILY = "first_family"
    SECOND_FAMILY = "second_family"
    FIRST_HEAD = "first_head"
    SECOND_HEAD = "second_head"


@dataclass(frozen=True, slots=True)
class Seat:
    """A child's place, as an exchange sees it."""

    enrolment: UUID
    child: UUID
    birth_year: int
    district: str  # KATO
    group: Group
    state_order: bool
    leaving: bool = False  # a referral or another exchange of the child is under way


@dataclass(frozen=True, slots=True)
class Wanted:
    """A family that would exchange its place for one in these kindergartens, best first."""

    seat: Seat
    organisations: tuple[OrganisationId, ...]
    since: datetime


def check_swap(first: Seat, second: Seat, norm: SwapNorm) -> None:
    """Nothing, when the two places may be exchanged.

    Raises Refusal("placement.swap_not_allowed", "placement.swap_other_district", "placement.swap_same_kindergarten",
    "placement.swap_not_state_order", "placement.swap_leaving", "placement.swap_does_not_fit").
    """
    if not norm.allowed:
        raise Refusal("placement.swap_not_allowed")
    if first.district != second.district:
        raise Refusal("placement.swap_other_district")
    if first.group.organisation == second.group.organisation:
        raise Refusal("placement.swap_same_kindergarten")
    if not (first.state_order and second.state_order):
        raise Refusal("placement.swap_not_state_order")
    if first.leaving or second.leaving:
        raise Refusal("placement.swap_leaving")
    if not (_fits(first, second.group) and _fits(second, first.group)):
        raise Refusal("placement.swap_does_not_fit")


def _fits(seat: Seat, group: Group) -> bool:
    """Birth year and kind; the language may change, since both families see it and consent."""
    return group.fits(seat.birth_year, seat.group.kind, None)


def answer_by(proposed_on: date, norm: SwapNorm, workdays: Workdays) -> date:
    """The last day on which all four may consent."""
    return workdays.add(proposed_on, norm.answer_workdays)


def missing(consents: Iterable[Party]) -> tuple[Party, ...]:
    """Who has not consented yet; none when the exchange can be done."""
    given = set(consents)
    return tuple(party for party in Party if party not in given)


def find_pairs(families: Iterable[Wanted], norm: SwapNorm) -> tuple[tuple[UUID, UUID], ...]:
    """Exchanges of two that both families want, as pairs of enrolments, each enrolment at most once.

    The family that has waited longest chooses first, its best kindergarten first; who has waited longest there answers.
    """
    waiting = sorted(families, key=lambda one: (one.since, one.seat.enrolment))
    pairs: list[tuple[UUID, UUID]] = []
    paired: set[UUID] = set()
    for one in waiting:
        if one.seat.enrolment in paired:
            continue
        other = _partner(one, [each for each in waiting if each.seat.enrolment not in paired], norm)
        if other is not None:
            pairs.append((one.seat.enrolment, other.seat.enrolment))
            paired |= {one.seat.enrolment, other.seat.enrolment}
    return tuple(pairs)


def _partner(one: Wanted, waiting: Iterable[Wanted], norm: SwapNorm) -> Wanted | None:
    mutual = [
        other
        for other in waiting
        if other.seat.group.organisation in one.organisations
        and one.seat.group.organisation in other.organisations
        and _may(one.seat, other.seat, norm)
    ]
    return min(mutual, key=lambda other: one.organisations.index(other.seat.group.organisation), default=None)


def _may(first: Seat, second: Seat, norm: SwapNorm) -> bool:
    try:
        check_swap(first, second, norm)
    except Refusal:
        return False
    return True
