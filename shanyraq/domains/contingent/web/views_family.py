"""The family: where the child is listed, "this is not us" in one tap, transfers, corrections."""

from collections.abc import Mapping, Sequence

from django.http import Http404

from shanyraq.domains.contingent.queries import addresses, cases, people
from shanyraq.domains.contingent.rules.denial import OPEN_DENIAL
from shanyraq.domains.contingent.services import corrections, denials, transfers
from shanyraq.domains.contingent.services.corrections import NewCorrection
from shanyraq.domains.contingent.web.views_cases import CorrectionForm
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.access import Role
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage, Page


class FamilyPage(Page):
    """A page of a guardian."""

    roles = (Role.GUARDIAN,)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("family.home.title"), "/family/"),)


class Child(FamilyPage):
    """Every place where the child is listed or was, with the answer "this is not us"; transfers and corrections."""

    template = "contingent/listing.html"

    def context(self) -> Context:
        child = self.kwargs["child"]
        return {
            "page": people.child_page(self.actor, child, self.today),
            "transfers": cases.transfers_of(child, self.today),
            "corrections": cases.corrections_of(child, self.today),
            "open_denial": OPEN_DENIAL,
            "today": self.today,
        }


class Deny(FamilyPage, ConfirmPage):
    """This is not us."""

    texts = "listing.deny"
    danger = True
    done = "listing.deny.done"

    def facts(self) -> Mapping[str, Fact]:
        card = registry.enrolment(self.kwargs["enrolment"])
        if card is None:
            raise Http404
        people.child_page(self.actor, card.child, self.today)  # refuses whoever is no guardian
        home = registry.organisation_cards((card.organisation,))[card.organisation]
        return {"child": registry.names_of((card.child,))[card.child], "organisation": home.name, "since": card.since}

    def back(self) -> str:
        card = registry.enrolment(self.kwargs["enrolment"])
        return addresses.listing(card.child) if card else "/family/"

    def submit(self, form: object) -> str:
        denials.deny(actor=self.actor, enrolment=self.kwargs["enrolment"], now=self.now)
        return self.back()


class Withdraw(FamilyPage, ConfirmPage):
    """It is us after all."""

    texts = "listing.withdraw"
    done = "listing.withdraw.done"

    def facts(self) -> Mapping[str, Fact]:
        return {"organisation": self._line().organisation_name}

    def back(self) -> str:
        return addresses.listing(self._line().child)

    def submit(self, form: object) -> str:
        denials.withdraw(actor=self.actor, denial=self.kwargs["denial"], now=self.now)
        return self.back()

    def _line(self) -> cases.DenialLine:
        found = cases.denial(self.actor, self.kwargs["denial"], self.today)
        if found is None:
            raise Http404
        return found


class Stop(FamilyPage, ConfirmPage):
    """A transfer of one's child: read it, or say that nobody asked for it."""

    template = "contingent/family_transfer.html"
    texts = "listing.stop"
    danger = True
    done = "listing.stop.done"

    def facts(self) -> Mapping[str, Fact]:
        line = self._line()
        return {"sending": line.sending_name, "receiving": line.receiving_name, "day": line.moved_on or line.wanted_on}

    def context(self) -> Context:
        line = self._line()
        return {**super().context(), "line": line, "live": line.state in cases.LIVE}

    def back(self) -> str:
        return addresses.listing(self._line().child)

    def submit(self, form: object) -> str:
        transfers.stop(actor=self.actor, transfer=self.kwargs["transfer"], now=self.now)
        return self.back()

    def _line(self) -> cases.TransferLine:
        found = cases.transfer(self.actor, self.kwargs["transfer"], self.today)
        if found is None:
            raise Http404
        return found


class Correct(FamilyPage, FormPage):
    """A family asks to correct the record of its child."""

    template = "contingent/correct.html"
    form = CorrectionForm
    done = "contingent.correct.done"

    def context(self) -> Context:
        found = people.child_page(self.actor, self.kwargs["child"], self.today)
        return {"child": found.child, "back": addresses.listing(found.child.id)}

    def submit(self, form: CorrectionForm) -> str:
        new = NewCorrection(child=self.kwargs["child"], **form.cleaned_data)
        corrections.ask_correction(actor=self.actor, new=new, now=self.now)
        return addresses.listing(new.child)
