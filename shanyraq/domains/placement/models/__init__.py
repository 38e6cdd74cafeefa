"""The tables of placement."""

from shanyraq.domains.placement.models.applications import (
    OPEN_STATUSES,
    Application,
    Counter,
    DistrictModel,
    Document,
    Wish,
)
from shanyraq.domains.placement.models.ceremonies import Ceremony, CeremonyMessage, CeremonyParty
from shanyraq.domains.placement.models.comparisons import Comparison, ComparisonPart
from shanyraq.domains.placement.models.rounds import (
    Offer,
    OpenPlace,
    Outcome,
    Round,
    Swap,
    WaitingEntry,
)

__all__ = [
    "OPEN_STATUSES",
    "Application",
    "Ceremony",
    "CeremonyMessage",
    "CeremonyParty",
    "Comparison",
    "ComparisonPart",
    "Counter",
    "DistrictModel",
    "Document",
    "Offer",
    "OpenPlace",
    "Outcome",
    "Round",
    "Swap",
    "WaitingEntry",
    "Wish",
]
