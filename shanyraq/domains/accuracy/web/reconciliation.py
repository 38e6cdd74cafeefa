"""Figures of several sources side by side, the notes to their differences, and the checks of printed figures."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.accuracy.access import FIGURE_READERS, may_note
from shanyraq.domains.accuracy.queries import reconciliation as queries
from shanyraq.domains.accuracy.queries.published import published
from shanyraq.domains.accuracy.queries.reconciliation import ReconciledRow
from shanyraq.domains.accuracy.rules.published import PublishedResult, Verdict
from shanyraq.domains.accuracy.rules.reconciliation import OTHERS, PERIOD, Accord, FigureSource, period_of
from shanyraq.domains.accuracy.services import reconciliation as services
from shanyraq.foundation.access import Role
from shanyraq.foundation.checks.measures import measures
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import show
from shanyraq.foundation.ui.export import csv_response
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page

LOOKS: Final = {Accord.AGREED: "ok", Accord.DIFFERS: "act", Accord.LACKS: "calm"}
VERDICTS: Final = {Verdict.HOLDS: "ok", Verdict.KNOWN: "act", Verdict.FAILS: "bad", Verdict.MENDED: "wait"}
COLUMNS: Final = ("kato", "territory", "ours", "statistics", "finance", "gap_statistics", "gap_finance", "note")
NATIONAL: Final = (Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)


class Table(Page):
    """A measure in a period by territory: three columns, the differences, a note per row."""

    template = "accuracy/reconciliation.html"
    roles: ClassVar[tuple[Role, ...]] = FIGURE_READERS

    def context(self) -> Context:
        asked = self.asked()
        rows = queries.reconciled(self.actor, asked["measure"], asked["period"], asked["territory"])
        return {
            "rows": [self._row(one, asked) for one in rows],
            "measure": measures()[asked["measure"]],
            "measures": tuple(measures().values()),
            "periods": queries.periods(self.actor),
            "asked": asked,
            "filters": urlencode(asked),
            "differing": sum(one.figures.accord is Accord.DIFFERS for one in rows),
            "sources": tuple(FigureSource),
        }

    def asked(self) -> dict[str, str]:
        """The measure, the period and the territory of the address; what it lacks is what is nearest."""
        measure = self.request.GET.get("measure", "")
        period = self.request.GET.get("period", "")
        territory = self.request.GET.get("territory", "")
        return {
            "measure": measure if measure in measures() else "pupils",
            "period": period if PERIOD.fullmatch(period) else period_of(self.today),
            "territory": territory if len(territory) in (2, 9) and territory.isdecimal() else self._home(),
        }

    def _home(self) -> str:
        """The region of an office; the country for those who look after it."""
        own = [one.territory for one in self.actor.grants if one.role in FIGURE_READERS and one.territory]
        return "" if self.actor.has(*NATIONAL) or not own else own[0][:2]

    def _row(self, one: ReconciledRow, asked: Mapping[str, str]) -> Mapping[str, Any]:
        kato = one.figures.territory
        note = urlencode({"measure": asked["measure"], "period": asked["period"], "territory": kato})
        inside = bool(kato) and kato.endswith("0000000") and not asked["territory"]
        return {
            "kato": kato,
            "name": one.name,
            "values": [(source, one.figures.values.get(source)) for source in FigureSource],
            "gaps": [
                (f"reconciliation.column.gap_{source.value}", one.figures.difference(source), self._share(one, source))
                for source in OTHERS
            ],
            "accord": one.figures.accord,
            "look": LOOKS[one.figures.accord],
            "note": one.note,
            "noted_at": one.noted_at,
            "note_url": f"{reverse('reconciliation:note')}?{note}" if may_note(self.actor, kato) else "",
            "inside": urlencode({**asked, "territory": kato[:2]}) if inside else "",
        }

    def _share(self, one: ReconciledRow, source: FigureSource) -> float | None:
        gap, theirs = one.figures.difference(source), one.figures.values.get(source)
        return float(gap / theirs) if gap is not None and theirs else None


class TableFile(Table):
    """The table as a file: exactly what it shows."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        shown = self.context()
        country = self.say("reconciliation.country")
        rows = [
            [one["kato"], show(one["name"], self.lang) or country, *(_plain(value) for _, value in one["values"]),
             *(_plain(gap) for _, gap, _ in one["gaps"]), one["note"]]
            for one in shown["rows"]
        ]  # fmt: skip
        header = [self.say(f"reconciliation.column.{name}") for name in COLUMNS]
        return csv_response(f"{shown['asked']['measure']}-{shown['asked']['period'].replace('/', '-')}", header, rows)


class NoteForm(Form):
    texts = "reconciliation.form"
    words = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=services.WORDS_AT_MOST)


class Note(FormPage):
    """A word to one difference."""

    template = "accuracy/figure_note.html"
    form = NoteForm
    roles = FIGURE_READERS
    done = "reconciliation.noted"

    def context(self) -> Context:
        measure = measures().get(self.request.GET.get("measure", ""))
        if not may_note(self.actor, self.request.GET.get("territory", "")):
            raise NotAllowed("access.denied", action="accuracy.note_figure")
        return {"measure": measure, "period": self.request.GET.get("period", ""), "back": self._back()}

    def submit(self, form: NoteForm) -> str:
        asked = {name: self.request.GET.get(name, "") for name in ("measure", "territory", "period")}
        services.note_figure(actor=self.actor, words=form.cleaned_data["words"], now=self.now, **asked)
        return self._back()

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("reconciliation.title"), reverse("reconciliation:table")),)

    def _back(self) -> str:
        kept = {name: self.request.GET.get(name, "") for name in ("measure", "period")}
        return f"{reverse('reconciliation:table')}?{urlencode(kept)}"


class Published(Page):
    """The sums and shares of printed figures: which hold, and which contradict themselves."""

    template = "accuracy/published.html"
    roles: ClassVar[tuple[Role, ...]] = FIGURE_READERS

    def context(self) -> Context:
        report = published()
        return {
            "parts": [
                ("reconciliation.sums", [self._line(one) for one in report.sums]),
                ("reconciliation.ratios", [self._line(one) for one in report.ratios]),
            ],
            "verdicts": [(report.counted(one), f"verdict.{one.value}", VERDICTS[one]) for one in Verdict],
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("reconciliation.title"), reverse("reconciliation:table")),)

    def _line(self, one: PublishedResult) -> Mapping[str, Any]:
        return {"one": one, "look": VERDICTS[one.verdict], "document": f"reconciliation.document.{one.document}"}


def _plain(value: Any) -> str:
    return "" if value is None else f"{value.normalize():f}"
