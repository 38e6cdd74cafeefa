"""From arrays to rows of placement: applications, wishes, papers, and the model of each district."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import numpy as np

from shanyraq.domains.placement import bulk as placement
from shanyraq.domains.placement import events
from shanyraq.domains.placement.rules.claim import Benefit, Model, Right, Status
from shanyraq.domains.placement.rules.documents import PAPER_OF
from shanyraq.foundation import norms, workdays
from shanyraq.foundation.timeline import COUNTRY_ZONE
from shanyraq.interfaces.sandbox.faults import Faults
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.queue import BENEFITS, DAY, NO_WISH, NONE, Applications
from shanyraq.interfaces.sandbox.rows import LANGUAGES, People, Row, day

QUEUE_SINCE: Final = date(2020, 6, 19)
QUEUE_ACT: Final = "Order No. 254 of 19.06.2020"
VOUCHER_ACT: Final = "Pilot order of the Ministry, model from 2024"


@dataclass(frozen=True, slots=True)
class Filing:
    """What the rows of a region's queue need besides the arrays."""

    plan: Plan
    queue: Applications
    people: People
    faults: Faults
    ids: Sequence[str]  # of the applications
    first_number: int
    vouchers: frozenset[str]  # districts of the voucher model
    as_of: date
    rng: np.random.Generator
    salt: int  # the seed of the country


def voucher_districts(facts: Mapping[str, Any], katos: Sequence[str], on: date) -> frozenset[str]:
    """The districts that place by voucher on a day."""
    known = facts["voucher"]
    found = {
        kato
        for kato in katos
        for region, since in known["region_from"].items()
        if kato[:2] == region[:2] and since <= on
    }
    if on >= known["from"]:
        found |= set(known["cities"]) & set(katos)
        pool = [kato for region in known["district_regions"] for kato in sorted(katos) if kato[:2] == region[:2]]
        found |= set([kato for kato in pool if kato not in known["cities"]][: known["districts"]])
    return frozenset(found)


def district_models(facts: Mapping[str, Any], katos: Sequence[str], on: date, ids: Iterator[str]) -> Iterator[Row]:
    """The queue everywhere, until the day on which the voucher came."""
    vouchers = voucher_districts(facts, katos, on)
    for kato in sorted(katos):
        if kato not in vouchers:
            yield next(ids), kato, Model.QUEUE.value, QUEUE_ACT, QUEUE_SINCE, None
            continue
        by_region = [since for region, since in facts["voucher"]["region_from"].items() if kato[:2] == region[:2]]
        since = facts["voucher"]["from"] if kato in facts["voucher"]["cities"] or not by_region else by_region[0]
        yield next(ids), kato, Model.QUEUE.value, QUEUE_ACT, QUEUE_SINCE, since
        yield next(ids), kato, Model.VOUCHER.value, VOUCHER_ACT, since, None


