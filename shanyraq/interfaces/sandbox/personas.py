"""The people as whom one signs in to the demonstration. They have no password: one click, and only in the demo."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shanyraq.domains.placement import bulk as placement
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.sandbox.build import Built


def make(actor: Actor, built: Built, head: UUID | None, demo: Mapping[str, str], now: datetime) -> None:
    """Make the users of the demonstration and give them their roles."""
    family, school = built.persona, built.school
    if family:
        accounts.create_user(actor=actor, sign_in_name="demo-parent", now=now, person=UUID(family.guardian))
    given = placement.open_applications(demo["voucher_district"], Status.VOUCHER_OFFERED)
    holder = next((applicant for _, _, applicant in given), None)
    if holder:
        accounts.create_user(actor=actor, sign_in_name="demo-parent-voucher", now=now, person=holder)
    district = demo["district"]
    staff: list[tuple[str, Role, str, str | UUID | None, str | None]] = [
        ("demo-officer", Role.OFFICER, district, None, None),
        ("demo-region", Role.REGION, district[:2], None, None),
        ("demo-ministry", Role.MINISTRY, "", None, None),
        ("demo-auditor", Role.AUDITOR, "", None, None),
    ]
    if head:
        staff.insert(0, ("demo-head", Role.HEAD, "", head, None))
    if school:
        staff.append(("demo-school-head", Role.HEAD, "", school.organisation, school.head))
        staff.append(("demo-teacher", Role.TEACHER, "", school.organisation, school.teacher))
    for name, role, territory, organisation, person in staff:
        user = accounts.create_user(actor=actor, sign_in_name=name, now=now, person=UUID(person) if person else None)
        accounts.grant(
            actor=actor,
            user=user,
            role=role,
            territory=territory,
            organisation=UUID(str(organisation)) if organisation else None,
            valid_from=day_of(now),
            now=now,
        )
