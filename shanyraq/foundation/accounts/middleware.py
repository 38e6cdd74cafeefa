from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from shanyraq.foundation import access, clock
from shanyraq.foundation.accounts import services
from shanyraq.foundation.accounts.models import User


class ActorMiddleware:
    """Puts `request.actor`: who acts, with the grants in force now."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        actor = services.actor_of(user, clock.now()) if isinstance(user, User) else access.ANYONE
        request.actor = actor  # type: ignore[attr-defined]
        return self.respond(request)
