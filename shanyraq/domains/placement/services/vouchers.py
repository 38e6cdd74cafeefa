"""The voucher: taken, refused, restored; a kindergarten chosen with it, or waited for; the contract signed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from shanyraq.foundation.access import Actor


@transaction.atomic
def take_voucher(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Take the voucher; the days to choose a kindergarten begin. Repeated, it changes nothing."""
    raise NotImplementedError


@transaction.atomic
def refuse_voucher(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Refuse the voucher; the place in the queue is annulled. Repeated, it changes nothing."""
    raise NotImplementedError


@transaction.atomic
def restore_voucher(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Bring back, once and in time, an application whose voucher was not taken. Repeated, it is refused."""
    raise NotImplementedError


@transaction.atomic
def choose_kindergarten(*, actor: Actor, application: UUID, organisation: UUID, now: datetime) -> UUID:
    """Take a free place with the voucher: the offer that holds it until the contract is signed.

    Repeated with the same kindergarten, it answers with the same offer.
    Raises NotAllowed; Refusal("placement.no_free_place") - the waiting list is open then.
    """
    raise NotImplementedError


@transaction.atomic
def join_waiting_list(*, actor: Actor, application: UUID, organisation: UUID, now: datetime) -> None:
    """Wait for a place in a kindergarten that is full. Repeated, it changes nothing."""
    raise NotImplementedError


@transaction.atomic
def leave_waiting_list(*, actor: Actor, application: UUID, organisation: UUID, now: datetime) -> None:
    """Wait there no more. Repeated, it changes nothing."""
    raise NotImplementedError


@transaction.atomic
def sign_contract(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Sign the contract with the chosen kindergarten, which may now enrol. Repeated, it changes nothing."""
    raise NotImplementedError
