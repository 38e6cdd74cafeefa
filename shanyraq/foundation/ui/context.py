"""What the page shell needs on every page. Floors above add theirs: the menu by role, the count of unread notices."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from shanyraq.foundation.text import as_lang, say

Contribution = Callable[[HttpRequest], Mapping[str, Any]]
_contributions: Final[list[Contribution]] = []
BARE: Final[Mapping[str, Any]] = {
    "crumbs": (),
    "menu": (),
    "foot": (),
    "user_name": "",
    "role_names": "",
    "unread": 0,
}


def contribute(contribution: Contribution) -> None:
    """Add values to the shell of every page: `menu`, `foot`, `user_name`, `role_names`, `unread`."""
    if contribution not in _contributions:
        _contributions.append(contribution)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The language, the switch, the demo banner, and what others contributed."""
    values: dict[str, Any] = {
        **BARE,
        "lang": as_lang(get_language()),
        "languages": _languages(request),
        "demo": settings.DEMO,
    }
    for contribution in _contributions:
        values.update(contribution(request))
    return values


def _languages(request: HttpRequest) -> list[Mapping[str, str]]:
    here = request.get_full_path() if request.method == "GET" else request.path
    return [
        {
            "code": code,
            "name": name,
            "short": say(f"ui.language.short.{code}", as_lang(code)),
            "url": f"/language/{code}/?next={quote(here, safe='/')}",
        }
        for code, name in settings.LANGUAGES
    ]
