from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation

from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import as_lang

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
        return response


class RefusalMiddleware:
    """A refusal that no view answered becomes a page that says what, where, why and what to do."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        if not isinstance(problem, Refusal):
            return None
        return HttpResponse(str(problem), status=403 if isinstance(problem, NotAllowed) else 409)
