"""Transfers for heads and the region: the list, one transfer with its next step, a new request."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from django import forms
from django.http import Http404

from shanyraq.domains.contingent.queries import addresses, cases, people
from shanyraq.domains.contingent.rules.transfer import ReleaseRefusal, TransferStep
from shanyraq.domains.contingent.services import transfers
from shanyraq.domains.contingent.services.transfers import NewTransfer
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import lookups
from shanyraq.foundation.ui.forms import Choice, Day, KeyedForm
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page

HOME = "/contingent/"
CASE_ROLES = (Role.HEAD, Role.OFFICER, Role.REGION, Role.AUDITOR, Role.OPERATOR)


class CasePage(Page):
    """A page of the contingent desk."""

    roles: ClassVar[tuple[Role, ...]] = CASE_ROLES

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("contingent.title"), HOME),)

    def number(self, name: str) -> int:
        """A whole number of the address, 1 when it is none."""
        given = self.request.GET.get(name, "")
        return int(given) if given.isdigit() and len(given) < 7 else 1


class ListPage(CasePage):
    """A list of cases: those that wait, or those that are over."""

    def live(self) -> bool:
        """Whether those that wait are asked for."""
        return self.request.GET.get("show") != "over"

    def listed(self, listing: cases.Listing, action: str) -> Context:
        """The list, with the reading of each record noted."""
        audit.read_many(self.actor, action, at=self.now, children=[line.child for line in listing.lines])
        return {"listing": listing, "live": self.live()}


class Transfers(ListPage):
    """Transfers that concern the reader, the nearest deadline first."""

    template = "contingent/transfers.html"

    def context(self) -> Context:
        listing = cases.transfers(self.actor, self.today, live=self.live(), page=self.number("page"))
        return {
            **self.listed(listing, "contingent.read_transfers"),
            "may_ask": self.actor.has(Role.HEAD, Role.OPERATOR),
        }


class AskForm(KeyedForm):
    """Who is to come, into which class, from when."""

    texts = "contingent.ask"
    number = forms.CharField(max_length=20)
    born_on = Day()
    group = forms.TypedChoiceField(coerce=UUID)
    wanted_on = Day()
    order_number = forms.CharField(max_length=40, required=False)

    def __init__(self, *args: Any, classes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = classes  # type: ignore[attr-defined]  # a choice field


class Ask(CasePage, FormPage):
    """Ask for a pupil of another organisation."""

    template = "contingent/ask.html"
    form = AskForm
    roles: ClassVar[tuple[Role, ...]] = (Role.HEAD,)
    done = "contingent.ask.done"

    def form_arguments(self) -> Mapping[str, Any]:
        homes = {one.id: one.name.in_lang(self.lang) for one in people.own_organisations(self.actor)}
        several = len(homes) > 1
        return {
            "classes": [
                (str(one.id), f"{homes[one.organisation]}: {one.name}" if several else one.name)
                for one in people.own_classes(self.actor, self.today)
            ]
        }

    def initial(self) -> Mapping[str, Any]:
        return {"wanted_on": self.today}

    def submit(self, form: AskForm) -> str:
        values = form.cleaned_data
        lookups.note(actor=self.actor, now=self.now)
        child = people.find_pupil(values["number"], values["born_on"])
        new = NewTransfer(child, values["group"], values["wanted_on"], values["order_number"], values["key"])
        return addresses.transfer(transfers.ask_transfer(actor=self.actor, new=new, now=self.now))


class Case(Protocol):
    """What every case has."""

    @property
    def id(self) -> UUID: ...
    @property
    def child(self) -> UUID: ...


Line = TypeVar("Line", bound=Case)


class OneCase(CasePage, FormPage, Generic[Line]):
    """One case of one child; that it was read is noted."""

    what: ClassVar[str]  # "transfer": its name in the address, in the audit and, with an s, of the list above it

    def found(self) -> Line | None:
        """The case that the address names, where the actor may see it."""
        raise NotImplementedError

    @cached_property
    def line(self) -> Line:
        """The case. Raises Http404."""
        line = self.found()
        if line is None:
            raise Http404
        return line

    def context(self) -> Context:
        audit.read(
            self.actor, f"contingent.read_{self.what}s", at=self.now, child=self.line.child,
            subject=f"contingent_{self.what}", subject_id=self.line.id,
        )  # fmt: skip
        return {"line": self.line}

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say(f"contingent.{self.what}s.title"), f"{HOME}{self.what}s/"))


class StepForm(KeyedForm):
    """One step of a transfer."""

    texts = "contingent.step"
    step = forms.TypedChoiceField(coerce=TransferStep, choices=[(one.value, one.value) for one in TransferStep])
    order_number = forms.CharField(max_length=40, required=False)
    reason = Choice(ReleaseRefusal, show_as="radio", required=False)
    note = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("step") is TransferStep.REFUSE and not values.get("reason"):
            self.add_error("reason", forms.ValidationError(self.fields["reason"].error_messages["required"]))
        return values


class Transfer(OneCase[cases.TransferLine]):
    """One transfer: where it stands, and what may be done now."""

    template = "contingent/transfer.html"
    form = StepForm
    done = "contingent.step.done"
    what = "transfer"

    def found(self) -> cases.TransferLine | None:
        return cases.transfer(self.actor, self.kwargs["transfer"], self.today)

    def context(self) -> Context:
        return {**super().context(), "steps": {step.value for step in cases.open_steps(self.actor, self.line)}}

    def submit(self, form: StepForm) -> str:
        self.take(form.cleaned_data, self.line.id)
        return addresses.transfer(self.line.id)

    def take(self, values: dict[str, Any], transfer: UUID) -> None:
        """The step that was chosen: one service call."""
        step = values["step"]
        if step is TransferStep.RELEASE:
            number = values["order_number"]
            transfers.release(actor=self.actor, transfer=transfer, order_number=number, now=self.now)
        elif step is TransferStep.REFUSE:
            transfers.refuse(
                actor=self.actor, transfer=transfer, reason=values["reason"], note=values["note"], now=self.now
            )
        elif step is TransferStep.UPHOLD:
            transfers.uphold(actor=self.actor, transfer=transfer, note=values["note"], now=self.now)
        else:
            plain = {
                TransferStep.APPEAL: transfers.appeal, TransferStep.WITHDRAW: transfers.withdraw,
                TransferStep.UNDO: transfers.undo,
            }  # fmt: skip
            plain.get(step, transfers.stop)(actor=self.actor, transfer=transfer, now=self.now)
