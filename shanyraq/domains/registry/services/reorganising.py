"""Organisations that merge, split or follow one another: people, rooms and figures go on, and the past stays.

Everything is one batch, so that it can be taken back as one. Whoever goes on ends in the former organisation on the day
and begins in the latter on the same day; the succession keeps the share, by which series stay comparable.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Building, Employment, Enrolment, Group, Organisation, Room, Succession
from shanyraq.domains.registry.models import OrganisationProfile as Profile
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, LeavingReason, Stage, SuccessionKind
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access, audit, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.uid import new_id

KIND: Final = "registry.reorganisation"
SHARE: Final = Decimal("0.0001")
SOME: Final = 1000  # rows of one statement
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Reorganisation:
    """Which groups of one organisation go on in which others. A group that is not named stays.

    `closes`: the former no longer works from that day; then every open group must go on, and its staff and buildings
    go to the heir of the largest share.
    """

    kind: SuccessionKind
    former: UUID
    moves: Mapping[UUID, UUID]  # group -> the organisation in which it goes on
    closes: bool
    order_number: str = ""


@transaction.atomic
def reorganise(*, actor: Actor, plan: Reorganisation, on: date, now: datetime) -> UUID:
    """Carry groups with their learners over to other organisations from a day on; the batch, which can be undone.

    Raises NotAllowed; Refusal: registry.day_ahead, registry.organisation_closed, registry.nothing_moves,
    registry.group_elsewhere, registry.successor_same, registry.groups_left_behind, registry.text_long.
    """
    heirs = sorted(set(plan.moves.values()))
    for one in (plan.former, *heirs):
        access.require(ORGANISATION_RULES, Do.CHANGE_ORGANISATION, actor, Organisation.objects.all(), one)
    places.require_past(on, day_of(now))
    order = places.require_short(plan.order_number, "order_number", 40)
    groups = _groups(plan, on)
    _require_at_work([plan.former, *heirs], on)
    batch = history.begin(actor=actor, kind=KIND, now=now, organisation=plan.former)
    carrier = _Carrier(on, now, batch)
    shares = _shares(plan, groups, on)
    heir = max(shares, key=lambda one: (shares[one], one.hex))
    rooms = carrier.premises(plan.former, heir) if plan.closes else {}
    fresh = carrier.groups(groups, plan.moves, rooms)
    learners = carrier.learners(fresh, order)
    if plan.closes:
        carrier.staff(plan.former, heir)
        _close(plan.former, on, now, batch)
    _succeed(plan, shares, carrier, order)
    history.finish(batch)
    _noted(actor, plan, batch, learners, on, now)
    return batch


def _groups(plan: Reorganisation, on: date) -> list[Group]:
    if not plan.moves:
        raise Refusal("registry.nothing_moves")
    if plan.former in plan.moves.values():
        raise Refusal("registry.successor_same", field="latter")
    open_ones = Group.objects.select_for_update().filter(
        organisation_id=plan.former, valid_to__isnull=True, valid_from__lt=on
    )
    found = {row.id: row for row in open_ones.order_by("id")}
    if set(plan.moves) - set(found):
        raise Refusal("registry.group_elsewhere", field="groups")
    left = set(found) - set(plan.moves)
    if plan.closes and left:
        raise Refusal("registry.groups_left_behind", n=len(left))
    return [found[pk] for pk in sorted(plan.moves)]


def _require_at_work(organisations: Iterable[UUID], on: date) -> None:
    wanted = set(organisations)
    rows = Organisation.objects.select_for_update().filter(pk__in=wanted, valid_from__lte=on, valid_to__isnull=True)
    if len(list(rows.order_by("id").values_list("id", flat=True))) < len(wanted):
        raise Refusal("registry.organisation_closed", on=on)


def _shares(plan: Reorganisation, groups: list[Group], on: date) -> dict[UUID, Decimal]:
    """Which share of the former's learners (of its groups, when nobody is enrolled) goes on in each heir."""
    running = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    counted = Enrolment.objects.filter(running, group__organisation_id=plan.former).values_list("group_id")
    in_group = dict(counted.annotate(n=Count("id")).order_by("group_id"))
    weights = in_group if any(in_group.get(row.id) for row in groups) else {row.id: 1 for row in groups}
    going: Counter[UUID] = Counter()
    for row in groups:
        going[plan.moves[row.id]] += weights.get(row.id, 0)
    whole = sum(weights.values())
    return {heir: (Decimal(n) / whole).quantize(SHARE) for heir, n in going.items()}


