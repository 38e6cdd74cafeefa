"""The dated profile of an organisation on both clocks: what it is on a day, its spells, and what each said before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Authority, Organisation, OrganisationProfile
from shanyraq.domains.registry.queries.cards import OrganisationCard
from shanyraq.domains.registry.queries.places import organisation_of
from shanyraq.domains.registry.queries.record.asking import Wanted
from shanyraq.domains.registry.queries.record.timeline import Change, Version
from shanyraq.domains.registry.queries.territory import territories
from shanyraq.domains.registry.rules.kinds import Language, OrganisationKind, Ownership
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history.fact import known_of
from shanyraq.foundation.text import Fact, Text

FIELDS: Final = (
    "name", "kind", "ownership", "head_office", "language", "district", "kato", "authority", "licence", "shifts",
)  # fmt: skip
DATES: Final = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class ProfileSpell:
    """What an organisation was, from when to when, since when that is known, and what was known before."""

    id: UUID
    name: Text
    since: date
    until: date | None
    facts: tuple[tuple[str, Fact], ...]  # code of a name, value
    recorded_at: datetime
    versions: tuple[Version, ...]
    here: bool  # it holds on the day that was asked for

    @property
    def corrected(self) -> bool:
        """Whether it was written otherwise before."""
        return len(self.versions) > 1


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """`present`: what it is on the day, none before it began or after it closed; `spells` newest first."""

    card: OrganisationCard
    present: ProfileSpell | None
    spells: tuple[ProfileSpell, ...]


def profile_page(actor: Actor, organisation: UUID, wanted: Wanted) -> ProfilePage | None:
    """The profile of an organisation on both clocks; None when nothing was known of it then. 7 queries.

    Raises NotAllowed("access.denied").
    """
    access.require(ORGANISATION_RULES, Do.READ_RECORD, actor, Organisation.objects.all(), organisation)
    home = history.as_of(Organisation, known=wanted.known).filter(pk=organisation).first()
    if home is None:
        return None
    rows = list(
        known_of(OrganisationProfile)._default_manager.filter(organisation_id=organisation).order_by("recorded_at")
    )
    beside = _Beside(rows)
    written: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        written[row.pk].append(row)
    found = [spell for versions in written.values() if (spell := _spell(versions, wanted, beside))]
    found.sort(key=lambda spell: (spell.since, spell.id), reverse=True)
    return ProfilePage(organisation_of(home), next((one for one in found if one.here), None), tuple(found))


class _Beside:
    """What profiles point at, read once. 4 queries."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.districts = {kato: one.name for kato, one in territories({row.district_id for row in rows}).items()}
        self.offices = _named(Authority, (row.authority_id for row in rows))
        self.homes = _named(Organisation, (row.head_office_id for row in rows))
        self.batches = {one.id: one for one in history.cards_of({row.batch for row in rows if row.batch})}

    def shown(self, field: str, row: Any) -> Fact:
        """A field as people read it."""
        plain: dict[str, Fact] = {
            "name": Text(row.name_kk, row.name_ru, row.name_en),
            "kind": OrganisationKind(row.kind),
            "ownership": Ownership(row.ownership),
            "head_office": self.homes.get(row.head_office_id),
            "language": Language(row.language),
            "district": self.districts.get(row.district_id),
            "kato": row.district_id,
            "authority": self.offices.get(row.authority_id),
        }
        return plain[field] if field in plain else getattr(row, field)


def _named(table: type[Any], ids: Iterable[UUID | None]) -> dict[UUID, Text]:
    rows = table._default_manager.filter(pk__in={one for one in ids if one})
    return {pk: Text(*spelled) for pk, *spelled in rows.values_list("pk", "name_kk", "name_ru", "name_en")}


def _spell(versions: Sequence[Any], wanted: Wanted, beside: _Beside) -> ProfileSpell | None:
    instant = wanted.known
    seen = [one for one in versions if instant is None or one.recorded_at <= instant]
    if not seen or (seen[-1].known_to is not None and (instant is None or seen[-1].known_to <= instant)):
        return None
    row = seen[-1]
    here = row.valid_from <= wanted.valid and (row.valid_to is None or row.valid_to > wanted.valid)
    return ProfileSpell(
        row.pk, Text(row.name_kk, row.name_ru, row.name_en), row.valid_from, row.valid_to,
        tuple((f"record.card.{name}", beside.shown(name, row)) for name in FIELDS), row.recorded_at,
        _versions(seen, instant, beside), here,
    )  # fmt: skip


def _versions(rows: Sequence[Any], instant: datetime | None, beside: _Beside) -> tuple[Version, ...]:
    found = []
    for before, row in zip((None, *rows), rows, strict=False):
        changes = [] if before is None else [
            Change(f"record.card.{name}", was, now)
            for name in (*FIELDS, *DATES)
            if (was := beside.shown(name, before)) != (now := beside.shown(name, row))
        ]  # fmt: skip
        ended = row.known_to if instant is None or (row.known_to and row.known_to <= instant) else None
        found.append(Version(row.recorded_at, ended, beside.batches.get(row.batch), tuple(changes)))
    return tuple(found)
