"""The stored answers of the public collection: resident = child, hospital = kindergarten, couple = siblings."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from shanyraq.foundation import matching
from shanyraq.foundation.matching.tests.blocking import overfull, tied_blocking_pairs
from shanyraq.foundation.matching.tests.markets import Case, from_orders

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "data" / "matching"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the collection of matching instances is not beside us")


def instances(name):
    with gzip.open(FOLDER / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def zero_based(answer):
    return [school - 1 if school else matching.UNPLACED for _, school in sorted(answer.items(), key=by_number)]


def by_number(item):
    return int(item[0])


def values(table):
    return [value for _, value in sorted(table.items(), key=by_number)]


def strict_case(instance):
    hospitals = values(instance["hospitals"])
    return from_orders(
        [[school - 1 for school in row] for row in values(instance["residents"])],
        [[claim - 1 for claim in each["preferences"]] for each in hospitals],
        [each["capacity"] for each in hospitals],
    )


@pytest.mark.parametrize("name", ["hr_small", "hr_contested", "hr_large"])
def test_strict_priorities_give_the_child_optimal_matching(name):
    for instance in instances(f"{name}.jsonl.gz"):
        case = strict_case(instance)
        school_of = case.matched()
        assert school_of == zero_based(instance["resident_optimal"]), instance["id"]
        assert case.blocked(school_of) == []


def classes(rows):
    """Rows of preferences with ties, as the class of each choice."""
    return [
        {choice - 1: at for at, tie in enumerate(row) for choice in (tie if isinstance(tie, list) else [tie])}
        for row in rows
    ]


def broken_by_number(wish_class, school_class, capacity):
    """The case in which every tie, on either side, is broken by number."""
    return from_orders([by_class(row) for row in wish_class], [by_class(row) for row in school_class], capacity)


def by_class(row):
    return [choice for _, choice in sorted((at, choice) for choice, at in row.items())]


def test_ties_broken_by_a_strict_order_give_a_weakly_stable_matching():
    for instance in instances("hrt_small.jsonl.gz"):
        hospitals = values(instance["hospitals"])
        capacity = [each["capacity"] for each in hospitals]
        wished, ranked = classes(values(instance["residents"])), classes([each["preferences"] for each in hospitals])
        school_of = broken_by_number(wished, ranked, capacity).matched()
        assert tied_blocking_pairs(wished, ranked, capacity, school_of) == []
        assert overfull(capacity, school_of) == []
        placed = sum(school >= 0 for school in school_of)
        assert instance["weakly_stable_min"] <= placed <= instance["weakly_stable_max"], instance["id"]


def test_the_large_instance_with_ties_is_stable_and_within_its_bound():
    with gzip.open(FOLDER / "hrt_759x53.json.gz", "rt", encoding="utf-8") as source:
        instance = json.load(source)
    hospitals = values(instance["hospitals"])
    capacity = [each["capacity"] for each in hospitals]
    wished, ranked = classes(values(instance["residents"])), classes([each["preferences"] for each in hospitals])
    assert tied_blocking_pairs(wished, ranked, capacity, zero_based(instance["known"]["matching"])) == []
    school_of = broken_by_number(wished, ranked, capacity).matched()
    assert tied_blocking_pairs(wished, ranked, capacity, school_of) == []
    assert overfull(capacity, school_of) == []
    # how the ties are broken decides the size: the largest is hard to find, and any is at least half as large
    placed = sum(school >= 0 for school in school_of)
    assert instance["known"]["weakly_stable_matching_size_found"] / 2 <= placed <= instance["known"]["upper_bound"]


def test_projects_under_lecturers_are_schools_in_houses():
    for instance in instances("spa_s_small.jsonl.gz"):
        projects, lecturers = values(instance["projects"]), values(instance["lecturers"])
        house_of = [each["lecturer"] - 1 for each in projects]
        orders = [[claim - 1 for claim in lecturers[house]["preferences"]] for house in house_of]
        wishes = [[project - 1 for project in row] for row in values(instance["students"])]
        case = from_orders(wishes, orders, [each["capacity"] for each in projects])
        ceiling = np.array([each["capacity"] for each in lecturers])
        found = matching.deferred_acceptance_in_houses(*case.market, np.array(house_of), ceiling)
        assert found.school_of.tolist() == zero_based(instance["student_optimal"]), instance["id"]


def siblings_instance():
    lines = [line.split() for line in (FOLDER / "hrtc_iain.txt").read_text("utf-8").splitlines() if line.split()]
    people, couples, hospitals = int(lines[0][0]), int(lines[1][0]), int(lines[2][0])
    rows = [[int(word) for word in line[1:]] for line in lines[9 : 9 + people]]
    posts = [[int(word) for word in line[1:]] for line in lines[9 + people : 9 + people + hospitals]]
    return rows, couples, [row[1:] for row in posts], [row[0] for row in posts]


def kept_together(rows, couples, orders, capacity):
    """The sibling heuristic: family after family, the best pair of places that both get when they ask for it alone."""
    wishes = [[] for _ in range(2 * couples)] + rows[2 * couples :]
    for first in range(0, 2 * couples, 2):
        for pair in zip(rows[first], rows[first + 1], strict=True):
            trial = [*wishes]
            trial[first], trial[first + 1] = [pair[0]], [pair[1]]
            got = from_orders(trial, orders, capacity).matched()
            if all(got[claim] == trial[claim][0] for claim in range(first + 2) if trial[claim]):
                wishes = trial
                break
    return from_orders(wishes, orders, capacity)


def test_siblings_get_a_pair_they_asked_for_or_none_and_no_single_child_is_passed_over():
    rows, couples, orders, capacity = siblings_instance()
    case = kept_together(rows, couples, orders, capacity)
    school_of = case.matched()
    assert overfull(capacity, school_of) == []
    pairs = [(school_of[first], school_of[first + 1]) for first in range(0, 2 * couples, 2)]
    for at, pair in enumerate(pairs):
        asked = set(zip(rows[2 * at], rows[2 * at + 1], strict=True))
        assert pair == (matching.UNPLACED, matching.UNPLACED) or pair in asked
    assert [pair for pair in case.blocked(school_of) if pair[0] >= 2 * couples] == []
    together = sum(pair[0] >= 0 for pair in pairs)
    assert together >= couples - 2, f"{together} of {couples} families together"


def test_the_collection_is_the_one_we_know():
    assert isinstance(strict_case(instances("hr_small.jsonl.gz")[0]), Case)
    assert len(instances("hr_large.jsonl.gz")) == 4
