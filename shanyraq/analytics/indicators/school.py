"""Direction 2: secondary education. Indicators 4 to 6 are of PISA: analytics/pisa."""

from ibis.expr.types import Table

from shanyraq.analytics.cells import Measures, Share, Total
from shanyraq.analytics.engine import Tables
from shanyraq.analytics.indicators.formulas import PRESCHOOLS, SCHOOLS, formula, has, one, water_and_hygiene

LEAST_SPEED, SPEED_FROM, PUPILS_A_MBIT = 20, 400, 20  # indicator 10 states them in its name
LAST_PRIMARY_GRADE = 4


@formula(7)
def per_capita_funding(organisations: Table, tables: Tables) -> Measures:
    """State day schools that are not small, financed by the head. In a small school two grades learn in one class, so
    that some grade has no class of its own; the law gives no number."""
    full = (organisations.kind == "school") & (organisations.ownership == "state") & organisations.full_complement
    return one(Share(among=full, counted=has(organisations.per_capita)))


@formula(8)
def special_support(people: Table, tables: Tables) -> Measures:
    """Children with special needs who are supported."""
    return one(Share(among=people.special_needs, counted=people.supported))


@formula(9)
def inclusive_conditions(organisations: Table, tables: Tables) -> Measures:
    """Organisations of each level with conditions for inclusive education."""
    ready, kind = has(organisations.inclusive), organisations.kind
    return {
        "preschool": Share(among=kind.isin(PRESCHOOLS), counted=ready),
        "secondary": Share(among=kind.isin(SCHOOLS), counted=ready),
        "tvet": Share(among=kind == "college", counted=ready),
    }


@formula(10)
def school_internet(organisations: Table, tables: Tables) -> Measures:
    """Schools with 20 Mbit/s, and above 400 pupils with 1 Mbit/s for every 20: at 400 both ask the same."""
    pupils = organisations.learners
    needed = (pupils > SPEED_FROM).ifelse(pupils / PUPILS_A_MBIT, LEAST_SPEED)
    return one(Share(among=organisations.kind.isin(SCHOOLS), counted=organisations.internet >= needed))


@formula(11)
def new_places(premises: Table, tables: Tables) -> Measures:
    """Places of school buildings that were put into use in the year of the snapshot."""
    fresh = (premises.opened == tables.on.year).ifelse(premises.capacity, 0)
    return one(Total(among=premises.kind.isin(SCHOOLS), amount=fresh))


@formula(12)
def subject_rooms(organisations: Table, tables: Tables) -> Measures:
    """Basic and secondary schools with all five rooms; the wording leaves open whether one would do."""
    rooms = (
        has(organisations.physics_room) & has(organisations.chemistry_room) & has(organisations.biology_room)
        & has(organisations.robotics_room) & has(organisations.stem_room)
    )  # fmt: skip
    beyond_primary = (organisations.kind == "school") & (organisations.last_grade > LAST_PRIMARY_GRADE)
    return one(Share(among=beyond_primary, counted=rooms))


@formula(13)
def school_water(organisations: Table, tables: Tables) -> Measures:
    """Schools with water, toilets and hand washing."""
    return one(Share(among=organisations.kind.isin(SCHOOLS), counted=water_and_hygiene(organisations)))
