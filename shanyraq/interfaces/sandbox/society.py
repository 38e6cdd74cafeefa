"""The families of one region, as arrays: children by cell and age, linked into families with parents and a home."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shanyraq.domains.registry.rules.ages import youngest_birth
from shanyraq.interfaces.sandbox import names
from shanyraq.interfaces.sandbox.plan import AGES, Plan
from shanyraq.interfaces.sandbox.shares import Floats, Ints

OTHER, ATTENDING, WAITING, PUPIL, STUDENT = 0, 1, 2, 3, 4
BAND: Final = 3  # years in an age band; brothers and sisters are linked across bands
APART: Final = 280  # days at least between two births of a mother
MOTHER, FATHER, GUARDIAN = 0, 1, 2
NOT_THERE: Final = -1
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Children:
    """One entry a child; `family` counts the families of the region from 0."""

    cell: Ints  # number in the plan
    age: Ints
    born: Ints  # ordinal of the day
    sex: Ints  # names.BOY, names.GIRL
    role: Ints  # OTHER, ATTENDING, WAITING, PUPIL, STUDENT
    family: Ints
    given: Ints  # number of a piece


@dataclass(frozen=True, slots=True)
class Families:
    """One entry a family."""

    cell: Ints
    tradition: Ints
    surname: Ints  # of a man; a woman's is the next piece
    father: Ints  # given name of the father, from which the patronymics come
    patronymic: Ints  # of a son; a daughter's stands in the second column: (n, 2)
    children: Ints  # how many
    lon: Floats
    lat: Floats
    street: Ints
    house: Ints
    moved: Ints  # ordinal of the day of the last move, NOT_THERE when they always lived here


@dataclass(frozen=True, slots=True)
class Adults:
    """Mothers, fathers and other guardians, in the order of the families."""

    family: Ints
    kind: Ints
    born: Ints
    given: Ints
    patronymic: Ints


@dataclass(frozen=True, slots=True)
class Society:
    """All people of a region."""

    children: Children
    families: Families
    adults: Adults


def make(plan: Plan, region: str, facts: Mapping[str, Any], as_of: date, rng: np.random.Generator) -> Society:
    """The people of a region. The same plan, facts, day and generator give the same people."""
    cells = np.array([at for at, cell in enumerate(plan.cells) if cell.district.region == region], dtype=np.int64)
    cell, age, role = _people_of(plan, cells, rng)
    born = _births(age, as_of, rng)
    family = _families(cell, age, born, float(facts["family"]["next_child"]), rng)
    count = int(family.max()) + 1 if len(family) else 0
    families = _make_families(plan, region, cell, born, family, count, facts, as_of, rng)
    sex = (rng.random(len(cell)) >= facts["boys_share"]).astype(np.int64)
    given = _given(families.tradition[family], sex, rng)
    adults = _adults(families, family, born, facts, as_of, rng)
    return Society(Children(cell, age, born, sex, role, family, given), families, adults)


def _people_of(plan: Plan, cells: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Cell, age and role of every child, in a random order inside each cell and age."""
    ages = np.tile(np.arange(AGES), len(cells))
    counts = plan.children[cells].ravel()
    cell, age = np.repeat(np.repeat(cells, AGES), counts), np.repeat(ages, counts)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    place = np.arange(len(cell)) - starts
    role = np.full(len(cell), OTHER, dtype=np.int64)
    upto = np.zeros(len(cell), dtype=np.int64)
    for kind, planned in (
        (ATTENDING, plan.attending), (WAITING, plan.waiting), (PUPIL, plan.pupils), (STUDENT, plan.students),
    ):  # fmt: skip
        some = np.repeat(planned[cells].ravel(), counts)
        role[(place >= upto) & (place < upto + some)] = kind
        upto += some
    return cell, age, role


