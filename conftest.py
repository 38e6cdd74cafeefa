"""What every test of the repository stands on."""

from hypothesis import settings

# No deadline: a busy machine is not a fault. Derandomised: the same code gives the same answer twice.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

collect_ignore = ["tests/contract"]  # for vendors; tests/test_contract_suite.py runs them against a server of ours
pytest_plugins = ["tests.shuffling"]  # rows without an order come in a random one
