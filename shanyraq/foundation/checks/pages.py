"""The pages of checks: the board, one check with its trend and its rows, both as files; and the button "run now".

To explain a finding: pages_explaining.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.foundation import jobs
from shanyraq.foundation.access import Role
from shanyraq.foundation.checks import queries, subjects, work
from shanyraq.foundation.checks.access import READERS, explains_as, territories
from shanyraq.foundation.checks.asking import Finding
from shanyraq.foundation.checks.check import Check, CheckSeverity, CheckShow, Key, Scope
from shanyraq.foundation.checks.loader import load, words
from shanyraq.foundation.checks.standing import Standing
from shanyraq.foundation.text import Text, show
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.ui.charts import Chart, Series
from shanyraq.foundation.ui.export import csv_response
from shanyraq.foundation.ui.pages import Context, Crumb, Page, see_other

ROWS: Final = 50  # findings on a page
LOOKS: Final = {CheckSeverity.BLOCKS: "bad", CheckSeverity.EXPLAIN: "act", CheckSeverity.HINT: "calm"}
COLUMNS: Final = ("check", "severity", "owner", "theme", "due", "explained", "found")


class Board(Page):
    """Every check and what its last run found in the scope of who looks."""

    template = "checks/board.html"
    roles: ClassVar[tuple[Role, ...]] = READERS

    def context(self) -> Context:
        every = queries.board(self.actor)
        chosen = {name: self.request.GET.get(name, "") for name in ("owner", "severity", "theme")}
        lines = [one for one in every if self._wanted(one, chosen)]
        due = {one: sum(line.due for line in every if line.check.severity is one) for one in CheckSeverity}
        return {
            "lines": [self._line(one) for one in lines],
            "figures": [(due[one], f"checkseverity.{one.value}", LOOKS[one]) for one in CheckSeverity],
            "explained": sum(one.explained for one in every),
            "clean": sum(1 for one in every if not one.found),
            "all": len(every),
            "ran_at": queries.last_run_at(),
            "chosen": chosen,
            "owners": tuple(dict.fromkeys(one.check.owner for one in every)),
            "severities": tuple(CheckSeverity),
            "themes": {one.check.theme: words()[f"theme.{one.check.theme}"] for one in every},
            "filters": urlencode({name: value for name, value in chosen.items() if value}),
        }

    def _wanted(self, line: queries.Line, chosen: Mapping[str, str]) -> bool:
        own = {"owner": line.check.owner.value, "severity": line.check.severity.value, "theme": line.check.theme}
        return all(not value or own[name] == value for name, value in chosen.items())

    def _line(self, line: queries.Line) -> Mapping[str, Any]:
        check = line.check
        return {
            "check": check,
            "found": line.found,
            "due": line.due,
            "explained": line.explained,
            "look": LOOKS[check.severity],
            "theme": words()[f"theme.{check.theme}"],
        }


class BoardFile(Board):
    """The board as a file: exactly what it shows."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = [
            [show(value, self.lang) for value in (check.title, check.severity, check.owner, line["theme"])]
            + [line["due"], line["explained"], line["found"]]
            for line in self.context()["lines"]
            for check in (line["check"],)
        ]
        return csv_response(f"checks-{self.today}", [self.say(f"checks.column.{name}") for name in COLUMNS], rows)


