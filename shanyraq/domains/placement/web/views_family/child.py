"""The record of a child: what is held, and who looked at it."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from shanyraq.domains.placement.queries.family import record
from shanyraq.domains.placement.services import disputes
from shanyraq.domains.placement.web.views_family.base import FamilyConfirm, FamilyPage
from shanyraq.domains.placement.web.views_family.offer import qr
from shanyraq.domains.registry.queries.record import readers
from shanyraq.domains.registry.rules import universal
from shanyraq.foundation.audit import queries as audit
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.pages import Context

FIRST_LOOKS = 8


class Child(FamilyPage):
    """Identity, guardians, kindergartens, and the latest looks at the record by anyone else."""

    template = "placement/family/child.html"
    looks_at = "family.read_child"

    def context(self) -> Context:
        page = record.record(self.actor, self.kwargs["child"], self.today)
        others = [one for one in audit.who_read(page.child.id, limit=200) if one.person != self.actor.person]
        looks = readers.of_family(self.actor, others[:FIRST_LOOKS])
        self.looked(page.child.id, "registry_person", page.child.id)
        number = page.child.universal_id
        return {
            "page": page,
            "looks": looks,
            "qr": qr(universal.qr_content(number)),
            "number": universal.grouped(number),
            "spoken": universal.spoken_codes(number),
        }


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
