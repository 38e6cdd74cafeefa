"""What the Concept and order 456 ask of a regional system, and how it stands on a day. Pure.

Source: Concept 2023-2029, direction 1 (integration with NEDB, compulsory audit and attestation, production within the
first year, records that cannot be altered); order 456, paragraphs 1, 3, 5, 11, 17.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Requirement(StrEnum):
    """One line of the checklist."""

    INTEGRATION = "integration"
    AUDIT = "audit"
    ATTESTATION = "attestation"
    PROOF_LOG = "proof_log"
    LEARNING_PLATFORM = "learning_platform"
    PRODUCTION = "production"
    DOMAIN_NAME = "domain_name"
    SERVERS_HERE = "servers_here"
    BROWSERS = "browsers"
    SECURE_PROTOCOLS = "secure_protocols"
    TWO_LANGUAGES = "two_languages"
    ACCESSIBILITY = "accessibility"


class Met(StrEnum):
    """Whether a requirement is met on a day."""

    MET = "met"
    MISSING = "missing"
    EXPIRED = "expired"
    OVERDUE = "overdue"


class Standing(StrEnum):
    """How a system stands on a day, all requirements taken together."""

    APPLICANT = "applicant"
    CERTIFIED = "certified"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence that a requirement is met, from a day to a day (open: for good)."""

    requirement: Requirement
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class CertificationNorms:
    """Terms: months from registration to production, months for which an audit counts."""

    production_months: int
    audit_months: int


EXPIRING = frozenset({Requirement.AUDIT, Requirement.ATTESTATION, Requirement.INTEGRATION})


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def until_of(requirement: Requirement, shown_on: date, norms: CertificationNorms) -> date | None:
    """The first day on which evidence shown on a day counts no more; none for what does not expire."""
    return months_after(shown_on, norms.audit_months) if requirement in EXPIRING else None


def checklist(
    shown: Iterable[Shown], registered_on: date, today: date, norms: CertificationNorms
) -> Mapping[Requirement, Met]:
    """Every requirement with whether it is met today. The latest evidence of each counts."""
    latest: dict[Requirement, Shown] = {}
    for one in shown:
        if one.since <= today and (one.requirement not in latest or latest[one.requirement].since <= one.since):
            latest[one.requirement] = one
    late = today >= months_after(registered_on, norms.production_months)
    return {requirement: _met(requirement, latest.get(requirement), today, late) for requirement in Requirement}


def standing(met: Mapping[Requirement, Met], withdrawn: bool) -> Standing:
    """The system as a whole: one expired line suspends it, production that is late makes it overdue."""
    values = set(met.values())
    if withdrawn:
        return Standing.WITHDRAWN
    if values == {Met.MET}:
        return Standing.CERTIFIED
    if Met.EXPIRED in values:
        return Standing.SUSPENDED
    return Standing.OVERDUE if Met.OVERDUE in values else Standing.APPLICANT


def _met(requirement: Requirement, shown: Shown | None, today: date, late: bool) -> Met:
    if shown is None:
        return Met.OVERDUE if requirement is Requirement.PRODUCTION and late else Met.MISSING
    return Met.EXPIRED if shown.until is not None and shown.until <= today else Met.MET
