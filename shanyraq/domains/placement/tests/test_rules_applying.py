"""Who may apply, with which papers, for which kindergartens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.rules import documents, eligibility, norms, voucher, wishes
from shanyraq.domains.placement.rules.claim import Benefit, Right
from shanyraq.domains.placement.rules.documents import DocumentKind, Proof
from shanyraq.domains.placement.rules.eligibility import Situation
from shanyraq.domains.placement.tests.rules_builders import VALUES, a_group, group_id, organisation_id
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.workdays import Workdays

NORMS = norms.from_values(VALUES)
TODAY = date(2026, 11, 23)
APPLIED = datetime(2026, 11, 2, 9, tzinfo=UTC)
FREE = Situation(
    born_on=date(2023, 5, 1), guardian=True, district="711210000", residence="711210000", enrolled=False,
    open_application=False, transfer=False,
)  # fmt: skip
WEEK = Workdays.of(date(2026, 1, 1), date(2027, 12, 31))  # weekends only


def refused(situation: Situation, on: date = TODAY) -> list[str]:
    return [refusal.code.removeprefix("placement.") for refusal in eligibility.refusals(situation, on, NORMS.age)]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"guardian": False}, ["not_guardian"]),
        ({"born_on": date(2026, 11, 24)}, ["future_birth"]),
        ({"born_on": TODAY}, []),  # children may be queued from birth
        ({"born_on": date(2020, 9, 1)}, ["too_old"]),  # six on 1 September
        ({"born_on": date(2020, 9, 2)}, []),
        ({"open_application": True}, ["open_application"]),
        ({"enrolled": True}, ["already_enrolled"]),
        ({"enrolled": True, "transfer": True}, []),
        ({"transfer": True}, ["nothing_to_transfer"]),
        ({"residence": "751110000"}, ["wrong_territory"]),
        ({"residence": None}, ["no_residence"]),
        (
            {"guardian": False, "enrolled": True, "residence": None},
            ["not_guardian", "already_enrolled", "no_residence"],
        ),
    ],
)
def test_who_may_apply(change, codes: list[str]):
    assert refused(replace(FREE, **change)) == codes


def test_gravest_refusal_is_raised_with_its_facts():
    with pytest.raises(Refusal) as raised:
        eligibility.check_may_apply(replace(FREE, born_on=date(2019, 1, 1)), TODAY, NORMS.age)
    assert raised.value.facts == {"age": 7, "limit": 6, "day": date(2026, 9, 1)}
    eligibility.check_may_apply(FREE, TODAY, NORMS.age)


def test_season_begins_on_the_day_after_its_end():
    assert eligibility.season_start(date(2026, 8, 31), NORMS.age) == date(2025, 9, 1)
    assert eligibility.season_start(date(2026, 9, 1), NORMS.age) == date(2026, 9, 1)


def test_queue_moves_from_the_second_birthday():
    assert not eligibility.queue_moves(date(2024, 11, 24), TODAY, NORMS.age)
    assert eligibility.queue_moves(date(2024, 11, 23), TODAY, NORMS.age)


@given(st.dates(date(2018, 1, 1), date(2026, 1, 1)))
def test_child_is_young_enough_until_its_last_day(born_on: date):
    last = eligibility.last_day(born_on, NORMS.age)
    assert not eligibility.too_old(born_on, last, NORMS.age)
    assert eligibility.too_old(born_on, last + timedelta(days=1), NORMS.age)


# ---- papers


@pytest.mark.parametrize(
    ("benefit", "kind", "papers"),
    [
        (Benefit.NONE, GroupKind.GENERAL, ()),
        (Benefit.TEACHER, GroupKind.GENERAL, (DocumentKind.TEACHER,)),
        (Benefit.NONE, GroupKind.SANATORIUM, (DocumentKind.MEDICAL,)),
        (Benefit.SPECIAL_NEEDS, GroupKind.SPECIAL, (DocumentKind.PMPC,)),
        (Benefit.ORPHAN, GroupKind.SPECIAL, (DocumentKind.PMPC, DocumentKind.ORPHAN)),
    ],
)
def test_papers_needed(benefit, kind, papers):
    assert documents.needed(benefit, kind) == papers


@pytest.mark.parametrize(
    ("issued_on", "until"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 12, 5), date(2027, 1, 5)),
        (date(2024, 1, 30), date(2024, 2, 29)),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last(issued_on: date, until: date):
    assert documents.valid_until(DocumentKind.SERVICE, issued_on, NORMS.benefit) == until


def test_papers_in_the_future_expired_or_unknown():
    def check(kind: DocumentKind, issued_on: date) -> None:
        documents.check_document(kind, issued_on, TODAY, NORMS.benefit)

    check(DocumentKind.TEACHER, date(2026, 10, 23))
    check(DocumentKind.LARGE_FAMILY, date(2001, 1, 1))  # without a term
    with pytest.raises(Refusal, match="document_expired"):
        check(DocumentKind.TEACHER, date(2026, 10, 22))
    with pytest.raises(Refusal, match="document_future"):
        check(DocumentKind.TEACHER, date(2026, 11, 24))
    with pytest.raises(Refusal, match="document_unknown"):
        documents.as_kind("diploma")
    assert documents.as_kind("pmpc") is DocumentKind.PMPC


def test_special_group_needs_its_conclusion_at_once():
    documents.check_papers(Benefit.TEACHER, GroupKind.GENERAL, [])  # the paper of a right may follow
    documents.check_papers(Benefit.NONE, GroupKind.SPECIAL, [DocumentKind.PMPC])
    with pytest.raises(Refusal, match="document_missing"):
        documents.check_papers(Benefit.NONE, GroupKind.SPECIAL, [DocumentKind.TEACHER])


def test_days_of_proof_are_working_days():
    assert documents.proof_due(date(2026, 11, 20), NORMS.benefit, WEEK) == date(2026, 11, 27)
    assert documents.check_due(date(2026, 11, 20), NORMS.benefit, WEEK) == date(2026, 11, 25)


LATER = APPLIED + timedelta(days=100)


@pytest.mark.parametrize(
    ("proofs", "right", "since"),
    [
        ([], Right.GENERAL, APPLIED),
        ([Proof(Benefit.SERVICE, APPLIED)], Right.GENERAL, APPLIED),  # not shown yet
        ([Proof(Benefit.SERVICE, APPLIED, LATER)], Right.EXTRAORDINARY, APPLIED),  # claimed with the application
        ([Proof(Benefit.TEACHER, LATER, LATER)], Right.PRIORITY, LATER),  # a change of priority
        ([Proof(Benefit.SERVICE, APPLIED, LATER, refused=True)], Right.GENERAL, APPLIED),
        ([Proof(Benefit.CHILD_DISABILITY, APPLIED, LATER)], Right.GENERAL, APPLIED),  # the norm gives it no right
        ([Proof(Benefit.TEACHER, APPLIED, LATER), Proof(Benefit.SERVICE, LATER, LATER)], Right.EXTRAORDINARY, LATER),
        ([Proof(Benefit.TEACHER, LATER, LATER), Proof(Benefit.LARGE_FAMILY, APPLIED, LATER)], Right.PRIORITY, APPLIED),
    ],
)
def test_standing(proofs, right, since):
    assert documents.standing(APPLIED, proofs, NORMS.benefit) == documents.Standing(right, since)


# ---- wishes


def check(organisations, radius=None, present=None):
    district = {organisation_id(n) for n in range(10)}
    wishes.check_wishes(
        [organisation_id(n) for n in organisations], radius, NORMS.wish, of_district=district,
        present=None if present is None else organisation_id(present),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("organisations", "radius", "present", "code"),
    [
        ([], None, None, "no_wishes"),
        ([1, 2, 3, 4, 5, 6], None, None, "too_many_wishes"),
        ([1, 1], None, None, "wish_twice"),
        ([99], None, None, "wish_unknown"),
        ([1], None, 1, "wish_is_present"),
        ([1], 11, None, "radius_too_far"),
        ([1], 0, None, "radius_too_far"),
    ],
)
def test_wishes_that_cannot_be(organisations, radius, present, code):
    with pytest.raises(Refusal, match=code):
        check(organisations, radius, present)


def test_wishes_that_can_be():
    check([1, 2, 3, 4, 5])
    check([], radius=10)


@given(
    st.dates(date(2018, 1, 1), date(2026, 12, 31)),
    st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    st.integers(0, 7),
    st.integers(0, 90),
)
def test_the_latest_birth_parts_those_old_enough_from_the_others(born, on, years, months):
    assert (born <= eligibility.latest_birth(on, years=years)) == (eligibility.full_years(born, on) >= years)
    norm = replace(NORMS.voucher, min_age_months=months)
    assert (born <= eligibility.latest_birth(on, months=months)) == voucher.old_enough(born, on, norm)


def test_groups_that_could_take_the_child_best_first():
    groups = {
        organisation_id(1): [
            a_group(1, at=1, years=(2021, 2022), places=9),
            a_group(2, at=1, places=1),
            a_group(3, at=1, places=5),
            a_group(4, at=1, language=Language.RUSSIAN),
            a_group(5, at=1, kind=GroupKind.SPECIAL),
            a_group(6, at=1, years=(2020, 2020)),
        ],
        organisation_id(2): [a_group(7, at=2)],
        organisation_id(3): [a_group(8, at=3)],
    }

    def expand(named, mixed=True, **more):
        organisations, fitting = [organisation_id(n) for n in named], wishes.Fitting(groups, mixed=mixed)
        kind, language = GroupKind.GENERAL, Language.KAZAKH
        first = wishes.expand(organisations, fitting, birth_year=2022, kind=kind, language=language, **more)
        assert first == wishes.expand(organisations, fitting, birth_year=2022, kind=kind, language=language, **more)
        return first

    near = [organisation_id(1), organisation_id(3)]
    assert expand([2, 1]) == tuple(map(group_id, [7, 3, 2, 1]))
    assert expand([2], near=near) == tuple(map(group_id, [7, 3, 2, 1, 8]))
    assert expand([2], near=near, left=[organisation_id(1)]) == tuple(map(group_id, [7, 8]))
    assert expand([1], mixed=False) == tuple(map(group_id, [3, 2]))
    assert expand([42]) == ()


# ---- norms


def test_norms_are_read_by_name_with_or_without_the_folder():
    assert norms.from_values({name.removeprefix("placement/"): value for name, value in VALUES.items()}) == NORMS
    assert {f"placement/{name}" for name in norms.NAMES} == set(VALUES)
    assert NORMS.benefit.right_of(Benefit.SERVICE) is Right.EXTRAORDINARY
    assert NORMS.voucher.min_age_months == 18


@pytest.mark.parametrize(
    ("name", "value"),
    [("age_limit", None), ("age_limit", True), ("age_limit", 6.5), ("swap", "yes"), ("season_end", "31 August"),
     ("voucher_min_age", "old"), ("benefits", 3), ("referral_extension", {"days": 30})],
)  # fmt: skip
def test_norm_of_another_shape_is_a_fault(name: str, value):
    with pytest.raises(norms.NormMissing):
        norms.from_values(VALUES | {f"placement/{name}": value})


def test_ratio_serves_both_sides():
    with pytest.raises(ValueError, match="both sides"):
        norms.ServingNorm(0, 3)
