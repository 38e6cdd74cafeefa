"""A round as it was: its inputs as canonical JSON, its hash, and the same outcome again. Pure.

The inputs name a claim by its public code and a family by the least code of its members in the round: there is no
name, no IIN, no address and no id of a row of a person in them. What is stored is what everybody may read.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from shanyraq.domains.placement.rules import order, together, voucher
from shanyraq.domains.placement.rules.allocation import Allocation, Outcome
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, GroupId, OrganisationId, Right
from shanyraq.domains.placement.rules.norms import (
    AS_NUMBERED,
    AgeNorm,
    AllocationNorm,
    Resolution,
    ServingNorm,
    TieNorm,
    TieOrder,
)
from shanyraq.domains.placement.rules.order import NO_SEED, QueueKey, Seed
from shanyraq.domains.registry.rules.kinds import GroupKind, Language

Json: TypeAlias = dict[str, Any]  # read and written here only
FORM: Final = 2  # of the JSON; another one is written when a field changes its meaning
BY_ID: Final = 1  # the first form: claims by the ids of their rows, no seed; read, and written again for its hash only


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a round of the queue model is computed from."""

    claims: tuple[Claim, ...]
    groups: tuple[Group, ...]
    norm: AllocationNorm
    turns: Mapping[QueueKey, int] = field(default_factory=dict)  # where the ratio of each queue stands
    seed: Seed = NO_SEED
    form: int = FORM


@dataclass(frozen=True, slots=True)
class VoucherInputs:
    """All that a round of the voucher model is computed from."""

    claims: tuple[Claim, ...]
    vouchers: int
    on: date
    norm: AgeNorm
    young: frozenset[ClaimId] = frozenset()
    tie: TieNorm = AS_NUMBERED
    seed: Seed = NO_SEED
    form: int = FORM


def run(inputs: Inputs) -> Allocation:
    """The round."""
    claims = order.draw(inputs.claims, inputs.seed, inputs.norm.tie)
    return together.allocate(claims, inputs.groups, inputs.norm, inputs.turns)


def served_voucher(inputs: VoucherInputs) -> tuple[Claim, ...]:
    """The claims of a round of the voucher model in serving order."""
    claims = order.draw(inputs.claims, inputs.seed, inputs.tie)
    return voucher.serve_order(claims, inputs.on, inputs.norm, inputs.young)


def run_voucher(inputs: VoucherInputs) -> tuple[ClaimId, ...]:
    """The claims that are given a voucher, in serving order."""
    return voucher.give(served_voucher(inputs), inputs.vouchers)


def dumps(inputs: Inputs | VoucherInputs) -> bytes:
    """The inputs as canonical JSON: the same bytes however the rows arrived."""
    body = _of_queue(inputs) if isinstance(inputs, Inputs) else _of_voucher(inputs)
    if inputs.form != BY_ID:
        body |= {"seed": inputs.seed.value, "drawn": inputs.seed.drawn}
    return canonical({"form": inputs.form} | body)


def loads(stored: bytes) -> Inputs | VoucherInputs:
    """The inputs that were stored; in the form of today a claim has its code as its id. Raises ValueError for another
    form."""
    body: Json = json.loads(stored)
    form = body.get("form")
    if form not in (BY_ID, FORM):
        raise ValueError(f"inputs of form {form!r}; this program reads the forms {BY_ID} and {FORM}")
    claims = tuple((_claim_by_id if form == BY_ID else _claim)(row) for row in body["claims"])
    seed = Seed(body.get("seed", ""), body.get("drawn", 0))
    if "vouchers" in body:
        young = frozenset(ClaimId(UUID(one)) for one in body["young"])
        on, norm = date.fromisoformat(body["on"]), _age_norm(body["norm"])
        return VoucherInputs(claims, body["vouchers"], on, norm, young, _tie(body.get("tie")), seed, form)
    parts = body["norm"] | {"serving": ServingNorm(**body["norm"]["serving"]), "tie": _tie(body["norm"].get("tie"))}
    turns = {QueueKey(year, GroupKind(kind)): turn for year, kind, turn in body["turns"]}
    return Inputs(claims, tuple(_group(row) for row in body["groups"]), AllocationNorm(**parts), turns, seed, form)


def fingerprint(inputs: Inputs | VoucherInputs) -> bytes:
    """SHA-256 of the canonical inputs: a preview and its confirmation must agree on it."""
    return digest(dumps(inputs))


def digest(stored: bytes) -> bytes:
    """SHA-256 of inputs that `dumps` wrote."""
    return hashlib.sha256(stored).digest()


def outcome_rows(inputs: Inputs, outcomes: Iterable[Outcome]) -> list[list[Any]]:
    """What a round decided, in its order: name of the claim, place in its queue, group, wish, whether it was kept."""
    names = _names(inputs)
    return [[names[one.claim], one.position, str(one.group or ""), one.wish_rank, one.kept] for one in outcomes]


