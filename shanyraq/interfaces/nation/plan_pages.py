"""Pages of the action plan: the measures with their deadlines, filtered; one measure; files of exactly what is seen."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.analytics.cards import cards
from shanyraq.domains.actionplan.queries import plan
from shanyraq.domains.actionplan.rules.plan import Measure, dated
from shanyraq.foundation.ui.export import file_response
from shanyraq.foundation.ui.pages import Context, Crumb, Page

SOON: Final = timedelta(days=60)
YEARS: Final = range(2023, 2030)
FILTERS: Final = ("q", "direction", "executor", "year", "indicator")
COLUMNS: Final = ("number", "title", "form", "executors", "indicators", "next", "deadlines")


class Plan(Page):
    """All measures, by direction; filters by word, direction, executor, year and indicator."""

    template = "nation/plan.html"

    def context(self) -> Context:
        every = tuple(plan.measures().values())
        shown = chosen(every, self.request.GET)
        soon = [(measure, one) for measure in shown for one in measure.within(self.today, self.today + SOON)]
        return {
            "by_direction": [
                (number, [(one, one.following(self.today)) for one in shown if one.direction == number])
                for number in dict.fromkeys(one.direction for one in shown)
            ],
            "shown": len(shown),
            "every": len(every),
            "dated": dated(shown),
            "this_year": sum(len(one.within(*_year(self.today.year))) for one in shown),
            "soon": sorted(soon, key=lambda pair: (pair[1].on or self.today, pair[0].number))[:12],
            "asked": {name: self.request.GET.get(name, "") for name in FILTERS},
            "executors": plan.executors().values(),
            "indicators": cards().values(),
            "directions": range(1, 8),
            "years": YEARS,
            "year_now": str(self.today.year),
            "query": self.request.GET.urlencode(),
        }  # fmt: skip

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("nation.title"), reverse("nation:country")),)


class PlanFile(Plan):
    """The measures that are seen, as a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        shown = chosen(tuple(plan.measures().values()), request.GET)
        form = str(self.kwargs["form"])
        header = COLUMNS if form == "json" else [self.say(f"plan.column.{one}") for one in COLUMNS]
        return file_response(form, "action-plan", header, [self._row(one) for one in shown])

    def _row(self, one: Measure) -> tuple[Any, ...]:
        following = one.following(self.today)
        return (
            one.number, one.title.in_lang(self.lang), self.say(f"completionform.{one.form.value}"),
            ", ".join(body.short.in_lang(self.lang) for body in one.executors), ", ".join(map(str, one.indicators)),
            following.on if following else None,
            ", ".join(day.on.isoformat() for day in one.deadlines if day.on),
        )  # fmt: skip


class PlanMeasure(Page):
    """One measure: who, what, by when, and the indicators that it serves."""

    template = "nation/plan_measure.html"

    def context(self) -> Context:
        measure = plan.measures().get(self.kwargs["measure"])
        if measure is None:
            raise Http404
        return {
            "measure": measure,
            "today": self.today,
            "indicators": [cards()[number] for number in measure.indicators],
            "following": measure.following(self.today),
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (
            Crumb(self.say("nation.title"), reverse("nation:country")),
            Crumb(self.say("plan.title"), reverse("nation:plan")),
        )


def chosen(measures: Sequence[Measure], asked: Mapping[str, str]) -> list[Measure]:
    """The measures that a reader asks for."""
    word, direction, executor, year, indicator = (asked.get(name, "").strip() for name in FILTERS)
    return [
        one for one in measures
        if (not word or _spoken(one, word)) and (not direction or str(one.direction) == direction)
        and (not executor or executor in {body.code for body in one.executors})
        and (not year or (year.isdecimal() and len(year) == 4 and one.of_year(int(year))))
        and (not indicator or indicator in map(str, one.indicators))
    ]  # fmt: skip


def _spoken(one: Measure, word: str) -> bool:
    return word.casefold() in f"{one.number} {one.title.kk} {one.title.ru} {one.title.en}".casefold()


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)
