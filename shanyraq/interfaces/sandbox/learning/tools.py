"""What the build of the country lends to the build of its schools."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from shanyraq.interfaces.sandbox import keys, truth
from shanyraq.interfaces.sandbox.plan import Plan


@dataclass(frozen=True, slots=True)
class Tools:
    """What the build of the country lends."""

    plan: Plan
    facts: Mapping[str, Any]
    as_of: date
    ids: keys.RowIds
    iins: keys.Iins
    truth: truth.File
    bins: set[str]
    stream: Callable[..., np.random.Generator]
    note: Callable[..., None]
