"""Directions 4 and 5: rights and safety of children, upbringing. Indicator 19 is a study: it comes from outside."""

from ibis.expr.types import Table

from shanyraq.analytics.cells import Measures, Share
from shanyraq.analytics.engine import Tables
from shanyraq.analytics.indicators.formulas import PRESCHOOLS, formula, has, one

GUARDED = (*PRESCHOOLS, "school", "special", "orphan_care", "college")


@formula(20)
def in_institutions(people: Table, tables: Tables) -> Measures:
    """Orphans and children without parental care who live in an institution."""
    return one(Share(among=people.orphan | people.in_institution, counted=people.in_institution))


@formula(21)
def anti_terror(organisations: Table, tables: Tables) -> Measures:
    """Organisations that meet the anti-terror requirements in full."""
    return one(Share(among=organisations.kind.isin(GUARDED), counted=has(organisations.anti_terror)))


@formula(22)
def public_activity(people: Table, tables: Tables) -> Measures:
    """Learners of schools and colleges in at least one form of public activity; each once."""
    return one(Share(among=people.school | people.tvet, counted=people.public_life))


@formula(23)
def additional_education(people: Table, tables: Tables) -> Measures:
    """Pupils who are also in a club or an organisation of additional education; each once."""
    return one(Share(among=people.school, counted=people.club))


@formula(24)
def sport(organisations: Table, tables: Tables) -> Measures:
    """State day schools with a gym and equipment."""
    schools = (organisations.kind == "school") & (organisations.ownership == "state")
    return one(Share(among=schools, counted=has(organisations.sports_hall) & has(organisations.sports_kit)))
