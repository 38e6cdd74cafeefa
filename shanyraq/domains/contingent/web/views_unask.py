"""Whoever asked for a correction takes the request back: a head that of the organisation, a family its own."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

from django.http import Http404

from shanyraq.domains.contingent.queries import addresses, cases
from shanyraq.domains.contingent.services import corrections
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb


class WithdrawCorrection(ConfirmPage):
    """The question before a request is taken back."""

    texts = "contingent.unask"
    done = "contingent.unask.done"

    @cached_property
    def line(self) -> cases.CorrectionLine:
        """The request. Raises Http404 where it is not the actor's own or no longer waits."""
        found = cases.correction(self.actor, self.kwargs["correction"], self.today)
        if found is None or not found.own:
            raise Http404
        return found

    def facts(self) -> Mapping[str, Fact]:
        return {"subject": self.line.subject, "child": self.line.name, "wanted": self.line.wanted}

    def context(self) -> Context:
        context = super().context()
        audit.read(
            self.actor, "contingent.read_corrections", at=self.now, child=self.line.child,
            subject="contingent_correction", subject_id=self.line.id,
        )  # fmt: skip
        return context

    def submit(self, form: object) -> str:
        back = self.back()
        corrections.withdraw(actor=self.actor, correction=self.line.id, now=self.now)
        return back


class HeadUnask(WithdrawCorrection):
    """A head takes the request of the organisation back."""

    roles: ClassVar[tuple[Role, ...]] = (Role.HEAD,)

    def back(self) -> str:
        return addresses.correction(self.line.id)

    def crumbs(self) -> Sequence[Crumb]:
        return (
            Crumb(self.say("contingent.title"), "/contingent/"),
            Crumb(self.say("contingent.corrections.title"), "/contingent/corrections/"),
        )


class FamilyUnask(WithdrawCorrection):
    """A family takes its request back."""

    roles: ClassVar[tuple[Role, ...]] = (Role.GUARDIAN,)

    def back(self) -> str:
        return addresses.listing(self.line.child)

    def crumbs(self) -> Sequence[Crumb]:
        return (
            Crumb(self.say("family.home.title"), "/family/"),
            Crumb(str(self.line.name.in_lang(self.lang)), self.back()),
        )
