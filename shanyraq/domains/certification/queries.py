"""The register of regional systems as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shanyraq.domains.certification.models import ConformanceRun, RegionalSystem
from shanyraq.domains.certification.rules.requirements import (
    CertificationNorms,
    Met,
    Requirement,
    Shown,
    Standing,
    checklist,
    standing,
)
from shanyraq.domains.registry.queries import territories
from shanyraq.foundation import norms
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """One piece of evidence."""

    requirement: Requirement
    document: str
    note: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class RunCard:
    """One run of the conformance suite."""

    id: UUID
    passed: int
    failed: int
    skipped: int
    unchanged: bool
    received_at: datetime
    cases: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SystemCard:
    """A regional system and how it stands on a day."""

    id: UUID
    name: str
    provider: str
    provider_bin: str
    territory: Text | None
    client_code: str
    registered_on: date
    withdrawn_on: date | None
    standing: Standing
    met: Mapping[Requirement, Met]

    @property
    def met_count(self) -> int:
        """How many requirements are met."""
        return sum(one is Met.MET for one in self.met.values())


def certification_norms(on: date) -> CertificationNorms:
    """The terms in force on a day."""
    return CertificationNorms(
        norms.in_force("certification/production_within", on).integer(),
        norms.in_force("certification/audit_counts", on).integer(),
    )


def systems(today: date) -> tuple[SystemCard, ...]:
    """All systems by name. 3 queries."""
    return _cards(list(RegionalSystem.objects.order_by("name").prefetch_related("evidence")), today)


def system(pk: UUID, today: date) -> SystemCard | None:
    """One system. 3 queries."""
    return next(iter(_cards(list(RegionalSystem.objects.filter(pk=pk).prefetch_related("evidence")), today)), None)


def evidence_of(pk: UUID) -> tuple[EvidenceCard, ...]:
    """Evidence of a system, newest first. 1 query."""
    row = RegionalSystem.objects.get(pk=pk)
    return tuple(
        EvidenceCard(Requirement(one.requirement), one.document, one.note, one.valid_from, one.valid_to)
        for one in row.evidence.order_by("-recorded_at", "-id")
    )


def runs_of(pk: UUID, *, limit: int = 20) -> tuple[RunCard, ...]:
    """Runs of a system, newest first. 1 query."""
    return tuple(_run(row) for row in ConformanceRun.objects.filter(system=pk).order_by("-received_at", "-id")[:limit])


def run(pk: UUID, system: UUID) -> RunCard | None:
    """One run of a system. 1 query."""
    row = ConformanceRun.objects.filter(pk=pk, system=system).first()
    return None if row is None else _run(row)


def _run(row: ConformanceRun) -> RunCard:
    return RunCard(row.id, row.passed, row.failed, row.skipped, row.unchanged, row.received_at, row.cases)


def _cards(rows: list[RegionalSystem], today: date) -> tuple[SystemCard, ...]:
    places = territories([row.territory_id for row in rows if row.territory_id])
    found = {kato: card.name for kato, card in places.items()}
    terms = certification_norms(today)
    return tuple(_card(row, found.get(row.territory_id or ""), terms, today) for row in rows)


def _card(row: RegionalSystem, place: Text | None, terms: CertificationNorms, today: date) -> SystemCard:
    shown = [Shown(Requirement(one.requirement), one.valid_from, one.valid_to) for one in row.evidence.all()]
    met = checklist(shown, row.registered_on, today, terms)
    gone = row.withdrawn_on is not None and row.withdrawn_on <= today
    return SystemCard(
        row.id, row.name, row.provider, row.provider_bin, place, row.client_code, row.registered_on, row.withdrawn_on,
        standing(met, gone), met,
    )  # fmt: skip
