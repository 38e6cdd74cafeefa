"""The record of a child: what is held, and who looked at it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.urls import reverse

from shanyraq.domains.placement.queries.family import record
from shanyraq.domains.placement.services import disputes
from shanyraq.domains.placement.web.views_family.base import FamilyConfirm, FamilyPage
from shanyraq.domains.placement.web.views_family.offer import qr
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules import universal
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit import queries as audit
from shanyraq.foundation.audit.queries import Look
from shanyraq.foundation.text import Fact, Lang, known, say
from shanyraq.foundation.ui.pages import Context, Crumb

ON_A_PAGE = 20
FIRST_LOOKS = 8


class LookLine(NamedTuple):
    """One look at the record, in words."""

    at: datetime
    who: str
    where: Fact
    what: str
    write: bool
    reason: str
    ours: bool


class Child(FamilyPage):
    """Identity, guardians, kindergartens, and the latest looks at the record by anyone else."""

    template = "placement/family/child.html"
    looks_at = "family.read_child"

    def context(self) -> Context:
        page = record.record(self.actor, self.kwargs["child"], self.today)
        others = [one for one in audit.who_read(page.child.id, limit=200) if one.person != self.actor.person]
        looks = looked_at(others[:FIRST_LOOKS], self.actor.person, self.lang)
        self.looked(page.child.id, "registry_person", page.child.id)
        number = page.child.universal_id
        return {
            "page": page,
            "looks": looks,
            "qr": qr(universal.qr_content(number)),
            "number": universal.grouped(number),
            "spoken": universal.spoken_codes(number),
        }


class Looks(FamilyPage):
    """Everyone who looked at the record or changed it."""

    template = "placement/family/looks.html"
    looks_at = "family.read_looks"

    def context(self) -> Context:
        page = record.record(self.actor, self.kwargs["child"], self.today)
        looks = audit.who_read(page.child.id, limit=1_000)
        self.looked(page.child.id, "registry_person", page.child.id)
        part = Paginator(looks, ON_A_PAGE).get_page(self.request.GET.get("page"))
        return {"page": page, "part": part, "looks": looked_at(tuple(part), self.actor.person, self.lang)}

    def crumbs(self) -> Sequence[Crumb]:
        here = reverse("family:child", args=[self.kwargs["child"]])
        return (*super().crumbs(), Crumb(self.say("family.child.crumb"), here))


class Dispute(FamilyConfirm):
    """This is not us: the family did not enrol the child there."""

    texts = "family.dispute"
    danger = True
    done = "family.dispute.done"

    def line(self) -> record.EnrolmentLine:
        return record.own_enrolment(self.actor, self.kwargs["enrolment"], self.today)

    def facts(self) -> Mapping[str, Fact]:
        line = self.line()
        return {"kindergarten": line.organisation.name, "since": line.enrolment.since}

    def back(self) -> str:
        return reverse("family:child", args=[self.line().enrolment.child])

    def submit(self, form: Any) -> str:
        disputes.dispute_enrolment(actor=self.actor, enrolment=self.kwargs["enrolment"], now=self.now)
        return self.back()


def looked_at(looks: Sequence[Look], person: object, lang: Lang) -> list[LookLine]:
    """Looks in words: who by role, where, what, when. 1 query."""
    names = registry.organisation_cards([one.organisation for one in looks if one.organisation])
    return [
        LookLine(
            at=look.at,
            who=_who(look, person, lang),
            where=names[look.organisation].name if look.organisation in names else "",
            what=_what(look, lang),
            write=look.kind == "write",
            reason=look.reason,
            ours=look.person == person,
        )
        for look in looks
    ]


def _who(look: Look, person: object, lang: Lang) -> str:
    if look.person is not None and look.person == person:
        return say("family.looks.you", lang)
    if look.role:
        return say(f"family.looks.role.{Role(look.role).value}", lang)
    return say("family.looks.system", lang)


def _what(look: Look, lang: Lang) -> str:
    code = f"action.{look.action}"
    return say(code, lang) if known(code) else say(f"family.looks.{look.kind}", lang)
