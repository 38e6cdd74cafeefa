"""Rows that end in one place on a day and go on in another from the same day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from shanyraq.domains.registry.models import Building, Employment, Enrolment, Group, Room
from shanyraq.domains.registry.rules.kinds import EntryReason, ExitReason, LeavingReason, Stage
from shanyraq.foundation.history.fact import Fact
from shanyraq.foundation.uid import new_id

SOME: Final = 1000  # rows of one statement
F = TypeVar("F", bound=Fact)
Values = Mapping[str, Any]


class Carrier:
    """Ends rows on a day and begins their copies elsewhere on the same day. What begins that day or later has no past
    to leave behind: it is moved as it stands."""

    def __init__(self, on: date, now: datetime, batch: UUID | None = None) -> None:
        self.on, self.now, self.batch = on, now, batch

    def premises(self, former: UUID, heir: UUID) -> dict[UUID, UUID]:
        """Buildings and rooms of an organisation; which room follows which."""
        old = open_rows(Building, organisation_id=former)
        buildings = self.carried(old, {row.id: {"organisation_id": heir} for row in old})
        return self.rooms(buildings)

    def rooms(self, buildings: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
        """Rooms of buildings that others follow; which room follows which."""
        rooms = open_rows(Room, building_id__in=buildings)
        return self.carried(rooms, {row.id: {"building_id": buildings[row.building_id]} for row in rooms})

    def groups(self, rows: Sequence[Group], moves: Mapping[UUID, UUID], rooms: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
        """Groups; which follows which."""
        names = names_there(rows, moves)
        elsewhere = {
            row.id: {
                "organisation_id": moves[row.id],
                "name": names[row.id],
                "room_id": rooms.get(row.room_id) if row.room_id else None,
            }
            for row in rows
        }
        return self.carried(rows, elsewhere)

    def learners(self, fresh: Mapping[UUID, UUID], order: str) -> list[tuple[UUID, UUID]]:
        """Enrolments of the groups: as they go on, each with its child."""
        rows = open_rows(Enrolment, group_id__in=fresh)
        begun = {"entry_reason": EntryReason.TRANSFER, "order_number": order, "order_on": self.on}
        ended = {"exit_reason": ExitReason.TRANSFER, "exit_order": order}
        made = self.carried(rows, {row.id: {"group_id": fresh[row.group_id]} for row in rows}, begun=begun, ended=ended)
        return [(made[row.id], row.child_id) for row in rows]

    def staff(self, former: UUID, heir: UUID) -> None:
        """Employments of an organisation."""
        rows = open_rows(Employment, organisation_id=former)
        ended = {"exit_reason": LeavingReason.TRANSFER}
        self.carried(rows, {row.id: {"organisation_id": heir} for row in rows}, ended=ended)

    def carried(
        self,
        rows: Sequence[F],
        elsewhere: Mapping[UUID, Values],
        *,
        begun: Values | None = None,
        ended: Values | None = None,
    ) -> dict[UUID, UUID]:
        """Which row follows which: `elsewhere` by row is what is otherwise, `begun` what every copy says besides,
        `ended` what the former rows say of their end."""
        if not rows:
            return {}
        past = [row for row in rows if row.valid_from < self.on]  # type: ignore[attr-defined]  # facts with a period
        ahead = [row for row in rows if row.valid_from >= self.on]  # type: ignore[attr-defined]
        copies = [_copy(row, {**elsewhere[row.id], **(begun or {}), **self._mine()}) for row in past]
        table = type(rows[0])
        self._write(table, [row.id for row in past], {"valid_to": self.on, **(ended or {})})
        table._default_manager.bulk_create(copies, batch_size=SOME)
        self._move(table, ahead, elsewhere)
        kept = {row.id: row.id for row in ahead}
        return kept | {old.id: new.id for old, new in zip(past, copies, strict=True)}

    def _move(self, table: type[Fact], rows: Iterable[Fact], elsewhere: Mapping[UUID, Values]) -> None:
        together: dict[tuple[tuple[str, Any], ...], list[UUID]] = defaultdict(list)
        for row in rows:
            if any(getattr(row, name) != value for name, value in elsewhere[row.id].items()):
                together[tuple(sorted(elsewhere[row.id].items()))].append(row.id)
        for values, ids in together.items():
            self._write(table, ids, dict(values))

    def _write(self, table: type[Fact], ids: Sequence[UUID], values: Values) -> None:
        for at in range(0, len(ids), SOME):
            some = table._default_manager.filter(pk__in=ids[at : at + SOME])
            some.update(**values, recorded_at=self.now, batch=self.batch)

    def _mine(self) -> dict[str, Any]:
        return {"id": new_id(), "recorded_at": self.now, "batch": self.batch, "valid_from": self.on}


def open_rows(table: type[F], **of: Any) -> list[F]:
    """Rows without an end, held, by id."""
    rows: QuerySet[F] = table._default_manager.select_for_update()
    return list(rows.filter(valid_to__isnull=True, **of).order_by("id"))


def names_there(rows: Iterable[Group], moves: Mapping[UUID, UUID]) -> dict[UUID, str]:
    """What groups are called where they go on: a name that the heir already has in that school year gets a number.
    1 query."""
    taken = set(
        Group.objects.filter(organisation_id__in=set(moves.values()), valid_to__isnull=True)
        .exclude(stage=Stage.PRESCHOOL)
        .values_list("organisation_id", "school_year", "name")
    )
    names = {}
    for row in rows:
        heir, name = moves[row.id], row.name
        for number in range(2, len(taken) + 3):
            if (heir, row.school_year, name) not in taken:
                break
            name = f"{row.name} ({number})"
        taken.add((heir, row.school_year, name))
        names[row.id] = name
    return names


def _copy(row: F, otherwise: Values) -> F:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**{**values, **otherwise})
