"""Settings from the environment, read by type; a wrong value stops the start with a sentence that says what to do."""

import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PREFIX = "SHANYRAQ_"
LENGTH_OF_SECRETS = 40


def text(name: str, default: str = "") -> str:
    """The value of SHANYRAQ_<name>, or the content of the file that SHANYRAQ_<name>_FILE names."""
    return _kept(f"{PREFIX}{name}", default)


def address(name: str) -> str:
    """The value of a variable that other tools know too, such as DATABASE_URL, or what the file <name>_FILE holds."""
    return _kept(name, "")


def secret(name: str, default: str = "") -> str:
    """A secret of at least 40 characters, or the default when none is set. The sentence never repeats it."""
    value = text(name, default)
    if value != default and len(value) < LENGTH_OF_SECRETS:
        raise ImproperlyConfigured(
            f"{PREFIX}{name} must have {LENGTH_OF_SECRETS} characters or more: `shanyraq secrets` prints one."
        )
    return value


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


def _kept(name: str, default: str) -> str:
    path = os.environ.get(f"{name}_FILE")
    return _content(name, Path(path)) if path else os.environ.get(name, default)


def _content(name: str, path: Path) -> str:
    try:
        if path.stat().st_mode & stat.S_IROTH:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which everyone on this machine may read. A secret is for the account of "
                f"the portal only: chmod o= {path}"
            )
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {problem}") from None
