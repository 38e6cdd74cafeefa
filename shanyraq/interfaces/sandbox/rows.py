"""From arrays to rows of the registry: people, guardians, homes, kindergartens, groups, enrolments."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import numpy as np

from shanyraq.domains.registry import bulk as registry
from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.rules import names as spelling
from shanyraq.domains.registry.rules import numbers
from shanyraq.domains.registry.rules.kinds import BinHolder
from shanyraq.foundation.timeline import COUNTRY_ZONE
from shanyraq.interfaces.sandbox import names, network
from shanyraq.interfaces.sandbox.network import Groups, Kindergartens, Placed
from shanyraq.interfaces.sandbox.plan import District, Plan
from shanyraq.interfaces.sandbox.shares import Ints
from shanyraq.interfaces.sandbox.society import FATHER, NOT_THERE, Society

CHUNK: Final = 20_000
SEXES: Final = ("male", "female")
GUARDIANS: Final = ("mother", "father", "guardian")
LANGUAGES: Final = ("kk", "ru", "mixed")
KINDS: Final = ("general", "special", "sanatorium")
REGISTER_SINCE: Final = date(2020, 9, 1)
CLASS_NAMES: Final = {1: "ерте жас", 2: "кіші", 3: "ортаңғы", 4: "ересек", 5: "мектепалды"}
Row = tuple[Any, ...]
Named = tuple[str, str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class People:
    """The people of a region with everything that rows need: children first, then adults."""

    society: Society
    child_ids: list[str]
    adult_ids: list[str]
    universal: list[str]  # children, then adults
    iins: list[str]  # children, then adults; empty for none
    doubles: dict[int, int]  # child -> the child that it repeats
    silent: frozenset[int] = frozenset()  # families whose guardians nobody wrote down; of the even ones, nor the home


@lru_cache(maxsize=100_000)
def day(ordinal: int) -> date:
    """The day of an ordinal."""
    return date.fromordinal(ordinal)


def moment(ordinal: int, hour: int = 9) -> datetime:
    """An hour of a day in Kazakhstan."""
    return datetime.combine(date.fromordinal(ordinal), time(hour), COUNTRY_ZONE)


@lru_cache(maxsize=100_000)
def recorded(ordinal: int) -> datetime:
    """When the register heard of what holds since a day: at the beginning of that day, or of its own."""
    return moment(max(ordinal, REGISTER_SINCE.toordinal()), hour=0)


@dataclass(frozen=True, slots=True)
class Listed:
    """People as rows need them; names are numbers of pieces."""

    ids: Sequence[str]
    universal: Sequence[str]
    iins: Sequence[str]  # empty for none
    surname: Ints
    given: Ints
    patronymic: Ints
    sex: Ints
    born: Ints
    spelling: Mapping[int, int]  # those whose name is written in another way, and in which


def people(region: People) -> Iterator[Row]:
    """Rows of people."""
    children, families, adults = region.society.children, region.society.families, region.society.adults
    count = len(region.child_ids)
    yield from persons(Listed(
        region.child_ids, region.universal[:count], region.iins[:count],
        families.surname[children.family] + children.sex, children.given,
        families.patronymic[children.family, children.sex], children.sex, children.born,
        dict.fromkeys(region.doubles, 1),
    ))  # fmt: skip
    sex = np.where(adults.kind == FATHER, names.BOY, names.GIRL)
    everyone = persons(Listed(
        region.adult_ids, region.universal[count:], region.iins[count:], families.surname[adults.family] + sex,
        adults.given, adults.patronymic, sex, adults.born, {},
    ))  # fmt: skip
    written = families.children[adults.family] > 0
    yield from (row for row, there in zip(everyone, written.tolist(), strict=True) if there)


def persons(listed: Listed) -> Iterator[Row]:
    """Rows of any people."""
    full = names.book().full
    for start in range(0, len(listed.ids), CHUNK):
        end = min(start + CHUNK, len(listed.ids))
        iins = listed.iins[start:end]
        sealed = iter(identity.seal_many([iin for iin in iins if iin]))
        columns = (listed.surname, listed.given, listed.patronymic)
        names_of = map(full, *(one[start:end].tolist() for one in columns))
        for at, (named, iin) in enumerate(zip(names_of, iins, strict=True), start):
            if at in listed.spelling:
                named = misspelt(named, listed.spelling[at])
            cipher, index = (None, None) if not iin else _pair(next(sealed))
            born = int(listed.born[at])
            yield (
                listed.ids[at], listed.universal[at], *named[:5], SEXES[listed.sex[at]], day(born), cipher, index,
                *named[5:], recorded(born),
            )  # fmt: skip


def _pair(sealed: identity.SealedIin) -> tuple[bytes, bytes]:
    return sealed.cipher, sealed.index


def misspelt(named: Named, how: int) -> Named:
    """The same person as someone else writes them: 1 with a Russian keyboard and without the patronymic, 2 with the
    patronymic, 3 as 2 with one letter left out of the surname."""
    surname, given, patronymic = (spelling.in_russian_letters(one) for one in named[:3])
    if how == 1:
        patronymic = ""
    if how == 3 and len(surname) > 4:
        middle = len(surname) // 2
        surname = surname[:middle] + surname[middle + 1 :]
    russian = spelling.full(surname, given, patronymic)
    latin = spelling.in_latin_letters(russian)
    return surname, given, patronymic, russian, latin, spelling.search_key(russian, latin), spelling.sort_key(russian)


def guardianships(region: People, ids: Sequence[str]) -> Iterator[Row]:
    """Every guardian of every child of a family that is not silent, since the birth."""
    child_of, adult_of = pairs(region.society)
    kinds, born = region.society.adults.kind.tolist(), region.society.children.born.tolist()
    families = region.society.adults.family.tolist()
    for at, (child, adult) in enumerate(zip(child_of.tolist(), adult_of.tolist(), strict=True)):
        if families[adult] in region.silent:
            continue
        since = born[child]
        yield (
            ids[at], region.child_ids[child], region.adult_ids[adult], GUARDIANS[kinds[adult]], day(since), None,
            recorded(since),
        )  # fmt: skip


def pairs(society: Society) -> tuple[Ints, Ints]:
    """(child, adult) of the same family."""
    order = np.argsort(society.children.family, kind="stable")
    ordered = society.children.family[order]
    first = np.searchsorted(ordered, society.adults.family, side="left")
    last = np.searchsorted(ordered, society.adults.family, side="right")
    counts = last - first
    adult = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(adult)) - np.repeat(np.cumsum(counts) - counts, counts)
    return order[first[adult] + place], adult


def residences(region: People, plan: Plan, ids: Iterator[str], elsewhere: dict[int, int], cells: Ints) -> Iterator[Row]:
    """Where people live, and where they lived before their last move."""
    society = region.society
    families = society.families
    katos = [cell.district.kato for cell in plan.cells]
    rural = [cell.rural for cell in plan.cells]
    homes, moved = families.cell.tolist(), families.moved.tolist()
    lons, lats = families.lon.tolist(), families.lat.tolist()
    addresses = [
        address(street, house) for street, house in zip(families.street.tolist(), families.house.tolist(), strict=True)
    ]
    cell_list, sizes = cells.tolist(), families.children.tolist()
    everyone = (
        (region.child_ids, society.children.family.tolist(), society.children.born.tolist()),
        (region.adult_ids, society.adults.family.tolist(), society.adults.born.tolist()),
    )
    for person_ids, family_of, born in everyone:
        for person, family, first in zip(person_ids, family_of, born, strict=True):
            if not sizes[family] or (family % 2 == 0 and family in region.silent):
                continue  # its only child is listed in another family: nobody is left to tell of; or it is silent
            cell, since = elsewhere.get(family, homes[family]), moved[family]
            place = (lons[family], lats[family])
            if since != NOT_THERE and first < since:
                old = cell_list[(family * 7 + cell) % len(cell_list)]
                yield (
                    next(ids), person, katos[old], addresses[family - 1], rural[old], *place, day(first), day(since),
                    recorded(since),
                )  # fmt: skip
                first = since
            yield (
                next(ids), person, katos[cell], addresses[family], rural[cell], *place, day(first), None,
                recorded(first),
            )  # fmt: skip


def address(street: int, house: int) -> str:
    """A street and a house."""
    return f"{names.lists()['streets'][street]} көшесі, {house}-үй"


def organisations(
    plan: Plan, all_of_them: Kindergartens, ids: Sequence[str], offices: Mapping[str, UUID]
) -> Iterator[Row]:
    """All kindergartens. `offices`: those of education, by their territory."""
    titles = names.lists()["kindergartens"]
    for at, identity_number in enumerate(ids):
        cell = plan.cells[int(all_of_them.cell[at])]
        title, number = titles[int(all_of_them.name[at])], int(all_of_them.number[at])
        russian = spelling.in_russian_letters(title)
        latin = spelling.in_latin_letters(russian)
        opened = int(all_of_them.opened[at])
        yield (
            identity_number, bin_of(at, opened), "kindergarten", ("state", "private")[int(all_of_them.private[at])],
            f"№ {number} «{title}» бөбекжай-бақшасы", f"Ясли-сад № {number} «{russian}»",
            f"Kindergarten No. {number} “{latin}”", LANGUAGES[int(all_of_them.language[at])], cell.district.kato,
            cell.rural, address(at % len(names.lists()["streets"]), 1 + at * 7 % 120), float(all_of_them.lon[at]),
            float(all_of_them.lat[at]), "", date(opened, 9, 1), None, licence(at, opened), 1,
            recorded(date(opened, 9, 1).toordinal()), office_of(cell.district, offices),
        )  # fmt: skip


def office_of(district: District, offices: Mapping[str, UUID]) -> UUID | None:
    """The office of education of a district: its own, else that of its region."""
    return offices.get(district.kato) or offices.get(district.region)


def licence(at: int, year: int) -> str:
    """The number of a licence: the sandbox's own series."""
    return f"KZ99LAA{year % 100:02d}{at % 1_000_000:06d}"


