"""Exchange of places: find with whom, propose, consent or refuse."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from shanyraq.domains.placement.queries.family import exchanges
from shanyraq.domains.placement.services import swaps
from shanyraq.domains.placement.web.forms_family import SwapForm
from shanyraq.domains.placement.web.views_family.base import FamilyConfirm, FamilyForm, FamilyPage, deadline
from shanyraq.foundation import norms
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.pages import Context, Crumb


class FindSwap(FamilyForm):
    """Families that sit where we wish to be and wish to be where we sit."""

    template = "placement/family/swap_find.html"
    form = SwapForm
    looks_at = "family.read_child"

    def page(self) -> exchanges.MatchesPage:
        if not hasattr(self, "_page"):
            self._page = exchanges.matches(self.actor, self.kwargs["child"], self.today)
            self.looked(self._page.child.id, "registry_person", self._page.child.id)
        return self._page

    def context(self) -> Context:
        district = self.page().place.organisation.district
        lawful = norms.in_force("placement/swap", on=self.today, territory=district)
        return {"page": self.page(), "lawful": lawful, "allowed": lawful.flag("allowed")}

    def crumbs(self) -> Sequence[Crumb]:
        here = reverse("family:child", args=[self.kwargs["child"]])
        return (*super().crumbs(), Crumb(self.say("family.child.crumb"), here))

    def submit(self, form: SwapForm) -> str:
        swap = swaps.propose_swap(
            actor=self.actor,
            first=self.page().place.enrolment.id,
            second=form.cleaned_data["second"],
            now=self.now,
        )
        return reverse("family:swap", args=[swap])


class Swap(FamilyPage):
    """A proposed exchange: what is given, what is got, who has consented."""

    template = "placement/family/swap.html"
    looks_at = "family.read_child"

    def context(self) -> Context:
        page = exchanges.swap(self.actor, self.kwargs["swap"], self.today)
        self.looked(page.child.id, "registry_person", page.child.id)
        return {"page": page, "deadline": deadline(page.answer_by, self.today, self.lang)}


class SwapAnswer(FamilyConfirm):
    """Yes or no to an exchange, shown before it counts."""

    def page(self) -> exchanges.SwapPage:
        return exchanges.swap(self.actor, self.kwargs["swap"], self.today)

    def facts(self) -> Mapping[str, Fact]:
        page = self.page()
        return {"ours": page.ours.organisation.name, "theirs": page.theirs.organisation.name}

    def back(self) -> str:
        return reverse("family:swap", args=[self.kwargs["swap"]])


class Consent(SwapAnswer):
    """Yes for our side."""

    texts = "family.swap_consent"
    done = "family.swap_consent.done"

    def submit(self, form: Any) -> str:
        swaps.consent(actor=self.actor, swap=self.kwargs["swap"], now=self.now)
        return self.back()


class RefuseSwap(SwapAnswer):
    """No for our side."""

    texts = "family.swap_refuse"
    done = "family.swap_refuse.done"
    danger = True

    def submit(self, form: Any) -> str:
        swaps.refuse_swap(actor=self.actor, swap=self.kwargs["swap"], now=self.now)
        return self.back()
