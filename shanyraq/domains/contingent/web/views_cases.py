"""The desk of the contingent: what waits; denied enrolments; corrections; children who are listed nowhere."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from shanyraq.domains.contingent.queries import addresses, cases, people
from shanyraq.domains.contingent.queries import years as year_queries
from shanyraq.domains.contingent.rules.correction import CorrectionRefusal, CorrectionState, CorrectionSubject
from shanyraq.domains.contingent.rules.denial import OPEN_DENIAL, DenialState
from shanyraq.domains.contingent.services import corrections, denials
from shanyraq.domains.contingent.services.corrections import NewCorrection
from shanyraq.domains.contingent.web.views_transfers import HOME, CasePage, ListPage, OneCase
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.services import PersonChange
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.forms import Choice, Day, Form, KeyedForm
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage

OFFICES = (Role.OFFICER, Role.REGION)


class Home(CasePage):
    """What waits on the desk, and where to go."""

    template = "contingent/home.html"
    roles: ClassVar[tuple[Role, ...]] = (*CasePage.roles, Role.MINISTRY)

    def context(self) -> Context:
        return {
            "tasks": cases.tasks(self.actor, self.today),
            "schools": people.own_organisations(self.actor),
            "may_ask": self.actor.has(Role.HEAD),
            "territories": [one.territory for one in self.actor.grants if one.role in OFFICES and one.territory],
            "years": year_queries.year_cards(self.actor, limit=5),
            "reads_cases": self.actor.has(*CasePage.roles),
        }

    def crumbs(self) -> Sequence[Crumb]:
        return ()


# ---- "this is not us"


class Denials(ListPage):
    """Denied enrolments, the nearest deadline first."""

    template = "contingent/denials.html"

    def context(self) -> Context:
        listing = cases.denials(self.actor, self.today, live=self.live(), page=self.number("page"))
        return self.listed(listing, "contingent.read_denials")


class DenialForm(KeyedForm):
    """What the organisation answers, or the office decides."""

    texts = "contingent.denial"
    step = forms.ChoiceField(choices=[(one, one) for one in ("agree", "dispute", "end", "uphold")])
    answer = forms.CharField(max_length=200, required=False)


class Denial(OneCase[cases.DenialLine]):
    """One denied enrolment: the answer of the organisation, the decision of the office."""

    template = "contingent/denial.html"
    form = DenialForm
    done = "contingent.denial.done"
    what = "denial"

    def found(self) -> cases.DenialLine | None:
        return cases.denial(self.actor, self.kwargs["denial"], self.today)

    def context(self) -> Context:
        line = self.line
        live = line.state in OPEN_DENIAL
        own = any(one.role is Role.HEAD and one.organisation == line.organisation for one in self.actor.grants)
        decides = self.actor.has(*OFFICES, Role.OPERATOR) and line.state is DenialState.DISPUTED
        disputes = own and line.state is DenialState.OPEN
        return {**super().context(), "answers": live and own, "disputes": disputes, "decides": decides}

    def submit(self, form: DenialForm) -> str:
        step, case = form.cleaned_data["step"], self.line.id
        if step == "agree":
            denials.agree(actor=self.actor, denial=case, now=self.now)
        elif step == "dispute":
            denials.dispute(actor=self.actor, denial=case, answer=form.cleaned_data["answer"], now=self.now)
        else:
            denials.decide(actor=self.actor, denial=case, was_mistake=step == "end", now=self.now)
        return addresses.denial(case)


# ---- corrections


class Corrections(ListPage):
    """Requests to correct records, and what became of them."""

    template = "contingent/corrections.html"

    def context(self) -> Context:
        listing = cases.corrections(self.actor, self.today, live=self.live(), page=self.number("page"))
        outcomes = cases.outcomes(self.actor, self.today)
        return {**self.listed(listing, "contingent.read_corrections"), "outcomes": outcomes}


class DecisionForm(KeyedForm):
    """The decision on a request; name, birth date and sex are corrected with it."""

    texts = "contingent.decision"
    decision = forms.ChoiceField(choices=[("accept", "accept"), ("refuse", "refuse")])
    surname = forms.CharField(max_length=80, required=False)
    given = forms.CharField(max_length=80, required=False)
    patronymic = forms.CharField(max_length=80, required=False)
    born_on = Day(required=False)
    sex = Choice(Sex, show_as="radio", required=False)
    reason = Choice(CorrectionRefusal, show_as="radio", required=False)
    note = forms.CharField(max_length=200)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("decision") == "refuse" and not values.get("reason"):
            self.add_error("reason", forms.ValidationError(self.fields["reason"].error_messages["required"]))
        return values

    def change(self) -> PersonChange | None:
        """What is to be written instead; None when nothing was filled in."""
        given = {name: self.cleaned_data.get(name) or None for name in ("surname", "given", "patronymic")}
        whole = PersonChange(**given, sex=self.cleaned_data.get("sex"), born_on=self.cleaned_data.get("born_on"))
        return None if whole == PersonChange() else whole


class Correction(OneCase[cases.CorrectionLine]):
    """One request: what is wrong, what shows it, the decision."""

    template = "contingent/correction.html"
    form = DecisionForm
    done = "contingent.decision.done"
    what = "correction"

    def found(self) -> cases.CorrectionLine | None:
        return cases.correction(self.actor, self.kwargs["correction"], self.today)

    def context(self) -> Context:
        decides = self.line.state is CorrectionState.OPEN and self.actor.has(*OFFICES, Role.OPERATOR)
        child = registry.person_cards((self.line.child,))[self.line.child]
        return {**super().context(), "decides": decides, "child": child}

    def submit(self, form: DecisionForm) -> str:
        values, pk = form.cleaned_data, self.line.id
        if values["decision"] == "accept":
            change = form.change()
            corrections.accept(actor=self.actor, correction=pk, note=values["note"], change=change, now=self.now)
        else:
            corrections.refuse(
                actor=self.actor, correction=pk, reason=values["reason"], note=values["note"], now=self.now
            )
        return addresses.correction(pk)


class CorrectionForm(Form):
    """What is wrong with a record."""

    texts = "contingent.correct"
    subject = Choice(CorrectionSubject, show_as="radio")
    wanted = forms.CharField(max_length=200)
    proof = forms.CharField(max_length=200, required=False)


class Correct(CasePage, FormPage):
    """A head asks to correct the record of a pupil."""

    template = "contingent/correct.html"
    form = CorrectionForm
    roles: ClassVar[tuple[Role, ...]] = (Role.HEAD,)
    done = "contingent.correct.done"

    def context(self) -> Context:
        child = self.kwargs["child"]
        registry.readable(self.actor, child)
        audit.read(self.actor, "contingent.read_corrections", at=self.now, child=child)
        return {"child": registry.person_cards((child,))[child], "back": HOME}

    def submit(self, form: CorrectionForm) -> str:
        new = NewCorrection(child=self.kwargs["child"], **form.cleaned_data)
        return addresses.correction(corrections.ask_correction(actor=self.actor, new=new, now=self.now))


class Unlisted(CasePage):
    """Children of school age who live in the territory and are listed nowhere."""

    template = "contingent/unlisted.html"
    roles: ClassVar[tuple[Role, ...]] = (*OFFICES, Role.OPERATOR)

    def context(self) -> Context:
        children = people.unlisted(self.actor, self.kwargs["kato"], self.today)
        audit.read_many(
            self.actor, "contingent.read_unlisted", at=self.now, children=[one.id for one in children]
        )  # fmt: skip
        return {"children": children, "place": _named(self.kwargs["kato"])}


def _named(kato: str) -> Fact:
    card = registry.territory(kato.ljust(9, "0"))
    return card.name if card else kato
