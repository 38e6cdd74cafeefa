"""Routines do their work and plan themselves for the next night."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django_tasks_db.models import DBTaskResult

from shanyraq.domains.placement.queries import district
from shanyraq.domains.placement.services import rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.foundation import clock, jobs, ledger
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import SignIn
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces import routines

pytestmark = pytest.mark.django_db


def test_the_next_night_is_a_night_of_the_country():
    late = datetime(2026, 3, 2, 18, 59, tzinfo=UTC)  # 23:59 on 2 March in Kazakhstan
    assert routines.next_night(late) == datetime(2026, 3, 2, 19, 10, tzinfo=UTC)
    assert routines.next_night(late + timedelta(minutes=1)) == datetime(2026, 3, 3, 19, 10, tzinfo=UTC)


def test_an_offer_that_nobody_answered_lapses_by_itself():
    builders.application(builders.kindergarten(1).id)
    officer = builders.officer_of()
    seen = rounds.preview_round(actor=officer, district=builders.DISTRICT, now=builders.NOW)
    held = rounds.confirm_round(
        actor=officer, district=builders.DISTRICT, fingerprint=seen.fingerprint, now=builders.NOW
    )
    rounds.publish_round(actor=officer, round=held, now=builders.NOW)
    assert district.tasks(builders.DISTRICT, builders.NOW.date()).unanswered == 1
    with clock.frozen_at(builders.NOW + timedelta(days=10)):
        routines.begin(clock.now())
        jobs.run_due()
    tasks = district.tasks(builders.DISTRICT, builders.NOW.date())
    assert (tasks.unanswered, tasks.waiting) == (0, 1)


def test_a_second_worker_plans_nothing_twice():
    routines.begin(builders.NOW)
    routines.begin(builders.NOW)
    assert jobs.waiting(routines.lapse_deadlines) == 1


def test_what_was_committed_is_in_the_signed_log_a_minute_later(settings, tmp_path):
    settings.LOG_DIR = tmp_path / "log"
    ledger.record("x.Happened", new_id(), {}, at=builders.NOW)
    with clock.frozen_at(builders.NOW):
        jobs.plan(routines.sequence_log)
        jobs.run_due()
    card = ledger.latest_checkpoint()
    assert card is not None
    assert (card.size, card.at) == (ledger.size(), builders.NOW)
    assert (tmp_path / "log" / "checkpoint").read_text() == card.note
    assert jobs.waiting(routines.sequence_log) == 1


def test_what_was_kept_long_enough_is_removed():
    done = {"task_path": "x.done", "status": "SUCCESSFUL", "args_kwargs": {}, "backend_name": "default"}
    rows = [DBTaskResult.objects.create(**done) for _ in range(2)]
    DBTaskResult.objects.filter(pk=rows[0].pk).update(finished_at=builders.NOW - timedelta(days=8))
    DBTaskResult.objects.filter(pk=rows[1].pk).update(finished_at=builders.NOW - timedelta(days=6))
    over = Session.objects.create(session_key="over", session_data="x", expire_date=builders.NOW)
    live = Session.objects.create(session_key="live", session_data="x", expire_date=builders.NOW + timedelta(hours=1))
    user = accounts.create_user(actor=builders.OPERATOR, sign_in_name="someone", now=builders.NOW)
    for session in (over, live):
        SignIn.objects.create(user_id=user, session_key=session.pk, way="demo", signed_in_at=builders.NOW)
    with clock.frozen_at(builders.NOW):
        jobs.plan(routines.tidy)
        jobs.run_due()
    assert set(DBTaskResult.objects.filter(task_path="x.done")) == {rows[1]}
    assert [one.pk for one in Session.objects.all()] == ["live"]
    assert SignIn.objects.get().session_key == "live"
    assert jobs.waiting(routines.tidy) == 1
