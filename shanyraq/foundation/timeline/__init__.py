"""Facts over dates: half-open periods, and values over them. Pure."""

from shanyraq.foundation.timeline.period import COUNTRY_ZONE, Period, day_of
from shanyraq.foundation.timeline.values import Timeline

__all__ = ["COUNTRY_ZONE", "Period", "Timeline", "day_of"]
