"""The norms of the contingent on a day in a territory."""

from datetime import date

from shanyraq.domains.contingent.rules.norms import ContingentNorms, from_norms
from shanyraq.foundation import norms


def contingent_norms(on: date, territory: str = "") -> ContingentNorms:
    """All of them (KATO; "" is the country). No query."""
    return from_norms(lambda name: norms.in_force(f"contingent/{name}", on, territory))
