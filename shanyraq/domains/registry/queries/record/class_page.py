"""One class or group, on both clocks: what it is and was, where it sits, who learns in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q

from shanyraq.domains.registry.access import GROUP_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group, Room
from shanyraq.domains.registry.queries.cards import OrganisationCard
from shanyraq.domains.registry.queries.places import in_force, organisation_of
from shanyraq.domains.registry.queries.record.asking import Line, Wanted
from shanyraq.domains.registry.queries.record.classes import year_name
from shanyraq.domains.registry.queries.record.listing import every_line
from shanyraq.domains.registry.queries.record.pupils import PUPILS
from shanyraq.domains.registry.queries.record.timeline import Change, Version
from shanyraq.domains.registry.rules.kinds import GroupKind, Language, Sex, Stage
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Fact

TOLD: Final = ("name", "kind", "language", "grade", "shift", "room", "places", "valid_to")
ENUMS: Final = {"kind": GroupKind, "language": Language}


@dataclass(frozen=True, slots=True)
class ClassPage:
    """A class in facts and figures. `pupils`: those whom the actor may read, by the Kazakh alphabet."""

    id: UUID
    home: OrganisationCard
    name: str
    stage: Stage
    kind: GroupKind
    language: Language
    grade: int | None
    school_year: str  # 2026/27, empty where there is none
    born: tuple[int, int] | None
    shift: int | None
    room: UUID | None
    room_name: str
    seats: int
    learners: int
    girls: int
    since: date
    until: date | None
    pupils: tuple[Line, ...]
    versions: tuple[Version, ...]
    may_change: bool

    @property
    def free(self) -> int:
        """Seats that nobody takes; fewer than none when the class is overfull."""
        return self.seats - self.learners


@dataclass(frozen=True, slots=True)
class RoomChoice:
    id: UUID
    name: str  # with its building
    seats: int


def class_page(actor: Actor, group: UUID, wanted: Wanted) -> ClassPage | None:
    """One class on the day as it was known; None when nothing was known of it then. As many queries with one pupil as
    with sixty: at most 14. Raises NotAllowed("access.denied")."""
    access.require(GROUP_RULES, Do.READ_RECORD, actor, Group.objects.all(), group)
    row = history.as_of(Group, known=wanted.known).select_related("organisation").filter(pk=group).first()
    if row is None:
        return None
    running = history.as_of(Enrolment, valid=wanted.valid, known=wanted.known).filter(group_id=group)
    told = running.aggregate(learners=Count("pk"), girls=Count("pk", filter=Q(child__sex=Sex.FEMALE)))
    versions = history.versions(Group, group)
    rooms = _room_names(versions)
    own = Wanted(wanted.valid, wanted.known, group=group)
    return ClassPage(
        row.pk, organisation_of(row.organisation), row.name, Stage(row.stage), GroupKind(row.kind),
        Language(row.language), row.grade, year_name(row.school_year),
        None if row.born_from is None else (row.born_from, row.born_to), row.shift, row.room_id,
        rooms.get(row.room_id, ""), row.places, told["learners"], told["girls"], row.valid_from, row.valid_to,
        pupils=tuple(every_line(PUPILS, actor, own)),
        versions=_versions([one for one in versions if not wanted.known or one.recorded_at <= wanted.known], rooms),
        may_change=_changeable(actor, group),
    )  # fmt: skip


def changeable_class(actor: Actor, group: UUID, today: date) -> ClassPage | None:
    """The class as it is today, when the actor may change it. The queries of class_page and one."""
    return class_page(actor, group, Wanted(today)) if _changeable(actor, group) else None


def rooms_of(organisation: UUID, on: date) -> tuple[RoomChoice, ...]:
    """Rooms of the organisation's buildings on the day, by building and name. 1 query."""
    rows = Room.objects.filter(in_force(on), building__organisation_id=organisation).select_related("building")
    return tuple(
        RoomChoice(row.pk, f"{row.building.name}: {row.name}", row.seats)
        for row in rows.order_by("building__name", "name", "pk")
    )


def _changeable(actor: Actor, group: UUID) -> bool:
    return Group.objects.filter(access.rows(GROUP_RULES, Do.CHANGE_GROUP, actor), pk=group).exists()


def _room_names(versions: Sequence[Any]) -> dict[UUID | None, str]:
    ids = {one.room_id for one in versions if one.room_id}
    return {pk: name for pk, name in Room.objects.filter(pk__in=ids).values_list("pk", "name")}


def _versions(rows: Sequence[Any], rooms: dict[UUID | None, str]) -> tuple[Version, ...]:
    found: list[Version] = []
    before: Any = None
    for row in rows:
        changes = () if before is None else tuple(
            Change(f"record.class.field.{name}", was, now)
            for name in TOLD
            if (was := _shown(before, name, rooms)) != (now := _shown(row, name, rooms))
        )  # fmt: skip
        found.append(Version(row.recorded_at, row.known_to, None, changes))
        before = row
    return tuple(found)


def _shown(row: Any, name: str, rooms: dict[UUID | None, str]) -> Fact:
    if name == "room":
        return rooms.get(row.room_id, "")
    value: Fact = getattr(row, name)
    return ENUMS[name](str(value)) if name in ENUMS else value
