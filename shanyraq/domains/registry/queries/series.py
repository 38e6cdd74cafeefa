"""Figures of organisations over time, comparable through mergers, splits and successions.

What belonged to an organisation that is no more counts for those that followed it, by the share that went on in each.
So a series of an heir begins before it was opened, and the sum over all organisations stays what it was.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import Count

from shanyraq.domains.registry.models import Enrolment, Succession
from shanyraq.domains.registry.rules.kinds import SuccessionKind
from shanyraq.foundation import history

ONE: Final = Decimal(1)
ROUNDED: Final = Decimal("0.0005")  # shares are kept to four digits: less than this is no part that stayed


@dataclass(frozen=True, slots=True)
class Step:
    """From a day on, `share` of the former counts for the latter."""

    former: UUID
    latter: UUID
    share: Decimal
    on: date


def steps(*, known: datetime | None = None) -> tuple[Step, ...]:
    """All successions, oldest first. 1 query."""
    rows = history.as_of(Succession, known=known).order_by("on", "pk")
    return tuple(Step(*one) for one in rows.values_list("former_id", "latter_id", "share", "on"))


def crosswalk(before: date, after: date, known_steps: Iterable[Step]) -> dict[UUID, dict[UUID, Decimal]]:
    """Which share of an organisation of one day counts for which of a later day; those not named count for themselves.

    A chain of successions multiplies. What a former keeps, because only a part went on, stays with it.
    """
    walk: dict[UUID, dict[UUID, Decimal]] = {}
    by_day: dict[tuple[date, UUID], dict[UUID, Decimal]] = defaultdict(dict)
    for step in known_steps:
        if before < step.on <= after:
            by_day[step.on, step.former][step.latter] = step.share
    for (_, former), parts in sorted(by_day.items(), key=lambda item: (item[0][0], item[0][1].hex)):
        walk.setdefault(former, {former: ONE})
        for shares in walk.values():
            _spread(shares, former, parts)
    return walk


def comparable(counts: Mapping[UUID, int], walk: Mapping[UUID, Mapping[UUID, Decimal]]) -> dict[UUID, Decimal]:
    """Counts of one day as they stand for the organisations of the later day. The sum stays."""
    found: dict[UUID, Decimal] = defaultdict(Decimal)
    for organisation, n in counts.items():
        for heir, share in walk.get(organisation, {organisation: ONE}).items():
            found[heir] += n * share
    return dict(found)


def learners_over(
    organisations: Collection[UUID],
    days: Collection[date],
    *,
    known: datetime | None = None,
    planned: Iterable[Step] = (),
) -> dict[UUID, dict[date, Decimal]]:
    """Learners on each of the days for organisations of the last of them, with those of whom they followed; `planned`:
    successions that are not yet. A query for each day and 1 more."""
    wanted, last, all_steps = set(organisations), max(days), (*steps(known=known), *planned)
    found: dict[UUID, dict[date, Decimal]] = {one: {} for one in organisations}
    for day in sorted(days):
        walk = crosswalk(day, last, all_steps)
        asked = wanted | {former for former, heirs in walk.items() if wanted & set(heirs)}
        for organisation, n in comparable(_learners(asked, day, known), walk).items():
            if organisation in found:
                found[organisation][day] = n
    return found


@dataclass(frozen=True, slots=True)
class Kin:
    """One organisation followed another."""

    former: UUID
    latter: UUID
    kind: SuccessionKind
    share: Decimal
    on: date
    order_number: str


def kin_of(organisation: UUID, *, known: datetime | None = None) -> tuple[Kin, ...]:
    """Everybody whom an organisation followed, and who followed it, also through others; oldest first. 1 query."""
    rows = history.as_of(Succession, known=known).order_by("on", "pk")
    every = [
        Kin(row.former_id, row.latter_id, SuccessionKind(row.kind), row.share, row.on, row.order_number) for row in rows
    ]
    back, ahead = {organisation}, {organisation}
    for one in reversed(every):
        if one.latter in back:
            back.add(one.former)
    for one in every:
        if one.former in ahead:
            ahead.add(one.latter)
    return tuple(one for one in every if one.latter in back or one.former in ahead)


def _spread(shares: dict[UUID, Decimal], former: UUID, parts: Mapping[UUID, Decimal]) -> None:
    held = shares.pop(former, None)
    if held is None:
        return
    gone = sum(parts.values(), Decimal(0))
    kept = ONE - gone if ONE - gone > ROUNDED else Decimal(0)
    if kept:
        shares[former] = held * kept
    for latter, share in parts.items():
        shares[latter] = shares.get(latter, Decimal(0)) + held * (ONE - kept) * share / gone


def _learners(organisations: Collection[UUID], day: date, known: datetime | None) -> dict[UUID, int]:
    path = "group__organisation_id"
    rows = history.as_of(Enrolment, valid=day, known=known).filter(**{f"{path}__in": organisations})
    return dict(rows.values_list(path).annotate(n=Count("pk")).order_by(path))
