"""The files of a published round for whoever wants to run it again: the package and the verifier."""

from functools import lru_cache
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from shanyraq.domains.placement.queries import packages

KEEP_SECONDS: Final = 300


@require_safe
def package(request: HttpRequest, round: UUID) -> HttpResponseBase:
    """The package of a published round, made once; 304 to who has it already. Raises Http404."""
    edition = packages.edition(round)
    if edition is None:
        raise Http404
    etag = f'"{edition}"'
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or HttpResponse(_made(edition, round), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="round-{round}.zip"'
    return _kept(response, etag)


@require_safe
def verifier(request: HttpRequest) -> HttpResponseBase:
    """The one-file verifier alone."""
    response = HttpResponse(packages.verifier(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{packages.VERIFIER}"'
    response["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
    return response


@lru_cache(maxsize=8)
def _made(edition: str, round: UUID) -> bytes:
    made = packages.package(round)
    assert made is not None  # it has an edition
    return made


def _kept(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    return response
