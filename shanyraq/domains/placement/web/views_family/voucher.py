"""The voucher: take it, choose a kindergarten with it or wait for one, sign the contract."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from django.urls import reverse

from shanyraq.domains.placement.queries.family import vouchers
from shanyraq.domains.placement.queries.family.vouchers import VoucherPage
from shanyraq.domains.placement.services import vouchers as services
from shanyraq.domains.placement.web.forms_family import OrganisationForm, SignedForm
from shanyraq.domains.placement.web.views_family.application import path
from shanyraq.domains.placement.web.views_family.base import FamilyForm, FamilyPage, SignedPage, deadline
from shanyraq.domains.placement.web.views_family.wishes import found
from shanyraq.foundation import norms
from shanyraq.foundation.ui.forms import ConfirmForm, Form
from shanyraq.foundation.ui.pages import Context, Crumb

NORMS: Final = ("voucher_accept", "voucher_choose", "voucher_restore")


class VoucherStep(FamilyPage):
    """What the pages of a voucher share."""

    looks_at = "family.read_application"

    def page(self) -> VoucherPage:
        if not hasattr(self, "_page"):
            self._page = vouchers.voucher(self.actor, self.kwargs["application"], self.today)
            self.looked(self._page.child.id, "placement_application", self._page.facts.id)
        return self._page

    def context(self) -> Context:
        facts = self.page().facts
        found_norms = {
            name: norms.in_force(f"placement/{name}", on=self.today, territory=facts.district) for name in NORMS
        }
        return {
            "page": self.page(),
            "facts": facts,
            "deadline": deadline(facts.due_on, self.today, self.lang),
            "path": path(facts.status, facts.model, self.lang),
            "back": self.back(),
            **found_norms,
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("family.application.crumb"), self.application_address()))

    def application_address(self) -> str:
        return reverse("family:application", args=[self.kwargs["application"]])

    def here(self) -> str:
        return reverse("family:voucher", args=[self.kwargs["application"]])

    def back(self) -> str:
        return self.application_address()


class Voucher(VoucherStep):
    """Where the voucher stands and what can be done with it now."""

    template = "placement/family/voucher.html"


class VoucherVerb(VoucherStep, FamilyForm):
    """One step with the voucher, shown before it is done."""

    template = "placement/family/voucher_verb.html"
    form: ClassVar[type[Form]] = ConfirmForm
    verb: Callable[..., None]
    texts = ""
    danger = False

    def context(self) -> Context:
        return {**super().context(), "texts": self.texts, "danger": self.danger, "back": self.here()}

    def submit(self, form: Any) -> str:
        type(self).verb(actor=self.actor, application=self.kwargs["application"], now=self.now)
        return self.here()


class Take(VoucherVerb):
    verb = staticmethod(services.take_voucher)
    texts = "family.voucher_take"


class Refuse(VoucherVerb):
    verb = staticmethod(services.refuse_voucher)
    texts = "family.voucher_refuse"
    danger = True


class Restore(VoucherVerb):
    verb = staticmethod(services.restore_voucher)
    texts = "family.voucher_restore"


class SignContract(VoucherVerb, SignedPage):
    form = SignedForm
    verb = staticmethod(services.sign_contract)
    texts = "family.contract"

    def statement(self) -> str:
        page = self.page()
        kindergarten = page.chosen.name if page.chosen else ""
        return self.say("family.statement.contract", child=page.child.name, kindergarten=kindergarten)

    def context(self) -> Context:
        return {**super().context(), "statement": self.statement()}

    def submit(self, form: SignedForm) -> str:
        page = self.page()
        self.sign(form, subject="placement_application", subject_id=page.facts.id, child=page.child.id)
        return super().submit(form)


class Choose(VoucherStep, FamilyForm):
    """Kindergartens with and without free places: take one, or wait for one."""

    template = "placement/family/voucher_choose.html"
    form = OrganisationForm

    def context(self) -> Context:
        lines = self.page().kindergartens
        return {**super().context(), "lines": found(lines, self.request.GET), "asked": self.request.GET}

    def back(self) -> str:
        return self.here()

    def submit(self, form: OrganisationForm) -> str:
        organisation = form.cleaned_data["organisation"]
        verb = {"wait": services.join_waiting_list, "leave": services.leave_waiting_list}.get(
            self.request.POST.get("verb", ""), services.choose_kindergarten
        )
        verb(actor=self.actor, application=self.kwargs["application"], organisation=organisation, now=self.now)
        return self.here()
