"""The law as dated data: what a norm says on a day, by which act, and how sure we are.

    norms.in_force("placement/exclusive_choice", on=day).integer()             -> 3
    norms.in_force("placement/swap", on=day, territory="711110000").flag("allowed")

The files are in the folder `norms/` at the root, in words that lawyers read. No Django here: rules run without it.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path

from shanyraq.foundation.norms.loader import FOLDER, Act, acts, load
from shanyraq.foundation.norms.norm import BadNorm, Json, Norm, NotInForce, Tag, Unit, UnknownNorm, Value

__all__ = [
    "Act", "BadNorm", "Json", "Norm", "NotInForce", "Tag", "Unit", "UnknownNorm", "Value",
    "acts", "all_norms", "editions", "in_force", "standing",
]  # fmt: skip


def in_force(name: str, on: date, territory: str = "", *, folder: Path = FOLDER) -> Norm:
    """The value of a norm on a day. A value of the territory (by the longest KATO prefix) goes before the country's.

    Raises UnknownNorm, NotInForce.
    """
    try:
        values = load(folder)[name]
    except KeyError:
        raise UnknownNorm(name) from None
    standing = [norm for norm in values if _holds(norm, on) and territory.startswith(norm.territory)]
    if not standing:
        raise NotInForce(f"{name} on {on.isoformat()} in {territory or 'the country'}")
    return max(standing, key=lambda norm: (len(norm.territory), norm.valid_from))


def editions(names: Iterable[str], on: date, territory: str = "", *, folder: Path = FOLDER) -> dict[str, Json]:
    """The norms that a decision stands on, ready for JSON: value, edition, act, tag and first day of each, by name."""
    return {name: in_force(name, on, territory, folder=folder).plain() for name in sorted(set(names))}


def all_norms(*, folder: Path = FOLDER) -> tuple[Norm, ...]:
    """Every value of every norm, by name, then day, the country before its territories."""
    return tuple(norm for _, values in sorted(load(folder).items()) for norm in values)


def standing(on: date, territory: str = "", *, folder: Path = FOLDER) -> tuple[Norm, ...]:
    """Every norm that is in force on a day in a territory, by name; one without a value then is left out."""
    held: list[Norm] = []
    for name in sorted(load(folder)):
        with suppress(NotInForce):
            held.append(in_force(name, on, territory, folder=folder))
    return tuple(held)


def _holds(norm: Norm, on: date) -> bool:
    return norm.valid_from <= on and (norm.valid_to is None or on < norm.valid_to)