class One(Page):
    """One check: its words, its trend, where it finds how much, and its rows in a district or an organisation."""

    template = "checks/one.html"
    roles: ClassVar[tuple[Role, ...]] = READERS

    def context(self) -> Context:
        check, asked = self.check(), self.asked()
        territory, organisation = asked["territory"] or self._home(), asked["organisation"]
        places = queries.places(self.actor, check.code, territory[:2] if territory else "")
        homes = queries.organisations(self.actor, check.code, territory)
        points = queries.trend(self.actor, check.code)
        scope = self._scope(territory, organisation)
        return {
            "check": check,
            "look": LOOKS[check.severity],
            "theme": words()[f"theme.{check.theme}"],
            "count": queries.found(self.actor, check),
            "chart": self._chart(points) if len(points) > 1 else None,
            "places": self._places(places),
            "homes": self._homes(homes),
            "numbers": [(words()[f"number.{name}"], value) for name, value in check.numbers.items()],
            "may_run": self.actor.has(Role.OPERATOR),
            **(self._rows(check, scope, asked["show"]) if scope else {"rows": None}),
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("checks.title"), reverse("checks:board")),)

    def check(self) -> Check:
        """The check of the address. Raises Http404."""
        found = load().get(self.kwargs["code"])
        if found is None:
            raise Http404
        return found

    def asked(self) -> Mapping[str, Any]:
        """The territory and the organisation that the address names, and which findings it wants."""
        territory, wanted = self.request.GET.get("territory", ""), self.request.GET.get("show", "")
        try:
            organisation = UUID(self.request.GET.get("organisation", ""))
        except ValueError:
            organisation = None
        return {
            "territory": territory if territory.isdecimal() and len(territory) <= 9 else "",
            "organisation": organisation,
            "show": CheckShow(wanted) if wanted in tuple(CheckShow) else CheckShow.DUE,
        }

    def _home(self) -> str:
        """The one territory of an office: it need not be chosen."""
        seen = territories(self.actor)
        return seen[0] if len(seen) == 1 else ""

    def _scope(self, territory: str, organisation: UUID | None) -> Scope | None:
        if organisation is None and (len(territory) != 9 or territory.endswith("0000000")):
            seen = [one for one in self.actor.grants if one.role in READERS]  # a head may be a parent or a teacher too
            own = seen[0].organisation if len(seen) == 1 and seen[0].role is Role.HEAD else None
            return Scope(organisation=own) if own else None
        return queries.scope_for(self.actor, territory=territory, organisation=organisation)

    def _chart(self, points: Sequence[queries.Point]) -> Chart:
        days = [show(day_of(one.at), self.lang) for one in points]
        due = Series("checks.column.due", [one.due for one in points])
        explained = Series("checks.column.explained", [one.explained for one in points])
        return Chart("checks.trend", days, [due, explained] if any(explained.values) else [due], "line")

    def _places(self, places: Sequence[queries.Place]) -> Sequence[tuple[str, str | Text, queries.Place]]:
        known = subjects.names().territories([one.id for one in places if one.id])
        nowhere = self.say("checks.nowhere")
        return [(one.id, known.get(one.id, one.id or nowhere), one) for one in places]

    def _homes(self, homes: Sequence[queries.Place]) -> Sequence[tuple[str, Text | str, queries.Place]]:
        known = subjects.names().organisations(self.actor, [UUID(one.id) for one in homes])
        named = ((one, known.get(UUID(one.id))) for one in homes)
        return [(one.id, shown.name if shown else one.id[-8:], one) for one, shown in named]

    def _rows(self, check: Check, scope: Scope, wanted: CheckShow) -> Context:
        number = self.request.GET.get("page", "1")
        page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
        try:
            listed = queries.findings(check, scope, self.today, show=wanted, limit=ROWS + 1, offset=(page - 1) * ROWS)
        except OperationalError:
            return {"rows": None, "too_long": True}
        rows, names = listed.findings, self._names(listed.findings[:ROWS])
        shown = [{**self._row(one, names), **self._said(check, one.key, listed.explained)} for one in rows[:ROWS]]
        columns = [words()[f"fact.{name}"] for name, _ in rows[0].facts] if rows else []
        kept = {name: value for name, value in self.request.GET.items() if name != "page"}
        tabs = [(one, urlencode({**kept, "show": one.value})) for one in CheckShow]
        turned = {name: urlencode({**kept, "page": at}) for name, at in (("earlier", page - 1), ("later", page + 1))}
        return {
            "rows": shown,
            "show": wanted,
            "tabs": tabs,
            "with_words": any(row["said"] or row["explain"] for row in shown),
            "columns": columns,
            "with_people": any(row["person"] or row["hidden"] for row in shown),
            "earlier": turned["earlier"] if page > 1 else "",
            "later": turned["later"] if len(rows) > ROWS else "",
        }

    def _said(self, check: Check, key: Key, explained: Mapping[Key, Standing]) -> Mapping[str, Any]:
        """The explanation that stands, and where the actor explains the finding or takes that back."""
        said = explained.get(key)
        mine = explains_as(self.actor, key.territory, key.organisation) is not None
        form = f"{reverse('checks:explain', args=(check.code,))}?{urlencode({'finding': str(key)})}"
        return {
            "said": said,
            "explain": form if mine and not said else "",
            "withdraw": reverse("checks:withdraw", args=(said.id,)) if mine and said else "",
        }

    def _names(self, rows: Sequence[Finding]) -> tuple[Mapping[UUID, subjects.Shown], Mapping[UUID, subjects.Shown]]:
        known = subjects.names()
        people = list(dict.fromkeys(one.person for one in rows if one.person))
        homes = list(dict.fromkeys(one.organisation for one in rows if one.organisation))
        return known.organisations(self.actor, homes), known.people(self.actor, people, self.now)

    def _row(
        self, one: Finding, names: tuple[Mapping[UUID, subjects.Shown], Mapping[UUID, subjects.Shown]]
    ) -> Mapping[str, Any]:
        homes, people = names
        person = people.get(one.person) if one.person else None
        return {
            "home": homes.get(one.organisation) if one.organisation else None,
            "label": one.label,
            "person": person,
            "hidden": one.person is not None and person is None,
            "facts": [(words()[f"fact.{name}"], value) for name, value in one.facts],
        }


class OneFile(One):
    """Where a check finds how much, as a file: counts only, never people."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        check, territory = self.check(), self.asked()["territory"] or self._home()
        places = self._places(queries.places(self.actor, check.code, territory[:2] if territory else ""))
        header = [self.say(f"checks.column.{name}") for name in ("kato", "territory", "due", "explained", "found")]
        rows = [(kato, show(name, self.lang), one.due, one.explained, one.found) for kato, name, one in places]
        return csv_response(f"{check.code}-{self.today}", header, rows)


class RunNow(One):
    """A button of the operator: the check runs soon, as a job. Whoever comes by the address is taken to the check."""

    roles: ClassVar[tuple[Role, ...]] = (Role.OPERATOR,)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return see_other(reverse("checks:one", args=(self.check().code,)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        check = self.check()
        jobs.plan(work.run_check, code=check.code)
        messages.success(request, self.say("checks.planned"))
        return see_other(reverse("checks:one", args=(check.code,)))
