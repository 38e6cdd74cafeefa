"""The synthetic country, region by region: arrays first, then rows by the bulk path, then life by the services.

The same seed, scale and day give the same country: `Built.fingerprint` is a digest of all arrays and identifiers. (The
ciphers of IINs differ from run to run, as ciphers must; what life does gets its row ids from the services.)
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from shanyraq.domains.placement import bulk as placement
from shanyraq.domains.registry import bulk as registry
from shanyraq.domains.registry import queries
from shanyraq.domains.registry.queries.authorities import offices
from shanyraq.domains.registry.rules.ages import YEAR_BEGINS, school_year
from shanyraq.foundation import bulk
from shanyraq.interfaces.sandbox import (
    calibration,
    demo,
    faults,
    keys,
    network,
    plan,
    queue,
    queue_rows,
    rows,
    society,
    truth,
)
from shanyraq.interfaces.sandbox.learning import build as learning
from shanyraq.interfaces.sandbox.learning.tools import Tools
from shanyraq.interfaces.sandbox.shares import Ints

LIFE = 6  # families of the demonstration that get a place after the country is built
NEW_GROUPS = 30  # days
ONE_TRANSACTION = Fraction(1, 100)  # up to this scale the country appears as a whole or not at all


@dataclass(frozen=True, slots=True)
class Order:
    """What to build."""

    scale: Fraction
    seed: int
    as_of: date


@dataclass(slots=True)
class Counts:
    """What stands in the tables."""

    kindergartens: int = 0
    groups: int = 0
    places: int = 0
    people: int = 0
    children: int = 0
    guardianships: int = 0
    residences: int = 0
    attending: int = 0
    in_kazakh: int = 0
    applications: int = 0
    wishes: int = 0
    papers: int = 0
    faults: int = 0
    learning: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Persona:
    """What life needs to know of the demonstration family."""

    guardian: str
    elder: str
    younger: str
    organisation: str
    groups: tuple[str, ...]


@dataclass(slots=True)
class Built:
    """A country that has been built."""

    order: Order
    fingerprint: str = ""
    counts: Counts = field(default_factory=Counts)
    persona: Persona | None = None
    school: learning.Persona | None = None
    answers: list[learning.Answer] = field(default_factory=list)


@dataclass(slots=True)
class _Work:
    """What is carried from region to region."""

    order: Order
    facts: Any
    plan: plan.Plan
    kindergartens: network.Kindergartens
    kazakh: Ints
    organisation_ids: list[str]
    ids: keys.RowIds
    iins: keys.Iins
    vouchers: frozenset[str]
    built: Built
    digest: Any
    truth: truth.File
    learning: learning.Learning
    next_number: int = 1


def build(order: Order, truth_file: Path, told: Callable[[str], None] = lambda region: None) -> Built:
    """Build the country into empty tables; `told` hears each region as it begins. The territory must be loaded."""
    with ExitStack() as whole:
        if order.scale <= ONE_TRANSACTION:
            whole.enter_context(transaction.atomic())
        work = _begin(order, whole.enter_context(truth.File.open(truth_file)))
        for region in work.facts["regions"]:
            told(region)
            with transaction.atomic():
                _region(work, region)
        placement.set_counter("application", work.next_number - 1)
        bulk.refresh_statistics()
        work.built.fingerprint = work.digest.hexdigest()[:32]
        work.built.counts.learning = dict(work.learning.counts)
        work.built.school = work.learning.persona
        work.built.answers = work.learning.answers
        return work.built


def _generator(order: Order, *path: int) -> np.random.Generator:
    """One stream of chance per purpose, so that regions do not depend on one another."""
    seeds = np.random.SeedSequence([order.seed, order.scale.denominator, order.as_of.toordinal(), *path])
    return np.random.Generator(np.random.PCG64(seeds))


def _districts() -> list[plan.District]:
    centres = {one.kato: (one.lon, one.lat) for one in queries.regions()}
    found = []
    for one in queries.districts():
        lon, lat = (one.lon, one.lat) if one.lon and one.lat else centres[str(one.parent)]
        found.append(plan.District(one.kato, str(one.parent), one.kind == "city", float(lon or 0), float(lat or 0)))
    return found


def _begin(order: Order, file: truth.File) -> _Work:
    facts = calibration.facts()
    planned = plan.make(facts, _districts(), order.scale)
    _make_room_for_life(planned, facts, life_of(order.as_of))
    all_of_them = network.make(planned, facts, order.as_of, _generator(order, 1))
    ids = keys.RowIds(order.as_of, _generator(order, 2))
    organisation_ids = ids.take(len(all_of_them.cell))
    katos = sorted({cell.district.kato for cell in planned.cells})
    vouchers = queue_rows.voucher_districts(facts, katos, order.as_of)
    iins, digest = keys.Iins(), hashlib.sha256()
    registry.set_population(planned.region_people() | planned.district_people())
    models = list(queue_rows.district_models(facts, katos, order.as_of, iter(ids.take(2 * len(katos)))))
    placement.write_district_models(models)
    organisations = list(rows.organisations(planned, all_of_them, organisation_ids, offices()))
    kindergartens = registry.write_organisations(organisations)
    registry.write_profiles(rows.profiles(organisations, _stream(ids)))
    _note(digest, planned, all_of_them)
    tools = Tools(
        planned,
        facts,
        order.as_of,
        ids,
        iins,
        file,
        {str(row[1]) for row in organisations},
        partial(_generator, order),
        partial(_note, digest),
    )
    return _Work(
        order, facts, planned, all_of_them, network.kazakh_children(planned, all_of_them, facts), organisation_ids,
        ids, iins, vouchers, Built(order, counts=Counts(kindergartens)), digest, file,
        learning.begin(tools, all_of_them, organisation_ids),
    )  # fmt: skip


def life_of(as_of: date) -> int:
    """How many families life gives a place to: none in the first month of a school year, whose groups are too new."""
    begun = date(school_year(as_of), *YEAR_BEGINS)
    return LIFE if (as_of - begun).days >= NEW_GROUPS else 0


def _make_room_for_life(planned: plan.Plan, facts: Any, life: int) -> None:
    """As many more children wait in the demonstration's district as life will give a place to."""
    cell = int(demo.cells_of(planned, facts["demo"]["district"])[0])
    age = demo.JUNIOR
    planned.waiting[cell, age] += life
    spare = planned.children[:, age] - planned.attending[:, age] - planned.waiting[:, age]
    while spare[cell] < 0:
        giver = int(np.argmax(spare))
        for at, moved in ((cell, 1), (giver, -1)):
            planned.children[at, age] += moved
            spare[at] += moved