def _births(age: Ints, as_of: date, rng: np.random.Generator) -> Ints:
    lasts = np.array([youngest_birth(years, as_of).toordinal() for years in range(AGES + 1)])
    span = lasts[age] - lasts[age + 1]
    born: Ints = lasts[age] - (rng.random(len(age)) * span).astype(np.int64)
    return born


def _families(cell: Ints, age: Ints, born: Ints, next_child: float, rng: np.random.Generator) -> Ints:
    """Chains of brothers and sisters: a child of a band may have an elder one in the band above, of the same cell."""
    elder = np.full(len(cell), NOT_THERE, dtype=np.int64)
    band = age // BAND
    for low in range(int(band.max(initial=0))):
        younger, older = np.flatnonzero(band == low), np.flatnonzero(band == low + 1)
        _link(younger, older, cell, next_child, elder, rng)
    too_close = (elder >= 0) & (born - born[elder] < APART)
    elder[too_close] = NOT_THERE
    head = np.arange(len(cell))
    for _ in range(AGES // BAND):
        head = np.where(elder[head] >= 0, elder[head], head)
    _, family = np.unique(head, return_inverse=True)
    return family.astype(np.int64)


def _link(younger: Ints, older: Ints, cell: Ints, share: float, elder: Ints, rng: np.random.Generator) -> None:
    """Pair a share of the younger with as many older ones, cell by cell, at random and each once."""
    younger, older = rng.permutation(younger), rng.permutation(older)
    younger = younger[np.argsort(cell[younger], kind="stable")]
    older = older[np.argsort(cell[older], kind="stable")]
    for here in np.unique(cell[younger]):
        first, last = np.searchsorted(cell[younger], [here, here + 1])
        begin, end = np.searchsorted(cell[older], [here, here + 1])
        pairs = round(share * min(last - first, end - begin))
        elder[younger[first : first + pairs]] = older[begin : begin + pairs]


def _make_families(
    plan: Plan, region: str, cell: Ints, born: Ints, family: Ints, count: int,
    facts: Mapping[str, Any], as_of: date, rng: np.random.Generator,
) -> Families:  # fmt: skip
    home = np.zeros(count, dtype=np.int64)
    home[family] = cell
    tradition = (rng.random(count) >= facts["regions"][region]["kazakh"]).astype(np.int64)
    surname, father, patronymic = _family_names(tradition, rng)
    lon, lat = _homes(plan, home, rng)
    moved = np.full(count, NOT_THERE, dtype=np.int64)
    movers = np.flatnonzero(rng.random(count) < facts["family"]["moved_share"])
    newest = np.full(count, 0, dtype=np.int64)
    np.maximum.at(newest, family, born)
    moved[movers] = np.maximum(newest[movers] + 1, as_of.toordinal() - rng.integers(60, 900, len(movers)))
    moved[moved >= as_of.toordinal()] = NOT_THERE
    return Families(
        home, tradition, surname, father, patronymic, np.bincount(family, minlength=count),
        lon, lat, rng.integers(0, len(names.lists()["streets"]), count), rng.integers(1, 180, count), moved,
    )  # fmt: skip


def _family_names(tradition: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Surname (of a man), given name of the father and patronymics (of a son, of a daughter) of each family."""
    book = names.book()
    surname = np.zeros(len(tradition), dtype=np.int64)
    father = np.zeros(len(tradition), dtype=np.int64)
    patronymic = np.zeros((len(tradition), 2), dtype=np.int64)
    old_style = rng.random(len(tradition)) < 0.2
    for kind in (names.KAZAKH, names.RUSSIAN):
        here = np.flatnonzero(tradition == kind)
        surname[here] = rng.choice(book.surnames[kind], len(here))
        fathers = rng.integers(0, len(book.patronymics[kind]), len(here))
        father[here] = book.given[kind, names.BOY][fathers]
        patronymic[here] = book.patronymics[kind][fathers]
        if kind == names.KAZAKH:
            patronymic[here] = np.where(
                old_style[here, None], book.russian_patronymics[fathers], book.patronymics[kind][fathers]
            )
    return surname, father, patronymic


def _homes(plan: Plan, home: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """A point near the centre of the district: close in towns, scattered over the villages."""
    lons = np.array([cell.district.lon for cell in plan.cells])
    lats = np.array([cell.district.lat for cell in plan.cells])
    spread = np.array([0.16 if cell.rural else 0.022 for cell in plan.cells])[home]
    east = np.clip(rng.standard_normal(len(home)), -2.5, 2.5) * spread * 1.4
    north = np.clip(rng.standard_normal(len(home)), -2.5, 2.5) * spread
    return np.round(lons[home] + east, 5), np.round(lats[home] + north, 5)


def _given(tradition: Ints, sex: Ints, rng: np.random.Generator) -> Ints:
    given = np.zeros(len(sex), dtype=np.int64)
    for (kind, of_sex), pieces in names.book().given.items():
        here = np.flatnonzero((tradition == kind) & (sex == of_sex))
        given[here] = rng.choice(pieces, len(here))
    return given


def _adults(
    families: Families, family: Ints, born: Ints, facts: Mapping[str, Any], as_of: date, rng: np.random.Generator
) -> Adults:
    count = len(families.cell)
    eldest = np.full(count, as_of.toordinal(), dtype=np.int64)
    np.minimum.at(eldest, family, born)
    mother = rng.random(count) < facts["family"]["mother"]
    father = rng.random(count) < facts["family"]["father"]
    other = ~mother & ~father
    years = np.clip(rng.normal(25.5, 4.8, count), 17.5, 42.0)
    mother_born = eldest - (years * 365.25).astype(np.int64)
    father_born = mother_born - (np.clip(rng.normal(2.4, 3.2, count), -6, 15) * 365.25).astype(np.int64)
    other_born = mother_born - rng.integers(15 * 365, 30 * 365, count)
    parts = []
    for kind, there, day in (
        (MOTHER, mother, mother_born),
        (FATHER, father, father_born),
        (GUARDIAN, other, other_born),
    ):
        at = np.flatnonzero(there)
        parts.append(np.stack([at, np.full(len(at), kind), day[at]]))
    joined = np.concatenate(parts, axis=1)
    joined = joined[:, np.lexsort((joined[1], joined[0]))]
    tradition = families.tradition[joined[0]]
    sex = np.where(joined[1] == FATHER, names.BOY, names.GIRL)
    given = np.where(joined[1] == FATHER, families.father[joined[0]], _given(tradition, sex, rng))
    return Adults(joined[0], joined[1], joined[2], given, _own_patronymics(tradition, sex, rng))


def _own_patronymics(tradition: Ints, sex: Ints, rng: np.random.Generator) -> Ints:
    """Adults have patronymics of their own fathers; many Kazakh ones in the Russian form."""
    book = names.book()
    patronymic = np.zeros(len(sex), dtype=np.int64)
    for kind, table in ((names.KAZAKH, book.russian_patronymics), (names.RUSSIAN, book.patronymics[names.RUSSIAN])):
        here = np.flatnonzero(tradition == kind)
        patronymic[here] = table[rng.integers(0, len(table), len(here)), sex[here]]
    newer = (tradition == names.KAZAKH) & (rng.random(len(sex)) < 0.35)
    here = np.flatnonzero(newer)
    table = book.patronymics[names.KAZAKH]
    patronymic[here] = table[rng.integers(0, len(table), len(here)), sex[here]]
    return patronymic


def silent(society: Society, share: float, rng: np.random.Generator) -> frozenset[int]:
    """Families of schoolchildren whose guardians nobody wrote down."""
    children = society.children
    schooled = np.ones(len(society.families.cell), dtype=np.bool_)
    schooled[children.family[~np.isin(children.role, (PUPIL, STUDENT))]] = False
    chosen = np.flatnonzero(schooled & (rng.random(len(schooled)) < share))
    return frozenset(chosen.tolist())
