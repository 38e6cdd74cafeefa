"""What is too big, or finds no room on the disk, is refused before a page reads it."""

import errno
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponseBase

from shanyraq.foundation.imports.limits import MEGABYTE, PAGE
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.ui.middleware import refused

FORM: Final = MEGABYTE  # bytes of a request beside its file
Respond = Callable[[HttpRequest], HttpResponseBase]


class UploadMiddleware:
    """A request with a file: its size first, then its file onto the disk, where there is room. The API has its own."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.META.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
            return self.respond(request)
        length = request.META.get("CONTENT_LENGTH", "")
        size = int(length) if length.isdecimal() else 0
        if size > PAGE.bytes + FORM:
            refusal = Refusal("imports.too_big", size=size >> 20, most=PAGE.bytes >> 20)
            return _answered(request, refusal, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            _ = request.FILES
        except OSError as problem:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            return _answered(request, Refusal("imports.disk_full"), HTTPStatus.INSUFFICIENT_STORAGE)
        return self.respond(request)


def _answered(request: HttpRequest, refusal: Refusal, status: HTTPStatus) -> HttpResponseBase:
    response = refused(request, refusal)
    response.status_code = status
    return response