def _note(digest: Any, *tables: Any) -> None:
    """Add every array of the tables to the fingerprint."""
    for table in tables:
        for one in fields(table):
            value = getattr(table, one.name)
            if isinstance(value, np.ndarray):
                digest.update(f"{one.name}{value.dtype}{value.shape}".encode() + value.tobytes())


def _region(work: _Work, region: str) -> None:
    order, facts, code = work.order, work.facts, int(region[:2])
    people = society.make(work.plan, region, facts, order.as_of, _generator(order, 3, code))
    cells = np.array([at for at, cell in enumerate(work.plan.cells) if cell.district.region == region])
    demo_cells = demo.cells_of(work.plan, facts["demo"]["district"])
    here = bool(np.isin(demo_cells, cells).any())
    pair = demo.find_pair(people, demo_cells, order.as_of) if here else None
    if pair:
        demo.unite(people, *pair)
    table, placed = network.groups_of(
        work.plan, region, work.kindergartens, work.kazakh, people, facts, order.as_of, _generator(order, 4, code)
    )
    waiting = queue.make(work.plan, people, work.kindergartens, facts, order.as_of, _generator(order, 5, code))
    free = 0 if life_of(order.as_of) else 1  # where no round was held before, none has moved away either
    family = demo.favour(people, waiting, table, work.kindergartens, pair, order.as_of, free) if pair else None
    kept = faults.Kept(frozenset(pair), frozenset(family.groups)) if pair and family else faults.NOTHING_KEPT
    wrong = faults.plant(people, table, placed, waiting, facts, cells, _generator(order, 6, code), each=here, kept=kept)
    _note(work.digest, people.children, people.families, people.adults, table, placed, waiting)
    known = _write(work, region, people, table, placed, waiting, wrong, cells, family)
    learning.region(work.learning, cells, known, code, here=here)


