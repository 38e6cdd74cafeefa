"""Explanations as JSON for storage, and as texts of the catalogue with their facts. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from shanyraq.domains.placement.rules.claim import ClaimId, GroupId, OrganisationId, Right
from shanyraq.domains.placement.rules.reasons import Elsewhere, Explanation, Reason, WishReason
from shanyraq.foundation.text import Fact

Facts: TypeAlias = dict[str, Any]  # JSON: what `to_facts` writes and `from_facts` reads
Sentence: TypeAlias = tuple[str, Mapping[str, Fact]]  # a code of the catalogue and what it names

_DEFAULTS: Final = WishReason._field_defaults


def to_facts(explanation: Explanation) -> Facts:
    """The explanation as JSON, without what is as always. It holds no personal data."""
    return {
        "position": explanation.position,
        "code": explanation.code.value,
        "wishes": [_wish_to_facts(wish) for wish in explanation.wishes],
        "elsewhere": [[str(one.organisation), str(one.group), one.free] for one in explanation.elsewhere],
    }


def from_facts(claim: ClaimId, facts: Facts) -> Explanation:
    """The explanation that was stored for a claim."""
    return Explanation(
        claim,
        facts["position"],
        Reason(facts["code"]),
        tuple(_wish_from_facts(wish) for wish in facts["wishes"]),
        tuple(
            Elsewhere(OrganisationId(UUID(organisation)), GroupId(UUID(group)), free)
            for organisation, group, free in facts["elsewhere"]
        ),
    )


def _wish_to_facts(wish: WishReason) -> Facts:
    facts: Facts = {"organisation": str(wish.organisation), "rank": wish.rank, "code": wish.code.value}
    for (name, usual), value in zip(_DEFAULTS.items(), wish[-len(_DEFAULTS) :], strict=True):
        if value != usual:
            facts[name] = _plain(value)
    return facts


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _wish_from_facts(facts: Facts) -> WishReason:
    read: Facts = {name: facts.get(name, usual) for name, usual in _DEFAULTS.items()}
    read["group"] = GroupId(UUID(read["group"])) if read["group"] else None
    for name in ("last_since", "earlier"):
        read[name] = datetime.fromisoformat(read[name]) if read[name] else None
    for name in ("last_right", "with_right"):
        read[name] = Right(read[name]) if read[name] else None
    return WishReason(OrganisationId(UUID(facts["organisation"])), facts["rank"], Reason(facts["code"]), **read)


def sentences(wish: WishReason) -> Iterator[Sentence]:
    """What a family reads on a wish: first why, then who had the seats, then what would have had to differ.

    The page says the kindergarten's name beside it. Each code stands in texts/rules.yaml.
    """
    yield f"reason.{wish.code}.line", {"n": wish.places}
    if wish.code is not Reason.FULL:
        return
    yield "reason.ahead", {"n": wish.ahead}
    if wish.kept:
        yield "reason.kept_seats", {"n": wish.kept}
    if wish.siblings:
        yield "reason.sibling_seats", {"n": wish.siblings}
    if wish.last_right is not None and wish.last_since is not None:
        yield "reason.last", {"place": wish.last_position, "right": wish.last_right, "since": wish.last_since}
    yield "change.fewer", {"n": wish.fewer}
    if wish.earlier is not None:
        yield "change.earlier", {"instant": wish.earlier}
    if wish.with_right is not None:
        yield "change.with_right", {"right": wish.with_right}
