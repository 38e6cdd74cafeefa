"""Problem details (RFC 9457): a refusal as JSON, in the language of the caller."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import as_lang
from shanyraq.foundation.ui.refusals import explain, status_of

log = logging.getLogger(__name__)
MEDIA_TYPE: Final = "application/problem+json"


class Fault(Schema):
    """One wrong value: where it stands and what is wrong with it."""

    where: str
    what: str


class Problem(Schema):
    """Why a request was not answered. `code` never changes; the sentences follow the language."""

    type: str
    title: str
    status: int
    detail: str
    todo: str
    code: str
    instance: str
    faults: list[Fault] = []


def problem(
    request: HttpRequest, refusal: Refusal, *, status: int | None = None, faults: Sequence[Fault] = ()
) -> HttpResponse:
    """A refusal as problem details."""
    explained = explain(refusal, as_lang(get_language()))
    answer = Problem(
        type=f"urn:shanyraq:refusal:{refusal.code}",
        title=explained.what,
        status=status or status_of(refusal),
        detail=explained.why,
        todo=explained.todo,
        code=refusal.code,
        instance=request.path,
        faults=list(faults),
    )
    return JsonResponse(answer.dict(), status=answer.status, content_type=MEDIA_TYPE)


def install(api: NinjaAPI) -> None:
    """Let every anticipated failure of the API answer with problem details."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(HttpError, _http_error)
    for away in (OperationalError, InterfaceError):
        api.add_exception_handler(away, _away)


def _refused(request: HttpRequest, raised: Any) -> HttpResponse:
    return problem(request, raised)


def _not_found(request: HttpRequest, raised: Any) -> HttpResponse:
    return problem(request, Refusal("rest.not_found"), status=404)


def _invalid(request: HttpRequest, raised: Any) -> HttpResponse:
    faults = [_fault(error) for error in raised.errors]
    return problem(request, Refusal("rest.invalid"), status=422, faults=faults)


def _away(request: HttpRequest, raised: Any) -> HttpResponse:
    log.error("the database did not answer", exc_info=raised)
    return problem(request, Refusal("page.away"), status=503)


def _http_error(request: HttpRequest, raised: Any) -> HttpResponse:
    return problem(request, Refusal("rest.invalid"), status=raised.status_code)


def _fault(error: Mapping[str, Any]) -> Fault:
    where = ".".join(str(part) for part in error.get("loc", ()) if part not in ("query", "path", "body", "header"))
    return Fault(where=where, what=str(error.get("type", "")))
