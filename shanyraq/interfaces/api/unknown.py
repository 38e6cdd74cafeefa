from django.http import HttpRequest, HttpResponse

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import problems


def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """Any other address under /api/: problem details, not a page."""
    return problems.problem(request, Refusal("rest.not_found"))
