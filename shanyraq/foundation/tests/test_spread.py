"""Work of one command done by several processes."""

import math
import os

import pytest

from shanyraq.foundation import commands


def test_one_worker_works_here_and_in_order():
    assert list(commands.spread(math.factorial, [3, 1, 2], 1)) == [6, 1, 2]


@pytest.mark.slow
def test_two_workers_do_all_of_it_elsewhere(transactional_db):
    assert sorted(commands.spread(math.factorial, [3, 1, 2, 5], 2)) == [1, 2, 6, 120]
    assert os.getpid() not in set(commands.spread(_worker, [1, 2], 2))


@pytest.mark.slow
def test_what_goes_wrong_elsewhere_is_raised_here(transactional_db):
    with pytest.raises(ValueError, match="factorial"):
        list(commands.spread(math.factorial, [3, -1], 2))


def _worker(_: int) -> int:
    return os.getpid()