def instant(seconds: int) -> datetime:
    """An instant of the arrays."""
    return datetime(1, 1, 1, tzinfo=COUNTRY_ZONE) + timedelta(days=seconds // DAY - 1, seconds=seconds % DAY)


def first_adults(people: People) -> dict[int, int]:
    """Family -> the adult who signs: the mother, else the father, else the guardian."""
    found: dict[int, int] = {}
    for adult, family in enumerate(people.society.adults.family.tolist()):
        found.setdefault(family, adult)
    return found


def codes_of(filing: Filing) -> list[str]:
    """The public names of the applications: chance, but the same again for the same country."""
    seed = f"{filing.salt} code".encode()
    return [sha256(seed + row.encode()).hexdigest()[:32] for row in filing.ids]


def applications(filing: Filing) -> Iterator[Row]:
    """Applications in the order of their numbers."""
    queue, children = filing.queue, filing.people.society.children
    signing = first_adults(filing.people)
    rights = norms.in_force("placement/benefits", filing.as_of).words()
    keys = filing.rng.bytes(16 * len(filing.ids)).hex()
    codes = codes_of(filing)
    for at, row in enumerate(filing.ids):
        child = int(queue.child[at])
        adult = filing.faults.false_guardians.get(at, signing[int(children.family[child])])
        kato = filing.plan.cells[int(children.cell[child])].district.kato
        benefit = BENEFITS[int(queue.benefit[at])]
        proven = benefit is not Benefit.NONE and not queue.pending[at]
        right = rights[benefit.value] if proven else Right.GENERAL.value
        applied = instant(int(queue.applied[at]))
        stopped = bool(queue.stopped[at]) and kato not in filing.vouchers
        yield (
            row, filing.first_number + at, codes[at], keys[32 * at : 32 * at + 32], filing.people.child_ids[child],
            filing.people.adult_ids[adult], kato, day(int(children.born[child])).year, "general",
            LANGUAGES[int(queue.language[at])], (Model.VOUCHER if kato in filing.vouchers else Model.QUEUE).value,
            (Status.STOPPED if stopped else Status.WAITING).value, benefit.value, right, applied, applied,
            int(queue.radius[at]) or None, bool(queue.together[at]), 2 if stopped else 0, False, None, "", applied,
            applied,
        )  # fmt: skip


def wishes(filing: Filing, organisation_ids: Sequence[str], ids: Iterator[str]) -> Iterator[Row]:
    """The wishes of all applications."""
    table, applied = filing.queue.wishes.tolist(), filing.queue.applied.tolist()
    for at, application in enumerate(filing.ids):
        named = instant(applied[at])
        for rank, kindergarten in enumerate(table[at], 1):
            if kindergarten != NO_WISH:
                yield next(ids), application, organisation_ids[kindergarten], rank, False, named


def papers(filing: Filing, ids: Iterator[str]) -> Iterator[Row]:
    """The papers of claimed rights: confirmed at their time, or waiting for the officer since two days."""
    queue, today = filing.queue, filing.as_of
    validity = norms.in_force("placement/document_validity", today).table()
    proof = norms.in_force("placement/document_proof", today).integer()
    for at in np.flatnonzero(queue.benefit != NONE).tolist():
        benefit = BENEFITS[int(queue.benefit[at])]
        applied = instant(int(queue.applied[at]))
        dated = benefit.value in validity
        pending, expired = bool(queue.pending[at]), at in filing.faults.expired
        filed = max(applied, instant((today.toordinal() - 2) * DAY + 36_000)) if pending else applied
        issued = today - timedelta(days=70 if expired else 5 + at % 20) if dated else filed.date() - timedelta(days=9)
        until = issued + timedelta(days=30) if dated else None
        yield (
            next(ids), filing.ids[at], PAPER_OF[benefit].value, benefit.value, f"{filing.first_number + at:08d}",
            issued, until, "pending" if pending else "confirmed", "", filed, _due(filed.date(), proof, pending),
            None if pending else max(filed + timedelta(hours=20), applied),
        )  # fmt: skip


def entries(
    filing: Filing, filed: Sequence[Row], organisation_ids: Sequence[str], papers: Sequence[Row]
) -> list[tuple[UUID, str, events.Event, datetime]]:
    """What the ledger has of the applications, in order of time: filed, and a right confirmed by its paper."""
    at_of = {row: at for at, row in enumerate(filing.ids)}
    codes, table = codes_of(filing), filing.queue.wishes.tolist()
    found: list[tuple[UUID, str, events.Event, datetime]] = []
    for at, row in enumerate(filed):
        named = dict(zip(placement.APPLICATION, row, strict=True))
        event = events.ApplicationFiled(
            number=named["number"],
            district=named["district"],
            birth_year=named["birth_year"],
            group_kind=named["kind"],
            language=named["language"],
            model=named["model"],
            applied_at=named["applied_at"],
            wishes=tuple(UUID(organisation_ids[one]) for one in table[at] if one != NO_WISH),
            transfer=False,
        )
        found.append((UUID(named["id"]), codes[at], event, named["applied_at"]))
    for paper in papers:
        named = dict(zip(placement.DOCUMENT, paper, strict=True))
        at = at_of[named["application"]]
        if named["status"] == "confirmed":
            its = dict(zip(placement.APPLICATION, filed[at], strict=True))
            confirmed = events.DocumentConfirmed(UUID(named["id"]), named["kind"], its["right"], its["right_since"])
            found.append((UUID(filing.ids[at]), codes[at], confirmed, named["checked_at"]))
    return sorted(found, key=lambda entry: (entry[3], entry[0], entry[2].KIND))


def _due(filed: date, proof: int, pending: bool) -> date:
    """The last day to bring the paper; for papers long checked a week stands for it."""
    return workdays.add(filed, proof) if pending else filed + timedelta(days=7)
