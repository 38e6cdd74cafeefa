"""A round as it was: its inputs as canonical JSON, its hash, and the same outcome again. Pure.

The inputs hold ids, years, rights and instants: no name, no IIN, no address.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from shanyraq.domains.placement.rules import together, voucher
from shanyraq.domains.placement.rules.allocation import Allocation, Outcome
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, GroupId, OrganisationId, Right
from shanyraq.domains.placement.rules.norms import AgeNorm, AllocationNorm, ServingNorm
from shanyraq.domains.placement.rules.order import QueueKey
from shanyraq.domains.registry.rules.kinds import GroupKind, Language

Json: TypeAlias = dict[str, Any]  # read and written here only
FORM: Final = 1  # of the JSON; another one is written when a field changes its meaning


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a round of the queue model is computed from."""

    claims: tuple[Claim, ...]
    groups: tuple[Group, ...]
    norm: AllocationNorm
    turns: Mapping[QueueKey, int] = field(default_factory=dict)  # where the ratio of each queue stands


@dataclass(frozen=True, slots=True)
class VoucherInputs:
    """All that a round of the voucher model is computed from."""

    claims: tuple[Claim, ...]
    vouchers: int
    on: date
    norm: AgeNorm
    young: frozenset[ClaimId] = frozenset()


def run(inputs: Inputs) -> Allocation:
    """The round."""
    return together.allocate(inputs.claims, inputs.groups, inputs.norm, inputs.turns)


def run_voucher(inputs: VoucherInputs) -> tuple[ClaimId, ...]:
    """The claims that are given a voucher, in serving order."""
    served = voucher.serve_order(inputs.claims, inputs.on, inputs.norm, inputs.young)
    return voucher.give(served, inputs.vouchers)


def dumps(inputs: Inputs | VoucherInputs) -> bytes:
    """The inputs as canonical JSON: the same bytes however the rows arrived."""
    body = _of_queue(inputs) if isinstance(inputs, Inputs) else _of_voucher(inputs)
    return _canonical({"form": FORM} | body)


def loads(stored: bytes) -> Inputs | VoucherInputs:
    """The inputs that were stored. Raises ValueError for another form."""
    body: Json = json.loads(stored)
    if body.get("form") != FORM:
        raise ValueError(f"inputs of form {body.get('form')!r}; this program reads form {FORM}")
    claims = tuple(_claim(row) for row in body["claims"])
    if "vouchers" in body:
        young = frozenset(ClaimId(UUID(one)) for one in body["young"])
        return VoucherInputs(claims, body["vouchers"], date.fromisoformat(body["on"]), _age_norm(body["norm"]), young)
    norm = AllocationNorm(**{**body["norm"], "serving": ServingNorm(**body["norm"]["serving"])})
    turns = {QueueKey(year, GroupKind(kind)): turn for year, kind, turn in body["turns"]}
    return Inputs(claims, tuple(_group(row) for row in body["groups"]), norm, turns)


def fingerprint(inputs: Inputs | VoucherInputs) -> bytes:
    """SHA-256 of the canonical inputs: a preview and its confirmation must agree on it."""
    return hashlib.sha256(dumps(inputs)).digest()


def outcomes_hash(outcomes: Iterable[Outcome] | Sequence[ClaimId]) -> bytes:
    """SHA-256 of what a round decided: a replay must give the same."""
    rows = [
        [str(one.claim), one.position, str(one.group or ""), one.wish_rank, one.kept]
        if isinstance(one, Outcome)
        else [str(one)]
        for one in outcomes
    ]
    return hashlib.sha256(_canonical({"outcomes": rows})).digest()


def _canonical(body: Json) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _of_queue(inputs: Inputs) -> Json:
    return {
        "claims": _rows(inputs.claims),
        "groups": [_group_row(group) for group in sorted(inputs.groups, key=lambda group: group.id)],
        "norm": asdict(inputs.norm),
        "turns": [[key.birth_year, key.kind, turn] for key, turn in sorted(inputs.turns.items()) if turn],
    }


def _of_voucher(inputs: VoucherInputs) -> Json:
    return {
        "claims": _rows(inputs.claims),
        "vouchers": inputs.vouchers,
        "on": inputs.on.isoformat(),
        "norm": asdict(inputs.norm),
        "young": sorted(map(str, inputs.young)),
    }


def _rows(claims: Iterable[Claim]) -> list[Json]:
    return [_claim_row(claim) for claim in sorted(claims, key=lambda claim: (claim.number, claim.id))]


def _claim_row(claim: Claim) -> Json:
    return {
        "id": str(claim.id),
        "birth_year": claim.birth_year,
        "kind": claim.kind,
        "right": claim.right,
        "applied_at": claim.applied_at.isoformat(),
        "number": claim.number,
        "wishes": [str(one) for one in claim.wishes],
        "sibling_groups": sorted(str(one) for one in claim.sibling_groups),
        "present": str(claim.present or ""),
        "family": str(claim.family or ""),
        "organisations": [str(one) for one in claim.organisations],
        "language": claim.language or "",
    }


def _claim(row: Json) -> Claim:
    return Claim(
        ClaimId(UUID(row["id"])),
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
    )


def _group_row(group: Group) -> list[str | int]:
    years = (group.born_from, group.born_to, group.places, group.taken)
    return [str(group.id), str(group.organisation), group.kind, group.language, *years]


def _group(row: list[Any]) -> Group:
    group, organisation, kind, language, *years = row
    return Group(GroupId(UUID(group)), OrganisationId(UUID(organisation)), GroupKind(kind), Language(language), *years)


def _age_norm(row: Json) -> AgeNorm:
    return AgeNorm(row["limit"], row["queue_from"], (row["season_end"][0], row["season_end"][1]))
