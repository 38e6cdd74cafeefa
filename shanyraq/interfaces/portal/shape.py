"""A bare "no" of the server, such as 405, in the shape of our pages, or of problem details where programs ask."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest.problems import problem
from shanyraq.foundation.text import as_lang
from shanyraq.foundation.ui.refusals import explain

Respond = Callable[[HttpRequest], HttpResponseBase]
PROGRAMS: Final = "/api/"
CODES: Final = {  # status -> code of the refusal that says it
    400: "page.bad",
    403: "page.stale",
    404: "page.not_found",
    405: "page.method",
    413: "page.too_big",
    415: "page.bad",
    500: "page.failed",
    503: "page.away",
}
BARE_ON_PAGES: Final = (405, 413, 415)  # the others have their templates
KEPT: Final = ("Allow", "Retry-After")


class ShapeMiddleware:
    """Refuses what is too big before it is read, and puts words to answers that have none."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _told(request, 413)
        response = self.respond(request)
        if not _bare(request, response):
            return response
        told = _told(request, response.status_code)
        for name in KEPT:
            if response.has_header(name):
                told[name] = response[name]
        return told


def _length(request: HttpRequest) -> int:
    given = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(given) if given.isascii() and given.isdigit() else 0


def _bare(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code not in CODES or response.streaming or request.method == "HEAD":
        return False
    if request.path_info.startswith(PROGRAMS):
        return response.headers.get("Content-Type", "").startswith("text/")
    return response.status_code in BARE_ON_PAGES and not response.content  # type: ignore[attr-defined]  # not streaming


def _told(request: HttpRequest, status: int) -> HttpResponse:
    refusal = Refusal(CODES[status])
    if request.path_info.startswith(PROGRAMS):
        return problem(request, refusal, status=status)
    explained = explain(refusal, as_lang(translation.get_language()))
    return render(request, "ui/refused.html", {"explained": explained, "back": ""}, status=status)
