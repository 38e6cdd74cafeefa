"""Direction 7: quality at the level of the system."""

from ibis.expr.types import Table

from shanyraq.analytics.cells import Measures, Share
from shanyraq.analytics.engine import Tables
from shanyraq.analytics.indicators.formulas import formula, has, one


@formula(29)
def attested(organisations: Table, tables: Tables) -> Measures:
    """Organisations attested in this cycle among those due in it. In 2027 a new cycle begins, and it falls."""
    return one(Share(among=has(organisations.attestation_due).fill_null(False), counted=has(organisations.attested)))
