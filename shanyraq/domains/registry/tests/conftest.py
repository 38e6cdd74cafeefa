from collections.abc import Iterator

import pytest
from django.db import connection

from shanyraq.domains.registry import services


@pytest.fixture
def country(db: None) -> None:
    """The regions and districts of the country."""
    services.load_territory()


@pytest.fixture
def lasting_country(transactional_db: None) -> Iterator[None]:
    """The same, visible to other connections."""
    services.load_territory()
    yield
    connection.close()
