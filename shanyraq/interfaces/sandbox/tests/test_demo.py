"""Whatever the day, the demonstration's parent has a place to answer for. Arrays only: no database."""

from datetime import date

import numpy as np
import pytest

from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.registry.rules.ages import school_year
from shanyraq.interfaces.sandbox import demo, network, plan, queue, rows, society
from shanyraq.interfaces.sandbox.calibration import facts
from shanyraq.interfaces.sandbox.shares import SCALES
from shanyraq.interfaces.sandbox.tests.world import districts

DAYS = [
    *(date(2026, month, 15) for month in range(1, 13)),
    *(date(2026, month, 1) for month in (1, 3, 5, 6, 7, 8, 9, 10, 12)),
    date(2026, 2, 28), date(2026, 3, 22), date(2026, 4, 30), date(2026, 5, 9), date(2026, 6, 30), date(2026, 7, 6),
    date(2026, 8, 31), date(2026, 9, 5), date(2026, 9, 30), date(2026, 10, 25), date(2026, 11, 23), date(2026, 11, 24),
    date(2026, 11, 30), date(2026, 12, 16), date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 21), date(2028, 2, 29),
]  # fmt: skip


@pytest.fixture(scope="module")
def planned():
    return plan.make(facts(), districts(), SCALES["1:1000"])


@pytest.mark.parametrize("seed", [1, 2026])
@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_the_elder_child_wishes_a_group_of_its_years_that_no_other_child_wishes(planned, as_of, seed):
    rng = np.random.default_rng([seed, as_of.toordinal()])
    known, kato = facts(), facts()["demo"]["district"]
    gardens = network.make(planned, known, as_of, rng)
    region = next(cell.district.region for cell in planned.cells if cell.district.kato == kato)
    people = society.make(planned, region, known, as_of, rng)
    pair = demo.find_pair(people, demo.cells_of(planned, kato), as_of)
    assert pair is not None
    demo.unite(people, *pair)
    kazakh = network.kazakh_children(planned, gardens, known)
    groups, _ = network.groups_of(planned, region, gardens, kazakh, people, known, as_of, rng)
    filed = queue.make(planned, people, gardens, known, as_of, rng)
    family = demo.favour(people, filed, groups, gardens, pair, as_of)
    elder_born = int(people.children.born[family.elder])
    assert any(_takes(groups, group, elder_born, as_of) for group in family.groups)
    assert people.children.born[family.elder] < people.children.born[family.younger]
    for group in family.groups:
        assert groups.kindergarten[group] == family.kindergarten
        assert groups.places[group] == groups.taken[group]
        takes = [_takes(groups, group, int(born), as_of) for born in people.children.born[filed.child]]
        rivals = np.array(takes) & (filed.child != family.elder)
        assert not (filed.wishes[rivals] == family.kindergarten).any()
        assert not filed.radius[rivals].any()
    mine = int(np.flatnonzero(filed.child == family.elder)[0])
    assert filed.wishes[mine].tolist() == [family.kindergarten] + [queue.NO_WISH] * (queue.MOST_WISHES - 1)
    assert queue.BENEFITS[int(filed.benefit[mine])] is Benefit.NONE
    assert not filed.stopped[mine]
    assert (filed.wishes[:, 0] != queue.NO_WISH).all()


def _takes(groups: network.Groups, group: int, born: int, as_of: date) -> bool:
    first, last = rows.birth_years(int(groups.year_class[group]), school_year(as_of))
    return first <= date.fromordinal(born).year <= last
