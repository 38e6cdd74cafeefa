"""`shanyraq placement ...`: the verbs of placement on the command line."""

from shanyraq.domains.placement.cli import family, packages, rounds, seed, staff, whatif
from shanyraq.domains.placement.cli.group import placement

__all__ = ["family", "packages", "placement", "rounds", "seed", "staff", "whatif"]
