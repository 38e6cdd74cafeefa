"""Rows remember what was known of them, and changes of many rows can be taken back, on both databases."""

from datetime import timedelta

import pytest

from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import NOW, OPERATOR
from shanyraq.domains.registry.models import Group
from shanyraq.foundation import history
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
LATER, LAST = NOW + timedelta(days=1), NOW + timedelta(days=2)


@pytest.fixture
def group():
    builders.territory()
    return builders.kindergarten(10).group


def places(group, known):
    return history.as_of(Group, known=known).values_list("places", flat=True).get(pk=group)


def change(group, at, **more):
    Group.objects.filter(pk=group).update(recorded_at=at, **more)


def test_what_was_known_stays_known(group):
    before = Group.objects.get(pk=group).recorded_at
    change(group, LATER, places=12)
    assert (places(group, before), places(group, LATER - timedelta(seconds=1)), places(group, LATER)) == (10, 10, 12)
    assert [one.places for one in history.versions(Group, group)] == [10, 12]
    assert not history.as_of(Group, known=before - timedelta(days=1)).filter(pk=group).exists()


def test_of_two_changes_with_their_instants_in_the_wrong_order_none_is_lost(group):
    change(group, LATER, places=12)
    change(group, LATER - timedelta(seconds=5), places=13)
    assert [one.places for one in history.versions(Group, group)] == [10, 12, 13]
    assert (places(group, LATER), places(group, LAST)) == (12, 13)


def batch_that_changes_and_adds(group, at=LATER):
    batch = history.begin(actor=OPERATOR, kind="test", now=at)
    change(group, at, places=14, batch=batch)
    row = Group.objects.get(pk=group)
    row.pk, row._state.adding, row.name = new_id(), True, "added"
    row.batch, row.recorded_at = batch, at
    row.save(force_insert=True)
    return batch, row.pk


def test_a_batch_is_taken_back_as_one(group):
    batch, added = batch_that_changes_and_adds(group)
    assert history.finish(batch) == {"registry.group": {"added": 1, "changed": 1}}
    assert history.obstacles(batch) == ()
    assert history.undo(actor=OPERATOR, batch=batch, now=LAST) == {"registry.group": {"removed": 1, "restored": 1}}
    assert Group.objects.get(pk=group).places == 10
    assert not Group.objects.filter(pk=added).exists()
    assert (places(group, LATER), places(group, LAST)) == (14, 10)
    assert places(added, LATER) == 14
    assert history.card(batch).state is history.BatchState.UNDONE
    with pytest.raises(Refusal, match="already_undone"):
        history.undo(actor=OPERATOR, batch=batch, now=LAST)


def test_it_is_taken_back_also_while_the_clock_stands(group):
    batch, added = batch_that_changes_and_adds(group)
    history.undo(actor=OPERATOR, batch=batch, now=LATER)
    assert Group.objects.get(pk=group).places == 10
    assert not Group.objects.filter(pk=added).exists()


def test_a_later_change_stands_in_the_way_until_it_is_taken_back_itself(group):
    first, _ = batch_that_changes_and_adds(group)
    second = history.begin(actor=OPERATOR, kind="test", now=LAST)
    change(group, LAST, places=20, batch=second)
    (obstacle,) = history.obstacles(first)
    assert (obstacle.table, obstacle.id, obstacle.change) == ("registry.group", group, "changed")
    with pytest.raises(Refusal, match="undo_blocked"):
        history.undo(actor=OPERATOR, batch=first, now=LAST)
    history.undo(actor=OPERATOR, batch=second, now=LAST)
    history.undo(actor=OPERATOR, batch=first, now=LAST + timedelta(hours=1))
    assert Group.objects.get(pk=group).places == 10


def test_all_later_facts_are_counted_also_where_few_are_listed(group):
    batch, added = batch_that_changes_and_adds(group)
    for _ in range(3):
        builders.enrolled(builders.person(), added)
    assert len(history.obstacles(batch, limit=2)) == 2
    with pytest.raises(Refusal, match="undo_blocked") as refused:
        history.undo(actor=OPERATOR, batch=batch, now=LAST)
    assert refused.value.facts["n"] == 3


def test_two_batches_on_one_row_are_taken_back_at_one_instant(group):
    first, added = batch_that_changes_and_adds(group)
    second = history.begin(actor=OPERATOR, kind="test", now=LATER)
    change(added, LAST, places=20, batch=second)
    history.undo(actor=OPERATOR, batch=second, now=LAST)
    assert history.undo(actor=OPERATOR, batch=first, now=LAST)["registry.group"]["removed"] == 1
    assert not Group.objects.filter(pk=added).exists()


def test_a_change_by_hand_stands_in_the_way(group):
    batch, _ = batch_that_changes_and_adds(group)
    change(group, LAST, places=15)
    assert [one.change for one in history.obstacles(batch)] == ["changed"]


def test_a_row_that_leans_on_an_added_one_stands_in_the_way(group):
    batch, added = batch_that_changes_and_adds(group)
    child = builders.person()
    builders.enrolled(child, added)
    (obstacle,) = history.obstacles(batch)
    assert (obstacle.table, obstacle.change) == ("registry.enrolment", "added")
