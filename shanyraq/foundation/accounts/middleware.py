from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from shanyraq.foundation import access, clock
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.accounts import services, sessions
from shanyraq.foundation.accounts.models import User

OPEN_WHILE_PENDING: Final = ("/sign-in/", "/sign-out/", "/account/second-factor/", "/language/", "/static/")


class ActorMiddleware:
    """Puts `request.actor`: who acts, with the grants in force now.

    Outside the demonstration, staff act only after their second factor, and not after half an hour of silence. Until
    then the actor is a stranger: a page that forgot to ask would still show nothing.
    """

    def __init__(self, respond: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        now = clock.now()
        user = request.user
        actor = services.actor_of(user, now) if isinstance(user, User) else access.ANYONE
        staff = any(grant.role is not Role.GUARDIAN for grant in actor.grants)
        pending = False
        if not settings.DEMO and actor.user:
            if staff and sessions.idle(request, now):
                sessions.end(request)
                actor = access.ANYONE
            else:
                pending = _pending(request, staff=staff)
        if actor.user and request.session.session_key:
            sessions.keep_in_step(request, actor)
        request.actor = access.ANYONE if pending else actor  # type: ignore[attr-defined]  # ours, on every request
        if pending and not request.path.startswith(OPEN_WHILE_PENDING):
            return _to_second_factor(request)
        return self.respond(request)


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in a request."""
    return getattr(request, "actor", access.ANYONE)


def _pending(request: HttpRequest, *, staff: bool) -> bool:
    asked = staff or request.session.get(sessions.SECOND, False)
    return asked and not request.user.is_verified()  # type: ignore[union-attr]  # django_otp adds it


def _to_second_factor(request: HttpRequest) -> HttpResponseBase:
    after = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(f"{reverse('second_factor')}?{urlencode({'next': after})}")
