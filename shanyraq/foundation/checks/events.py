"""What happens to findings, for the ledger: ids, codes and days; never the words, which may speak of people."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shanyraq.foundation.checks.check import ExplanationReason
from shanyraq.foundation.ledger import Event


@dataclass(frozen=True, slots=True)
class FindingExplained(Event):
    """Somebody has said why a finding stands; until its day it is not due. The explanation before it is over."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"check", "reason", "until"})

    check: str
    finding: str
    reason: ExplanationReason
    until: date


@dataclass(frozen=True, slots=True)
class ExplanationWithdrawn(Event):
    """An explanation was taken back: the finding is due again."""

    OPEN: ClassVar[frozenset[str]] = frozenset({"check"})

    check: str
    finding: str
