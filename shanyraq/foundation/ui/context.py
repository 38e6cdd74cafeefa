from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from shanyraq.foundation.text import as_lang


def shell(request: HttpRequest) -> dict[str, Any]:
    """What the page shell needs on every page."""
    return {"lang": as_lang(get_language())}
