"""What every answer tells the browser, whoever made it: pages, files, the API, static files, faults."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

Respond = Callable[[HttpRequest], HttpResponseBase]
ALWAYS: Final = {
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}


class HeadersMiddleware:
    """First of all, so that nothing answers past it. What is someone's own is never kept by a browser or a proxy."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.respond(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if personal(request, response) and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


def personal(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether an answer may depend on who asked: it came with a session or a token, or begins one."""
    if request.path_info.startswith(settings.STATIC_URL):
        return False
    begun = settings.SESSION_COOKIE_NAME in response.cookies
    return begun or settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
