"""The page on which a finding is explained, and the one on which that is taken back."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from shanyraq.foundation.access import Role
from shanyraq.foundation.checks import explaining, queries
from shanyraq.foundation.checks.access import EXPLAINERS
from shanyraq.foundation.checks.check import ExplanationReason, Key, shifted
from shanyraq.foundation.checks.explaining import LONGEST, WORDS_AT_MOST, Why
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.checks.pages import LOOKS, One
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.forms import Choice, Day, Form
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage


class ExplainForm(Form):
    texts = "checks.explain"
    reason = Choice(ExplanationReason, show_as="radio")
    words = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=WORDS_AT_MOST)
    until = Day()


class Explain(FormPage, One):
    """Why a finding stands, and until which day it does not count. The finding stands above, as it is now."""

    template = "checks/explain.html"
    form = ExplainForm
    roles: ClassVar[tuple[Role, ...]] = EXPLAINERS
    done = "checks.explained"

    def context(self) -> Context:
        check = self.check()
        found = explaining.explicable(self.actor, check, self.key(), self.today)
        names = self._names(found)
        return {
            "check": check,
            "look": LOOKS[check.severity],
            "rows": [self._row(one, names) for one in found],
            "last": shifted(self.today, LONGEST),
            "back": self._back(),
        }

    def key(self) -> Key:
        """The finding that the address names. Raises Refusal("checks.finding_unknown")."""
        try:
            return Key.parse(self.request.GET.get("finding", ""))
        except ValueError:
            raise Refusal("checks.finding_unknown", field="finding") from None

    def submit(self, form: ExplainForm) -> str:
        why = Why(form.cleaned_data["reason"], form.cleaned_data["words"], form.cleaned_data["until"])
        explaining.explain(actor=self.actor, check=self.check(), key=self.key(), why=why, now=self.now)
        return self._back()

    def crumbs(self) -> Sequence[Crumb]:
        check = self.check()
        return (*super().crumbs(), Crumb(check.title.in_lang(self.lang), reverse("checks:one", args=(check.code,))))

    def _back(self) -> str:
        return _place(self.check().code, self.key())


class Withdraw(ConfirmPage):
    """An explanation is taken back: the finding is due again."""

    texts = "checks.withdraw"
    roles: ClassVar[tuple[Role, ...]] = EXPLAINERS
    done = "checks.withdrawn"

    def facts(self) -> Mapping[str, Fact]:
        given = self._given()
        check = load().get(given.code)
        return {"check": check.title if check else given.code, "words": given.words, "until": given.until}

    def back(self) -> str:
        given = self._given()
        return _place(given.code, given.key)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("checks.title"), reverse("checks:board")),)

    def submit(self, form: Any) -> str:
        address = self.back()
        explaining.withdraw(actor=self.actor, explanation=self.kwargs["explanation"], now=self.now)
        return address

    def _given(self) -> queries.Given:
        return queries.explanation(self.actor, self.kwargs["explanation"])


def _place(code: str, key: Key) -> str:
    where = {"organisation": key.organisation} if key.organisation else {"territory": key.territory}
    return f"{reverse('checks:one', args=(code,))}?{urlencode(where)}"
