"""The register of regional systems: for everybody to read, for the ministry to keep."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404

from shanyraq.domains.certification import queries, services
from shanyraq.domains.certification.access import KEEPERS
from shanyraq.domains.certification.queries import SystemCard
from shanyraq.domains.certification.rules.requirements import Requirement
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.ui.forms import Choice, Day, Form
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page

HOME = "/certification/"


class _Of(Page):
    """A page of one system."""

    @property
    def system(self) -> SystemCard:
        """The system of the address. Raises Http404."""
        found = queries.system(self.kwargs["system"], self.today)
        if found is None:
            raise Http404
        return found

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("certification.title"), HOME),)


class Systems(Page):
    """All systems and how they stand."""

    template = "certification/systems.html"

    def context(self) -> Context:
        return {
            "systems": queries.systems(self.today),
            "most": len(Requirement),
            "keeper": self.actor.has(*KEEPERS),
            "norms": queries.certification_norms(self.today),
        }


class One(_Of):
    """One system: checklist, evidence, runs of the suite."""

    template = "certification/system.html"

    def context(self) -> Context:
        system = self.system
        return {
            "system": system,
            "evidence": queries.evidence_of(system.id),
            "runs": queries.runs_of(system.id),
            "keeper": self.actor.has(*KEEPERS) and system.withdrawn_on is None,
        }


class Run(_Of):
    """One run of the suite, test by test."""

    template = "certification/run.html"

    def context(self) -> Context:
        system = self.system
        found = queries.run(self.kwargs["run"], system.id)
        if found is None:
            raise Http404
        return {"system": system, "run": found}


class SystemForm(Form):
    """What is said of a new system."""

    texts = "certification.register"
    name = forms.CharField(max_length=100)
    provider = forms.CharField(max_length=200)
    provider_bin = forms.CharField(max_length=14, required=False)
    territory = forms.ChoiceField(required=False)
    client_code = forms.CharField(max_length=16, required=False)

    def __init__(self, *args: Any, regions: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].choices = [("", "—"), *regions]  # type: ignore[attr-defined]  # a choice field


class Register(FormPage):
    """Enter a system into the register."""

    template = "certification/form.html"
    form = SystemForm
    roles = KEEPERS
    done = "certification.register.done"

    def form_arguments(self) -> Mapping[str, Any]:
        return {"regions": [(one.kato, one.name.in_lang(self.lang)) for one in registry.regions(self.today)]}

    def context(self) -> Context:
        return {"title": self.say("certification.register.title"), "submit": "certification.register.submit"}

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("certification.title"), HOME),)

    def submit(self, form: SystemForm) -> str:
        made = services.register_system(actor=self.actor, new=services.NewSystem(**form.cleaned_data), now=self.now)
        return f"{HOME}{made}/"


class EvidenceForm(Form):
    """What shows that a requirement is met."""

    texts = "certification.show"
    requirement = Choice(Requirement)
    document = forms.CharField(max_length=100)
    on = Day()
    note = forms.CharField(max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class Show(_Of, FormPage):
    """Note that a requirement is met."""

    template = "certification/form.html"
    form = EvidenceForm
    roles = KEEPERS
    done = "certification.show.done"

    def initial(self) -> Mapping[str, Any]:
        return {"requirement": self.request.GET.get("requirement", ""), "on": self.today}

    def context(self) -> Context:
        return {
            "title": self.say("certification.show.title", name=self.system.name),
            "submit": "certification.show.submit",
        }

    def submit(self, form: EvidenceForm) -> str:
        pk: UUID = self.kwargs["system"]
        services.show_requirement(actor=self.actor, system=pk, now=self.now, **form.cleaned_data)
        return f"{HOME}{pk}/"


class ReasonForm(Form):
    """Why a system is withdrawn."""

    texts = "certification.withdraw"
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class Withdraw(_Of, FormPage):
    """The system works with the base no more."""

    template = "certification/form.html"
    form = ReasonForm
    roles = KEEPERS
    done = "certification.withdraw.done"

    def context(self) -> Context:
        return {
            "title": self.say("certification.withdraw.title", name=self.system.name),
            "submit": "certification.withdraw.submit",
        }

    def submit(self, form: ReasonForm) -> str:
        pk: UUID = self.kwargs["system"]
        services.withdraw_system(actor=self.actor, system=pk, now=self.now, **form.cleaned_data)
        return f"{HOME}{pk}/"
