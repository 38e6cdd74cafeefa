"""Pages for anyone: comparisons of rules that were published, with all that is needed to compute them again."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse

from shanyraq.domains.placement.queries import whatif as queries
from shanyraq.domains.placement.queries import whatif_package
from shanyraq.domains.placement.queries.whatif import ComparisonResult
from shanyraq.domains.placement.web import whatif_shown
from shanyraq.domains.placement.web.views_whatif import FILES, whatif_file
from shanyraq.foundation.ui.pages import Context, Crumb, Page


class Published(Page):
    """The comparisons that were published."""

    template = "placement/whatif/published.html"

    def context(self) -> Context:
        cards = queries.published_comparisons()
        return {"rows": [(card, whatif_shown.named(card, self.lang)) for card in cards]}


class PublishedPage(Page):
    """One of them."""

    @cached_property
    def result(self) -> ComparisonResult:
        found = queries.published_comparison(self.kwargs["comparison"])
        if found is None:
            raise Http404
        return found

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("whatif.public.title"), reverse("what-if:list")),)


class PublishedOne(PublishedPage):
    """Tables, charts, rule sets, and the package."""

    template = "placement/whatif/one.html"

    def context(self) -> Context:
        return {
            **whatif_shown.told(self.result, self.lang, public=True),
            "name": whatif_shown.named(self.result.card, self.lang),
        }


class PublishedFile(PublishedPage):
    """A table as a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        made = FILES.get(self.kwargs["table"])
        if made is None:
            raise Http404
        return whatif_file(self.result, made, self.lang, public=True)


class Package(PublishedPage):
    """All of it as a zip: rule sets, inputs, results."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = StreamingHttpResponse(whatif_package.package(self.result), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{whatif_package.NAME}-{self.result.card.id}.zip"'
        return response
