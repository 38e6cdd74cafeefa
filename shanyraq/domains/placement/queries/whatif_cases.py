"""Districts as a what-if sees them, read from the rows as they stand; and the rule sets that come with the platform."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np
from django.db.models import Max

from shanyraq.domains.placement.models import Application, Round
from shanyraq.domains.placement.queries import ceremonies, claims, norms, queue
from shanyraq.domains.placement.rules import replay, ruleset, whatif
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, Model, OrganisationId, Status
from shanyraq.domains.placement.rules.order import NO_SEED, Seed
from shanyraq.domains.placement.rules.replay import Inputs, VoucherInputs
from shanyraq.domains.placement.rules.ruleset import RuleSet
from shanyraq.domains.placement.rules.whatif import Case
from shanyraq.domains.placement.rules.whatif_measures import METRES, Home
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import ResidenceCard
from shanyraq.foundation.refusal import Refusal

FOLDER: Final = Path(__file__).resolve().parents[4] / "rulesets" / "placement"


@dataclass(frozen=True, slots=True)
class Offered:
    """A rule set that every comparison offers, with its file."""

    rules: RuleSet
    written: str


@lru_cache(maxsize=1)
def offered() -> tuple[Offered, ...]:
    """The rule sets of the folder, in the order of their names: the rules in force first. No query.

    Raises Refusal when a file of ours has a slip.
    """
    files = [path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
    return tuple(Offered(rules, written) for rules, written in zip(ruleset.parse_all(files), files, strict=True))


def case_of(district: str, on: date) -> Case:
    """A district on a day: the inputs of the round that could be held, with claims by code, and how near the wished
    kindergartens are. At most 20 queries, whatever the number of claims."""
    groups = claims.district_groups(district, on)
    read = _voucher if norms.model_in_force(district, on) is Model.VOUCHER else _queue
    inputs = replay.loads(replay.dumps(read(district, on, groups)))  # as everybody may read it, and nothing else
    homes = _homes(district, on, {claim.id for claim in inputs.claims})
    distances = _distances(inputs.claims, groups, homes, district, on)
    rural = {claim: Home.VILLAGE if home.rural else Home.TOWN for claim, home in homes.items()}
    return Case(district, on, inputs, whatif.steps_of(distances), distances, rural)


def _queue(district: str, on: date, groups: Sequence[Group]) -> Inputs:
    norm = norms.placement_norms(on, district).allocation
    return Inputs(
        claims.open_claims(district, on, groups), tuple(groups), norm, queue.turns_of(district), _seed(district)
    )


def _voucher(district: str, on: date, groups: Sequence[Group]) -> VoucherInputs:
    found, young = claims.voucher_claims(district, on)
    free = sum(max(group.free, 0) for group in groups)
    vouchers = max(free - claims.vouchers_out(district), 0)
    in_force = norms.placement_norms(on, district)
    return VoucherInputs(found, vouchers, on, in_force.age, young, in_force.allocation.tie, _seed(district))


def _seed(district: str) -> Seed:
    """The seed of the next round, where it is drawn already; while a ceremony is open nobody knows it."""
    last = Round.objects.filter(district=district).aggregate(last=Max("number"))["last"] or 0
    try:
        return ceremonies.seed_of_round(district, last + 1)[1]
    except Refusal:
        return NO_SEED


def _homes(district: str, on: date, asked: Container[ClaimId]) -> dict[ClaimId, ResidenceCard]:
    rows = Application.objects.filter(district=district, status=Status.WAITING).values_list("code", "child_id")
    named = ((child, ClaimId(UUID(code))) for code, child in rows)
    children = {child: claim for child, claim in named if claim in asked}
    return {children[child]: home for child, home in registry.residences(children, on).items()}


def _distances(
    asked: Sequence[Claim], groups: Sequence[Group], homes: Mapping[ClaimId, ResidenceCard], district: str, on: date
) -> dict[ClaimId, dict[OrganisationId, int]]:
    """How far each wished kindergarten is from home, in steps of 100 m, by claim whose home is known."""
    of = {group.id.int: group.organisation for group in groups}
    cards = {OrganisationId(card.id): card for card in registry.organisations_in(district, on)}
    found: dict[ClaimId, dict[OrganisationId, int]] = {}
    for claim in asked:
        home = homes.get(claim.id)
        if home is not None:
            wished = list(dict.fromkeys(of[wish.int] for wish in claim.wishes))
            known = [one for one in wished if one in cards]
            lons = np.array([cards[one].lon for one in known], dtype=np.float64)
            lats = np.array([cards[one].lat for one in known], dtype=np.float64)
            km = registry.distances_km(home.lon, home.lat, lons, lats)
            steps = np.rint(km * 1000 / METRES).astype(np.int64).tolist()
            found[claim.id] = dict(zip(known, steps, strict=True))
    return found
