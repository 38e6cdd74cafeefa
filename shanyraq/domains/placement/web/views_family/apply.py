"""An application in a few steps; what the family has filled in is kept at each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.placement.queries.family import choosing, home
from shanyraq.domains.placement.queries.family.choosing import DraftPage
from shanyraq.domains.placement.rules import wishes
from shanyraq.domains.placement.rules.claim import Benefit, OrganisationId, Status
from shanyraq.domains.placement.rules.documents import DocumentKind, needed
from shanyraq.domains.placement.services import applications
from shanyraq.domains.placement.services.drafts import Draft, NewDocument
from shanyraq.domains.placement.web.forms_family import (
    BenefitForm,
    ChildForm,
    GroupForm,
    MoreForm,
    PapersForm,
    SignForm,
)
from shanyraq.domains.placement.web.views_family.base import FamilyConfirm, FamilyForm, SignedPage
from shanyraq.domains.placement.web.views_family.wishes import WishPage
from shanyraq.foundation import norms
from shanyraq.foundation.ui.pages import Context, Crumb, see_other

STEPS = tuple(f"family.step.{name}" for name in ("child", "right", "group", "kindergartens", "check"))


class ChooseChild(FamilyForm):
    """Step 1: for whom. A child with an open application leads to it."""

    template = "placement/family/apply_child.html"
    form = ChildForm

    def context(self) -> Context:
        assert self.actor.person is not None  # a guardian is a person
        return {"cards": home.children(self.actor.person, self.today), "steps": STEPS}

    def submit(self, form: ChildForm) -> str:
        child = form.cleaned_data["child"]
        application = applications.start_draft(actor=self.actor, child=child, now=self.now)
        return reverse("family:draft_right", args=[application])


class DraftStep(FamilyForm):
    """A step of a draft: shows it, keeps it, leads on. A draft that was handed in leads to its application."""

    looks_at = "family.read_application"

    def draft(self) -> DraftPage:
        if not hasattr(self, "_draft"):
            self._draft = choosing.draft(self.actor, self.kwargs["application"], self.today)
            self.looked(self._draft.child.id, "placement_application", self._draft.facts.id)
        return self._draft

    def keep(self, **changes: Any) -> None:
        draft = replace(as_draft(self.draft()), **changes)
        applications.save_draft(actor=self.actor, application=self.kwargs["application"], draft=draft, now=self.now)

    def context(self) -> Context:
        return {"draft": self.draft(), "steps": STEPS, "back": self.back()}

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("family.apply.title"), reverse("family:apply")))

    def back(self) -> str:
        return reverse("family:home")

    def here(self, name: str) -> str:
        return reverse(f"family:draft_{name}", args=[self.kwargs["application"]])


class ChooseRight(DraftStep):
    """Step 2: which right."""

    template = "placement/family/apply_right.html"
    form = BenefitForm

    def initial(self) -> Mapping[str, Any]:
        return {"benefit": self.draft().facts.benefit}

    def back(self) -> str:
        return reverse("family:apply")

    def submit(self, form: BenefitForm) -> str:
        benefit = form.cleaned_data["benefit"]
        kept = () if benefit is Benefit.NONE else as_draft(self.draft()).documents
        self.keep(benefit=benefit, documents=kept)
        return self.here("group")


class ChooseGroup(DraftStep):
    """Step 3: in which language and in which kind of group."""

    template = "placement/family/apply_group.html"
    form = GroupForm

    def initial(self) -> Mapping[str, Any]:
        return {"language": self.draft().facts.language, "kind": self.draft().facts.kind}

    def back(self) -> str:
        return self.here("right")

    def submit(self, form: GroupForm) -> str:
        language, kind = form.cleaned_data["language"], form.cleaned_data["kind"]
        self.keep(language=language, kind=kind)
        papers = needed(self.draft().facts.benefit, kind)
        return self.here("papers" if papers else "kindergartens")


class NamePapers(DraftStep):
    """Still step 3: number and day of the papers that the right and the group need."""

    template = "placement/family/apply_papers.html"
    form = PapersForm

    def kinds(self) -> Sequence[DocumentKind]:
        facts = self.draft().facts
        return needed(facts.benefit, facts.kind)

    def form_arguments(self) -> Mapping[str, Any]:
        return {"kinds": self.kinds()}

    def initial(self) -> Mapping[str, Any]:
        named = self.draft().papers
        return {f"number_{one.kind}": one.number for one in named} | {
            f"issued_on_{one.kind}": one.issued_on for one in named
        }

    def back(self) -> str:
        return self.here("group")

    def submit(self, form: PapersForm) -> str:
        self.keep(documents=form.documents())
        return self.here("kindergartens")


class ChooseKindergartens(WishPage, DraftStep):
    """Step 4: which kindergartens, best first. Each press is kept at once."""

    template = "placement/family/apply_kindergartens.html"

    def wishes(self) -> tuple[UUID, ...]:
        return self.draft().wishes

    def change(self, wishes: tuple[UUID, ...]) -> str:
        self.keep(organisations=wishes)
        return self.request.get_full_path()

    def back(self) -> str:
        return self.here("papers" if needed(self.draft().facts.benefit, self.draft().facts.kind) else "group")


class AskMore(DraftStep):
    """Still step 4: anything near, siblings together."""

    template = "placement/family/apply_more.html"
    form = MoreForm

    def form_arguments(self) -> Mapping[str, Any]:
        facts = self.draft().facts
        radius = norms.in_force("placement/radius", on=self.today, territory=facts.district)
        return {"max_km": radius.integer("max_km"), "siblings": bool(self.draft().brothers)}

    def initial(self) -> Mapping[str, Any]:
        return {"radius_km": self.draft().facts.radius_km or "", "together": self.draft().facts.together}

    def back(self) -> str:
        return self.here("kindergartens")

    def submit(self, form: MoreForm) -> str:
        wishes.require_wish([OrganisationId(one) for one in self.draft().wishes], form.cleaned_data["radius_km"])
        self.keep(radius_km=form.cleaned_data["radius_km"], together=form.cleaned_data.get("together", False))
        return self.here("check")


class CheckAndSign(SignedPage, DraftStep):
    """Step 5: everything once more, the statement, the signature."""

    template = "placement/family/apply_check.html"
    form = SignForm

    def context(self) -> Context:
        draft = self.draft()
        lines = {one.card.id: one for one in choosing.kindergartens(draft.facts, draft.residence, self.today)}
        wanted = [lines[one] for one in draft.wishes if one in lines]
        named = {one.kind for one in draft.papers}
        late = [one for one in needed(draft.facts.benefit, draft.facts.kind) if one not in named]
        proof = norms.in_force("placement/document_proof", on=self.today, territory=draft.facts.district)
        return {
            **super().context(),
            "wishes": wanted,
            "later": late,
            "proof": proof,
            "papers": _kinds(draft),
            "statement": self.statement(),
        }

    def statement(self) -> str:
        draft = self.draft()
        return self.say("family.statement.apply", child=draft.child.name, district=draft.facts.district_name)

    def back(self) -> str:
        return self.here("more")

    def submit(self, form: SignForm) -> str:
        application = self.kwargs["application"]
        self.sign(form, subject="placement_application", subject_id=application, child=self.draft().child.id)
        applications.file(actor=self.actor, application=application, now=self.now)
        return reverse("family:filed", args=[application])


class Discard(FamilyConfirm):
    """Throw a draft away."""

    texts = "family.discard"
    danger = True
    done = "family.discard.done"

    def context(self) -> Context:
        choosing.draft(self.actor, self.kwargs["application"], self.today)
        return super().context()

    def back(self) -> str:
        return reverse("family:draft", args=[self.kwargs["application"]])

    def submit(self, form: Any) -> str:
        applications.withdraw(actor=self.actor, application=self.kwargs["application"], now=self.now)
        return reverse("family:home")


class Continue(DraftStep):
    """Back into a draft: at the check when it is filled in, else at the first question."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        draft = self.draft()
        if draft.facts.status is not Status.DRAFT:
            return see_other(reverse("family:application", args=[draft.facts.id]))
        return see_other(self.here("check" if draft.wishes else "right"))


def as_draft(page: DraftPage) -> Draft:
    """The draft as the service takes it. A child with a place always asks for a transfer and keeps it."""
    facts = page.facts
    return Draft(
        kind=facts.kind,
        language=facts.language,
        organisations=page.wishes,
        radius_km=facts.radius_km,
        together=facts.together,
        benefit=facts.benefit,
        documents=tuple(NewDocument(one.kind, one.number, one.issued_on) for one in page.papers),
        transfer=page.present is not None,
    )


def _kinds(draft: DraftPage) -> list[tuple[DocumentKind, str, Any]]:
    return [(DocumentKind(one.kind), one.number, one.issued_on) for one in draft.papers]
