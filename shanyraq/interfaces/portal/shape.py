"""A bare "no" of the server, such as 405, in the shape of our pages. Programs are answered by foundation/rest."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from shanyraq.foundation.imports.middleware import most_bytes
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import as_lang
from shanyraq.foundation.ui.refusals import explain

Respond = Callable[[HttpRequest], HttpResponseBase]
CODES: Final = {405: "page.method", 413: "page.too_big", 415: "page.bad"}  # the others have their templates


class ShapeMiddleware:
    """Refuses what is too big before it is read, and puts words to answers that have none."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _length(request) > most_bytes(request):
            return _told(request, 413)
        response = self.respond(request)
        bare = isinstance(response, HttpResponse) and not response.content
        if response.status_code not in CODES or not bare or request.method == "HEAD":
            return response
        told = _told(request, response.status_code)
        if response.has_header("Allow"):
            told["Allow"] = response["Allow"]
        return told


def _length(request: HttpRequest) -> int:
    given = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(given) if given.isascii() and given.isdigit() else 0


def _told(request: HttpRequest, status: int) -> HttpResponse:
    refusal = Refusal(CODES[status], most=most_bytes(request) >> 20)
    explained = explain(refusal, as_lang(translation.get_language()))
    return render(request, "ui/refused.html", {"explained": explained, "back": ""}, status=status)
