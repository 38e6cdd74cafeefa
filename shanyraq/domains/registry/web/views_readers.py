"""Who saw what: the readers of one child's record, and what the staff of one organisation read. To look is noted."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.registry import queries
from shanyraq.domains.registry.queries.record import readers
from shanyraq.domains.registry.queries.record.parsing import reading_asked
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit.statement import Asked
from shanyraq.foundation.exports import queries as exports
from shanyraq.foundation.exports.pages import ExportPage, Exports
from shanyraq.foundation.exports.rules import Way
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.ui.export import FORMS
from shanyraq.foundation.ui.pages import Context, Crumb, Page

SEERS: Final = (Role.GUARDIAN, Role.HEAD, Role.AUDITOR, Role.OPERATOR)
STAFF: Final = (Role.HEAD, Role.TEACHER)
ASKED: Final = ("since", "until", "role")


class StatementPage(Page):
    """A list of readings with its filters; the address holds what is asked."""

    choices: ClassVar[tuple[Role, ...]] = tuple(Role)

    @cached_property
    def asked(self) -> Asked:
        return reading_asked(self.request.GET)

    def shown(self, file: str) -> Context:
        """The filters and the file of the list."""
        return {
            "asked": self.asked,
            "roles": self.choices,
            "file": f"{file}?{urlencode(_kept(self.request))}",
            "forms": tuple(FORMS),
            "here": self.request.path,
        }


class Readers(StatementPage):
    """Who read the record of one child."""

    template = "registry/readers.html"
    roles = SEERS

    def context(self) -> Context:
        person: UUID = self.kwargs["person"]
        found = readers.readers_of(self.actor, person, self.asked, self.request.GET.get("page", ""))
        audit.read(
            self.actor, "registry.read_readers", at=self.now, child=person, subject="person", subject_id=person
        )  # fmt: skip
        return {
            **self.shown(reverse("record:readers_file", args=(person,))),
            "part": found.part,
            "name": queries.names_of((person,))[person],
            "partial": not found.whole,
            "family": not self.actor.has(Role.AUDITOR, Role.OPERATOR),
        }

    def crumbs(self) -> Sequence[Crumb]:
        person = reverse("record:person", args=(self.kwargs["person"],))
        return (Crumb(self.say("record.circumstances.person"), person),)


class StaffReadings(StatementPage):
    """What the staff of one organisation read, the unusual days on top."""

    template = "registry/staff_readings.html"
    roles = (Role.HEAD,)
    choices = STAFF

    @cached_property
    def home(self) -> queries.OrganisationCard | None:
        return queries.organisation(self.kwargs["organisation"])

    @cached_property
    def asked(self) -> Asked:
        return readers.usual_days(reading_asked(self.request.GET), self.today)

    def context(self) -> Context:
        home: UUID = self.kwargs["organisation"]
        found = readers.staff_readings(self.actor, home, self.asked, self.request.GET.get("page", ""))
        named = [line.child for line in found.part.object_list if line.child_name]
        audit.read_many(self.actor, "registry.read_staff_readings", at=self.now, children=named, subject="person")
        return {
            **self.shown(reverse("record:staff_readings_file", args=(home,))),
            "part": found.part,
            "days": found.days,
            "home": self.home,
        }

    def crumbs(self) -> Sequence[Crumb]:
        name = self.home.name.in_lang(self.lang) if self.home else ""
        back = reverse("record:organisation", args=(self.kwargs["organisation"],))
        return (Crumb(self.say("record.title"), reverse("record:home")), Crumb(name, back))


class StatementFile(ExportPage):
    """A statement as a file: the lines that the page shows."""

    page: ClassVar[str]
    about: ClassVar[str]

    def asked(self) -> dict[str, str]:
        form = self.request.GET.get("format", "") or self.request.POST.get("format", "")
        kept = {**_kept(self.request), self.about: str(self.kwargs[self.about])}
        return {**kept, **({"format": form} if form in FORMS else {})}

    def back(self) -> str:
        return f"{reverse(self.page, args=(self.kwargs[self.about],))}?{urlencode(_kept(self.request))}"


class ReadersFile(StatementFile):
    """The statement of one child. A family has nobody to ask for a big file: it is told to choose fewer days."""

    roles = SEERS
    kind = "record_readers"
    page = "record:readers"
    about = "person"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.small_enough()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.small_enough()
        return super().post(request, *args, **kwargs)

    def small_enough(self) -> None:
        """Pass when the file leaves at once, or the asker may ask a second person. Raises
        Refusal("record.statement_too_long")."""
        if self.actor.has(*Exports.roles):
            return
        plan = exports.plan(self.actor, self.kind, self.asked(), self.now)
        if plan.way is not Way.AT_ONCE:
            raise Refusal("record.statement_too_long", n=plan.limits.rows_at_once)


class StaffReadingsFile(StatementFile):
    roles = (Role.HEAD,)
    kind = "record_staff_readings"
    page = "record:staff_readings"
    about = "organisation"


def _kept(request: HttpRequest) -> Mapping[str, str]:
    return {name: request.GET[name] for name in ASKED if request.GET.get(name)}
