"""One freed seat: the chain of moves it starts, without matching everyone anew."""

from shanyraq.foundation.matching.acceptance import Matching
from shanyraq.foundation.matching.market import Market


def refill(plain: Market, matching: Matching, school: int) -> Matching:
    """The matching after one seat of the school is freed or added."""
    raise NotImplementedError
