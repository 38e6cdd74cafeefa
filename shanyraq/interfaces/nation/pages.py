"""Pages of the nation's numbers: boards of territories, an indicator on the map, files, the stable link of a number."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse

from shanyraq.analytics.cards import Card, Component, Dataset, cards, code_of
from shanyraq.domains.actionplan.queries import plan
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries.cards import TerritoryCard
from shanyraq.foundation import norms
from shanyraq.foundation.access import Role
from shanyraq.foundation.ui import charts, maps, pdf
from shanyraq.foundation.ui.export import file_response
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page
from shanyraq.interfaces.nation import counting, queries, report
from shanyraq.interfaces.nation.queries import COUNTRY, CountCard, Line, Progress

COLUMNS: Final = (
    "series", "name", "territory", "cut", "year", "unit", "value", "target", "gap", "missing", "rank", "counted",
    "known", "among", "progress",
)  # fmt: skip
ORDERS: Final = ("place", "best", "worst", "gap")
SHOWN: Final = "KZ"
DRILLERS: Final = (Role.OFFICER, Role.REGION, Role.MINISTRY, Role.AUDITOR)


class NationPage(Page):
    """A page of the numbers: which count is shown, of which territory."""

    @property
    def kato(self) -> str:
        """The territory that is looked at; "" for the country."""
        asked = str(self.kwargs.get("kato") or self.request.GET.get("place", ""))
        return COUNTRY if asked in ("", SHOWN) else asked

    def count(self) -> CountCard | None:
        """The count of the year and version that are asked for, else the last one."""
        return queries.present(_number(self.request.GET.get("year")), _number(self.request.GET.get("version")))

    def territory(self) -> TerritoryCard | None:
        """The card of the territory; None for the country. Raises Http404 for one that there is not."""
        if self.kato == COUNTRY:
            return None
        card = registry.territory(self.kato) if self.kato.isdecimal() else None
        if card is None:
            raise Http404
        return card

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("nation.title"), reverse("nation:country")),)

    def way(self, card: TerritoryCard | None) -> Sequence[Crumb]:
        """The way back from a territory."""
        way = [*NationPage.crumbs(self)]
        if card and not card.kato.endswith("0000000"):
            region = registry.territory(f"{card.kato[:2]}0000000")
            if region:
                way.append(Crumb(region.name.in_lang(self.lang), reverse("nation:place", kwargs={"kato": region.kato})))
        return way


class Board(NationPage):
    """All indicators of a territory: value, target, gap, rank."""

    template = "nation/board.html"

    def context(self) -> Context:
        card, count = self.territory(), self.count()
        lines = queries.board(count, self.kato) if count else ()
        shown = chosen(lines, self.request.GET)
        return {
            "place": card,
            "count": count,
            "counts": queries.counts(),
            "by_direction": _by_direction(shown),
            "summary": _summary(lines),
            "shown": len(shown),
            "every": len(lines),
            "asked": {name: self.request.GET.get(name, "") for name in ("q", "progress", "direction")},
            "progresses": [(one.value, f"progress.{one.value}") for one in Progress],
            "directions": range(1, 8),
            "parts": _parts(card),
            "query": self.request.GET.urlencode(),
            "crumbs": self.way(card) if card else (),
            "may_publish": self.actor.has(*counting.COUNTERS),
        }


class BoardFile(NationPage):
    """The board as a file: exactly the lines that are seen."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        card, count = self.territory(), self.count()
        if count is None:
            raise Http404
        lines = chosen(queries.board(count, self.kato), request.GET)
        return _file(self, lines, f"nation-{self.kato or SHOWN}-{count.year}", {self.kato: card} if card else {})


