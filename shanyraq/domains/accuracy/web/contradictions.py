"""Pages of contradictions: the work list, and one enrolment with its evidence and the decision."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.urls import reverse

from shanyraq.domains.accuracy.access import READERS
from shanyraq.domains.accuracy.queries import suspects
from shanyraq.domains.accuracy.rules.contradictions.signs import FOR_THE_ROW, Sign
from shanyraq.domains.accuracy.rules.contradictions.states import ContradictionState
from shanyraq.domains.accuracy.services import contradictions
from shanyraq.domains.registry.rules.kinds import Stage
from shanyraq.foundation.access import Role
from shanyraq.foundation.ui.forms import Choice, KeyedForm
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page

HOME: Final = "contradictions:list"
STAGES: Final = (Stage.SCHOOL, Stage.TVET, Stage.ADDITIONAL)
SIGNS: Final = tuple(sign for sign in Sign if sign not in FOR_THE_ROW)


class WorkList(Page):
    """Enrolments that other evidence contradicts, most likely false first."""

    template = "accuracy/contradictions.html"
    roles: ClassVar[tuple[Role, ...]] = READERS

    def context(self) -> Context:
        asked = self._asked()
        return {
            "found": suspects.work_list(self.actor, asked, now=self.now),
            "asked": asked,
            "states": tuple(ContradictionState),
            "stages": STAGES,
            "signs": SIGNS,
        }

    def _asked(self) -> suspects.Asked:
        given = self.request.GET
        state, stage, sign = given.get("state", ""), given.get("stage", ""), given.get("sign", "")
        number = given.get("page", "")
        house = None
        with suppress(ValueError):
            house = UUID(given.get("organisation", ""))
        return suspects.Asked(
            ContradictionState(state) if state in set(ContradictionState) else ContradictionState.OPEN,
            Stage(stage) if stage in STAGES else None,
            Sign(sign) if sign in SIGNS else None,
            house,
            int(number) if number.isdecimal() and len(number) < 7 else 1,
        )


class DecisionForm(KeyedForm):
    """Whether the row is true, and why."""

    texts = "contradictions.decision"
    to = Choice(
        ContradictionState, members=tuple(ContradictionState)[1:] + tuple(ContradictionState)[:1], show_as="radio"
    )
    words = forms.CharField(max_length=contradictions.LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))


class Case(FormPage):
    """One enrolment: what speaks against it, what it says month by month, the other record; and the decision."""

    template = "accuracy/contradiction.html"
    roles: ClassVar[tuple[Role, ...]] = READERS
    form = DecisionForm
    done = "contradictions.decided"

    @cached_property
    def case(self) -> suspects.Case:
        """The row with its evidence."""
        return suspects.case(self.actor, self.kwargs["contradiction"], today=self.today, now=self.now)

    def context(self) -> Context:
        return {"case": self.case}

    def submit(self, form: Any) -> str:
        contradictions.decide_contradiction(
            actor=self.actor, contradiction=self.kwargs["contradiction"], to=form.cleaned_data["to"],
            words=form.cleaned_data["words"], now=self.now,
        )  # fmt: skip
        return reverse(HOME)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("contradictions.title"), reverse(HOME)),)
