"""The voucher model: who is given a voucher, and the days of each step. Pure.

The names of the 21 categories were not found. They are computed as right x birth year, the oldest first: with three
rights and the seven birth years of an age limit of six that makes 21, and the last is the youngest year, as published.
The screens mark it as not confirmed. Source: norms/placement/voucher_*.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shanyraq.domains.placement.rules.claim import Claim, ClaimId, OrganisationId, Right
from shanyraq.domains.placement.rules.deadlines import Workdays
from shanyraq.domains.placement.rules.eligibility import full_years, season_start
from shanyraq.domains.placement.rules.norms import AgeNorm, VoucherNorm
from shanyraq.domains.placement.rules.order import by_time
from shanyraq.foundation.refusal import Refusal

RIGHTS = tuple(Right)


def category(right: Right, birth_year: int, on: date, norm: AgeNorm) -> int:
    """The category of a claim, 1 is served first: by right, then the oldest birth year first.

    It changes when the right or the season does; years beyond the ends count as the nearest.
    """
    years = norm.limit + 1
    oldest = season_start(on, norm).year - norm.limit
    return RIGHTS.index(right) * years + min(max(birth_year - oldest, 0), years - 1) + 1


def categories(norm: AgeNorm) -> int:
    """How many categories there are."""
    return len(RIGHTS) * (norm.limit + 1)


def old_enough(born_on: date, on: date, norm: VoucherNorm) -> bool:
    """Whether the child may be given a voucher at all, be it as one of the youngest."""
    months = (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)
    return months >= norm.min_age_months


def youngest(born_on: date, on: date, age: AgeNorm) -> bool:
    """Whether the child is served only when all the older ones are satisfied."""
    return full_years(born_on, on) < age.queue_from


def serve_order(claims: Iterable[Claim], on: date, norm: AgeNorm, young: Container[ClaimId] = ()) -> tuple[Claim, ...]:
    """Claims in the order in which vouchers are given: by category, inside it by date and time of application, by lot.

    young: claims of children below the age of the queue (`youngest`): after everyone else. Total, whatever the rows.
    """
    return tuple(
        sorted(
            claims,
            key=lambda claim: (
                claim.id in young,
                category(claim.right, claim.birth_year, on, norm),
                *by_time(claim),
            ),
        )
    )


def give(served: Iterable[Claim], vouchers: int) -> tuple[ClaimId, ...]:
    """The claims that are given the vouchers there are, in serving order. Raises ValueError below zero."""
    if vouchers < 0:
        raise ValueError(f"vouchers cannot be fewer than none: {vouchers}")
    return tuple(claim.id for claim in tuple(served)[:vouchers])


def starts_on(year: int, norm: VoucherNorm) -> date:
    """The day of a year on which vouchers begin to be given."""
    return date(year, *norm.start)


def take_by(given_on: date, norm: VoucherNorm, workdays: Workdays) -> date:
    """The last day for taking a voucher; after it the application is inactive."""
    return workdays.add(given_on, norm.accept_workdays)


def choose_by(taken_on: date, norm: VoucherNorm, workdays: Workdays) -> date:
    """The last day for choosing a kindergarten and signing its contract. It runs anew when a kindergarten refuses."""
    return workdays.add(taken_on, norm.choose_workdays)


def restore_by(lost_on: date, norm: VoucherNorm) -> date:
    """The last day for bringing an inactive application back: calendar days."""
    return lost_on + timedelta(days=norm.restore_days)


def check_restore(lost_on: date, restores: int, on: date, norm: VoucherNorm) -> None:
    """Nothing, when the application may be brought back.

    Raises Refusal("placement.restored_already", "placement.restore_too_late").
    """
    if restores >= norm.restores:
        raise Refusal("placement.restored_already", n=norm.restores)
    last = restore_by(lost_on, norm)
    if on > last:
        raise Refusal("placement.restore_too_late", day=last, n=norm.restore_days)


def check_choice(organisation: OrganisationId, free: Mapping[OrganisationId, int]) -> None:
    """Nothing, when the kindergarten has a seat for the child.

    free: seats of fitting groups by kindergarten; a kindergarten without such a group is absent.
    Raises Refusal("placement.no_fitting_group", "placement.no_free_place"): the latter leads to the waiting list.
    """
    if organisation not in free:
        raise Refusal("placement.no_fitting_group", field="organisation")
    if free[organisation] < 1:
        raise Refusal("placement.no_free_place", field="organisation")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A family on the waiting list of a kindergarten."""

    claim: ClaimId
    since: datetime
    number: int  # of the application


def waiting_order(list_: Iterable[Waiting]) -> tuple[Waiting, ...]:
    """The waiting list in the order in which a freed place is announced: by time of joining, then by number."""
    return tuple(sorted(list_, key=lambda one: (one.since, one.number, one.claim)))
