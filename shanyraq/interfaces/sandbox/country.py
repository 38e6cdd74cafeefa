"""The territory on which the country stands, and whether anyone lives there yet."""

from shanyraq.domains.registry import bulk, queries, services


def load_territory_if_missing() -> bool:
    """Load regions and districts when there are none; whether it was needed."""
    if queries.regions():
        return False
    services.load_territory()
    return True


def empty() -> bool:
    """Whether the registry has no kindergarten and no person."""
    return bulk.empty()
