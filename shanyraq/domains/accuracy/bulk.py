"""The bulk path of accuracy: what journals, kitchens and gates say, for whole regions of the sandbox at once."""

from collections.abc import Iterable
from typing import Final

from shanyraq.domains.accuracy.models import Activity
from shanyraq.foundation import bulk
from shanyraq.foundation.bulk import Row

ACTIVITY: Final = ("id", "enrolment", "month_on", "days", "present", "marks", "meals", "gate", "recorded_at")


def write_activities(rows: Iterable[Row]) -> int:
    """Months of enrolments, as ACTIVITY; how many."""
    return bulk.write(Activity, ACTIVITY, rows)
