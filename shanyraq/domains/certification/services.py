"""The verbs of the register of regional systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.certification import events, queries
from shanyraq.domains.certification.access import Do, require_keeper
from shanyraq.domains.certification.models import ConformanceRun, Evidence, RegionalSystem
from shanyraq.domains.certification.rules.requirements import Requirement, until_of
from shanyraq.domains.registry.queries import territories
from shanyraq.domains.registry.rules import numbers
from shanyraq.foundation import audit, ledger
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

MOST_CASES: Final = 1_000


@dataclass(frozen=True, slots=True)
class NewSystem:
    """A regional system to register. `territory`: KATO of its region, empty for the country."""

    name: str
    provider: str
    provider_bin: str = ""
    territory: str = ""
    client_code: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of the conformance suite says of itself."""

    suite_hash: bytes
    began_at: datetime
    cases: Sequence[Mapping[str, Any]]  # name, outcome (passed, failed, skipped), seconds, message


@transaction.atomic
def register_system(*, actor: Actor, new: NewSystem, now: datetime) -> UUID:
    """Enter a regional system; from this day its year until production runs.

    Raises NotAllowed; Refusal: certification.text_missing, certification.territory_unknown, certification.name_known,
    what numbers.parse_bin raises.
    """
    require_keeper(actor)
    if not new.name.strip() or not new.provider.strip():
        raise Refusal("certification.text_missing", field="name" if not new.name.strip() else "provider")
    if new.territory and new.territory not in territories((new.territory,)):
        raise Refusal("certification.territory_unknown", field="territory")
    row = RegionalSystem(
        name=new.name.strip()[:100], provider=new.provider.strip()[:200],
        provider_bin=numbers.parse_bin(new.provider_bin).digits if new.provider_bin else "",
        territory_id=new.territory or None, client_code=new.client_code.strip(), registered_on=day_of(now),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refusal("certification.name_known", field="name") from None
    _note(actor, events.SystemRegistered(row.name, row.registered_on), row.id, now)
    return row.id


@transaction.atomic
def show_requirement(
    *, actor: Actor, system: UUID, requirement: Requirement, document: str, on: date, note: str = "", now: datetime
) -> UUID:
    """Note the evidence that a requirement is met from a day on. An audit counts for the term of the norm.

    Raises NotAllowed; Refusal: certification.system_unknown, certification.withdrawn, certification.document_missing,
    certification.day_ahead.
    """
    require_keeper(actor)
    row = _held(system)
    if row.withdrawn_on is not None:
        raise Refusal("certification.withdrawn")
    if not document.strip():
        raise Refusal("certification.document_missing", field="document")
    if on > day_of(now):
        raise Refusal("certification.day_ahead", field="on")
    made = Evidence(
        system=row, requirement=requirement, document=document.strip()[:100], note=note.strip()[:300],
        recorded_by=actor.user, recorded_at=now, valid_from=on,
        valid_to=until_of(requirement, on, queries.certification_norms(on)),
    )  # fmt: skip
    made.save(force_insert=True)
    _note(actor, events.RequirementShown(str(requirement), on), row.id, now)
    return made.id


@transaction.atomic
def withdraw_system(*, actor: Actor, system: UUID, reason: str, now: datetime) -> None:
    """The system works with the base no more. Raises NotAllowed; Refusal: certification.system_unknown,
    certification.reason_missing, certification.withdrawn."""
    require_keeper(actor)
    row = _held(system)
    if row.withdrawn_on is not None:
        raise Refusal("certification.withdrawn")
    if not reason.strip():
        raise Refusal("certification.reason_missing", field="reason")
    row.withdrawn_on, row.reason = day_of(now), reason.strip()[:300]
    row.save(update_fields=["withdrawn_on", "reason"])
    _note(actor, events.SystemWithdrawn(row.withdrawn_on), row.id, now)


@transaction.atomic
def receive_report(*, actor: Actor, client_code: str, report: Report, own_hash: bytes, now: datetime) -> UUID:
    """Keep a run of the suite that a system sends in its own name; the run's id. `own_hash`: of our suite.

    Raises NotAllowed when no registered system has this client; Refusal("certification.report_size").
    """
    row = RegionalSystem.objects.filter(client_code=client_code, withdrawn_on__isnull=True).first()
    if row is None or not client_code:
        raise NotAllowed("access.denied", action=str(Do.REPORT))
    if not 1 <= len(report.cases) <= MOST_CASES:
        raise Refusal("certification.report_size", field="cases", most=MOST_CASES)
    outcomes = [case["outcome"] for case in report.cases]
    made = ConformanceRun(
        system=row, suite_hash=report.suite_hash, unchanged=report.suite_hash == own_hash,
        passed=outcomes.count("passed"), failed=outcomes.count("failed"), skipped=outcomes.count("skipped"),
        cases=list(report.cases), began_at=report.began_at, received_at=now,
    )  # fmt: skip
    made.save(force_insert=True)
    audit.wrote(actor, str(Do.REPORT), at=now, subject="conformance_run", subject_id=made.id)
    return made.id


def _held(system: UUID) -> RegionalSystem:
    row = RegionalSystem.objects.select_for_update().filter(pk=system).first()
    if row is None:
        raise Refusal("certification.system_unknown")
    return row


def _note(actor: Actor, event: events.Event, system: UUID, now: datetime) -> None:
    ledger.note(event, system, at=now, code=system.hex)
    audit.wrote(actor, str(Do.KEEP), at=now, subject="regional_system", subject_id=system)
