"""An offer and the referral it becomes: consequences are told before the family decides."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import segno
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from shanyraq.domains.placement.queries.family import offers
from shanyraq.domains.placement.queries.family.offers import OfferPage
from shanyraq.domains.placement.services import offers as services
from shanyraq.domains.placement.web.forms_family import DeclineForm, ExtendForm, SignedForm
from shanyraq.domains.placement.web.views_family.base import FamilyForm, FamilyPage, SignedPage, deadline, in_words
from shanyraq.foundation import norms
from shanyraq.foundation.ui.pages import Context, Crumb

PAPERS_TO_BRING = ("birth", "identity", "health_passport", "certificate_079", "right")


class OfferStep(FamilyPage):
    """What the pages of one offer share."""

    looks_at = "family.read_offer"

    def offer(self) -> OfferPage:
        if not hasattr(self, "_offer"):
            self._offer = offers.offer(self.actor, self.kwargs["offer"], self.today)
            self.looked(self._offer.child.id, "placement_offer", self._offer.id)
        return self._offer

    def norm(self, name: str) -> norms.Norm:
        return norms.in_force(f"placement/{name}", on=self.today, territory=self.offer().facts.district)

    def context(self) -> Context:
        offer = self.offer()
        limit = self.norm("declines_before_stop")
        return {
            "offer": offer,
            "deadline": deadline(offer.answer_by, self.today, self.lang),
            "answer_by": in_words(offer.answer_by, self.lang),
            "days": self.norm("exclusive_choice"),
            "validity": self.norm("referral_validity"),
            "stops": offer.facts.declines + 1 >= limit.integer(),
            "stop_norm": limit,
        }

    def crumbs(self) -> Sequence[Crumb]:
        here = reverse("family:application", args=[self.offer().facts.id])
        return (*super().crumbs(), Crumb(self.say("family.application.crumb"), here))

    def here(self, name: str) -> str:
        return reverse(f"family:{name}", args=[self.kwargs["offer"]])


class Offer(OfferStep):
    """The place that is held: what it is, until when, and what each answer means."""

    template = "placement/family/offer.html"


class Accept(OfferStep, SignedPage):
    """Yes to the place. GET shows what follows; POST takes it."""

    template = "placement/family/accept.html"
    form = SignedForm
    done = "family.accept.done"

    def statement(self) -> str:
        offer = self.offer()
        return self.say("family.statement.accept", child=offer.child.name, kindergarten=offer.organisation.name)

    def context(self) -> Context:
        return {**super().context(), "statement": self.statement()}

    def submit(self, form: SignedForm) -> str:
        offer = self.offer()
        self.sign(form, subject="placement_offer", subject_id=offer.id, child=offer.child.id)
        services.accept_offer(actor=self.actor, offer=self.kwargs["offer"], now=self.now)
        return self.here("referral")


class Decline(OfferStep, FamilyForm):
    """No to the place, with the reason."""

    template = "placement/family/decline.html"
    form = DeclineForm
    done = "family.decline.done"

    def submit(self, form: DeclineForm) -> str:
        reason = form.cleaned_data["reason"]
        services.decline_offer(actor=self.actor, offer=self.kwargs["offer"], reason=reason, now=self.now)
        return reverse("family:application", args=[self.offer().facts.id])


class Referral(OfferStep):
    """The referral to print: number, kindergarten, papers, last day."""

    template = "placement/family/referral.html"

    def context(self) -> Context:
        offer = self.offer()
        return {
            **super().context(),
            "deadline": deadline(offer.valid_until, self.today, self.lang),
            "qr": qr(f"shanyraq:referral:{offer.referral_number}"),
            "papers": [f"family.paper_to_bring.{name}" for name in PAPERS_TO_BRING],
            "extendable": offer.status == "accepted" and offer.extended_at is None,
            "extension": self.norm("referral_extension"),
        }


class Extend(OfferStep, FamilyForm):
    """Longer to bring the papers: once, with a reason."""

    template = "placement/family/extend.html"
    form = ExtendForm
    done = "family.extend.done"

    def last_day(self) -> date:
        start = self.offer().valid_until or self.today
        return start + timedelta(days=self.norm("referral_extension").integer("days"))

    def initial(self) -> Mapping[str, Any]:
        return {"until": self.last_day()}

    def context(self) -> Context:
        last = in_words(self.last_day(), self.lang)
        return {**super().context(), "extension": self.norm("referral_extension"), "last_day": last}

    def submit(self, form: ExtendForm) -> str:
        given = form.cleaned_data
        services.extend_referral(
            actor=self.actor, offer=self.kwargs["offer"], reason=given["reason"], until=given["until"], now=self.now
        )
        return self.here("referral")


def qr(content: str) -> SafeString:
    """A QR code as SVG, without inline style."""
    drawn = segno.make(content, error="m").svg_inline(scale=4, border=2, omitsize=True, svgclass="qr", lineclass="")
    return mark_safe(drawn)  # noqa: S308 - drawn by the library from our own number
