"""What journals, kitchens and gates say of each enrolment, month by month. Pure.

Whoever invents a child can write into the journal, and often does; the kitchen and the gate are harder to persuade.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from shanyraq.domains.registry.rules.ages import YEAR_BEGINS, school_year
from shanyraq.interfaces.sandbox.learning.classes import AT_SCHOOL, HOME, IN_CLUB, Classes, Members
from shanyraq.interfaces.sandbox.learning.fraud import CLUB_GHOST, DOUBLE, GHOST, LEFT, Fraud
from shanyraq.interfaces.sandbox.learning.houses import Houses
from shanyraq.interfaces.sandbox.shares import Ints
from shanyraq.interfaces.sandbox.society import Bools

NOT_KEPT: Final = -1  # the organisation has no such journal, kitchen or gate
LESSONS_OF_CLUB: Final = 8


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry a member and month."""

    member: Ints
    month: Ints  # ordinal of its first day
    days: Ints  # of lessons
    present: Ints  # by the journal
    marks: Ints
    meals: Ints
    gate: Ints  # days on which the gate saw the child


def make(
    table: Classes, members: Members, fraud: Fraud, houses: Houses, since: Ints, facts: Mapping[str, Any], as_of: date,
    rng: np.random.Generator,
) -> Evidence:  # fmt: skip
    """The last months of the school year until the day; none for who came later."""
    parts = []
    manner = _Manner.of(table, members, fraud, houses, facts, rng)
    for first, share in months(as_of, int(facts["evidence"]["months"])):
        here = np.flatnonzero(since <= first + 7)
        parts.append(manner.month(here, first, share, rng))
    return Evidence(*(np.concatenate([part[at] for part in parts] or [np.zeros(0, np.int64)]) for at in range(7)))


def months(as_of: date, count: int) -> list[tuple[int, float]]:
    """The last months of the school year: the first day and how much of the month has passed."""
    begun = date(school_year(as_of), *YEAR_BEGINS)
    found: list[tuple[int, float]] = []
    first = as_of.replace(day=1)
    while first >= begun and len(found) < count:
        passed = min((as_of - first).days / 30, 1.0)
        if passed > 0.25:
            found.append((first.toordinal(), passed))
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    return found[::-1]


@dataclass(frozen=True, slots=True)
class _Manner:
    """How each member behaves, or is reported to, in every month."""

    facts: Mapping[str, Any]
    club: Bools
    home: Bools
    false: Bools  # not there
    gates: Bools
    kitchen: Bools
    journal: Bools
    full: Bools  # the journal says: every day
    absent: Bools  # the journal tells the truth of a child that is not there
    marked: Bools  # invented marks
    fed: Bools  # invented meals; of a child that is there: eats at school
    waved: Bools  # invented entries

    @staticmethod
    def of(
        table: Classes, members: Members, fraud: Fraud, houses: Houses, facts: Mapping[str, Any],
        rng: np.random.Generator,
    ) -> "_Manner":  # fmt: skip
        house, grade, size = table.house[members.group], table.grade[members.group], len(members.child)
        label, known = fraud.label, facts["evidence"]
        false = np.isin(label, (GHOST, DOUBLE, LEFT, CLUB_GHOST))
        chance = {name: rng.random(size) for name in ("full", "marks", "meals", "gate", "eats", "lax")}
        listed = np.isin(label, (DOUBLE, LEFT))
        full = np.where(listed, chance["full"] < 0.5, false & (chance["full"] < 0.75))
        lax = (houses.honest[house] == 0) & ~false & (chance["lax"] < 0.3)
        eats = chance["eats"] < np.where(grade <= 4, known["eats_share"]["junior"], known["eats_share"]["senior"])
        school = table.stage[members.group] == AT_SCHOOL
        return _Manner(
            facts, table.stage[members.group] == IN_CLUB, members.form == HOME, false,
            (houses.gates[house] == 1) & (grade > 0) | (houses.gates[house] == 1) & ~school,
            (houses.meals[house] == 1) & school, (houses.marks[house] == 1) & (grade > 1), full | lax,
            listed & ~full, chance["marks"] < np.where(listed, 0.3, 0.5),
            np.where(false, chance["meals"] < np.where(listed, 0.1, 0.2), eats), chance["gate"] < 0.03,
        )  # fmt: skip

    def month(self, here: Ints, first: int, share: float, rng: np.random.Generator) -> tuple[Ints, ...]:
        """Seven columns of one month."""
        known, size = self.facts["evidence"], len(here)
        days = np.where(self.club[here], LESSONS_OF_CLUB, known["days"]) * share + rng.integers(-1, 2, size)
        held: Ints = np.maximum(np.round(days), 2).astype(np.int64)
        there = rng.binomial(held, np.where(self.club[here], 0.87, known["presence"]))
        sick = rng.random(size) < known["sick_share"]
        there = np.where(sick, (held * rng.uniform(0.0, 0.55, size)).astype(np.int64), there)
        there = np.where(self.home[here], held, there).astype(np.int64)
        reported = np.where(self.full[here], held, np.where(self.absent[here], rng.binomial(held, 0.04), there))
        false, home = self.false[here], self.home[here]
        rate = np.where(false, 4.0 * self.marked[here], np.where(home, 5.0, 9.0 * there / held))
        meals = np.where(
            false, reported * self.fed[here], np.where(home, 0, rng.binomial(there, 0.93) * self.fed[here])
        )
        seen = rng.binomial(there, 1 - known["card_forgotten"])
        gate = np.where(false, reported * self.waved[here], np.where(home, 0, seen))
        return (
            here, np.full(size, first), held, reported,
            np.where(self.journal[here], rng.poisson(rate * share), NOT_KEPT),
            np.where(self.kitchen[here], meals, NOT_KEPT), np.where(self.gates[here], gate, NOT_KEPT),
        )  # fmt: skip