def _write(
    work: _Work, region: str, people: society.Society, table: network.Groups, placed: network.Placed,
    waiting: queue.Applications, wrong: faults.Faults, cells: Ints, family: demo.DemoFamily | None,
) -> rows.People:  # fmt: skip
    code, counts, ids, year = int(region[:2]), work.built.counts, work.ids, school_year(work.order.as_of)
    known = _identified(work, people, wrong, code)
    group_ids, application_ids = ids.take(len(table.places)), ids.take(len(waiting.child))
    counts.people += registry.write_people(rows.people(known))
    counts.children += len(people.children.cell)
    pairs = len(rows.pairs(people)[0])
    counts.guardianships += registry.write_guardianships(rows.guardianships(known, ids.take(pairs)))
    homes = rows.residences(known, work.plan, _stream(ids), wrong.elsewhere, cells)
    counts.residences += registry.write_residences(homes)
    counts.groups += registry.write_groups(rows.groups(table, group_ids, work.organisation_ids, year))
    counts.places += int(table.places.sum())
    entries = rows.enrolments(known, table, placed, ids.take(len(placed.child)), group_ids, year)
    counts.attending += registry.write_enrolments(entries)
    counts.in_kazakh += int((table.language[placed.group] == network.KAZAKH).sum())
    filing = queue_rows.Filing(
        work.plan, waiting, known, wrong, application_ids, work.next_number, work.vouchers, work.order.as_of,
        _generator(work.order, 8, code), work.order.seed,
    )  # fmt: skip
    filed = list(queue_rows.applications(filing))
    counts.applications += placement.write_applications(filed)
    counts.wishes += placement.write_wishes(queue_rows.wishes(filing, work.organisation_ids, _stream(ids)))
    papers = list(queue_rows.papers(filing, _stream(ids)))
    counts.papers += placement.write_documents(papers)
    placement.write_entries(queue_rows.entries(filing, filed, work.organisation_ids, papers))
    work.next_number += len(application_ids)
    lines = truth.lines(known, wrong, group_ids, placed, application_ids, work.plan)
    counts.faults += work.truth.write(lines)
    if family:
        work.built.persona = _persona(known, family, group_ids, work.organisation_ids)
    return known


def _identified(work: _Work, people: society.Society, wrong: faults.Faults, code: int) -> rows.People:
    """Row ids, universal ids and IINs of a region. Newborns, foreigners and doubles have no IIN."""
    rng = _generator(work.order, 7, code)
    children, adults, known = people.children, people.adults, work.facts["family"]
    born = np.concatenate([children.born, adults.born])
    female = np.concatenate([children.sex, (adults.kind != society.FATHER).astype(np.int64)])
    iins = work.iins.take(born, female)
    newborn = born > (work.order.as_of - timedelta(days=30 * known["without_iin_under_months"])).toordinal()
    chance = rng.random(len(born))
    none = (newborn & (chance < known["without_iin_share"])) | (chance > 1 - known["foreigners_share"])
    none[list(wrong.doubles)] = True
    for at in np.flatnonzero(none).tolist():
        iins[at] = ""
    universal = keys.universal_ids(len(born), rng)
    work.digest.update("".join(universal).encode() + "".join(iins).encode())
    child_ids, adult_ids = work.ids.take(len(children.cell)), work.ids.take(len(adults.family))
    silent = society.silent(people, known["silent_share"], rng)
    return rows.People(people, child_ids, adult_ids, universal, iins, wrong.doubles, silent)


def _persona(known: rows.People, family: demo.DemoFamily, group_ids: list[str], organisation_ids: list[str]) -> Persona:
    children = known.society.children
    guardian = queue_rows.first_adults(known)[int(children.family[family.elder])]
    return Persona(
        known.adult_ids[guardian], known.child_ids[family.elder], known.child_ids[family.younger],
        organisation_ids[family.kindergarten], tuple(group_ids[group] for group in family.groups),
    )  # fmt: skip


def _stream(ids: keys.RowIds) -> Iterator[str]:
    while True:
        yield from ids.take(20_000)


def summary(built: Built) -> str:
    """The counts as one line of JSON."""
    return json.dumps({one.name: getattr(built.counts, one.name) for one in fields(built.counts)})
