"""Pages for anyone: free places, the queue, rounds. No personal data."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase

from shanyraq.domains.placement.queries import packages, public, shown
from shanyraq.domains.placement.queries.rounds import round_summary, rounds_of
from shanyraq.domains.placement.web.public_map import Shade, region_chart, region_map
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import TerritoryCard
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation import norms
from shanyraq.foundation.norms import telling
from shanyraq.foundation.norms.norm import freeze
from shanyraq.foundation.text import Lang
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.ui.export import csv_response
from shanyraq.foundation.ui.forms import Choice, Form
from shanyraq.foundation.ui.pages import Context, Crumb, Page

A_PAGE: Final = 40
COLUMNS: Final = ("kato", "name", "kindergartens", "places", "taken", "held", "free", "waiting", "offered", "paused")


class Filter(Form):
    """What a visitor of a district looks for."""

    texts = "public.filter"
    birth_year = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    language = Choice(
        Language, members=(Language.KAZAKH, Language.RUSSIAN, Language.OTHER), empty="ui.all", required=False
    )
    kind = Choice(GroupKind, empty="ui.all", required=False)

    def __init__(self, *args: Any, years: Sequence[int] = (), every: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["birth_year"].choices = [("", every), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]

    def choice(self) -> public.Choice:
        """What was asked for; what makes no sense is left out."""
        found: Mapping[str, Any] = self.cleaned_data if self.is_valid() else {}
        return public.Choice(found.get("birth_year"), found.get("kind"), found.get("language"))


class Places(Page):
    """The country by region: map, table."""

    template = "placement/public_places.html"

    def context(self) -> Context:
        shade = Shade.QUEUE if self.request.GET.get("by") == Shade.QUEUE else Shade.FREE
        overview = public.country(self.today)
        return {
            "overview": overview,
            "map": region_map(overview, shade, self.lang),
            "shade": shade.value,
            "shades": [member.value for member in Shade],
            "today": self.today,
        }


class PlacesFile(Page):
    """The districts of the country as a table for download."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        lines = public.districts_of_country(self.today)
        rows = [
            [line.card.kato, line.card.name.in_lang(self.lang), *(getattr(line, name) for name in COLUMNS[2:])]
            for line in lines
            if line.card
        ]
        return csv_response(f"places-{self.today}", [self.say(f"public.column.{name}") for name in COLUMNS], rows)


class Region(Page):
    """A region by district."""

    template = "placement/public_region.html"

    def context(self) -> Context:
        card = _territory(self.kwargs["kato"])
        overview = public.region(card, self.today)
        return {"card": card, "overview": overview, "chart": region_chart(overview), "today": self.today}

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("public.places.short"), "/places/"),)


class District(Page):
    """A district by birth year and kindergarten, for what the visitor looks for."""

    template = "placement/public_district.html"

    def context(self) -> Context:
        cards = registry.territories([self.kwargs["kato"], f"{self.kwargs['kato'][:2]}0000000"])
        card = cards[self.kwargs["kato"]]
        years = range(self.today.year, self.today.year - 8, -1)
        form = Filter(self.request.GET or None, years=years, every=self.say("ui.all"))
        found = public.district(card, self.today, form.choice())
        pages = Paginator(found.kindergartens, A_PAGE)
        return {
            "card": card,
            "region": cards.get(card.region),
            "form": form,
            "found": found,
            "page": pages.get_page(self.request.GET.get("page")),
            "rights": list(found.rights.items()),
            "narrowed": form.choice() != public.Choice(),
            "small": shown.smallest(self.today),
            "today": self.today,
            "crumbs": self._way(cards.get(card.region)),
        }

    def _way(self, region: TerritoryCard | None) -> Sequence[Crumb]:
        top = Crumb(self.say("public.places.short"), "/places/")
        return (top, Crumb(region.name.in_lang(self.lang), f"/places/{region.kato}/")) if region else (top,)


class Kindergarten(Page):
    """A kindergarten: where it is, its groups and free places."""

    template = "placement/public_kindergarten.html"

    def context(self) -> Context:
        card = registry.organisation(self.kwargs["organisation"])
        if card is None:
            raise Http404
        cards = registry.territories([card.district, f"{card.district[:2]}0000000"])
        district = cards[card.district]
        way = [Crumb(self.say("public.places.short"), "/places/")]
        way += [Crumb(one.name.in_lang(self.lang), f"/places/{one.kato}/") for one in reversed(_chain(district, cards))]
        found = public.kindergarten(card, self.today)
        return {"card": card, "district": district, "found": found, "crumbs": way, "today": self.today}


class Rounds(Page):
    """The latest published rounds."""

    template = "placement/public_rounds.html"

    def context(self) -> Context:
        rounds = rounds_of()
        cards = registry.territories([one.district for one in rounds])
        return {"rows": [{"round": one, "district": cards[one.district].name} for one in rounds]}


class Round(Page):
    """One published round: how many asked, how many were placed, by which norms; and the sums that prove it."""

    template = "placement/public_round.html"

    def context(self) -> Context:
        summary = round_summary(self.kwargs["round"])
        if summary is None or summary.status != "published":
            raise Http404
        district = registry.territory(summary.district)
        used = [_norm(name, kept, day_of(summary.held_at), self.lang) for name, kept in sorted(summary.norms.items())]
        return {
            "round": summary,
            "district": district.name if district else summary.district,
            "years": public.round_years(summary.id, self.today),
            "small": shown.smallest(self.today),
            "norms": [norm for norm in used if norm],
            "sealing": packages.sealing(summary.id),
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("public.rounds.title"), "/rounds/"),)


def place(request: HttpRequest, kato: str) -> HttpResponseBase:
    """The page of a region or of a district, by what the code names."""
    view = Region if kato.endswith("0000000") else District
    _territory(kato)
    return view.as_view()(request, kato=kato)


def _territory(kato: str) -> TerritoryCard:
    card = registry.territory(kato) if kato.isdigit() else None
    if card is None:
        raise Http404
    return card


def _chain(card: TerritoryCard, cards: Mapping[str, TerritoryCard]) -> list[TerritoryCard]:
    parent = cards.get(card.region)
    return [card] if parent is None or parent.kato == card.kato else [card, parent]


def _norm(name: str, kept: Mapping[str, Any], on: date, lang: Lang) -> Mapping[str, Any] | None:
    try:
        norm = norms.in_force(name, on)
    except (norms.UnknownNorm, norms.NotInForce):
        return None
    used = replace(norm, value=freeze(kept["value"]))
    return {"title": norm.title, "parts": telling.parts(used, lang), "tag": norms.Tag(kept["tag"]), "act": norm.act}
