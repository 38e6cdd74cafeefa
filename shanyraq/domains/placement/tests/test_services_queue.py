from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.queries import queue
from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Right
from shanyraq.domains.placement.rules.norms import ServingNorm
from shanyraq.domains.registry.rules.kinds import GroupKind

START = datetime(2026, 1, 1, tzinfo=UTC)


@given(
    st.lists(st.sampled_from(Right), max_size=40),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(0, 6),
)
def test_counting_gives_the_same_place_as_serving(rights, priority, general, turn):
    norm = ServingNorm(priority, general)
    turn %= priority + general
    claims = [
        Claim(ClaimId(UUID(int=at)), 2022, GroupKind.GENERAL, right, START + timedelta(hours=at), at, ())
        for at, right in enumerate(rights)
    ]
    served = order.serve_order(claims, norm, turn)
    counts = {right: rights.count(right) for right in Right}
    for at, right in enumerate(rights):
        index = rights[:at].count(right)
        found = queue.place(right, index, counts, norm, turn)
        before = order.standing_before(ClaimId(UUID(int=at)), served)
        assert found.position == order.position_of(ClaimId(UUID(int=at)), served)
        assert (found.ahead[Right.EXTRAORDINARY], found.ahead[Right.PRIORITY], found.ahead[Right.GENERAL]) == before
