import sys

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from shanyraq.foundation.text import LANGS

SECONDS_TO_WAIT = 60
YEAR_SECONDS = 365 * 24 * 3600


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remembers the language in a cookie and goes back."""
    if code not in LANGS:
        raise Http404
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = HttpResponseRedirect(back)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """The page of a fault: 503 when the database is away, full or read-only, else 500. It asks the database nothing."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError | InternalError):
        return HttpResponse(render_to_string("500.html", {"code": "page.failed"}), status=500)
    page = render_to_string("500.html", {"code": "page.away"})
    return HttpResponse(page, status=503, headers={"Retry-After": SECONDS_TO_WAIT})
