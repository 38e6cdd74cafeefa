"""`shanyraq placement ...`: the verbs of placement on the command line."""

from shanyraq.domains.placement.cli import family, rounds, staff, whatif
from shanyraq.domains.placement.cli.group import placement

__all__ = ["family", "placement", "rounds", "staff", "whatif"]
