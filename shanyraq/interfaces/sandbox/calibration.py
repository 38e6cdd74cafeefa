"""What the country is held to, read from calibration.yaml."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

FILE = Path(__file__).with_name("calibration.yaml")


@lru_cache(maxsize=1)
def facts() -> Mapping[str, Any]:
    """All of it, by the names of the file."""
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return MappingProxyType(loaded)
