"""The auditor's pages of the log: what is sealed, when it was written and signed, and a verification on demand.

Every look at an entry stands in the trail, and in the record of the child it is about.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.placement.queries import receipts
from shanyraq.foundation import audit, ledger, workdays
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit import verification
from shanyraq.foundation.ledger import leaf
from shanyraq.foundation.ledger.canonical import canonical
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import COUNTRY_ZONE, day_of
from shanyraq.foundation.ui.charts import Chart, Series
from shanyraq.foundation.ui.forms import ConfirmForm
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage
from shanyraq.interfaces.proof import silences, timing
from shanyraq.interfaces.proof.pages import LogPage, bounded, number_of, value_text

AUDITORS: Final = (Role.AUDITOR, Role.OPERATOR)
ON_A_PAGE: Final = 50
PERIODS: Final = (1, 7, 30)
SHOWN: Final = 20
LATE: Final = 10  # minutes; the log is signed every minute
REFRESH: Final = "3"  # seconds


class OversightPage(LogPage):
    """A page for auditors only."""

    roles = AUDITORS

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("audit.title"), reverse("audit")),)

    def noted(self, action: str, subjects: Sequence[UUID], entries: Sequence[UUID]) -> Mapping[UUID, UUID]:
        """Write the look into the trail, for each child among the subjects; the children by application."""
        children = receipts.children_of(subjects)
        if children:
            audit.read_many(self.actor, action, at=self.now, children=children.values(), subject="ledger_ledgerentry")
        elif entries:
            audit.wrote(self.actor, action, at=self.now, subject="ledger_ledgerentry", subject_id=entries[0])
        return children


class Entries(OversightPage):
    """The log with its private columns: whom an entry is about, when it was written, when it was signed for."""

    template = "proof/oversight_entries.html"

    def context(self) -> Context:
        size = ledger.size()
        end = min(size, number_of(self.request, "below") or size)
        start = max(0, end - ON_A_PAGE)
        found = ledger.logged(start, end)[::-1]
        signed = timing.covering([one.index for one in found])
        children = self.noted("audit.read_log", [one.subject for one in found], [one.entry for one in found])
        return {
            "rows": [
                {
                    "one": one,
                    "words": self.words(one.kind),
                    "child": children.get(one.subject),
                    "signed_at": signed.get(one.index),
                }
                for one in found
            ],
            "size": size,
            "older": start,
            "deep": end < size,
        }


class Entry(OversightPage):
    """One entry: what its seal holds, that the seal is true, and its proof."""

    template = "proof/oversight_entry.html"

    def context(self) -> Context:
        index = bounded(self.kwargs["index"])
        found = ledger.logged(index, index + 1)
        if not found:
            raise Http404
        one = found[0]
        children = self.noted("audit.open_entry", [one.subject], [one.entry])
        text = ledger.leaves(index, index + 1)[0]
        return {
            "one": one,
            "line": self.line(index, text),
            "child": children.get(one.subject),
            "payload": [(name, value_text(value)) for name, value in sorted(one.payload.items())],
            "sealed": self.sealed(one, text),
            "proved": self.proved(index),
            "signed_at": timing.covering([index]).get(index),
            "before": index - 1 if index else None,
            "after": index + 1 if index + 1 < ledger.size() else None,
        }

    def sealed(self, one: ledger.Logged, text: str) -> bool:
        """Whether the seal of the public leaf is over this very content."""
        salt = bytes.fromhex(ledger.opening(one.entry).salt)
        return bool(leaf.seal(salt, one.subject, canonical(one.payload)) == json.loads(text)["seal"])

    def proved(self, index: int) -> bool | None:
        """Whether the entry is in the newest checkpoint; None when it is not covered yet."""
        try:
            ledger.inclusion(index)
        except Refusal as refusal:
            return None if refusal.code in ("ledger.no_such_leaf", "ledger.no_checkpoint") else False
        return True

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("oversight.entries"), reverse("oversight:entries")))


class Timing(OversightPage):
    """Gaps in time: silence where there should be entries, entries that waited, numbers that are missing."""

    template = "proof/oversight_timing.html"

    def context(self) -> Context:
        asked = self.request.GET.get("days", "")
        days = int(asked) if asked in map(str, PERIODS) else PERIODS[1]
        since = _midnight(self.today - timedelta(days=days - 1))
        grown = timing.growth(since, self.now + timedelta(seconds=1))
        slow = timing.slowest(since, self.now + timedelta(seconds=1), limit=SHOWN)
        numbers = receipts.numbers()
        return {
            "periods": [{"days": one, "here": one == days} for one in PERIODS],
            "chart": self.chart(grown, days),
            "entries": sum(new for _, new in grown),
            "signatures": len(grown),
            "waiting": timing.waiting(),
            "silent": self.silent([at for at, _ in grown], since),
            "slow": [{"one": one, "minutes": _minutes(one)} for one in slow if _minutes(one) >= LATE],
            "numbers": numbers,
            "missing": receipts.missing_numbers(SHOWN) if numbers.missing else (),
            "filed": timing.filed(),
        }

    def silent(self, instants: Sequence[datetime], since: datetime) -> Sequence[silences.Silence]:
        """The longest silences; none outside the years whose calendar is known."""
        try:
            return silences.silences(instants, since, self.now, workdays.is_workday)[:SHOWN]
        except Refusal:
            return ()

    def chart(self, grown: Sequence[tuple[datetime, int]], days: int) -> Chart:
        """New entries by hour of one day, or by day."""
        if days == 1:
            labels = [f"{hour:02d}" for hour in range(24)]
            slots = [f"{at.astimezone(COUNTRY_ZONE):%H}" for at, _ in grown]
        else:
            every = [self.today - timedelta(days=days - 1 - back) for back in range(days)]
            labels = [f"{day:%d.%m}" for day in every]
            slots = [f"{day_of(at):%d.%m}" for at, _ in grown]
        counted = dict.fromkeys(labels, 0)
        for slot, (_, new) in zip(slots, grown, strict=True):
            counted[slot] = counted.get(slot, 0) + new
        return Chart("oversight.chart", tuple(labels), (Series("proof.size", tuple(counted[one] for one in labels)),))


class Verify(OversightPage, FormPage):
    """Ask for a verification of the whole log; the earlier ones."""

    template = "proof/oversight_verify.html"
    form = ConfirmForm

    def context(self) -> Context:
        return {"checks": verification.checks(), "size": ledger.size()}

    def submit(self, form: Any) -> str:
        asked = verification.ask(actor=self.actor, now=self.now, key=form.cleaned_data["key"])
        return reverse("oversight:check", args=[asked])


class Checked(OversightPage):
    """A verification: how far it is, then what it found, in words. The page comes back by itself until it ends."""

    template = "proof/oversight_check.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        card = verification.check_card(self.kwargs["check"])
        if card is None:
            raise Http404
        response = self.render({"card": card, "percent": 100 * card.done // card.total if card.total else 0})
        if card.state in ("waiting", "running"):
            response["Refresh"] = REFRESH
        return response

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("oversight.verify"), reverse("oversight:verify")))


def _minutes(one: timing.Covered) -> int:
    return 0 if one.waited is None else one.waited // timedelta(minutes=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), COUNTRY_ZONE)
