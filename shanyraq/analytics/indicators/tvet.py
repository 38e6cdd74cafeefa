"""Direction 3: young people in training and at work."""

from ibis.expr.types import Table

from shanyraq.analytics.cells import Measures, Share, Total
from shanyraq.analytics.engine import Tables
from shanyraq.analytics.indicators.formulas import formula, has, one

AFTER_GRADE_9 = 17  # who enters a college under 17 comes after grade 9


@formula(14)
def graduates_at_work(graduates: Table, tables: Tables) -> Measures:
    """Graduates of the year before who found work within a year of their last day."""
    return one(Share(among=graduates.graduated == tables.on.year - 1, counted=graduates.employed))


@formula(15)
def free_colleges(people: Table, tables: Tables) -> Measures:
    """First-year students who came after grade 9 and learn on the state order."""
    entrants = people.tvet & (people.study_year == 1) & (people.age < AFTER_GRADE_9)
    return one(Share(among=entrants, counted=people.state_order))


@formula(16)
def dual_training(people: Table, tables: Tables) -> Measures:
    """Students on the state order who also learn at an enterprise."""
    return one(Share(among=people.tvet & people.state_order, counted=people.dual_training))


@formula(17)
def worldskills(organisations: Table, tables: Tables) -> Measures:
    """Colleges that assess by WorldSkills."""
    return one(Share(among=organisations.kind == "college", counted=has(organisations.worldskills)))


@formula(18)
def competence_centres(organisations: Table, tables: Tables) -> Measures:
    """Colleges with a centre of competence: all there are; the wording leaves open whether it asks for new ones."""
    return one(Total(among=organisations.kind == "college", amount=organisations.competence_centre))
