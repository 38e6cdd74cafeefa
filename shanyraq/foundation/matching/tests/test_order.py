import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.foundation import matching

unhurried = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)  # other work shares the machine
rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=30)


def order(rights, since=None, **ratio):
    numbers = np.arange(len(rights))
    return matching.serving_order(
        np.array(rights, dtype=int), np.array(since or [0] * len(rights)), numbers, **ratio
    ).tolist()


def by_hand(rights, since, priority, general):
    """The rule as a person would read it out."""
    queue = {right: sorted((since[i], i) for i, r in enumerate(rights) if r == right) for right in (0, 1, 2)}
    served = [i for _, i in queue[0]]
    while queue[1] or queue[2]:
        for right, share in ((1, priority), (2, general)):
            taken, queue[right] = queue[right][:share], queue[right][share:]
            served += [i for _, i in taken]
    return served


def test_one_priority_then_three_general():
    assert order([2, 2, 2, 2, 1, 1, 2, 0]) == [7, 4, 0, 1, 2, 5, 3, 6]


def test_a_sub_queue_that_runs_out_leaves_its_turns_to_the_other():
    assert order([1, 1, 1, 2]) == [0, 3, 1, 2]
    assert order([2, 2, 2, 2, 2, 1]) == [5, 0, 1, 2, 3, 4]


def test_time_goes_before_number():
    assert order([2, 2, 2], since=[3, 1, 1]) == [1, 2, 0]


@unhurried
@given(rows, st.integers(1, 3), st.integers(1, 4))
def test_the_order_is_what_the_rule_reads_out(pairs, priority, general):
    rights, since = [right for right, _ in pairs], [at for _, at in pairs]
    assert order(rights, since, priority=priority, general=general) == by_hand(rights, since, priority, general)


@unhurried
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(pairs, chance):
    shuffled = list(enumerate(pairs))
    chance.shuffle(shuffled)
    told = matching.serving_order(
        np.array([right for _, (right, _) in shuffled], dtype=int),
        np.array([at for _, (_, at) in shuffled], dtype=int),
        np.array([number for number, _ in shuffled], dtype=int),
    )
    rights, since = [right for right, _ in pairs], [at for _, at in pairs]
    assert [shuffled[at][0] for at in told] == order(rights, since)


@unhurried
@given(rows, st.integers(0, 2))
def test_nobody_overtakes_within_a_sub_queue(pairs, right):
    rights, since = [right for right, _ in pairs], [at for _, at in pairs]
    own = [(since[i], i) for i in order(rights, since) if rights[i] == right]
    assert own == sorted(own)
