"""The people as whom one signs in to the demonstration. They have no password: one click, and only in the demo."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shanyraq.domains.placement import bulk as placement
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.sandbox.build import Persona


def make(actor: Actor, family: Persona | None, head: UUID | None, demo: Mapping[str, str], now: datetime) -> None:
    """Make the users of the demonstration and give them their roles."""
    if family:
        accounts.create_user(actor=actor, sign_in_name="demo-parent", now=now, person=UUID(family.guardian))
    given = placement.open_applications(demo["voucher_district"], Status.VOUCHER_OFFERED)
    holder = next((applicant for _, _, applicant in given), None)
    if holder:
        accounts.create_user(actor=actor, sign_in_name="demo-parent-voucher", now=now, person=holder)
    district = demo["district"]
    staff: tuple[tuple[str, Role, str, UUID | None], ...] = (
        ("demo-officer", Role.OFFICER, district, None),
        ("demo-region", Role.REGION, district[:2], None),
        ("demo-ministry", Role.MINISTRY, "", None),
        ("demo-auditor", Role.AUDITOR, "", None),
    )
    if head:
        staff = (("demo-head", Role.HEAD, "", head), *staff)
    for name, role, territory, organisation in staff:
        user = accounts.create_user(actor=actor, sign_in_name=name, now=now)
        accounts.grant(
            actor=actor,
            user=user,
            role=role,
            territory=territory,
            organisation=organisation,
            valid_from=day_of(now),
            now=now,
        )
