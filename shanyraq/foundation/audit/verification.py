"""Verifying the whole log when an auditor asks: a job that says how far it is and keeps what it found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shanyraq.foundation import clock, jobs
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.audit import services
from shanyraq.foundation.audit.models import LogCheck
from shanyraq.foundation.ledger import verification
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import LANGS, Text
from shanyraq.foundation.uid import new_id

STEPS: Final = 100  # times that the job says how far it is
LISTED: Final = 500  # damages kept in words


@dataclass(frozen=True, slots=True)
class CheckCard:
    """A verification: how far it is, and what it found."""

    id: UUID
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int
    checkpoints: int
    damages: int
    found: tuple[tuple[str, Text], ...]
    problem: str

    @property
    def state(self) -> str:
        """waiting, running, whole (nothing found), damaged, or broken (the job itself failed)."""
        if self.problem:
            return "broken"
        if self.ended_at is None:
            return "waiting" if self.begun_at is None else "running"
        return "damaged" if self.damages else "whole"


def ask(*, actor: Actor, now: datetime, key: UUID | None = None) -> UUID:
    """Plan a verification of the whole log; its id. The same key asks once. Raises NotAllowed("access.denied")."""
    require_role(actor, Role.AUDITOR, Role.OPERATOR)
    if actor.user is None:
        raise NotAllowed("access.denied", action="audit.verify_log")
    row, fresh = LogCheck.objects.get_or_create(id=key or new_id(), defaults={"asked_by": actor.user, "asked_at": now})
    if fresh:
        services.wrote(actor, "audit.verify_log", at=now, subject="audit_logcheck", subject_id=row.id)
        jobs.plan(verify_log, check=row.id)
    return row.id


@jobs.task(attempts=2)
def verify_log(*, check: str) -> None:
    """Do what was asked. Run twice, it begins anew."""
    rows = LogCheck.objects.filter(pk=check)
    rows.update(begun_at=clock.now(), ended_at=None, done=0, problem="")
    said = 0

    def told(done: int, total: int) -> None:
        nonlocal said
        if done * STEPS // max(total, 1) > said or done == total:
            said = done * STEPS // max(total, 1)
            rows.update(done=done, total=total)

    try:
        findings = verification.verify(now=clock.now(), told=told)
    except Exception as problem:
        rows.update(problem=type(problem).__name__, ended_at=clock.now())
        raise
    found = [{"code": one.code, **{lang: one.say(lang) for lang in LANGS}} for one in findings.found[:LISTED]]
    rows.update(
        ended_at=clock.now(),
        done=findings.size,
        total=findings.size,
        checkpoints=findings.checkpoints,
        damages=sum(findings.counts.values()),
        found=found,
    )


def check_card(pk: UUID) -> CheckCard | None:
    """A verification by its id. 1 query."""
    row = LogCheck.objects.filter(pk=pk).first()
    return None if row is None else _card(row)


def checks(limit: int = 20) -> tuple[CheckCard, ...]:
    """The latest verifications. 1 query."""
    return tuple(_card(row) for row in LogCheck.objects.order_by("-asked_at", "-id")[:limit])


def _card(row: LogCheck) -> CheckCard:
    found: list[dict[str, Any]] = row.found
    return CheckCard(
        id=row.id,
        asked_at=row.asked_at,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        done=row.done,
        total=row.total,
        checkpoints=row.checkpoints,
        damages=row.damages,
        found=tuple((one["code"], Text(one["kk"], one["ru"], one["en"])) for one in found),
        problem=row.problem,
    )
