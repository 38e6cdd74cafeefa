from datetime import datetime

import pytest

from shanyraq.foundation import clock
from shanyraq.foundation.timeline import COUNTRY_ZONE

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=COUNTRY_ZONE)


@pytest.fixture
def frozen():
    """The clock held at a Monday morning; gives the instant."""
    with clock.frozen_at(NOW):
        yield NOW
