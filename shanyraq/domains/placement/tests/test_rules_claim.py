"""The table of states: every state can be reached, none is a dead end, and the README shows what the code does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.rules.claim import CLOSED, NEXT, OPEN, Status, Step, advance, diagram, steps_from
from shanyraq.domains.placement.rules.norms import NAMES
from shanyraq.foundation.refusal import Refusal

README = Path(__file__).parent.parent / "README.md"


def reached(start: Status) -> set[Status]:
    found, fresh = {start}, [start]
    while fresh:
        here = fresh.pop()
        ahead = {new for (old, _), new in NEXT.items() if old is here} - found
        found |= ahead
        fresh += ahead
    return found


def test_states_are_draft_open_or_closed():
    assert {Status.DRAFT} | OPEN | CLOSED == set(Status)
    assert not OPEN & CLOSED


def test_every_state_is_reached_from_a_draft():
    assert reached(Status.DRAFT) == set(Status)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_every_open_state_can_still_become_a_place_and_can_end(status: Status):
    assert {Status.ENROLLED, Status.WITHDRAWN, Status.ANNULLED} <= reached(status)


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_nothing_leads_out_of_a_closed_state(status: Status):
    assert steps_from(status) == ()


def test_every_step_is_used():
    assert {step for _, step in NEXT} == set(Step)


@given(st.sampled_from(Status), st.sampled_from(Step))
def test_advance_follows_the_table_or_refuses(status: Status, step: Step):
    if (status, step) in NEXT:
        assert advance(status, step) is NEXT[status, step]
        assert step in steps_from(status)
    else:
        with pytest.raises(Refusal) as refused:
            advance(status, step)
        assert refused.value.code == "placement.step_not_allowed"
        assert refused.value.facts == {"status": status, "step": step}


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        ((Step.SUBMIT, Step.OFFER, Step.ACCEPT, Step.ENROL), Status.ENROLLED),
        ((Step.SUBMIT, Step.OFFER, Step.DECLINE, Step.OFFER, Step.STOP, Step.RESUME), Status.WAITING),
        ((Step.SUBMIT, Step.OFFER, Step.ACCEPT, Step.RELEASE), Status.WAITING),
        ((Step.SUBMIT, Step.GIVE_VOUCHER, Step.LOSE_VOUCHER, Step.RESTORE), Status.WAITING),
        ((Step.SUBMIT, Step.GIVE_VOUCHER, Step.REFUSE_VOUCHER), Status.ANNULLED),
        (
            (Step.SUBMIT, Step.GIVE_VOUCHER, Step.TAKE_VOUCHER, Step.LIST, Step.CHOOSE, Step.SIGN, Step.ENROL),
            Status.ENROLLED,
        ),
        ((Step.SUBMIT, Step.GIVE_VOUCHER, Step.TAKE_VOUCHER, Step.CHOOSE, Step.RELEASE), Status.VOUCHER_ACCEPTED),
    ],
)
def test_journeys(steps: tuple[Step, ...], end: Status):
    status = Status.DRAFT
    for step in steps:
        status = advance(status, step)
    assert status is end


def test_diagram_draws_every_row_of_the_table():
    drawn = diagram()
    for (old, step), new in NEXT.items():
        out = old in OPEN and step in (Step.WITHDRAW, Step.ANNUL)
        assert (f"open --> {new}: {step}" if out else f"{old} --> {new}: {step}") in drawn


def test_readme_holds_the_diagram():
    assert f"```mermaid\n{diagram()}```" in README.read_text("utf-8")


def test_readme_names_every_norm_of_the_rules():
    page = README.read_text("utf-8")
    assert [name for name in NAMES if name not in page] == []
