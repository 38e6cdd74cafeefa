"""What the verbs and the jobs of imports share: inside a verb, no transaction of its own."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from shanyraq.foundation import access, audit
from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports import kinds, limits
from shanyraq.foundation.imports.access import RULES, Do, covered
from shanyraq.foundation.imports.kinds import Asked, Kind, Place
from shanyraq.foundation.imports.models import Import
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import as_lang

ALIVE: Final = timedelta(minutes=2)  # a job that made no step for longer has died


def known(code: str) -> Kind:
    """The kind of a code. Raises Refusal("imports.kind_unknown")."""
    try:
        return kinds.kind(code)
    except KeyError:
        raise Refusal("imports.kind_unknown", kind=code) from None


def places(kind: Kind, actor: Actor, day: date) -> tuple[Place, ...]:
    """Where an actor may import a kind."""
    return tuple(kind.places(actor, day))


def territory_of(kind: Kind, actor: Actor, territory: str, organisation: UUID | None, day: date) -> str:
    """Where a file for an organisation lies, so that its offices see it; else the territory that was asked for."""
    own = (one.territory for one in places(kind, actor, day) if organisation and one.organisation == organisation)
    return next(own, territory)


def held(actor: Actor, owner: UUID) -> Import:
    """An import that the actor may open and work on, locked. Raises NotAllowed("access.denied")."""
    row = Import.objects.select_for_update().filter(access.rows(RULES, Do.OPEN, actor), pk=owner).first()
    if row is None:
        raise NotAllowed("access.denied", action=str(Do.OPEN))
    require_place(known(row.kind), actor, row.territory, row.organisation_id, row.holds_from)
    return row


def stopped(row: Import, now: datetime) -> bool:
    """Whether the job of an import has ended before its work."""
    return row.refusal is not None or now - (row.stepped_at or row.received_at) > ALIVE


def asked_of(row: Import, actor: Actor) -> Asked:
    """What was asked, as kinds take it."""
    return Asked(
        actor, row.territory, row.organisation_id, row.holds_from, row.replace, as_lang(row.language),
        frozenset(row.given),
    )  # fmt: skip


def limit_of(user: UUID | None) -> limits.Limits:
    """How much may be read: of a person at the portal less than of the operator at the command line."""
    return limits.PAGE if user else limits.BULK


def set_down(actor: Actor, action: str, row: Import, now: datetime) -> None:
    """Note a step in the audit trail, without anything that stands in the file."""
    facts: dict[str, Any] = {"kind": row.kind, "sha256": row.sha256, "territory": row.territory}
    facts |= {name: n for name, n in row.counts.items() if isinstance(n, int)}
    audit.wrote(actor, action, at=now, subject="imports_import", subject_id=row.id, facts=facts)


def require_place(kind: Kind, actor: Actor, territory: str, organisation: UUID | None, day: date) -> None:
    """Pass when the actor may import the kind there. Raises NotAllowed("access.denied")."""
    if not covered(places(kind, actor, day), territory, organisation):
        raise NotAllowed("access.denied", action="imports.receive")
