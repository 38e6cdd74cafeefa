"""An offer, the referral it becomes, and the enrolment that ends it."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from shanyraq.foundation.access import Actor


@transaction.atomic
def accept_offer(*, actor: Actor, offer: UUID, now: datetime) -> None:
    """Take the offered place: the offer becomes a referral. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.offer_closed", "placement.offer_too_late").
    """
    raise NotImplementedError


@transaction.atomic
def decline_offer(*, actor: Actor, offer: UUID, reason: str, now: datetime) -> None:
    """Leave the offered place; the first time the family keeps its queue, later it goes to the stop list.

    Repeated, it changes nothing. Raises NotAllowed; Refusal("placement.offer_closed").
    """
    raise NotImplementedError


@transaction.atomic
def extend_referral(*, actor: Actor, offer: UUID, reason: str, until: date, now: datetime) -> None:
    """Give the family longer to bring its papers: once, with a reason. Repeated, it is refused."""
    raise NotImplementedError


@transaction.atomic
def enrol(*, actor: Actor, offer: UUID, order_number: str, now: datetime) -> UUID:
    """Take the child in: the enrolment. A transfer ends the old enrolment in the same step.

    Repeated, it answers with the same enrolment. Raises NotAllowed; Refusal("placement.offer_closed").
    """
    raise NotImplementedError


@transaction.atomic
def refuse_admission(*, actor: Actor, offer: UUID, reason: str, now: datetime) -> None:
    """The kindergarten cannot take the child (a closed list of reasons); the family keeps its queue."""
    raise NotImplementedError
