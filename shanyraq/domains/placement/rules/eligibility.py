"""Who may apply, and when. Pure. Source: norms/placement/age_limit, queue_age, season_end; rules of order 254."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from shanyraq.domains.placement.rules.norms import AgeNorm
from shanyraq.foundation.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a child, the applicant and the district on the day of an application."""

    born_on: date
    guardian: bool  # the applicant answers for the child on that day
    district: str  # KATO of the district applied to
    residence: str | None  # KATO of the district where the child lives
    enrolled: bool  # holds a state-order place
    open_application: bool  # another one, in any district
    transfer: bool  # asks to leave the present place for another


def full_years(born_on: date, on: date) -> int:
    """Age in full years. A child of 29 February is a year older on 1 March of a common year."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def season_start(on: date, norm: AgeNorm) -> date:
    """First day of the season that runs on a day: the day on which age is counted."""
    start = date(on.year, *norm.season_end) + timedelta(days=1)
    return start if start <= on else date(on.year - 1, *norm.season_end) + timedelta(days=1)


def too_old(born_on: date, on: date, norm: AgeNorm) -> bool:
    """Whether the child has reached the age limit on the first day of the season."""
    return full_years(born_on, season_start(on, norm)) >= norm.limit


def last_day(born_on: date, norm: AgeNorm) -> date:
    """The last day on which the child may stand in the queue: the end of its last season."""
    first = date(born_on.year + norm.limit, *norm.season_end)
    start = first + timedelta(days=1)
    return first if full_years(born_on, start) >= norm.limit else date(first.year + 1, *norm.season_end)


def queue_moves(born_on: date, on: date, norm: AgeNorm) -> bool:
    """Whether the child is old enough to be given a place: the queue is open earlier, but does not move."""
    return full_years(born_on, on) >= norm.queue_from


def latest_birth(on: date, years: int = 0, months: int = 0) -> date:
    """The latest day of birth of who has so many full years and months on a day."""
    month = on.year * 12 + on.month - 1 - 12 * years - months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def refusals(situation: Situation, on: date, norm: AgeNorm) -> tuple[Refusal, ...]:
    """Every reason why the application cannot be taken, the gravest first; none when it can."""
    found: list[Refusal] = []
    if not situation.guardian:
        found.append(Refusal("placement.not_guardian", field="child"))
    found += _of_age(situation, on, norm)
    if situation.open_application:
        found.append(Refusal("placement.open_application", field="child"))
    if situation.enrolled and not situation.transfer:
        found.append(Refusal("placement.already_enrolled", field="transfer"))
    if situation.transfer and not situation.enrolled:
        found.append(Refusal("placement.nothing_to_transfer", field="transfer"))
    if situation.residence is None:
        found.append(Refusal("placement.no_residence", field="child"))
    elif situation.residence != situation.district:
        found.append(Refusal("placement.wrong_territory", field="organisations"))
    return tuple(found)


def _of_age(situation: Situation, on: date, norm: AgeNorm) -> list[Refusal]:
    if situation.born_on > on:
        return [Refusal("placement.future_birth", field="child", born_on=situation.born_on)]
    if too_old(situation.born_on, on, norm):
        start = season_start(on, norm)
        age = full_years(situation.born_on, start)
        return [Refusal("placement.too_old", field="child", age=age, limit=norm.limit, day=start)]
    return []


def check_may_apply(situation: Situation, on: date, norm: AgeNorm) -> None:
    """Nothing, when the application can be taken.

    Raises the gravest Refusal: "placement.not_guardian", "placement.future_birth", "placement.too_old",
    "placement.open_application", "placement.already_enrolled", "placement.nothing_to_transfer",
    "placement.no_residence", "placement.wrong_territory".
    """
    found = refusals(situation, on, norm)
    if found:
        raise found[0]
