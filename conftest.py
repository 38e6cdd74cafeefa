"""What every test of the house runs under. Random order, no network and warnings as errors stand in pyproject.toml."""

pytest_plugins = ["tests.shuffling"]
