"""The tables of open data: their fields, and the query that fills each, which is the one of the portal's pages."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final, TypeAlias

from shanyraq.domains.placement.queries import public, statistics
from shanyraq.domains.placement.queries.places import group_places
from shanyraq.domains.placement.queries.rounds import RoundSummary, rounds_of
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import TerritoryCard

Cell: TypeAlias = str | int | float | datetime | None
Row: TypeAlias = tuple[Cell, ...]
AT_ONCE: Final = 500  # rounds whose outcomes are counted by one query


class Reading:
    """What several tables need, read once for an edition."""

    def __init__(self, on: date) -> None:
        self.on = on

    @cached_property
    def lines(self) -> tuple[public.Line, ...]:
        """Free places and queue by district."""
        return public.districts_of_country(self.on)

    @cached_property
    def rounds(self) -> tuple[RoundSummary, ...]:
        """Every published round, newest first."""
        return rounds_of(limit=None)

    @cached_property
    def territories(self) -> dict[str, TerritoryCard]:
        """Regions and districts by KATO."""
        cards = (*registry.regions(self.on), *registry.districts(None, self.on))
        return {card.kato: card for card in cards}

    def names(self, kato: str) -> Row:
        """The name of a territory in three languages."""
        card = self.territories.get(kato)
        return (card.name.kk, card.name.ru, card.name.en) if card else ("", "", "")


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name is that of its texts too, `opendata.field.<name>`. `hides`: small counts stand as a mark."""

    name: str
    type: str = "integer"  # of Table Schema
    hides: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One resource of the package, in two formats. Texts: `opendata.table.<name>` and `….about`."""

    name: str
    group: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    rows: Callable[[Reading], Iterable[Row]]


def _kato() -> tuple[Field, ...]:
    return (Field("kato", "string"), *(Field(f"name_{lang}", "string") for lang in ("kk", "ru", "en")))


def _words(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, "string") for name in names)


def _places(reading: Reading) -> Iterator[Row]:
    for line in reading.lines:
        if line.card:
            kato = line.card.kato
            yield (kato, *reading.names(kato), line.kindergartens, line.places, line.taken, line.held, line.free)


def _groups(reading: Reading) -> Iterator[Row]:
    homes = {card.id: card for card in registry.organisations_in("", reading.on)}
    for row in group_places("", reading.on):
        group = row.group
        home = homes[group.organisation]
        yield (
            str(group.id), str(home.id), home.bin, home.name.kk, home.name.ru, home.name.en, group.district, home.lon,
            home.lat, group.kind.value, group.language.value, group.born_from, group.born_to, group.places, row.free,
            row.opened,
        )  # fmt: skip


def _queue(reading: Reading) -> Iterator[Row]:
    for line in reading.lines:
        if line.card:
            kato = line.card.kato
            yield (kato, *reading.names(kato), line.waiting, line.offered, line.paused, line.queue)


def _years(reading: Reading) -> Iterator[Row]:
    for (kato, year), waiting in sorted(public.queue_years(reading.on).cells.items()):
        yield (kato, *reading.names(kato), year, waiting)


def _country(reading: Reading) -> Iterator[Row]:
    yield from sorted(public.queue_years(reading.on).years.items())


def _rounds(reading: Reading) -> Iterator[Row]:
    for one in reading.rounds:
        yield (
            str(one.id), one.district, *reading.names(one.district), one.number, one.model.value, one.held_at,
            one.published_at, one.claims, one.places, one.placed, one.first_wish, one.fingerprint, one.outcomes_hash,
        )  # fmt: skip


def _round_years(reading: Reading) -> Iterator[Row]:
    for start in range(0, len(reading.rounds), AT_ONCE):
        batch = reading.rounds[start : start + AT_ONCE]
        found = public.rounds_by_year([one.id for one in batch], reading.on)
        for one in batch:
            for year in found.get(one.id, ()):
                yield (str(one.id), one.district, year.birth_year, year.claims, year.placed, year.first_wish)


def _waiting(reading: Reading) -> Iterator[Row]:
    for line in statistics.waiting_times(reading.on):
        kato = line.territory.ljust(9, "0")  # nine zeros are the country
        level = {0: "country", 2: "region"}.get(len(line.territory), "district")
        yield (
            level, kato, *reading.names(kato), line.placed, line.median_days, line.nine_of_ten_days, line.waiting,
            line.median_days_so_far,
        )  # fmt: skip


_COUNTED: Final = tuple(Field(name, hides=True) for name in ("claims", "placed", "first_wish"))
TABLES: Final = (
    Table(
        "places-districts", "places",
        (*_kato(), *map(Field, ("kindergartens", "places", "taken", "held", "free"))), ("kato",), _places,
    ),
    Table(
        "places-groups", "places",
        (
            *_words("group", "kindergarten", "bin", "name_kk", "name_ru", "name_en", "kato"), Field("lon", "number"),
            Field("lat", "number"), *_words("kind", "language"), Field("born_from", "year"), Field("born_to", "year"),
            *map(Field, ("places", "free", "open_access")),
        ),
        ("group",), _groups,
    ),
    Table(
        "queue-districts", "queue", (*_kato(), *map(Field, ("waiting", "offered", "paused", "queue"))), ("kato",),
        _queue,
    ),
    Table(
        "queue-years", "queue", (*_kato(), Field("birth_year", "year"), Field("waiting", hides=True)),
        ("kato", "birth_year"), _years,
    ),
    Table(
        "queue-country", "queue", (Field("birth_year", "year"), Field("waiting", hides=True)), ("birth_year",), _country
    ),
    Table(
        "rounds", "rounds",
        (
            *_words("round"), *_kato(), Field("number"), *_words("model"), Field("held_at", "datetime"),
            Field("published_at", "datetime"), *map(Field, ("claims", "places", "placed", "first_wish")),
            *_words("inputs_sha256", "outcomes_sha256"),
        ),
        ("round",), _rounds,
    ),
    Table(
        "rounds-years", "rounds", (*_words("round", "kato"), Field("birth_year", "year"), *_COUNTED),
        ("round", "birth_year"), _round_years,
    ),
    Table(
        "waiting-times", "waiting",
        (
            *_words("level"), *_kato(), Field("placed_in_year", hides=True), Field("median_days", hides=True),
            Field("nine_of_ten_days", hides=True), Field("waiting"), Field("median_days_so_far", hides=True),
        ),
        ("level", "kato"), _waiting,
    ),
)  # fmt: skip
GROUPS: Final = tuple(dict.fromkeys(table.group for table in TABLES))
BY_NAME: Final = {table.name: table for table in TABLES}
