"""One application: where it stands and why, and every step that the family can take."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.urls import reverse

from shanyraq.domains.placement.queries.family import application, choosing
from shanyraq.domains.placement.queries.family.application import ApplicationPage, Happening
from shanyraq.domains.placement.rules.claim import OPEN, Model, Right, Status
from shanyraq.domains.placement.rules.documents import PAPER_OF, DocumentKind
from shanyraq.domains.placement.services import applications
from shanyraq.domains.placement.services.drafts import NewDocument
from shanyraq.domains.placement.web.forms_family import OrganisationForm, RightForm
from shanyraq.domains.placement.web.views_family import reasons
from shanyraq.domains.placement.web.views_family.base import FamilyConfirm, FamilyForm, FamilyPage, deadline
from shanyraq.domains.registry.queries import OrganisationCard
from shanyraq.foundation import norms
from shanyraq.foundation.text import Fact, Lang, known, say
from shanyraq.foundation.ui.pages import Context, Crumb

PATHS: Final[Mapping[Model, Sequence[Status]]] = {
    Model.QUEUE: (Status.WAITING, Status.OFFERED, Status.REFERRED, Status.ENROLLED),
    Model.VOUCHER: (
        Status.WAITING,
        Status.VOUCHER_OFFERED,
        Status.VOUCHER_ACCEPTED,
        Status.CHOSEN,
        Status.CONTRACTED,
        Status.ENROLLED,
    ),
}
DAYS: Final = ("answer_by", "valid_until", "take_by", "choose_by", "sign_by", "restore_until", "restored_on")
CHANGEABLE: Final = frozenset({Status.WAITING, Status.STOPPED})


class Filed(FamilyPage):
    """Right after handing in: the number, what was handed in, what happens next."""

    template = "placement/family/filed.html"
    looks_at = "family.read_application"

    def context(self) -> Context:
        page = application.application(self.actor, self.kwargs["application"], self.today)
        self.looked(page.child.id, "placement_application", page.facts.id)
        return {"page": page, "path": path(page.facts.status, page.facts.model, self.lang)}


class Application(FamilyPage):
    """The place in the queue, what stands before it, each wish with its reason, all that happened."""

    template = "placement/family/application.html"
    looks_at = "family.read_application"

    def context(self) -> Context:
        page = application.application(self.actor, self.kwargs["application"], self.today)
        self.looked(page.child.id, "placement_application", page.facts.id)
        facts = page.facts
        ahead = [(right, page.queue.ahead.get(right, 0)) for right in Right] if page.queue else []
        return {
            "page": page,
            "facts": facts,
            "ahead": ahead,
            "ratio": norms.in_force("placement/serving_ratio", on=self.today, territory=facts.district),
            "wishes": [
                (wish, reasons.of_wish(wish.reason, self.lang) if wish.reason else None) for wish in page.wishes
            ],
            "outcome": reasons.of_outcome(page.outcome, self.lang) if page.outcome else "",
            "papers": [(DocumentKind(one.kind), one) for one in page.papers],
            "path": path(facts.status, facts.model, self.lang),
            "history": history(page, self.lang),
            "next_step": say(f"family.next.{facts.status.value}", self.lang),
            "deadline": deadline(facts.due_on, self.today, self.lang),
            "open": facts.status in OPEN,
            "changeable": facts.status in CHANGEABLE,
        }


class ApplicationStep:
    """Steps that belong to one application lead back to it."""

    kwargs: dict[str, Any]

    def back(self) -> str:
        return reverse("family:application", args=[self.kwargs["application"]])


class Withdraw(ApplicationStep, FamilyConfirm):
    """Leave the queue."""

    texts = "family.withdraw"
    danger = True
    done = "family.withdraw.done"

    def context(self) -> Context:
        choosing.draft(self.actor, self.kwargs["application"], self.today)
        return super().context()

    def submit(self, form: Any) -> str:
        applications.withdraw(actor=self.actor, application=self.kwargs["application"], now=self.now)
        return reverse("family:home")


class Resume(ApplicationStep, FamilyConfirm):
    """Back from the stop list, at the first date."""

    texts = "family.resume"
    done = "family.resume.done"

    def context(self) -> Context:
        choosing.draft(self.actor, self.kwargs["application"], self.today)
        return super().context()

    def submit(self, form: Any) -> str:
        applications.resume(actor=self.actor, application=self.kwargs["application"], now=self.now)
        return self.back()


class ClaimRight(ApplicationStep, FamilyForm):
    """A right that appeared later, with its paper."""

    template = "placement/family/claim_right.html"
    form = RightForm
    looks_at = "family.read_application"
    done = "family.claim_right.done"

    def context(self) -> Context:
        draft = choosing.draft(self.actor, self.kwargs["application"], self.today)
        self.looked(draft.child.id, "placement_application", draft.facts.id)
        check = norms.in_force("placement/document_check", on=self.today, territory=draft.facts.district)
        return {"draft": draft, "check": check, "back": self.back()}

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("family.application.crumb"), self.back()))

    def submit(self, form: RightForm) -> str:
        given = form.cleaned_data
        paper = NewDocument(PAPER_OF[given["benefit"]], given["number"], given["issued_on"])
        applications.claim_right(
            actor=self.actor,
            application=self.kwargs["application"],
            benefit=given["benefit"],
            document=paper,
            now=self.now,
        )
        return self.back()


class OpenPlaces(ApplicationStep, FamilyForm):
    """Places that nobody chose in time: anyone in the queue may ask; the next round decides by the order."""

    template = "placement/family/open_places.html"
    form = OrganisationForm
    looks_at = "family.read_application"
    done = "family.open_places.done"

    def context(self) -> Context:
        page = application.open_places(self.actor, self.kwargs["application"], self.today)
        self.looked(page.facts.child, "placement_application", page.facts.id)
        when = norms.in_force("placement/round_time", on=self.today, territory=page.facts.district)
        return {"page": page, "when": when, "back": self.back()}

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("family.application.crumb"), self.back()))

    def submit(self, form: OrganisationForm) -> str:
        applications.request_open_place(
            actor=self.actor,
            application=self.kwargs["application"],
            organisation=form.cleaned_data["organisation"],
            now=self.now,
        )
        return self.back()


def path(status: Status, model: Model, lang: Lang) -> list[dict[str, str]]:
    """The way from the queue to the kindergarten: what is done, where the family stands, what comes."""
    stations = PATHS[model]
    here = stations.index(status) if status in stations else 0
    states = [
        "done" if at < here or status is Status.ENROLLED else "now" if at == here else "next"
        for at in range(len(stations))
    ]
    return [
        {
            "title": say(f"family.path.{station.value}.title", lang),
            "body": say(f"family.path.{station.value}.body", lang),
            "state": state,
        }
        for station, state in zip(stations, states, strict=True)
    ]


def history(page: ApplicationPage, lang: Lang) -> list[dict[str, Any]]:
    """What happened, newest first, in words."""
    told = [
        {"title": in_words(one, page.names, lang), "at": one.at, "body": "", "state": "done"}
        for one in page.happenings
        if known(f"family.event.{one.kind}")
    ]
    told += [
        {
            "title": say("family.event.Round", lang, n=one.round_number),
            "at": one.published_at,
            "body": reasons.of_outcome(one, lang),
            "state": "done",
        }
        for one in page.outcomes
        if one.published_at
    ]
    return sorted(told, key=lambda one: one["at"], reverse=True)


def in_words(one: Happening, names: Mapping[str, OrganisationCard], lang: Lang) -> str:
    """One thing that happened, as a sentence; `names` holds the kindergartens by the ids that the payload names."""
    payload = one.payload
    named = names.get(str(payload.get("organisation") or payload.get("group") or ""))
    days = [date.fromisoformat(payload[name]) for name in DAYS if payload.get(name)]
    facts: dict[str, Fact] = {
        "kindergarten": named.name if named else "",
        "day": days[0] if days else None,
        "number": str(payload.get("number", "")),
        "paper": DocumentKind(payload["document_kind"]) if payload.get("document_kind") else "",
        "reason": _reason_text(payload, lang),
    }
    return say(f"family.event.{one.kind}", lang, **facts)


def _reason_text(payload: Mapping[str, Any], lang: Lang) -> str:
    reason = payload.get("reason", "")
    for family in ("declinereason", "documentrefusal", "admissionrefusal", "closedreason"):
        if known(f"{family}.{reason}"):
            return say(f"{family}.{reason}", lang)
    return str(reason)