class Indicator(NationPage):
    """One indicator: its definition, its series, the map, the parts of the territory, the versions."""

    template = "nation/indicator.html"

    def context(self) -> Context:
        card, component = self.asked()
        place, count = self.territory(), self.count()
        lines = ordered(queries.parts(count, card, component.key, self.kato), self.request.GET) if count else ()
        names = registry.territories([one.territory for one in lines])
        series = code_of(card.number, component.key)
        history = queries.versions(series, self.kato)
        return {
            "card": card,
            "component": component,
            "series": series,
            "place": place,
            "count": count,
            "line": queries.one(count, series, self.kato) if count else None,
            "lines": [(names.get(one.territory), one) for one in lines],
            "cuts": queries.cuts(count, card, component.key, self.kato) if count else (),
            "map": self.map(lines, names) if self.kato == COUNTRY and lines else None,
            "chart": trend(component, queries.years(history)) if self.kato == COUNTRY or history else None,
            "history": history,
            "order": self.request.GET.get("order", "place"),
            "orders": ORDERS,
            "kato": self.kato or SHOWN,
            "statement": card.dataset.value,
            "act": norms.acts().get(card.act),
            "may_drill": self.actor.has(*DRILLERS) and card.dataset is Dataset.ORGANISATIONS,
            "measures": [plan.measures()[number] for number in card.measures],
        }

    def asked(self) -> tuple[Card, Component]:
        """The card of the address, and the component that is asked for, else the first."""
        card = cards().get(self.kwargs["number"])
        if card is None:
            raise Http404
        key = self.request.GET.get("component", "")
        return card, card.components.get(key) or next(iter(card.components.values()))

    def map(self, lines: Sequence[Line], names: Mapping[str, TerritoryCard]) -> maps.TileMap:
        """The regions as tiles, shaded by value."""
        found = [(names[one.territory], one) for one in lines if one.territory in names]
        tiles = [self._tile(place, one) for place, one in found if place.tile]
        return maps.draw(found[0][1].card.short.in_lang(self.lang), tiles, none=self.say("nation.map.none"))

    def _tile(self, place: TerritoryCard, line: Line) -> maps.Place:
        assert place.tile is not None  # the caller has looked
        shown = report.shown(line, self.lang)
        return maps.Place(
            place.tile.column, place.tile.row, self.say(f"public.tile.{place.kato[:2]}"),
            self.say(f"public.tile.{place.kato[:2]}.short"), _short(line.value, 1), shown,
            self.say("nation.tile.spoken", name=place.name, value=shown),
            f"{_address(line)}?component={line.component.key}&place={place.kato}",
        )  # fmt: skip

    def crumbs(self) -> Sequence[Crumb]:
        return self.way(self.territory())


class IndicatorFile(Indicator):
    """The parts of a territory as a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        card, component = self.asked()
        place, count = self.territory(), self.count()
        if count is None:
            raise Http404
        whole = queries.one(count, code_of(card.number, component.key), self.kato)
        lines = [
            *ordered(queries.parts(count, card, component.key, self.kato), request.GET),
            *([whole] if whole else []),
        ]
        lines += queries.cuts(count, card, component.key, self.kato)
        names = registry.territories([one.territory for one in lines if one.territory])
        name = f"indicator-{code_of(card.number, component.key)}-{self.kato or SHOWN}-{count.year}"
        return _file(self, lines, name, names | ({place.kato: place} if place else {}))


class StableNumber(NationPage):
    """The stable link of a number: its present version and every one before it, as JSON."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        series, year = self.kwargs["series"], self.kwargs["year"]
        found = queries.component_of(series)
        if found is None:
            raise Http404
        card, component = found
        self.territory()
        cut = request.GET.get("cut", "")
        told = [
            _version(count, number) for count, number in queries.versions(series, self.kato, cut) if count.year == year
        ]
        if not told:
            raise Http404
        return JsonResponse({
            "series": series, "territory": self.kato or SHOWN, "cut": cut, "year": year, "unit": card.unit.value,
            "title": {lang: getattr(card.title, lang) for lang in ("kk", "ru", "en")},
            "component": {lang: getattr(component.label, lang) for lang in ("kk", "ru", "en")},
            "target": component.targets.get(year), "versions": told,
        }, json_dumps_params={"ensure_ascii": False})  # fmt: skip


class YearReport(NationPage):
    """The yearly report of the country or a region, to read."""

    template = "nation/report.html"

    def context(self) -> Context:
        made = self.made()
        return {
            "made": made,
            "count": made.count,
            "told": report.values(made, self.lang, settings.PUBLIC_ADDRESS),
            "kato": self.kato or SHOWN,
            "crumbs": self.way(made.place),
        }

    def made(self) -> report.Report:
        """The report of the year. Raises Http404 when nothing was counted in it."""
        place = self.territory()
        count = queries.published(self.kwargs["year"])
        if count is None:
            raise Http404
        return report.report(count, place)


class YearReportPdf(YearReport):
    """The same on paper."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        made = self.made()
        content = report.paper(made, self.lang, settings.PUBLIC_ADDRESS)
        return pdf.pdf_response(f"report-{self.kato or SHOWN}-{made.count.year}-{self.lang}", content)


class SdmxMessage(NationPage):
    """The numbers of a year for statistical offices."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        from shanyraq.interfaces.nation import sdmx

        count = queries.published(self.kwargs["year"])
        if count is None or self.kwargs["message"] not in list(sdmx.Message):
            raise Http404
        message = sdmx.Message(self.kwargs["message"])
        form, ending = sdmx.MEDIA[message]
        response = HttpResponse(sdmx.written(message, count, self.lang), content_type=form.value)
        response["Content-Disposition"] = f'attachment; filename="nation-{count.year}-{message}.{ending}"'
        return response


