"""Two families exchange places: both families and both kindergartens consent."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from shanyraq.foundation.access import Actor


@transaction.atomic
def propose_swap(*, actor: Actor, first: UUID, second: UUID, now: datetime) -> UUID:
    """Propose that the children of two enrolments change places: the swap, with the proposer's consent.

    Raises NotAllowed; Refusal("placement.swap_not_lawful_here") where the norm does not allow it.
    """
    raise NotImplementedError


@transaction.atomic
def consent(*, actor: Actor, swap: UUID, now: datetime) -> None:
    """Consent for one's own side, family or kindergarten; with the fourth consent the children change places."""
    raise NotImplementedError


@transaction.atomic
def refuse_swap(*, actor: Actor, swap: UUID, now: datetime) -> None:
    """Refuse for one's own side; nothing changes. Repeated, it changes nothing."""
    raise NotImplementedError
