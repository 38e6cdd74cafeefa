"""The lists of the record: search, filters, columns of one's choice, figures, two clocks, and files as seen."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.registry import queries
from shanyraq.domains.registry.queries import record
from shanyraq.domains.registry.queries.record import home as homes
from shanyraq.domains.registry.queries.record.asking import written
from shanyraq.domains.registry.queries.record.parsing import day, wanted_of
from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.exports.pages import ExportPage
from shanyraq.foundation.ui.export import FORMS, file_response
from shanyraq.foundation.ui.pages import Context, Crumb, Page, see_other

STAFF_ROLES = (Role.HEAD, Role.TEACHER, Role.OFFICER, Role.REGION, Role.AUDITOR)
DESK_ROLES = (*STAFF_ROLES, Role.MINISTRY)
ADDERS = (Role.HEAD, Role.OFFICER, Role.REGION)
TAKERS = (Role.HEAD, Role.OFFICER, Role.REGION, Role.AUDITOR)
WIDE = (Role.REGION, Role.MINISTRY, Role.AUDITOR)  # who chooses a territory
NUMBERS = (
    "grade", "shift", "shifts", "seats", "learners", "free", "load", "capacity", "total", "rooms", "square_metres",
    "organisations",
)  # fmt: skip
OWN = ("term", "valid", "known", "organisation", "group", "territory", "columns")


class ListPage(Page):
    """One list. The address holds everything that is asked, so that it can be kept and sent."""

    template = "registry/list.html"
    table: ClassVar[record.Table]
    adds: ClassVar[str] = ""  # the page on which a row is added
    leads: ClassVar[Mapping[str, str]] = {}  # column -> the page of the organisation to which its cells lead

    @cached_property
    def asked(self) -> dict[str, str]:
        return asked_of(self.request, self.table)

    def context(self) -> Context:
        wanted = wanted_of(self.table, self.asked, self.today)
        found = record.listing(self.table, self.actor, wanted, _number(self.request.GET.get("page", "")))
        if self.table.of_people:
            people = [line.person for line in found.lines if line.person]
            audit.read_many(self.actor, "registry.read_list", at=self.now, children=people, subject=self.table.name)
        picked = self.table.picked(self.asked.get("columns", "").split(","))
        return {
            **self._words(found),
            "table": self.table,
            "found": found,
            "columns": [(name, self.say(f"record.column.{name}"), name in picked) for name in self.table.columns],
            "heads": [(self.say(f"record.column.{name}"), name in NUMBERS) for name in picked],
            "rows": [(line, [self._cell(line, name) for name in picked]) for line in found.lines],
            "filters": self._filters(wanted),
            "wanted": wanted,
            "home": queries.organisation(wanted.organisation) if wanted.organisation else None,
            "territories": self._territories(),
            "kept": urlencode(self.asked),
            "file": reverse(f"record:{self.table.name}_file") if self._takes() else "",
            "door": self._door(wanted),
            "forms": tuple(FORMS),
            "today": self.today,
            "known": day(self.asked.get("known", "")),
            "lists": lists_of(self.actor, self.table.name, self.asked.get("organisation", "")),
        }

    def _door(self, wanted: record.Wanted) -> Mapping[str, str]:
        """Where a row is added: in the organisation asked for, else in the only one of the actor."""
        own = homes.own_organisations(self.actor)
        home = wanted.organisation or (own[0] if len(own) == 1 else None)
        if not self.adds or home is None or not self.actor.has(*ADDERS) or (own and home not in own):
            return {}
        return {"text": f"record.{self.adds}.title", "url": reverse(f"record:{self.adds}", args=(home,))}

    def _words(self, found: record.Listing) -> Context:
        name = self.table.name
        return {
            "heading": self.say(f"record.{name}"),
            "explained": self.say(f"record.{name}.lead"),
            "search": self.say(f"record.{name}.search"),
            "sums": [(self.say(f"record.sum.{one}"), value) for one, value in found.sums.items()],
        }

    def _cell(self, line: record.Line, name: str) -> Mapping[str, Any]:
        value = line.cells.get(name)
        href = ""
        if name == "name" and line.open:
            href = reverse("record:person", args=(line.person,))
        elif name == "organisation" and line.organisation:
            href = reverse("record:organisation", args=(line.organisation,))
        elif name == "class" and self.table is record.CLASSES:
            href = reverse("record:class", args=(line.id,))
        elif name == "post" and self.table is record.STAFF:
            href = reverse("record:work", args=(line.id,))
        elif name in self.leads:
            href = reverse(self.leads[name], args=(line.organisation,))
        label = self.say(f"record.column.{name}")
        return {"label": label, "value": value, "href": href, "day": isinstance(value, date), "number": name in NUMBERS}

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("record.title"), reverse("record:home")),)

    def _filters(self, wanted: record.Wanted) -> list[Mapping[str, Any]]:
        shown: list[Mapping[str, Any]] = []
        for name, of in self.table.filters.items():
            members: Sequence[Any] = tuple(of)
            options = [(str(getattr(one, "value", one)), one) for one in members]
            label = self.say(f"record.column.{name}")
            shown.append({"name": name, "label": label, "options": options, "chosen": wanted.chosen(name)})
        return shown

    def _territories(self) -> tuple[queries.TerritoryCard, ...]:
        if not self.actor.has(*WIDE):
            return ()
        regions = {grant.territory[:2] for grant in self.actor.grants if grant.role in WIDE}
        if "" in regions or len(regions) != 1:
            return queries.regions(self.today)
        return queries.districts(f"{regions.pop()}0000000", self.today)

    def _takes(self) -> bool:
        return not self.table.of_people or self.actor.has(*TAKERS)


class Pupils(ListPage):
    roles = STAFF_ROLES
    table = record.PUPILS


class Staff(ListPage):
    roles = STAFF_ROLES
    table = record.STAFF
    adds = "appoint"


class Classes(ListPage):
    roles = DESK_ROLES
    table = record.CLASSES
    adds = "open_class"


class Organisations(ListPage):
    template = "registry/organisations.html"
    roles = DESK_ROLES
    table = record.ORGANISATIONS

    def context(self) -> Context:
        opens = self.actor.has(Role.OFFICER, Role.REGION)
        return {**super().context(), "opens": opens, "reorganises": opens or self.actor.has(*WIDE)}


class PeopleFile(ExportPage):
    """A list of people as a file: with a mark, a quota and a trace."""

    table: ClassVar[record.Table]

    def asked(self) -> dict[str, str]:
        form = self.request.GET.get("format", "") or self.request.POST.get("format", "")
        return {**asked_of(self.request, self.table), **({"format": form} if form in FORMS else {})}

    def back(self) -> str:
        return f"{reverse(f'record:{self.table.name}')}?{urlencode(asked_of(self.request, self.table))}"


class PupilsFile(PeopleFile):
    roles = TAKERS
    table = record.PUPILS
    kind = "record_pupils"


class StaffFile(PeopleFile):
    roles = TAKERS
    table = record.STAFF
    kind = "record_staff"


class PlainFile(Page):
    """A list that names nobody, as a file, at once."""

    roles = DESK_ROLES
    table: ClassVar[record.Table]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return see_other(f"{reverse(f'record:{self.table.name}')}?{urlencode(asked_of(request, self.table))}")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = asked_of(request, self.table)
        picked = self.table.picked(asked.get("columns", "").split(","))
        lines = record.every_line(self.table, self.actor, wanted_of(self.table, asked, self.today))
        rows = ([written(line.cells.get(name), self.lang) for name in picked] for line in lines)
        header = [self.say(f"record.column.{name}") for name in picked]
        return file_response(request.POST.get("format", ""), self.table.name, header, rows)


class ClassesFile(PlainFile):
    table = record.CLASSES


class OrganisationsFile(PlainFile):
    table = record.ORGANISATIONS


def asked_of(request: HttpRequest, table: record.Table) -> dict[str, str]:
    """What an address asks of a list; boxes of columns become one part."""
    found = {name: request.GET.get(name, "") for name in (*OWN, *table.filters)}
    boxes = request.GET.getlist("column")
    if boxes:
        found["columns"] = ",".join(table.picked(boxes))
    return {name: value for name, value in found.items() if value}


def lists_of(actor: Actor, here: str, organisation: str) -> list[Mapping[str, Any]]:
    """The lists that an actor may read, of one organisation or of all that are theirs."""
    people = ("pupils", "staff") if actor.has(*STAFF_ROLES) else ()
    names = ("organisations", "classes", *people, "buildings", "rooms", *(() if organisation else ("authorities",)))
    kept = f"?{urlencode({'organisation': organisation})}" if organisation else ""
    return [{"text": f"record.{one}", "url": reverse(f"record:{one}") + kept, "here": one == here} for one in names]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
