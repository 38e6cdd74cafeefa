"""What goes into the log has one spelling."""

from datetime import UTC, date, datetime

from shanyraq.foundation.ledger.event import plain
from shanyraq.foundation.timeline import COUNTRY_ZONE


def test_an_instant_has_one_text_whichever_zone_it_came_in():
    instant = datetime(2026, 3, 2, 4, 30, 15, tzinfo=UTC)
    assert plain(instant) == plain(instant.astimezone(COUNTRY_ZONE)) == "2026-03-02T04:30:15+00:00"


def test_a_day_stays_a_day():
    assert plain(date(2026, 3, 2)) == "2026-03-02"
