"""Pages for officers, regions and the ministry: the same queue under other rules, before anything is decided."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.placement.queries import whatif as queries
from shanyraq.domains.placement.queries import whatif_package
from shanyraq.domains.placement.queries.whatif import ComparisonResult
from shanyraq.domains.placement.queries.whatif_cases import offered
from shanyraq.domains.placement.rules import ruleset
from shanyraq.domains.placement.rules.whatif_table import Column
from shanyraq.domains.placement.services import whatif
from shanyraq.domains.placement.web import whatif_shown
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Lang, say, show
from shanyraq.foundation.ui.export import csv_response
from shanyraq.foundation.ui.forms import Form, KeyedForm
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage, Page

COMPARERS: Final = (Role.OFFICER, Role.REGION, Role.MINISTRY)
COUNTRY: Final = "*"
LOOK_AGAIN: Final = 3  # seconds until a page of a comparison that runs is asked for again
Maker = Callable[..., tuple[list[str], list[list[Any]]]]
FILES: Final[dict[str, Maker]] = {"figures": whatif_package.figures, "parts": whatif_package.parts}


class ComparisonPage(Page):
    """A page about comparisons; those of other territories do not exist for the actor."""

    roles: ClassVar[tuple[Role, ...]] = (*COMPARERS, Role.AUDITOR)

    @cached_property
    def result(self) -> ComparisonResult:
        found = queries.comparison(self.actor, self.kwargs["comparison"])
        if found is None:
            raise Http404
        return found

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("whatif.title"), reverse("whatif:list")),)


class Comparisons(ComparisonPage):
    """The comparisons made so far."""

    template = "placement/whatif/list.html"

    def context(self) -> Context:
        cards = queries.comparisons(self.actor)
        rows = [(card, whatif_shown.named(card, self.lang)) for card in cards]
        return {"rows": rows, "may_compare": self.actor.has(*COMPARERS)}

    def crumbs(self) -> Sequence[Crumb]:
        return ()


class NewForm(KeyedForm):
    texts = "whatif.new"
    territory = forms.ChoiceField()
    rules = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    file = forms.FileField(required=False, max_length=200)

    def __init__(self, *args: Any, territories: Sequence[tuple[str, Any]], lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].choices = list(territories)  # type: ignore[attr-defined]
        others = [(one.rules.id, one.rules.title.in_lang(lang)) for one in offered()[1:]]
        self.fields["rules"].choices = others  # type: ignore[attr-defined]


class NewComparison(ComparisonPage, FormPage):
    """Which territory, and which rules beside those in force."""

    template = "placement/whatif/new.html"
    roles = COMPARERS
    form = NewForm

    def initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("territory", "")
        return {"territory": asked, "rules": [one.rules.id for one in offered()[1:]]}

    def form_arguments(self) -> dict[str, Any]:
        return {"territories": self._territories(), "lang": self.lang}

    def context(self) -> Context:
        return {"offered": [one.rules for one in offered()]}

    def _territories(self) -> list[tuple[str, Any]]:
        found = queries.choosable(self.actor)
        country = [(COUNTRY, self.say("whatif.country")) for one in found if not one.territory]
        regions = [(one.territory, _name(one, self.lang)) for one in found if one.territory and not one.district]
        districts = [(one.territory, _name(one, self.lang)) for one in found if one.district]
        parted = (("whatif.new.regions", regions), ("whatif.new.districts", districts))
        return [*country, *((self.say(title), some) for title, some in parted if some)]

    def submit(self, form: NewForm) -> str:
        given = form.cleaned_data
        files = [one.written for one in offered() if one.rules.id in given["rules"]]
        if given["file"] is not None:
            files.append(_own(given["file"].read()))
        made = whatif.request_comparison(
            actor=self.actor,
            territory="" if given["territory"] == COUNTRY else given["territory"],
            rules=files,
            key=given["key"],
            now=self.now,
        )
        return reverse("whatif:one", args=(made,))


class Comparison(ComparisonPage):
    """The answer, or how far it is."""

    template = "placement/whatif/one.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = self.render(self.context())
        if self.result.card.status != "done":
            response["Refresh"] = str(LOOK_AGAIN)
        return response

    def context(self) -> Context:
        card = self.result.card
        if not self.result.lines:
            return {"card": card, "name": whatif_shown.named(card, self.lang)}
        return {
            **whatif_shown.told(self.result, self.lang, public=False),
            "name": whatif_shown.named(card, self.lang),
            "may_publish": card.published_at is None and queries.may_publish(self.actor, card.id),
        }


class ComparisonFile(ComparisonPage):
    """A table as a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        made = FILES.get(self.kwargs["table"])
        if made is None or not self.result.lines:
            raise Http404
        return whatif_file(self.result, made, self.lang, public=False)


class PublishComparison(ComparisonPage, ConfirmPage):
    """Show it to everyone, with its inputs."""

    roles = (Role.REGION, Role.MINISTRY)
    texts = "whatif.publish"
    done = "whatif.publish.done"

    def facts(self) -> dict[str, Any]:
        return {"name": whatif_shown.named(self.result.card, self.lang), "n": self.result.card.districts}

    def back(self) -> str:
        return reverse("whatif:one", args=(self.kwargs["comparison"],))

    def submit(self, form: Form) -> str:
        whatif.publish_comparison(actor=self.actor, comparison=self.kwargs["comparison"], now=self.now)
        return self.back()


def whatif_file(result: ComparisonResult, made: Maker, lang: Lang, *, public: bool) -> HttpResponseBase:
    """A table of a comparison as a file, its head in the language of the reader."""
    head, rows = made(result, public=public, lang=lang)
    titles = [show(Column(one), lang) if one in set(Column) else say(f"whatif.file.{one}", lang) for one in head]
    return csv_response(f"what-if-{made.__name__}-{result.card.id}", titles, rows)


def _name(one: queries.Choosable, lang: Lang) -> str:
    return one.territory if one.name is None else one.name.in_lang(lang)


def _own(file: bytes) -> str:
    """The rule set that the reader gave. Raises Refusal that names the field of the file."""
    try:
        written = ruleset.decode(file)
        ruleset.parse(written)
    except Refusal as refusal:
        raise Refusal(refusal.code, field="file", **refusal.facts) from None
    return written
