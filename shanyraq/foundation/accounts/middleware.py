from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from shanyraq.foundation import access


class ActorMiddleware:
    """Puts `request.actor`: who acts, with the grants in force now."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = access.ANYONE  # type: ignore[attr-defined]
        return self.respond(request)
