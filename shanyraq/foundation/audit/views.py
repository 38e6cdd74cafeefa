import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponseBase

from shanyraq.foundation import text
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit import queries
from shanyraq.foundation.audit.queries import Entry, Filters
from shanyraq.foundation.timeline import COUNTRY_ZONE
from shanyraq.foundation.ui.forms import Day, Form
from shanyraq.foundation.ui.pages import Context, Page

AUDITORS = (Role.AUDITOR, Role.OPERATOR)
COLUMNS = (
    "at",
    "kind",
    "action",
    "actor",
    "role",
    "system",
    "organisation",
    "child",
    "subject",
    "subject_id",
    "reason",
    "facts",
)
PRESETS: Final = {"today": 1, "week": 7, "month": 30, "quarter": 90}  # days, today included
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


class FilterForm(Form):
    texts: ClassVar[str] = "audit.filter"
    since = Day(required=False)
    until = Day(required=False)
    actor = forms.CharField(required=False, max_length=80)
    action = forms.CharField(required=False, max_length=60)
    kind = forms.ChoiceField(required=False)
    about = forms.UUIDField(required=False)
    person = forms.UUIDField(required=False)

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField has choices

    def filters(self) -> Filters:
        """What the form asks for; a wrong field asks for nothing."""
        found = self.cleaned_data
        return Filters(
            since=_midnight(found.get("since")),
            until=_midnight(found["until"] + timedelta(days=1)) if found.get("until") else None,
            actor=found.get("actor", ""),
            action=found.get("action", ""),
            kind=found.get("kind", ""),
            about=found.get("about"),
            person=found.get("person"),
        )


class Trail(Page):
    """The whole audit, by conditions. As a file it leaves by the exports."""

    template = "audit/trail.html"
    roles = AUDITORS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kinds = [(kind, self.say(f"audit.kind.{kind or 'any'}")) for kind in ("", "read", "write")]
        form = FilterForm(request.GET, kinds=kinds)
        valid = form.is_valid()
        page = queries.trail(form.filters(), after=request.GET.get("after", "")) if valid else queries.TrailPage((), "")
        return self.render(self._context(form, page), status=200 if valid else 422)

    def _context(self, form: FilterForm, page: queries.TrailPage) -> Context:
        kept = {name: value for name, value in self.request.GET.items() if name in form.fields and value}
        return {
            "form": form,
            "entries": [_shown(entry) for entry in page.entries],
            "older": urlencode({**kept, "after": page.older}) if page.older else "",
            "first": urlencode(kept),
            "deep": bool(self.request.GET.get("after")),
            "file": urlencode(kept),
            "presets": [self._preset(name, days, kept) for name, days in PRESETS.items()],
        }

    def _preset(self, name: str, days: int, kept: dict[str, Any]) -> Mapping[str, Any]:
        since, until = self.today - timedelta(days=days - 1), self.today
        chosen = {"since": f"{since:%d.%m.%Y}", "until": f"{until:%d.%m.%Y}"}
        here = all(kept.get(field) == value for field, value in chosen.items())
        return {"label": f"audit.preset.{name}", "query": urlencode({**kept, **chosen}), "here": here}


def _shown(entry: Entry) -> dict[str, Any]:
    code = f"action.{entry.action}"
    facts = [(name, _plain(value)) for name, value in sorted(entry.facts.items()) if value not in (None, "")]
    role = Role(entry.role) if entry.role else None
    return {"entry": entry, "code": code if text.known(code) else "", "facts": facts, "role": role}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), COUNTRY_ZONE) if day else None
