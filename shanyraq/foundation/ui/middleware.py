from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.defaults import bad_request

from shanyraq.foundation.access import ANYONE
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import as_lang
from shanyraq.foundation.ui.pages import to_sign_in
from shanyraq.foundation.ui.refusals import explain, status_of

Respond = Callable[[HttpRequest], HttpResponseBase]


class LanguageMiddleware:
    """The language of the page: the cookie that the switch set, else what the browser asks for, else Kazakh."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        lang = as_lang(request.COOKIES.get("language") or translation.get_language_from_request(request))
        with translation.override(lang):
            response = self.respond(request)
        response.headers["Content-Language"] = lang
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class TextMiddleware:
    """A request whose address or headers hold a NUL is no text; PostgreSQL could not keep it. Answered with 400."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        written = [request.path_info, *request.COOKIES.values()]
        written += [str(value) for name, value in request.META.items() if name.startswith("HTTP_")]
        if "%00" in request.META.get("QUERY_STRING", "") or any("\0" in part for part in written):
            return bad_request(request, BadRequest())  # without a line in the log: who knocks so may knock often
        return self.respond(request)


class RefusalMiddleware:
    """A refusal that no view answered becomes a page that says what happened, why, and what to do."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        if not isinstance(problem, Refusal):
            return None
        stranger = getattr(request, "actor", ANYONE).user is None
        if isinstance(problem, NotAllowed) and stranger and request.method == "GET":
            return to_sign_in(request)
        return refused(request, problem)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal, in the language of the request."""
    explained = explain(refusal, as_lang(translation.get_language()))
    back = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = ""
    return render(request, "ui/refused.html", {"explained": explained, "back": back}, status=status_of(refusal))
