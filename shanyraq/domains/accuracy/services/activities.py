"""Months of journals, kitchens and gates, kept as an organisation states them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from shanyraq.domains.accuracy.access import Do, keeps_journals
from shanyraq.domains.accuracy.models import Activity
from shanyraq.domains.accuracy.queries.activities import COUNTS, Counts
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed

SOME = 500


@dataclass(frozen=True, slots=True)
class Stated:
    """A month of an enrolment: what is stated, and what was known when it was looked at."""

    enrolment: UUID
    month: date
    counts: Counts
    before: Counts | None


@transaction.atomic
def state_months(*, actor: Actor, organisation: UUID, lines: Sequence[Stated], batch: UUID, now: datetime) -> bool:
    """Keep the months under a batch; False, and nothing is written, when one has moved since `before`.

    Raises NotAllowed unless the actor leads the organisation and every enrolment is its own.
    """
    cards = registry.enrolment_cards([one.enrolment for one in lines])
    own = all(one.enrolment in cards and cards[one.enrolment].organisation == organisation for one in lines)
    if organisation not in keeps_journals(actor) or not own:
        raise NotAllowed("access.denied", action=str(Do.LOAD_ACTIVITIES))
    held = Activity.objects.select_for_update().filter(
        enrolment__in={one.enrolment for one in lines}, month_on__in={one.month for one in lines}
    )
    there = {(row.enrolment, row.month_on): row for row in held.order_by("id")}
    changed, fresh = [], []
    for one in lines:
        row = there.get((one.enrolment, one.month))
        if (tuple(getattr(row, name) for name in COUNTS) if row else None) != one.before:
            return False
        facts = dict(zip(COUNTS, one.counts, strict=True)) | {"batch": batch, "recorded_at": now}
        if row is None:
            fresh.append(Activity(enrolment=one.enrolment, month_on=one.month, **facts))
        else:
            for name, value in facts.items():
                setattr(row, name, value)
            changed.append(row)
    Activity.objects.bulk_create(fresh, batch_size=SOME)
    Activity.objects.bulk_update(changed, [*COUNTS, "batch", "recorded_at"], batch_size=SOME)
    return True
