"""The queue and the free places of a district, as the rules see them."""

from datetime import date

from shanyraq.domains.placement.rules.claim import Claim, GroupId


def open_claims(district: str, on: date) -> tuple[Claim, ...]:
    """Waiting claims of a district. A fixed number of queries, whatever the number of claims."""
    raise NotImplementedError


def free_places(district: str, on: date, *, lock: bool = False) -> dict[GroupId, int]:
    """Free places by group: places less open enrolments less live offers, never below zero.

    lock=True holds the groups, by id, until the transaction ends. 3 queries.
    """
    raise NotImplementedError
