"""Direction 6: teachers. A teacher of two schools stands on two rows; `main` marks the one that counts."""

from ibis.expr.types import Table

from shanyraq.analytics.cells import Measures, Share, Total
from shanyraq.analytics.engine import Tables
from shanyraq.analytics.indicators.formulas import PRESCHOOLS, SCHOOLS, formula, one

QUALIFIED = ("moderator", "expert", "researcher", "master")
STEM = ("mathematics", "informatics", "physics", "chemistry", "biology", "geography")
TEACHING = ("head", "deputy", "teacher", "psychologist", "speech_therapist")


@formula(25)
def profile_education(staff: Table, tables: Tables) -> Measures:
    """Heads, methodologists and educators of preschool organisations whose education matches."""
    mine = staff.main & staff.kind.isin(PRESCHOOLS) & staff.post.isin(("head", "deputy", "educator"))
    return one(Share(among=mine, counted=staff.profile))


@formula(26)
def qualified_teachers(staff: Table, tables: Tables) -> Measures:
    """Teachers of schools with a category in force, from moderator to master."""
    mine = staff.main & staff.kind.isin(SCHOOLS) & staff.post.isin(TEACHING)
    return one(Share(among=mine, counted=staff.category.isin(QUALIFIED)))


@formula(27)
def stem_teachers(staff: Table, tables: Tables) -> Measures:
    """Teachers of natural science and mathematics in general schools. The wording says "attracted"; the size of the
    targets says all there are."""
    mine = staff.main & staff.kind.isin(SCHOOLS) & (staff.post == "teacher")
    return one(Total(among=mine, amount=staff.subject.isin(STEM).cast("int64")))


@formula(28)
def from_industry(staff: Table, tables: Tables) -> Measures:
    """Special-discipline teachers and masters of state colleges who came from production."""
    mine = staff.main & (staff.kind == "college") & (staff.ownership == "state") & (staff.post == "master")
    return one(Share(among=mine, counted=staff.from_industry))
