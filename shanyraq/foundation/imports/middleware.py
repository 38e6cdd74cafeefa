"""How big a request may be where files are brought, and what happens when the disk has no room for one."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from shanyraq.foundation.imports import room
from shanyraq.foundation.imports.limits import MEGABYTE, PAGE
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.ui.middleware import refused

Respond = Callable[[HttpRequest], HttpResponseBase]


def most_bytes(request: HttpRequest) -> int:
    """How many bytes a request may have: more where a file is brought."""
    if request.path.startswith(settings.FILE_ADDRESSES):
        return PAGE.bytes + MEGABYTE
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class UploadMiddleware:
    """The file of a request is put onto the disk; a full disk is a refusal and no fault."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST" and request.path.startswith(settings.FILE_ADDRESSES):
            try:
                _ = request.FILES
            except OSError as problem:
                if not room.is_full(problem):
                    raise
                for handler in request.upload_handlers:
                    handler.upload_interrupted()  # what was kept of it goes, and makes room
                response = refused(request, Refusal("imports.disk_full"))
                response.status_code = HTTPStatus.INSUFFICIENT_STORAGE
                return response
        return self.respond(request)
