"""Settings from the environment, read by type; a wrong value stops the start with a sentence that says what to do."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PREFIX = "SHANYRAQ_"


def text(name: str, default: str = "") -> str:
    """The value of SHANYRAQ_<name>, or the content of the file that SHANYRAQ_<name>_FILE names."""
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path:
        return Path(path).read_text("utf-8").strip()
    return os.environ.get(f"{PREFIX}{name}", default)


def flag(name: str, *, default: bool = False) -> bool:
    """A yes or a no: 1, true, yes, on; 0, false, no, off."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{PREFIX}{name}={value!r} is neither yes nor no: write 1 or 0.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{PREFIX}{name}={value!r} is not a whole number.") from None


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
