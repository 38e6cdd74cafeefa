"""Direction 1: equal starting opportunities."""

from ibis.expr.types import Table

from shanyraq.analytics.cells import Measures, Share
from shanyraq.analytics.engine import Tables
from shanyraq.analytics.indicators.formulas import PRESCHOOLS, formula, has, one, water_and_hygiene


@formula(1)
def preschool_coverage(people: Table, tables: Tables) -> Measures:
    """Children from two to five full years who attend. The wording is "from 2 to 6": at six they go to school."""
    return one(Share(among=people.age.between(2, 5), counted=people.preschool))


@formula(2)
def preschool_quality(organisations: Table, tables: Tables) -> Measures:
    """Preschool organisations that meet the criteria of quality."""
    return one(Share(among=organisations.kind.isin(PRESCHOOLS), counted=has(organisations.quality)))


@formula(3)
def preschool_water(organisations: Table, tables: Tables) -> Measures:
    """Preschool organisations with water, toilets and hand washing."""
    return one(Share(among=organisations.kind.isin(PRESCHOOLS), counted=water_and_hygiene(organisations)))
