"""What happens with comparisons of rules, for the ledger: a published one can no longer change unseen."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shanyraq.foundation.ledger import Event


@dataclass(frozen=True, slots=True)
class ComparisonPublished(Event):
    OPEN: ClassVar[frozenset[str]] = frozenset({"territory", "counted_on", "rule_sets", "inputs_hash", "results_hash"})

    territory: str  # KATO prefix; "" is the country
    counted_on: date
    rule_sets: tuple[str, ...]
    inputs_hash: str
    results_hash: str
