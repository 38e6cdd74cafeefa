"""Reading exports: one's own, those that wait for a decision, and the way back from a leaked row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet, Sum

from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.exports import rules
from shanyraq.foundation.exports.access import OWN, RULES, Do, of_another
from shanyraq.foundation.exports.kinds import Asked, kind
from shanyraq.foundation.exports.models import Export
from shanyraq.foundation.exports.rules import ExportState, Limits, Way
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import COUNTRY_ZONE, day_of

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Card:
    """A file of people's data, as pages show it."""

    id: UUID
    code: str
    kind: str
    asked: Mapping[str, str]
    territory: str
    purpose: str
    who: str  # sign-in name
    role: Role
    state: ExportState
    rows: int
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision: str
    expires_at: datetime | None
    fetched: int
    own: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen if a file were taken now."""

    rows: int
    used: int  # rows that the actor has had today at once
    limits: Limits
    way: Way

    @property
    def left(self) -> int:
        """Rows of today's quota that are left."""
        return max(0, self.limits.rows_per_day - self.used)


@dataclass(frozen=True, slots=True)
class Traced:
    """Where a leaked fragment comes from."""

    card: Card
    row: int | None  # None when only the code of the file was given
    proven: bool  # the code of the row is genuine


def plan(actor: Actor, name: str, asked: Asked, now: datetime) -> Plan:
    """How a file would leave now. 1 query and those of its kind. Raises NotAllowed."""
    require_role(actor, *kind(name).roles)
    limits, rows = Limits.on(day_of(now)), kind(name).count(actor, asked, day_of(now))
    used = used_on(actor.user, day_of(now)) if actor.user else 0
    return Plan(rows, used, limits, rules.way(rows, used, limits))


def used_on(user: UUID, day: date) -> int:
    """Rows that someone has been given at once on a day. 1 query."""
    begins = datetime(day.year, day.month, day.day, tzinfo=COUNTRY_ZONE)
    given = Export.objects.filter(user_id=user, state=ExportState.GIVEN, requested_at__gte=begins)
    total = given.filter(requested_at__lt=begins + timedelta(days=1)).aggregate(rows=Sum("rows"))["rows"]
    return int(total or 0)


def own(actor: Actor) -> tuple[Card, ...]:
    """What the actor took or asked for, newest first. 2 queries."""
    return _cards(
        actor, Export.objects.filter(access.rows(OWN, Do.SEE, actor)).order_by("-requested_at", "-id")[:SHOWN]
    )


def to_decide(actor: Actor) -> tuple[Card, ...]:
    """What waits for the decision of the actor, oldest first. 2 queries."""
    found = Export.objects.filter(decidable(actor), state=ExportState.REQUESTED)
    return _cards(actor, found.order_by("requested_at", "id")[:SHOWN])


def of_others(actor: Actor) -> tuple[Card, ...]:
    """What others took, newest first, for the auditor and the operator; else nothing. 2 queries."""
    if not actor.has(Role.AUDITOR, Role.OPERATOR):
        return ()
    return _cards(actor, Export.objects.filter(of_another(actor)).order_by("-requested_at", "-id")[:SHOWN])


def card(actor: Actor, export: UUID) -> Card | None:
    """One file, if the actor may see it. 2 queries."""
    found = Export.objects.filter(access.rows(RULES, Do.SEE, actor), pk=export)
    return next(iter(_cards(actor, found)), None)


def may_decide(actor: Actor, export: UUID) -> bool:
    """Whether the actor may decide on a file that waits. 1 query."""
    return Export.objects.filter(decidable(actor), state=ExportState.REQUESTED, pk=export).exists()


def decidable(actor: Actor) -> Q:
    """The filter of files on which the actor may decide: by role and scope, and never their own."""
    return access.rows(RULES, Do.DECIDE, actor) & of_another(actor)


def trace(actor: Actor, written: str) -> Traced:
    """The file that a code leads to: of a row, or of a whole file. 2 queries.

    Raises NotAllowed("access.denied"), Refusal("exports.code_unknown").
    """
    require_role(actor, Role.AUDITOR, Role.OPERATOR)
    code, number, proof = rules.parsed(written)
    row = Export.objects.filter(code=code).first() if code else None
    if row is None:
        raise Refusal("exports.code_unknown", field="code")
    genuine = number is not None and rules.proven(number, proof, bytes(row.salt))
    return Traced(_cards(actor, Export.objects.filter(pk=row.pk))[0], number, genuine)


def _cards(actor: Actor, rows: QuerySet[Export]) -> tuple[Card, ...]:
    found = list(rows)
    people = {one for row in found for one in (row.user_id, row.decided_by) if one}
    names = dict(get_user_model().objects.filter(pk__in=people).values_list("pk", "sign_in_name")) if people else {}
    return tuple(_card(actor, row, names) for row in found)


def _card(actor: Actor, row: Export, names: Mapping[UUID, str]) -> Card:
    return Card(
        id=row.id,
        code=row.code,
        kind=row.kind,
        asked=row.asked,
        territory=row.territory,
        purpose=row.purpose,
        who=names.get(row.user_id, ""),
        role=Role(row.role),
        state=ExportState(row.state),
        rows=row.rows,
        requested_at=row.requested_at,
        decided_by=names.get(row.decided_by, "") if row.decided_by else "",
        decided_at=row.decided_at,
        decision=row.decision,
        expires_at=row.expires_at,
        fetched=row.fetched,
        own=row.user_id == actor.user,
    )