class _Carrier:
    """Ends rows on a day and begins their copies elsewhere on the same day, all in one batch."""

    def __init__(self, on: date, now: datetime, batch: UUID) -> None:
        self.on, self.now, self.batch = on, now, batch

    def premises(self, former: UUID, heir: UUID) -> dict[UUID, UUID]:
        """Buildings and rooms; which room follows which."""
        old = list(_open(Building, self.on).filter(organisation_id=former))
        buildings = self._carried(old, {row.id: {"organisation_id": heir} for row in old})
        rooms = list(_open(Room, self.on).filter(building_id__in=buildings))
        return self._carried(rooms, {row.id: {"building_id": buildings[row.building_id]} for row in rooms})

    def groups(self, rows: list[Group], moves: Mapping[UUID, UUID], rooms: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
        """Groups; which follows which. A name that the heir already has in that school year gets a number."""
        taken = set(
            Group.objects.filter(organisation_id__in=set(moves.values()), valid_to__isnull=True)
            .exclude(stage=Stage.PRESCHOOL)
            .values_list("organisation_id", "school_year", "name")
        )
        elsewhere: dict[UUID, dict[str, Any]] = {}
        for row in rows:
            heir, name = moves[row.id], row.name
            for number in range(2, len(taken) + 3):
                if (heir, row.school_year, name) not in taken:
                    break
                name = f"{row.name} ({number})"
            taken.add((heir, row.school_year, name))
            room = rooms.get(row.room_id) if row.room_id else None
            elsewhere[row.id] = {"organisation_id": heir, "name": name, "room_id": room}
        return self._carried(rows, elsewhere)

    def learners(self, fresh: Mapping[UUID, UUID], order: str) -> list[tuple[UUID, UUID]]:
        """Enrolments of the groups; the new ones with their children."""
        rows = list(_open(Enrolment, self.on).filter(group_id__in=fresh))
        begun = {"entry_reason": EntryReason.TRANSFER, "order_number": order, "order_on": self.on}
        ended = {"exit_reason": ExitReason.TRANSFER, "exit_order": order}
        made = self._carried(rows, {row.id: {"group_id": fresh[row.group_id], **begun} for row in rows}, ended)
        for old, new in fresh.items():  # who begins that day or later begins in the heir
            ahead = Enrolment.objects.filter(group_id=old, valid_to__isnull=True, valid_from__gte=self.on)
            ahead.update(group_id=new, recorded_at=self.now, batch=self.batch)
        return [(made[row.id], row.child_id) for row in rows]

    def staff(self, former: UUID, heir: UUID) -> None:
        """Employments."""
        rows = list(_open(Employment, self.on).filter(organisation_id=former))
        ended = {"exit_reason": LeavingReason.TRANSFER}
        self._carried(rows, {row.id: {"organisation_id": heir} for row in rows}, ended)

    def _carried(
        self, rows: list[F], elsewhere: Mapping[UUID, dict[str, Any]], ended: Mapping[str, Any] | None = None
    ) -> dict[UUID, UUID]:
        if not rows:
            return {}
        table, last = type(rows[0]), {"valid_to": self.on, **(ended or {})}
        copies, ids = [], {}
        for row in rows:
            values = {field.attname: getattr(row, field.attname) for field in table._meta.concrete_fields}
            ids[row.id] = new_id()
            mine = {"id": ids[row.id], "recorded_at": self.now, "batch": self.batch, "valid_from": self.on}
            copies.append(table(**{**values, **elsewhere[row.id], **mine}))
        ends = {**last, "recorded_at": self.now, "batch": self.batch}
        for at in range(0, len(rows), SOME):
            some = [row.id for row in rows[at : at + SOME]]
            table._default_manager.filter(pk__in=some).update(**ends)
        table._default_manager.bulk_create(copies, batch_size=SOME)
        return ids


def _open(table: type[F], on: date) -> QuerySet[F]:
    """Rows without an end that began before the day, held."""
    rows: QuerySet[F] = table._default_manager.select_for_update()
    return rows.filter(valid_to__isnull=True, valid_from__lt=on).order_by("id")


def _close(former: UUID, on: date, now: datetime, batch: UUID) -> None:
    ends = {"valid_to": on, "recorded_at": now, "batch": batch}
    Organisation.objects.filter(pk=former).update(**ends)
    Profile.objects.filter(organisation_id=former, valid_to__isnull=True, valid_from__lt=on).update(**ends)


def _succeed(plan: Reorganisation, shares: Mapping[UUID, Decimal], carrier: _Carrier, order: str) -> None:
    Succession.objects.bulk_create(
        Succession(
            former_id=plan.former, latter_id=heir, kind=plan.kind, share=max(share, SHARE), on=carrier.on,
            order_number=order, recorded_at=carrier.now, batch=carrier.batch,
        )
        for heir, share in sorted(shares.items())
    )  # fmt: skip


def _noted(
    actor: Actor, plan: Reorganisation, batch: UUID, learners: list[tuple[UUID, UUID]], on: date, now: datetime
) -> None:
    event = events.OrganisationReorganised(plan.kind, batch, on)
    note(actor, Do.CHANGE_ORGANISATION, event, subject="organisation", subject_id=plan.former, now=now)
    audit.wrote_many(actor, str(Do.ENROL), at=now, subject="enrolment", rows=learners)
