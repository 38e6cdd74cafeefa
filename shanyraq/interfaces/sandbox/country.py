"""The territory on which the country stands, and whether anyone lives there yet."""

from shanyraq.domains.registry import bulk, queries, services
from shanyraq.foundation import clock


def load_territory_if_missing() -> bool:
    """Load regions, districts and the offices of education when there are none; whether it was needed."""
    if queries.regions():
        return False
    services.load_territory()
    services.load_authorities(now=clock.now())
    return True


def empty() -> bool:
    """Whether the registry has no kindergarten and no person."""
    return bulk.empty()
