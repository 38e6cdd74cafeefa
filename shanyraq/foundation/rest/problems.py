"""Problem details (RFC 9457): a refusal as JSON, in the language of the caller."""

import logging
import re
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, Field

from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import LANGS, Lang, as_lang
from shanyraq.foundation.ui.refusals import explain, status_of

log = logging.getLogger(__name__)
MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "urn:shanyraq:refusal:"

# Refusals of the interface itself, with their status. Those of the domains are 409, 403 or 404: see status_of.
STATUSES: Final[Mapping[str, int]] = {
    "rest.malformed": 400,
    "rest.key_missing": 400,
    "rest.key_malformed": 400,
    "rest.cursor_malformed": 400,
    "rest.token_missing": 401,
    "rest.token_invalid": 401,
    "rest.scope_missing": 403,
    "access.denied": 403,
    "rest.not_found": 404,
    "rest.method": 405,
    "rest.not_acceptable": 406,
    "rest.changed": 412,
    "rest.too_large": 413,
    "rest.media_type": 415,
    "rest.invalid": 422,
    "rest.key_reused": 422,
    "rest.match_missing": 428,
    "rest.too_many": 429,
    "rest.failed": 500,
    "page.away": 503,
}
_NUMBER: Final = re.compile(r"\d{12}")
BY_STATUS: Final = {
    400: "rest.malformed", 403: "access.denied", 404: "rest.not_found", 405: "rest.method", 413: "rest.too_large",
    500: "rest.failed",
}  # fmt: skip


class Fault(BaseModel):
    """One wrong value: where it stands and what is wrong with it. The value itself is never repeated."""

    where: str = Field(description="path of the value: `body.places`, `query.limit`, `header.If-Match`")
    what: str = Field(description="a stable word: `missing`, `extra_forbidden`, `int_parsing`, ... or a refusal's code")


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457). `code` never changes; the sentences follow `Accept-Language`."""

    type: str = Field(description="urn:shanyraq:refusal:<code>")
    title: str = Field(description="what happened")
    status: int
    detail: str = Field(description="why")
    todo: str = Field(description="what to do")
    code: str = Field(description="stable; the guide for vendors lists all")
    instance: str = Field(description="the address asked for")
    faults: list[Fault] = []


def lang_of(request: HttpRequest) -> Lang:
    """The language that the caller asks for; Kazakh when it names none of ours."""
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    asked = (code[:2].lower() for code, _ in parse_accept_lang_header(header[:200]))
    return as_lang(next((code for code in asked if code in LANGS), None))


def problem(
    request: HttpRequest,
    refusal: Refusal,
    *,
    status: int | None = None,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A refusal as problem details."""
    lang = lang_of(request)
    explained = explain(refusal, lang)
    answer = Problem(
        type=f"{TYPE}{refusal.code}",
        title=explained.what,
        status=status or STATUSES.get(refusal.code) or status_of(refusal),
        detail=explained.why,
        todo=explained.todo,
        code=refusal.code,
        instance=_masked(request.path),
        faults=list(faults) or ([Fault(where=refusal.field, what=refusal.code)] if refusal.field else []),
    )
    response = HttpResponse(answer.model_dump_json(), status=answer.status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = lang
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    if answer.status == 401:
        error = "" if refusal.code == "rest.token_missing" else ' error="invalid_token"'
        response.headers["WWW-Authenticate"] = f'Bearer realm="shanyraq"{error}'
    elif refusal.code == "rest.scope_missing":
        scope = refusal.facts.get("scope", "")
        response.headers["WWW-Authenticate"] = f'Bearer realm="shanyraq" error="insufficient_scope" scope="{scope}"'
    return response


def of_status(request: HttpRequest, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The problem that a bare status stands for: what Django or the framework answered in a page of its own."""
    refusal = Refusal(BY_STATUS.get(status, "rest.malformed" if status < 500 else "rest.failed"))
    return problem(request, refusal, status=status, headers=headers)


def failed(request: HttpRequest, raised: Any) -> HttpResponse:
    """A fault of ours. The log gets where it happened, never what was sent: messages of errors repeat values."""
    log.error("%s %s: %s\n%s", request.method, _route(request), type(raised).__name__, _frames(raised))
    return problem(request, Refusal("rest.failed"))


def install(api: NinjaAPI) -> None:
    """Let every failure of the API answer with problem details."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(UnreadablePostError, _unreadable)
    api.add_exception_handler(SuspiciousOperation, _unreadable)
    for away in (OperationalError, InterfaceError):
        api.add_exception_handler(away, _away)
    api.add_exception_handler(Exception, failed)


def _refused(request: HttpRequest, raised: Any) -> HttpResponse:
    return problem(request, raised)


def hidden(raised: NotAllowed) -> Refusal:
    """The refusal of a row that may not be seen: the same as of one that does not exist."""
    return Refusal("rest.not_found")


def _not_found(request: HttpRequest, raised: Any) -> HttpResponse:
    return problem(request, Refusal("rest.not_found"))


def _invalid(request: HttpRequest, raised: Any) -> HttpResponse:
    return problem(request, Refusal("rest.invalid"), faults=[_fault(error) for error in raised.errors])


def _away(request: HttpRequest, raised: Any) -> HttpResponse:
    log.error("the database did not answer: %s", type(raised).__name__)
    return problem(request, Refusal("page.away"), headers={"Retry-After": "1"})


def _http_error(request: HttpRequest, raised: Any) -> HttpResponse:
    return of_status(request, raised.status_code)


def _too_large(request: HttpRequest, raised: Any) -> HttpResponse:
    return problem(request, Refusal("rest.too_large"))


def _unreadable(request: HttpRequest, raised: Any) -> HttpResponse:
    return problem(request, Refusal("rest.malformed"))


def _fault(error: Mapping[str, Any]) -> Fault:
    parts = [str(part) for part in error.get("loc", ())]
    if len(parts) > 1 and parts[0] == "body":  # the name of our argument says nothing to the caller
        del parts[1]
    return Fault(where=_masked(".".join(parts))[:200], what=str(error.get("type", ""))[:60])


def _masked(text: str) -> str:
    """What the caller wrote where no value belongs, without what may be the number of a person."""
    return _NUMBER.sub("…", text)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.route if match else "?"


def _frames(raised: BaseException) -> str:
    frames = traceback.extract_tb(raised.__traceback__)[-12:]
    return "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
