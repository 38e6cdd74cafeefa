"""Rounds at their fixed time: in one step for a district, and for all districts of a territory."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.cli import placement
from shanyraq.domains.placement.models import Application, Offer, Outcome, Round
from shanyraq.domains.placement.queries.claims import waiting_districts
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import rounds, settling
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW, OTHER_DISTRICT
from shanyraq.foundation import clock, ledger
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed

pytestmark = pytest.mark.django_db
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen_at(NOW):
        yield


def run(*words, code=0):
    result = CliRunner().invoke(placement, ["hold-rounds", *words, "--lang", "en"])
    assert result.exit_code == code, result.output
    return result.output


def hold(now=NOW, **more):
    return rounds.hold_round(actor=builders.OPERATOR, district=DISTRICT, now=now, **more)


def decided():
    """What a round left behind, without ids and salts of its own."""
    return (
        list(Outcome.objects.order_by("application_id").values_list("application_id", "position", "group_id", "facts")),
        list(Offer.objects.order_by("application_id").values_list("application_id", "group_id", "status", "answer_by")),
        list(Application.objects.order_by("pk").values_list("pk", "status", "due_on", "changed_at")),
        sorted(Notice.objects.values_list("person_id", "code", "link")),
        sorted(LedgerEntry.objects.values_list("kind", flat=True)),
        sorted(AuditEntry.objects.values_list("action", "child_id")),
        list(Round.objects.values_list("inputs_hash", "outcomes_hash", "placed", "status")),
    )


def two_districts():
    """An application that can be served in each of two districts."""
    return [
        builders.application(builders.kindergarten(1, district=one).id, of=builders.family(district=one))
        for one in (DISTRICT, OTHER_DISTRICT)
    ]


def test_one_step_leaves_what_preview_confirmation_and_publication_leave():
    home, other = builders.kindergarten(2), builders.kindergarten(1)
    for _ in range(5):
        builders.application(home.id, other.id)
    with transaction.atomic():
        preview = rounds.preview_round(actor=builders.OPERATOR, district=DISTRICT, now=NOW)
        row = rounds.confirm_round(actor=builders.OPERATOR, district=DISTRICT, fingerprint=preview.fingerprint, now=NOW)
        rounds.publish_round(actor=builders.OPERATOR, round=row, now=NOW)
        apart = decided()
        transaction.set_rollback(True)
    held = hold()
    at_once = decided()
    assert (held.claims, held.placed) == (5, 3)
    assert apart == at_once
    assert rounds.replay_round(held.id).equal


def test_a_district_holds_one_round_a_day_unless_another_is_wanted():
    home = builders.kindergarten(1)
    builders.application(home.id), builders.application(home.id)
    hold()
    with builders.refused("placement.round_held_today"):
        hold(NOW + timedelta(hours=3))
    hold(NOW + timedelta(hours=3), again=True)
    hold(TOMORROW)
    assert Round.objects.count() == 3


def test_nobody_but_who_may_hold_rounds_holds_one():
    builders.application(builders.kindergarten(1).id)
    with pytest.raises(NotAllowed):
        rounds.hold_round(actor=builders.head_of(builders.kindergarten(1).id), district=DISTRICT, now=NOW)
    assert not Round.objects.exists()


def test_a_round_makes_as_many_queries_for_thirty_families_as_for_one():
    counts = []
    for families in (1, 1, 30):  # the first one makes the counter of the district
        home = builders.kindergarten(families)
        for _ in range(families):
            builders.application(home.id)
        with CaptureQueriesContext(connection) as queries:
            hold(again=True)
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_a_run_that_was_broken_off_takes_up_the_rest_and_all_of_it_is_in_the_log(monkeypatch):
    here, there = two_districts()
    work = settling.publish

    def broken(actor, row, now):
        if row.district_id == DISTRICT:
            raise RuntimeError("the disk is full")
        work(actor, row, now)

    monkeypatch.setattr(settling, "publish", broken)
    said = run(code=1)
    assert "Rounds held: 1" in said and "RuntimeError: the disk is full" in said
    assert [row.district_id for row in Round.objects.all()] == [OTHER_DISTRICT]  # of the other, nothing is left
    assert Application.objects.get(pk=here).status == Status.WAITING

    monkeypatch.setattr(settling, "publish", work)
    said = run()
    assert "Rounds held: 1" in said
    assert Round.objects.filter(status="published").count() == 2
    assert [Application.objects.get(pk=pk).status for pk in (here, there)] == [Status.OFFERED] * 2
    checkpoint = ledger.latest_checkpoint()
    assert checkpoint is not None and checkpoint.size == LedgerEntry.objects.count()


def test_what_was_held_today_stays_as_it_is():
    home = builders.kindergarten(1)
    builders.application(home.id), builders.application(home.id)
    run("71")
    assert "was held today: 1" in run("71")
    assert Round.objects.count() == 1
    run("71", "--again")
    assert Round.objects.count() == 2


def test_a_trial_leaves_nothing():
    two_districts()
    assert "Rounds held: 2" in run("--dry-run")
    assert not Round.objects.exists() and not Notice.objects.filter(code="placement.offered").exists()


def test_the_longest_queue_comes_first():
    two_districts()
    builders.application(builders.kindergarten(1).id)
    assert waiting_districts("") == (DISTRICT, OTHER_DISTRICT)
    assert waiting_districts(OTHER_DISTRICT[:4]) == tuple(
        one for one in (DISTRICT, OTHER_DISTRICT) if one.startswith(OTHER_DISTRICT[:4])
    )