def profiles(organisations: Iterable[Row], ids: Iterator[str]) -> Iterator[Row]:
    """The open profile of each organisation: what its row says."""
    for row in organisations:
        named = dict(zip(registry.ORGANISATION, row, strict=True)) | {"organisation": row[0], "id": next(ids)}
        yield tuple(named[column] for column in registry.PROFILE)


def bin_of(at: int, year: int, taken: Collection[str] = ()) -> str:
    """A BIN by the rule that nobody has; serial numbers from 90000 on are the sandbox's own."""
    serial = at * 31 % 10_000
    while True:
        number = numbers.compose_bin(year, 1 + at % 12, BinHolder.RESIDENT, 90_000 + serial)
        if number is not None and number not in taken:
            return number
        serial = (serial + 5003) % 10_000


def groups(region: Groups, ids: Sequence[str], organisation_ids: Sequence[str], year: int) -> Iterator[Row]:
    """Groups of the school year."""
    titles = names.lists()["groups"]
    for at, group in enumerate(ids):
        one = int(region.year_class[at])
        first, last = birth_years(one, year)
        yield (
            group, organisation_ids[int(region.kindergarten[at])],
            f"{titles[int(region.name[at])]} ({CLASS_NAMES[one]})", KINDS[int(region.kind[at])],
            LANGUAGES[int(region.language[at])], first, last, int(region.places[at]), date(year, 9, 1), None,
            "preschool", None, None, None, recorded(date(year, 9, 1).toordinal()), None,
        )  # fmt: skip


def birth_years(year_class: int, year: int) -> tuple[int, int]:
    """The birth years that a class takes in a school year: the youngest also this year's, the eldest one more."""
    last = year if year_class == network.CLASSES[0] else year - year_class
    first = year - year_class - (1 if year_class == network.CLASSES[-1] else 0)
    return first, last


def enrolments(
    region: People, table: Groups, placed: Placed, ids: Sequence[str], group_ids: Sequence[str], year: int
) -> Iterator[Row]:
    """Who attends, since the first of September."""
    start = date(year, 9, 1)
    known = recorded(start.toordinal())
    rows = zip(ids, placed.child.tolist(), placed.group.tolist(), strict=True)
    for at, (row, child, group) in enumerate(rows, 1):
        fresh = table.year_class[group] <= 2
        yield (
            row, region.child_ids[child], group_ids[group], "state_order", "referral" if fresh else "carried",
            f"{year}/{at}", "", start, None, known, "preschool", "full_time", "", start, "",
        )  # fmt: skip