def voucher_rows(inputs: VoucherInputs, given: Iterable[ClaimId]) -> list[list[Any]]:
    """Who was given a voucher, in serving order: the name of the claim alone."""
    names = _names(inputs)
    return [[names[one]] for one in given]


def outcomes_hash(rows: Iterable[list[Any]]) -> bytes:
    """SHA-256 of what a round decided, as `outcome_rows` and `voucher_rows` write it: a replay must give the same."""
    return hashlib.sha256(canonical({"outcomes": list(rows)})).digest()


def canonical(body: Json) -> bytes:
    """The one text of a JSON object: keys sorted, no spaces, letters as they are."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _names(inputs: Inputs | VoucherInputs) -> dict[ClaimId, str]:
    return {claim.id: str(claim.id) if inputs.form == BY_ID else claim.name for claim in inputs.claims}


def _of_queue(inputs: Inputs) -> Json:
    norm = asdict(inputs.norm)
    if inputs.form == BY_ID:
        del norm["tie"]
    return {
        "claims": _rows(inputs),
        "groups": [_group_row(group) for group in sorted(inputs.groups, key=lambda group: group.id)],
        "norm": norm,
        "turns": [[key.birth_year, key.kind, turn] for key, turn in sorted(inputs.turns.items()) if turn],
    }


def _of_voucher(inputs: VoucherInputs) -> Json:
    names = _names(inputs)
    body = {
        "claims": _rows(inputs),
        "vouchers": inputs.vouchers,
        "on": inputs.on.isoformat(),
        "norm": asdict(inputs.norm),
        "young": sorted(names[one] for one in inputs.young),
    }
    return body if inputs.form == BY_ID else body | {"tie": asdict(inputs.tie)}


def _rows(inputs: Inputs | VoucherInputs) -> list[Json]:
    if inputs.form == BY_ID:
        in_order = sorted(inputs.claims, key=lambda claim: (claim.number, claim.id))
        return [_row(claim) | {"id": str(claim.id), "family": str(claim.family or "")} for claim in in_order]
    families = _families(inputs.claims)
    in_order = sorted(inputs.claims, key=lambda claim: (claim.number, claim.name))
    return [
        _row(claim) | {"code": claim.name, "family": families.get(claim.family, "") if claim.family else ""}
        for claim in in_order
    ]


def _families(claims: Iterable[Claim]) -> dict[UUID, str]:
    """Families with two claims or more in the round, by the least name of these: nothing else is told of a family."""
    members: dict[UUID, list[str]] = {}
    for claim in claims:
        if claim.family is not None:
            members.setdefault(claim.family, []).append(claim.name)
    return {family: min(names) for family, names in members.items() if len(names) > 1}


def _row(claim: Claim) -> Json:
    return {
        "birth_year": claim.birth_year,
        "kind": claim.kind,
        "right": claim.right,
        "applied_at": claim.applied_at.isoformat(),
        "number": claim.number,
        "wishes": [str(one) for one in claim.wishes],
        "sibling_groups": sorted(str(one) for one in claim.sibling_groups),
        "present": str(claim.present or ""),
        "organisations": [str(one) for one in claim.organisations],
        "language": claim.language or "",
    }


def _claim_by_id(row: Json) -> Claim:
    return _claim(row | {"code": row["id"]}, by_id=True)


def _claim(row: Json, *, by_id: bool = False) -> Claim:
    return Claim(
        ClaimId(UUID(row["code"])),
        row["birth_year"],
        GroupKind(row["kind"]),
        Right(row["right"]),
        datetime.fromisoformat(row["applied_at"]),
        row["number"],
        tuple(GroupId(UUID(one)) for one in row["wishes"]),
        frozenset(GroupId(UUID(one)) for one in row["sibling_groups"]),
        GroupId(UUID(row["present"])) if row["present"] else None,
        UUID(row["family"]) if row["family"] else None,
        tuple(OrganisationId(UUID(one)) for one in row["organisations"]),
        Language(row["language"]) if row["language"] else None,
        "" if by_id else row["code"],
    )


def _group_row(group: Group) -> list[str | int]:
    years = (group.born_from, group.born_to, group.places, group.taken)
    return [str(group.id), str(group.organisation), group.kind, group.language, *years]


def _group(row: list[Any]) -> Group:
    group, organisation, kind, language, *years = row
    return Group(GroupId(UUID(group)), OrganisationId(UUID(organisation)), GroupKind(kind), Language(language), *years)


def _age_norm(row: Json) -> AgeNorm:
    return AgeNorm(row["limit"], row["queue_from"], (row["season_end"][0], row["season_end"][1]))


def _tie(row: Json | None) -> TieNorm:
    return AS_NUMBERED if row is None else TieNorm(Resolution(row["resolution"]), TieOrder(row["order"]))
