"""Rows that say what another row says."""

from datetime import date, datetime
from typing import Final

from shanyraq.domains.registry.models import Organisation, OrganisationProfile

OF_PROFILE: Final = (
    "kind", "ownership", "name_kk", "name_ru", "name_en", "language", "district_id", "authority_id", "head_office_id",
    "licence", "shifts",
)  # fmt: skip


def profile_of(row: Organisation, on: date, now: datetime) -> OrganisationProfile:
    """The profile that says from a day on what the organisation's row says. No query."""
    values = {name: getattr(row, name) for name in OF_PROFILE}
    return OrganisationProfile(organisation_id=row.id, valid_from=on, recorded_at=now, batch=row.batch, **values)
