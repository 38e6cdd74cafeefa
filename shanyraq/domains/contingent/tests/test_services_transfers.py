"""Transfers on the tables: done, refused, forbidden, repeated, at once; and everybody is listed once on every day."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.domains.contingent.models import Transfer
from shanyraq.domains.contingent.rules.transfer import ReleaseRefusal, TransferState
from shanyraq.domains.contingent.services import deadlines, transfers
from shanyraq.domains.registry.queries import moving
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, Stage
from shanyraq.domains.registry.tests import builders as people
from shanyraq.domains.registry.tests import schools as builders
from shanyraq.domains.registry.tests.schools import ENTERED, NOW, SYSTEM, TODAY, Enrolment
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed, Refusal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]


class Case:
    """A pupil of one school whom another one wants."""

    def __init__(self, places: int = 30) -> None:
        self.sending, self.receiving = builders.school(), builders.school(builders.SEMEY)
        self.old, self.new = builders.class_of(self.sending), builders.class_of(self.receiving, places=places)
        self.enrolment = builders.pupil(self.old)
        self.child = builders.child_of(self.enrolment)
        self.sender, self.receiver = builders.head(self.sending), builders.head(self.receiving)
        self.region = builders.office(Role.REGION, builders.ESIL[:2])

    def ask(self, wanted: date = TODAY, **given: object) -> UUID:
        new = transfers.NewTransfer(self.child, self.new, wanted, "17-п")
        return transfers.ask_transfer(**{"actor": self.receiver, "new": new, "now": NOW, **given})  # type: ignore[arg-type]


def listed_every_day(child: UUID, days: int = 400) -> bool:
    found = (moving.listed_on(child, Stage.SCHOOL, ENTERED + timedelta(days=day)) for day in range(days))
    return all(len(groups) == 1 for groups in found)


def test_a_release_ends_one_row_and_begins_the_other_on_the_same_day():
    case = Case()
    asked = case.ask(TODAY + timedelta(days=3))
    entered = transfers.release(actor=case.sender, transfer=asked, order_number="5-в", now=NOW)
    left, came = Enrolment.objects.get(pk=case.enrolment), Enrolment.objects.get(pk=entered)
    assert left.valid_to == came.valid_from == TODAY + timedelta(days=3)
    assert (left.exit_reason, left.exit_order) == (ExitReason.TRANSFER, "5-в")
    assert (came.entry_reason, came.order_number, came.group_id) == (EntryReason.TRANSFER, "17-п", case.new)
    assert listed_every_day(case.child)
    assert transfers.release(actor=case.sender, transfer=asked, now=NOW) == entered, "repeated: the same"


def test_a_full_class_leaves_the_child_where_it_is():
    case = Case(places=1)
    asked = case.ask()
    builders.pupil(case.new)
    with pytest.raises(Refusal, match=r"registry\.group_full"):
        transfers.release(actor=case.sender, transfer=asked, now=NOW)
    assert Transfer.objects.get(pk=asked).state == TransferState.ASKED
    assert moving.listed_on(case.child, Stage.SCHOOL, TODAY) == (case.old,)
    assert not history.cards()


def test_only_one_may_ask_at_a_time_and_none_learns_who_else_does():
    case, third = Case(), builders.school()
    case.ask()
    new = transfers.NewTransfer(case.child, builders.class_of(third), TODAY)
    with pytest.raises(Refusal) as refused:
        transfers.ask_transfer(actor=builders.head(third), new=new, now=NOW)
    assert refused.value.code == "contingent.transfer_already"
    assert not set(refused.value.facts) - {"field"}


def test_who_may_take_which_step():
    case = Case()
    asked = case.ask()
    stranger, family = builders.head(builders.school()), builders.parent_of(case.child)
    for actor in (stranger, builders.parent_of(builders.child_of(builders.pupil(case.old)))):
        with pytest.raises(NotAllowed):
            transfers.release(actor=actor, transfer=asked, now=NOW)
    for actor in (case.receiver, case.region, family):
        with pytest.raises(Refusal, match="transfer_side"):
            transfers.release(actor=actor, transfer=asked, now=NOW)
    with pytest.raises(NotAllowed):
        case.ask(actor=case.sender)
    transfers.stop(actor=family, transfer=asked, now=NOW)
    with pytest.raises(Refusal, match="transfer_step"):
        transfers.release(actor=case.sender, transfer=asked, now=NOW)


def test_a_refusal_goes_to_the_region_which_releases():
    case = Case()
    asked = case.ask()
    transfers.refuse(
        actor=case.sender, transfer=asked, reason=ReleaseRefusal.NO_APPLICATION, note="Өтініш жоқ", now=NOW
    )
    with pytest.raises(Refusal, match="transfer_side"):
        transfers.release(actor=case.region, transfer=asked, now=NOW)
    transfers.appeal(actor=case.receiver, transfer=asked, now=NOW)
    transfers.release(actor=case.region, transfer=asked, now=NOW)
    assert moving.listed_on(case.child, Stage.SCHOOL, TODAY) == (case.new,)


def test_after_its_last_day_the_region_may_release():
    case = Case()
    asked = case.ask()
    due = Transfer.objects.get(pk=asked).answer_by
    assert due > TODAY
    assert deadlines.run_deadlines(actor=SYSTEM, now=NOW + (due - TODAY)).overdue == 0, "the last day counts"
    later = NOW + (due - TODAY) + timedelta(days=1)
    assert deadlines.run_deadlines(actor=SYSTEM, now=later).overdue == 1
    assert deadlines.run_deadlines(actor=SYSTEM, now=later).overdue == 0, "repeated: nothing"
    transfers.release(actor=case.region, transfer=asked, now=later)
    assert listed_every_day(case.child)
    assert moving.listed_on(case.child, Stage.SCHOOL, due) == (case.old,), "nobody moves in the past"


def test_a_child_that_left_in_another_way_has_nothing_to_be_released():
    case = Case()
    asked = case.ask()
    Enrolment.objects.filter(pk=case.enrolment).update(valid_to=TODAY, exit_reason="moved", recorded_at=NOW)
    with pytest.raises(Refusal, match="transfer_gone"):
        transfers.release(actor=case.sender, transfer=asked, now=NOW)
    assert deadlines.run_deadlines(actor=SYSTEM, now=NOW).void == 1


def test_a_transfer_is_taken_back_until_a_later_fact():
    case = Case()
    asked = case.ask()
    transfers.release(actor=case.sender, transfer=asked, now=NOW)
    with pytest.raises(Refusal, match="transfer_side"):
        transfers.undo(actor=case.receiver, transfer=asked, now=NOW)
    transfers.undo(actor=case.region, transfer=asked, now=NOW + timedelta(hours=1))
    assert moving.listed_on(case.child, Stage.SCHOOL, TODAY) == (case.old,)
    assert listed_every_day(case.child)


def test_what_cannot_be_asked_for():
    case = Case()
    garden = people.group(places=5)
    for group, code in ((garden, "by_queue"), (builders.class_of(case.sending, "5 «Б»"), "same_organisation")):
        with pytest.raises(Refusal, match=code):
            transfers.ask_transfer(actor=SYSTEM, new=transfers.NewTransfer(case.child, group, TODAY), now=NOW)
    nobody = transfers.NewTransfer(people.person(born_on=date(2014, 1, 1)), case.new, TODAY)
    with pytest.raises(Refusal, match="not_listed"):
        transfers.ask_transfer(actor=case.receiver, new=nobody, now=NOW)


STEPS = ("ask", "release", "refuse", "appeal", "stop", "withdraw", "lapse", "undo")
moves = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.integers(0, 4)), max_size=14)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_whatever_is_done_in_whatever_order_nobody_is_listed_twice_or_nowhere(db, moves):
    homes = [builders.school() for _ in range(3)]
    groups = [builders.class_of(home) for home in homes]
    child = builders.child_of(builders.pupil(groups[0]))
    now, latest = NOW, None
    region = builders.office(Role.REGION, builders.ESIL[:2])
    for step, who, days in moves:
        now += timedelta(days=days, minutes=1)
        actor = builders.head(homes[who])
        try:
            if step == "ask":
                new = transfers.NewTransfer(child, groups[who], now.date() + timedelta(days=days))
                latest = transfers.ask_transfer(actor=actor, new=new, now=now)
            elif step == "lapse":
                deadlines.run_deadlines(actor=SYSTEM, now=now)
            elif latest is not None:
                _taken(step, latest, region if who == 0 else actor, now)
        except Refusal:
            continue
    assert listed_every_day(child)
    assert Enrolment.objects.filter(child_id=child, valid_to__isnull=True).count() == 1


def _taken(step, transfer, actor, now):
    if step == "refuse":
        transfers.refuse(actor=actor, transfer=transfer, reason=ReleaseRefusal.CUSTODY, note="Сот", now=now)
    else:
        getattr(transfers, step)(actor=actor, transfer=transfer, now=now)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_releases_and_requests_at_once_move_a_child_once(at_once):
    case = Case()
    asked = case.ask()
    release = partial(transfers.release, actor=case.sender, transfer=asked, now=NOW)
    undo = partial(transfers.stop, actor=builders.parent_of(case.child), transfer=asked, now=NOW)
    at_once([release, release, undo, release])
    assert listed_every_day(case.child)
    other = [builders.class_of(builders.school()) for _ in range(3)]
    new = [transfers.NewTransfer(case.child, group, TODAY) for group in other]
    done = at_once([partial(transfers.ask_transfer, actor=SYSTEM, new=one, now=NOW) for one in new])
    assert sum(isinstance(one, UUID) for one in done) == 1
