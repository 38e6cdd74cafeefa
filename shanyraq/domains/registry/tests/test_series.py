"""Series of organisations stay comparable through splits, mergers and chains of them."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry import services
from shanyraq.domains.registry.queries import series
from shanyraq.domains.registry.queries.series import Step, comparable, crosswalk
from shanyraq.domains.registry.rules.kinds import OrganisationKind, SuccessionKind
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY

A, B, C, D = (UUID(int=n) for n in range(1, 5))
FIRST, MIDDLE, LAST = date(2024, 9, 1), date(2025, 9, 1), date(2026, 9, 1)


def step(former, latter, share, on):
    return Step(former, latter, Decimal(share), on)


def test_a_chain_multiplies():
    walk = crosswalk(FIRST, LAST, [step(A, B, "0.75", MIDDLE), step(A, C, "0.25", MIDDLE), step(B, D, "1", LAST)])
    assert walk[A] == {C: Decimal("0.25"), D: Decimal("0.75")}
    assert comparable({A: 100, B: 0, C: 7}, walk) == {C: Decimal(32), D: Decimal(75)}


def test_what_stayed_stays_and_what_was_before_is_not_moved():
    walk = crosswalk(FIRST, LAST, [step(A, B, "0.4", MIDDLE)])
    assert comparable({A: 10}, walk) == {A: Decimal(6), B: Decimal(4)}
    assert crosswalk(MIDDLE, LAST, [step(A, B, "0.4", MIDDLE)]) == {}


def test_two_parts_leave_one_after_another():
    walk = crosswalk(FIRST, LAST, [step(A, B, "0.5", MIDDLE), step(A, C, "0.5", LAST)])
    assert walk[A] == {A: Decimal("0.25"), B: Decimal("0.5"), C: Decimal("0.25")}


@given(
    st.dictionaries(st.sampled_from([A, B, C, D]), st.integers(0, 3000)),
    st.lists(
        st.tuples(st.sampled_from([A, B, C]), st.integers(1, 9999), st.integers(0, 700)), max_size=6,
        unique_by=lambda one: one[2],
    ),
)  # fmt: skip
def test_the_sum_over_the_country_stays(counts, drawn):
    steps = [
        step(former, D, Decimal(share) / 10_000, FIRST + timedelta(days=1 + days))
        for former, share, days in sorted(drawn, key=lambda one: one[2])
    ]
    walk = crosswalk(FIRST, LAST, steps)
    assert abs(sum(comparable(counts, walk).values()) - sum(counts.values())) < Decimal("0.000001")


@pytest.mark.django_db
def test_an_heir_has_the_years_of_whom_it_followed(country):
    former, first, second = (builders.organisation(kind=OrganisationKind.SCHOOL) for _ in range(3))
    large, small = builders.school_class(former), builders.school_class(former, name="5 Ә")
    for group in (large, large, large, small):
        builders.learner(group)
    plan = services.Reorganisation(SuccessionKind.SPLIT, former, {large: first, small: second}, closes=True)
    services.reorganise(actor=SYSTEM, plan=plan, on=TODAY, now=NOW + timedelta(days=1))
    before = TODAY - timedelta(days=1)
    told = series.learners_over((first, second), (before, TODAY))
    assert told == {first: {before: 3, TODAY: 3}, second: {before: 1, TODAY: 1}}