class PublishForm(Form):
    """Why the new version differs from the one before."""

    texts = "nation.publish"
    reason = forms.CharField(max_length=counting.REASON, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class Publish(FormPage):
    """The present numbers of a year become its next version."""

    template = "nation/publish.html"
    form = PublishForm
    roles = (Role.MINISTRY, Role.OPERATOR)
    done = "nation.published"

    def context(self) -> Context:
        present = queries.present(self.kwargs["year"], 0)
        return {"year": self.kwargs["year"], "label": str(self.kwargs["year"]), "present": present, "versions": [
            one for one in queries.counts() if one.year == self.kwargs["year"] and one.version
        ]}  # fmt: skip

    def submit(self, form: PublishForm) -> str:
        counting.publish(
            actor=self.actor, year=self.kwargs["year"], reason=form.cleaned_data["reason"], now=self.now
        )  # fmt: skip
        return reverse("nation:country")

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("nation.title"), reverse("nation:country")),)


def chosen(lines: Sequence[Line], asked: Mapping[str, str]) -> list[Line]:
    """The lines that a reader asks for: by word, progress, direction."""
    word, progress, direction = (asked.get(name, "").strip() for name in ("q", "progress", "direction"))
    return [
        one for one in lines
        if (not word or _spoken(one, word)) and (not progress or one.progress == progress)
        and (not direction or str(one.card.direction) == direction)
    ]  # fmt: skip


def ordered(lines: Sequence[Line], asked: Mapping[str, str]) -> list[Line]:
    """Parts in the order asked for; those without a value last."""
    order = asked.get("order", "place")
    if order == "gap":
        return sorted(lines, key=lambda one: (one.gap is None, one.gap or 0.0))
    if order in ("best", "worst"):
        sign = 1 if order == "best" else -1
        return sorted(lines, key=lambda one: (one.rank is None, sign * (one.rank or 0)))
    return list(lines)


def trend(component: Component, actual: Mapping[int, float | None]) -> charts.Chart:
    """Targets and what was counted, year by year."""
    years = sorted({*component.targets, *actual})
    return charts.Chart(
        "nation.chart", [str(year) for year in years],
        (
            charts.Series("nation.target", [component.targets.get(year) for year in years]),
            charts.Series("nation.value", [_short(actual.get(year)) for year in years]),
        ),
        kind="line",
    )  # fmt: skip


def _address(line: Line) -> str:
    return reverse("nation:indicator", kwargs={"number": line.card.number})


def _short(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)


def _spoken(line: Line, word: str) -> bool:
    texts = (line.card.title, line.card.short, line.component.label)
    return word.casefold() in " ".join(f"{one.kk} {one.ru} {one.en}" for one in texts).casefold()


def _by_direction(lines: Sequence[Line]) -> list[tuple[int, list[Line]]]:
    numbers = dict.fromkeys(one.card.direction for one in lines)
    return [(number, [one for one in lines if one.card.direction == number]) for number in numbers]


def _summary(lines: Sequence[Line]) -> list[tuple[str, int]]:
    return [(one.value, sum(line.progress is one for line in lines)) for one in Progress]


def _parts(card: TerritoryCard | None) -> Sequence[TerritoryCard]:
    if card is None:
        return registry.regions()
    return registry.districts(card.kato) if card.kato.endswith("0000000") else ()


def _file(page: NationPage, lines: Sequence[Line], name: str, names: Mapping[str, TerritoryCard]) -> HttpResponseBase:
    header = [page.say(f"nation.column.{one}") for one in COLUMNS]
    form = str(page.kwargs.get("form", "csv"))
    if form == "json":
        header = list(COLUMNS)
    rows = [
        (
            one.series, _name(one, page), _place(one, page, names), one.cut, one.year,
            page.say(f"valueunit.{one.card.unit.value}"), _short(one.value), one.target, _short(one.gap), one.missing,
            one.rank, *(getattr(one.number, part, None) for part in ("counted", "known", "among")),
            page.say(f"progress.{one.progress.value}"),
        )
        for one in lines
    ]  # fmt: skip
    return file_response(form, name, header, rows)


def _name(line: Line, page: Page) -> str:
    title = line.card.short.in_lang(page.lang)
    return title if line.component.key == "total" else f"{title}: {line.component.label.in_lang(page.lang)}"


def _place(line: Line, page: Page, names: Mapping[str, TerritoryCard]) -> str:
    return names[line.territory].name.in_lang(page.lang) if line.territory in names else SHOWN


def _version(count: CountCard, number: Any) -> Mapping[str, Any]:
    return {
        "version": count.version, "published": count.published_at, "counted_on": count.on, "value": number.value,
        "counted": number.counted, "known": number.known, "among": number.among, "hidden": number.hidden,
        "reason": count.reason, "snapshot": count.snapshot, "definition": count.cards,
    }  # fmt: skip


def _number(asked: str | None) -> int | None:
    return int(asked) if asked and asked.isdecimal() and len(asked) < 5 else None
