"""Runs of checks: nightly over the whole record, after an import over its rows, and when someone asks."""

import logging
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import DatabaseError, OperationalError, transaction

from shanyraq.foundation.checks import asking
from shanyraq.foundation.checks.check import Check, CheckSeverity, RunState, Scope
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.checks.models import CheckRun, CheckTally
from shanyraq.foundation.checks.standing import standing
from shanyraq.foundation.timeline import day_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a check came to; `explained` of what it found is not due."""

    check: Check
    state: RunState
    found: int
    seconds: float
    explained: int = 0

    @property
    def blocks(self) -> bool:
        """Whether it found rows that cannot be true."""
        return self.found > 0 and self.check.severity is CheckSeverity.BLOCKS


def run(check: Check, *, now: datetime) -> Outcome:
    """One check over the whole record; its run and tallies are kept, those of the run before go. A few queries."""
    outcome, counted = _asked(check, Scope(), now)
    with transaction.atomic():
        kept = _kept(outcome, counted, None, now)
        if outcome.state is RunState.DONE:
            CheckTally.objects.filter(code=check.code).delete()
            CheckTally.objects.bulk_create(
                (
                    CheckTally(
                        run=kept, code=check.code, territory=one.territory, organisation_id=one.organisation,
                        found=one.found, explained=one.explained,
                    )
                    for one in counted
                ),
                batch_size=2_000,
            )  # fmt: skip
    return outcome


def run_all(*, now: datetime, codes: Iterable[str] = ()) -> tuple[Outcome, ...]:
    """Every check, or the named ones, over the whole record, one after another; a fault of one stops none."""
    wanted = tuple(codes)
    return tuple(run(check, now=now) for code, check in load().items() if not wanted or code in wanted)


def run_batch(batch: UUID, *, now: datetime) -> tuple[Outcome, ...]:
    """The checks that can look at the rows of a batch, on those rows; each run is kept with the batch."""
    outcomes = []
    for check in load().values():
        if check.batch:
            outcome, counted = _asked(check, Scope(batch=batch), now)
            _kept(outcome, counted, batch, now)
            outcomes.append(outcome)
    return tuple(outcomes)


def _asked(check: Check, scope: Scope, now: datetime) -> tuple[Outcome, tuple[asking.Count, ...]]:
    began = time.monotonic()
    try:
        counted = _counted(check, scope, day_of(now))
        state = RunState.DONE
    except OperationalError:  # its time was over
        counted, state = (), RunState.STOPPED
    except DatabaseError:
        log.exception("check %s", check.code)
        counted, state = (), RunState.FAILED
    found = sum(one.found for one in counted)
    explained = sum(one.explained for one in counted)
    return Outcome(check, state, found, round(time.monotonic() - began, 3), explained), counted


def _counted(check: Check, scope: Scope, today: date) -> tuple[asking.Count, ...]:
    """What is found, and how much of it is explained; the rows of a batch are new, and nobody explained them."""
    found = asking.counts(check, scope, today)
    if scope.batch is not None:
        return found
    explained: Counter[tuple[str, UUID | None]] = Counter()
    for key, one in standing(check, scope, today).items():
        explained[key.territory, key.organisation] += len(one.findings)
    return tuple(replace(one, explained=min(one.found, explained[one.territory, one.organisation])) for one in found)


def _kept(outcome: Outcome, counted: tuple[asking.Count, ...], batch: UUID | None, now: datetime) -> CheckRun:
    places: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    for one in counted:
        places[one.territory] += one.found
        explained[one.territory] += one.explained
    row = CheckRun(
        code=outcome.check.code, batch=batch, state=outcome.state, found=outcome.found,
        explained=outcome.explained, places=dict(places), explained_places=dict(+explained), seconds=outcome.seconds,
        ran_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    return row
