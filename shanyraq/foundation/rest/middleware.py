"""The short path of a request to the API: no session, cookie, form or page; what those need is not even looked at."""

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from shanyraq.foundation.clients.limits import Allowance
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import problems
from shanyraq.foundation.rest.api import methods_of
from shanyraq.foundation.ui.headers import ALWAYS

Respond = Callable[[HttpRequest], HttpResponseBase]
START: Final = "/api/"
TRUSTED_SECONDS: Final = 1.0
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADERS: Final = {
    **ALWAYS,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}
READABLE_BY_PAGES: Final = "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed"
SENT_BY_PAGES: Final = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"


class ApiMiddleware:
    """Stands before all other middleware and answers what begins with /api/ by itself."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.answer: Respond = SecurityMiddleware(_answered)  # type: ignore[assignment]  # ours answers at once

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(START):
            return self.respond(request)
        return self.answer(request)


def _answered(request: HttpRequest) -> HttpResponseBase:
    head = request.method == "HEAD"
    if head:
        request.method = "GET"
    _trust_connection()
    try:
        response = _routed(request)
    except Http404:
        response = problems.problem(request, Refusal("rest.not_found"))
    except Exception as raised:  # nothing under /api/ answers with a page
        response = problems.failed(request, raised)
    if response.status_code >= 400 and response.headers.get("Content-Type", "").startswith("text/html"):
        kept = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
        response = problems.of_status(request, response.status_code, kept)
    _complete(request, response)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the address, and we log faults
    return _without_body(response) if head and isinstance(response, HttpResponse) else response


def _trust_connection() -> None:
    """Spare the question whether the database is there, which Django asks at each request, while it has answered a
    moment ago. When it is gone all the same, the request is answered with 503 and the next one connects anew."""
    moment = time.monotonic()
    if moment - getattr(connection, "asked_at", -TRUSTED_SECONDS) < TRUSTED_SECONDS:
        connection.health_check_done = True  # type: ignore[attr-defined]  # of Django, untyped
    else:
        connection.asked_at = moment  # type: ignore[attr-defined]  # ours, one for each thread


def _routed(request: HttpRequest) -> HttpResponseBase:
    refusal = _unreadable(request)
    if refusal is not None:
        return problems.problem(request, refusal)
    match = _match(request.path_info[len(START) :])
    if match is None:
        return problems.problem(request, Refusal("rest.not_found"))
    request.resolver_match = match
    if request.method == "OPTIONS":
        return _options(match)
    if request.method in METHODS:
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if response.status_code != 405:
            return response
    return problems.problem(request, Refusal("rest.method"), headers={"Allow": _allowed(match)})


def _unreadable(request: HttpRequest) -> Refusal | None:
    """Why a request cannot even be looked at: it is no text, or too long."""
    written = (request.path_info, request.META.get("QUERY_STRING", ""))
    if "\0" in written[0] or "%00" in written[1]:
        return Refusal("rest.malformed")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        return Refusal("rest.malformed")
    return Refusal("rest.too_large") if int(length[:12]) > settings.API_MOST_BYTES else None


def _match(path: str) -> ResolverMatch | None:
    for pattern in _table(settings.API_URLCONF).get(_place(path), ()):
        match = pattern.resolve(path)
        if match is not None:
            return match
    return None


def _place(path: str) -> str:
    """The version and the resource of a path: `v1/groups`."""
    version, _, rest = path.partition("/")
    return f"{version}/{rest.partition('/')[0]}"


@lru_cache(maxsize=4)
def _table(urlconf: str) -> Mapping[str, list[URLPattern]]:
    """The addresses of the API by their first two parts, so that a request is compared with a few and not with all."""
    table: dict[str, list[URLPattern]] = {}
    for version in get_resolver(urlconf).url_patterns:
        if isinstance(version, URLResolver):
            for one in version.url_patterns:
                assert isinstance(one, URLPattern)  # the framework makes a flat list
                route = RoutePattern(f"{version.pattern}{one.pattern}", name=one.name, is_endpoint=True)
                flat = URLPattern(route, one.callback, one.default_args, one.name)
                table.setdefault(_place(str(route)), []).append(flat)
    return table


def _allowed(match: ResolverMatch) -> str:
    return ", ".join(methods_of(match.func))


def _options(match: ResolverMatch) -> HttpResponse:
    response = HttpResponse(headers={"Allow": _allowed(match)})
    del response.headers["Content-Type"]
    return response


def _complete(request: HttpRequest, response: HttpResponseBase) -> None:
    """The headers of every answer."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if isinstance(response, HttpResponse) and "Content-Length" not in response.headers:
        response.headers["Content-Length"] = str(len(response.content))
    allowance: Allowance | None = getattr(request, "allowance", None)
    if allowance is not None:
        response.headers["RateLimit-Policy"] = f'"minute";q={allowance.limit};w=60'
        response.headers["RateLimit"] = f'"minute";r={allowance.left};t={allowance.wait}'
        if not allowance.passes:
            response.headers["Retry-After"] = str(allowance.wait)
    if settings.API_ORIGINS:
        _share(request, response)


def _share(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the pages that the operator has named read the answer (CORS)."""
    origin = request.META.get("HTTP_ORIGIN", "")
    response.headers["Vary"] = ", ".join(filter(None, (response.headers.get("Vary", ""), "Origin")))
    if origin in settings.API_ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = READABLE_BY_PAGES
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
            response.headers["Access-Control-Allow-Headers"] = SENT_BY_PAGES


def _without_body(response: HttpResponse) -> HttpResponse:
    response.content = b""  # Content-Length stays that of the whole
    return response
