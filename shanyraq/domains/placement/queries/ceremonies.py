"""Ceremonies that draw the seed of a round."""

from uuid import UUID

from shanyraq.domains.placement.models import Ceremony
from shanyraq.domains.placement.models.ceremonies import LIVE
from shanyraq.domains.placement.rules.order import NO_SEED, Seed
from shanyraq.foundation.refusal import Refusal


def seed_of_round(district: str, number: int) -> tuple[UUID | None, Seed]:
    """The ceremony held for a round of a district, and the seed that it drew; none where none is held. 1 query.

    Raises Refusal("placement.ceremony_open") while it is not finished.
    """
    row = Ceremony.objects.filter(district=district, number=number, status__in=LIVE).first()
    if row is None:
        return None, NO_SEED
    if row.status == "open":
        raise Refusal("placement.ceremony_open", day=row.recover_by)
    return row.pk, Seed(row.seed, row.drawn)
