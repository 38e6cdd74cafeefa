"""Who read what: pages of the auditor. Each of them is itself a look that stands in the trail."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final

from django.http import Http404
from django.urls import reverse

from shanyraq.foundation import text
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit import reading, services
from shanyraq.foundation.audit.unusual import AT_LEAST, TIMES, ReadingDay, unusual, usual
from shanyraq.foundation.audit.views import AUDITORS
from shanyraq.foundation.timeline import COUNTRY_ZONE
from shanyraq.foundation.ui.charts import Chart, Series
from shanyraq.foundation.ui.pages import Context, Crumb, Page

PERIODS: Final = (7, 30, 90)  # days
DRAWN: Final = 31  # days of a chart
SHOWN: Final = 20  # unusual days


class ReadingPage(Page):
    """A page about the last days; `?days=` chooses how many."""

    roles = AUDITORS

    def days(self) -> int:
        """How many days back the page looks."""
        asked = self.request.GET.get("days", "")
        return int(asked) if asked in map(str, PERIODS) else PERIODS[1]

    def period(self) -> tuple[datetime, datetime]:
        """The instants between which the page looks: whole days of Kazakhstan, today with them."""
        first = self.today - timedelta(days=self.days() - 1)
        return _midnight(first), _midnight(self.today + timedelta(days=1))

    def periods(self) -> Context:
        """The choice of periods for the template."""
        choices = [{"days": days, "here": days == self.days()} for days in PERIODS]
        return {"periods": choices, "days": self.days()}

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("audit.title"), reverse("audit")),)


class Readers(ReadingPage):
    """Everyone of the staff who looked at records, and the days that stand out."""

    template = "audit/readers.html"

    def context(self) -> Context:
        families = self.request.GET.get("families") == "1"
        days = reading.reading_days(*self.period())
        page = reading.readers(*self.period(), families=families, page=self.request.GET.get("page"))
        odd = unusual(days)
        names = reading.names_of([one.reader for one in (*odd[:SHOWN], *page.object_list)])
        assert self.actor.user is not None  # the gate has asked for a role
        services.wrote(
            self.actor, "audit.read_readers", at=self.now, subject="accounts_user", subject_id=self.actor.user
        )
        return {
            **self.periods(),
            "page": page,
            "rows": [(one, names.get(one.reader, ""), _role(one.role)) for one in page.object_list],
            "families": families,
            "odd": [{"day": one, "name": names.get(one.reader, ""), "role": _role(one.role)} for one in odd[:SHOWN]],
            "odd_total": len(odd),
            "usual": [
                (Role(role), round(count, 1)) for role, count in sorted(usual(days).items()) if role in set(Role)
            ],
            "at_least": AT_LEAST,
            "times": TIMES,
        }


class Reader(ReadingPage):
    """One reader: how much on each day, and whose records."""

    template = "audit/reader.html"

    def context(self) -> Context:
        found = reading.reader(self.kwargs["user"])
        if found is None:
            raise Http404
        days = reading.reading_days(*self.period(), reader=found.id)
        page = reading.children_read(found.id, *self.period(), page=self.request.GET.get("page"))
        services.read_many(
            self.actor, "audit.read_reader", at=self.now, children=[one.child for one in page.object_list]
        )
        return {
            **self.periods(),
            "reader": found,
            "role": _role(found.role),
            "page": page,
            "rows": [(one, [_words(action) for action in one.actions]) for one in page.object_list],
            "chart": self.chart(days),
            "looks": sum(one.looks for one in days),
            "most": max((one.children for one in days), default=0),
        }

    def chart(self, days: Sequence[ReadingDay]) -> Chart:
        """Looks and children by day."""
        known = {one.day: one for one in days}
        start = max(1, self.days() - DRAWN + 1)
        every = [self.today - timedelta(days=self.days() - back) for back in range(start, self.days() + 1)]
        return Chart(
            title="audit.reader.chart",
            labels=tuple(f"{day:%d.%m}" for day in every),
            series=(
                Series("audit.looks", tuple(known[day].looks if day in known else 0 for day in every)),
                Series("audit.children", tuple(known[day].children if day in known else 0 for day in every)),
            ),
        )

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("audit.readers.title"), reverse("audit_readers")))


class ChildReaders(ReadingPage):
    """One child: everyone who looked at the record or changed it."""

    template = "audit/child.html"
    action: ClassVar[str] = "audit.read_child"

    def context(self) -> Context:
        child = self.kwargs["child"]
        found = reading.readers_of(child)
        if not found:
            raise Http404
        services.read(self.actor, "audit.read_child", at=self.now, child=child)
        return {"child": child, "rows": [(one, _role(one.role)) for one in found]}

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("audit.readers.title"), reverse("audit_readers")))


def _role(name: str) -> Any:
    return Role(name) if name in set(Role) else None


def _words(action: str) -> str:
    return f"action.{action}" if text.known(f"action.{action}") else action


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), COUNTRY_ZONE)
