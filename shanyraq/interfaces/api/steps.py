"""What happens to an application after it was handed in: withdrawn, resumed, a right claimed, the voucher's steps."""

from typing import Any, Final, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import model_validator

from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.services import applications, vouchers
from shanyraq.domains.placement.services.drafts import NewDocument
from shanyraq.foundation.rest.needs import actor_of, needs, now_of
from shanyraq.interfaces.api.applications import ApplicationOut, DocumentIn, shown
from shanyraq.interfaces.api.schemas import In

router = Router()
WRITE = needs("write", "applications")


class NothingIn(In):
    """An empty body: `{}`."""


class RightIn(In):
    """A right that appeared later, with the paper that proves it."""

    benefit: Benefit
    document: DocumentIn


class OpenPlaceIn(In):
    """A kindergarten with a place in open access."""

    organisation: UUID


PLAIN: Final[dict[str, Any]] = {
    "take": vouchers.take_voucher,
    "refuse": vouchers.refuse_voucher,
    "restore": vouchers.restore_voucher,
    "sign": vouchers.sign_contract,
}
CHOICES: Final[dict[str, Any]] = {
    "choose": vouchers.choose_kindergarten,
    "join_list": vouchers.join_waiting_list,
    "leave_list": vouchers.leave_waiting_list,
}
VoucherStep = Literal["take", "refuse", "restore", "sign", "choose", "join_list", "leave_list"]


class VoucherIn(In):
    """A step with the voucher; `organisation` where a kindergarten is chosen or its list joined or left."""

    step: VoucherStep
    organisation: UUID | None = None

    @model_validator(mode="after")
    def _organisation_where_needed(self) -> "VoucherIn":
        if (self.step in CHOICES) != (self.organisation is not None):
            raise ValueError("organisation goes with choose, join_list and leave_list")
        return self


@router.post(
    "/applications/{uuid:application}/withdrawal",
    auth=WRITE,
    response=ApplicationOut,
    summary="Withdraw an application",
)
def withdraw(request: HttpRequest, application: UUID, body: NothingIn) -> ApplicationOut:
    """A place held for it is free again."""
    applications.withdraw(actor=actor_of(request), application=application, now=now_of(request))
    return shown(application)


@router.post(
    "/applications/{uuid:application}/resumption",
    auth=WRITE,
    response=ApplicationOut,
    summary="Bring an application back from the stop list",
)
def resume(request: HttpRequest, application: UUID, body: NothingIn) -> ApplicationOut:
    """At its first date."""
    applications.resume(actor=actor_of(request), application=application, now=now_of(request))
    return shown(application)


@router.post(
    "/applications/{uuid:application}/rights",
    auth=WRITE,
    response=ApplicationOut,
    summary="Claim a right with a document",
)
def claim_right(request: HttpRequest, application: UUID, body: RightIn) -> ApplicationOut:
    """It counts when the paper is confirmed."""
    paper = NewDocument(body.document.kind, body.document.number, body.document.issued_on)
    applications.claim_right(
        actor=actor_of(request), application=application, benefit=body.benefit, document=paper, now=now_of(request)
    )
    return shown(application)


@router.post(
    "/applications/{uuid:application}/open-places",
    auth=WRITE,
    response=ApplicationOut,
    summary="Ask for a place in open access",
)
def request_open_place(request: HttpRequest, application: UUID, body: OpenPlaceIn) -> ApplicationOut:
    """The next round gives it by the serving order."""
    applications.request_open_place(
        actor=actor_of(request), application=application, organisation=body.organisation, now=now_of(request)
    )
    return shown(application)


@router.post(
    "/applications/{uuid:application}/voucher", auth=WRITE, response=ApplicationOut, summary="A step with the voucher"
)
def voucher_step(request: HttpRequest, application: UUID, body: VoucherIn) -> ApplicationOut:
    """In districts that place by voucher."""
    given = {"actor": actor_of(request), "application": application, "now": now_of(request)}
    if body.step in PLAIN:
        PLAIN[body.step](**given)
    else:
        CHOICES[body.step](**given, organisation=body.organisation)
    return shown(application)
