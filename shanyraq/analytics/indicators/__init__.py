"""The expressions of the target indicators, by number: one function each, over the dataset that its card names.

    @formula(1)
    def preschool_coverage(people, data):
        return one(Share(among=people.age.between(2, 5), counted=people.preschool))

To change a definition, change the card in indicators/ and the function here; `shanyraq nation count` shows the rest.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType

from shanyraq.analytics.cells import Formula
from shanyraq.analytics.indicators.formulas import FORMULAS

MODULES = ("preschool", "school", "tvet", "childhood", "teachers", "attestation")


@lru_cache(maxsize=1)
def formulas() -> Mapping[int, Formula]:
    """Every expression by the number of its indicator."""
    for name in MODULES:
        import_module(f"shanyraq.analytics.indicators.{name}")
    return MappingProxyType(dict(sorted(FORMULAS.items())))
