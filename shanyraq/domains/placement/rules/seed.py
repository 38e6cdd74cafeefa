"""The ceremony that draws the seed of a round: three parties commit, confirm and reveal. Pure.

A party's secret is two shares, one for each of the others. It publishes the SHA-256 of each and hands each share,
sealed, to its holder. Holders confirm that theirs opens the published sum before anything is revealed; a share that is
not confirmed its party may show to everybody instead. Then who takes part is fixed (`seal`): whoever has not committed,
or has a share that is neither confirmed nor shown, is left out while nothing is known yet. Then all reveal; what a
party does not reveal, its holders publish.

So one party alone, wherever it stops, changes nothing by choice and stops nothing: held by tests. Two parties together
know the shares of the third before they reveal. A public value (beacon), named before and known only after the last
day, takes that away: they decide blindly. Without one they can give up a ceremony whose seed they dislike; it then
stands in the log as failed. docs/guides/ceremony.md
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeAlias

from shanyraq.foundation.refusal import Refusal

PARTIES: Final = (1, 2, 3)
SHARE_DIGITS: Final = 64
Share: TypeAlias = tuple[int, int]  # of a party, for a holder


class SeedStep(StrEnum):
    """What a party hands in."""

    COMMIT = "commit"
    CONFIRM = "confirm"
    SHOW = "show"
    REVEAL = "reveal"
    RECOVER = "recover"


class CeremonyPhase(StrEnum):
    """Where a ceremony stands."""

    COMMITTING = "committing"
    CONFIRMING = "confirming"
    REVEALING = "revealing"
    RECOVERING = "recovering"
    READY = "ready"  # all that will ever be known is known: the seed can be drawn


@dataclass(frozen=True, slots=True)
class SeedMessage:
    """One thing that a party hands in. What a step does not need is empty."""

    party: int
    step: SeedStep
    about: int = 0  # confirm, recover: whose share; show: for which holder
    hashes: tuple[str, ...] = ()  # commit: by holder, in the order of their places
    boxes: tuple[str, ...] = ()  # commit: the shares, sealed for their holders
    shares: tuple[str, ...] = ()  # reveal: both; show, recover: one


@dataclass(frozen=True, slots=True)
class CeremonyPlan:
    """What was fixed when the ceremony was opened."""

    ceremony: str  # its id, 32 hexadecimal digits
    commit_by: datetime
    confirm_by: datetime
    reveal_by: datetime
    recover_by: datetime
    beacon: bool  # whether a public value takes part


@dataclass(frozen=True, slots=True)
class CeremonyState:
    """What has been handed in so far."""

    commits: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    delivered: frozenset[Share] = frozenset()  # confirmed by the holder, or shown to everybody
    shares: Mapping[Share, str] = field(default_factory=dict)  # known to everybody
    revealed: frozenset[int] = frozenset()
    sealed: tuple[int, ...] | None = None  # who takes part, once that is fixed


@dataclass(frozen=True, slots=True)
class DrawnSeed:
    """The end of a ceremony: the seed, and whose shares it was made of."""

    seed: str
    parties: tuple[int, ...]
    beacon: str


def holders(party: int) -> tuple[int, ...]:
    """Who holds the shares of a party, in the order of their places."""
    return tuple(one for one in PARTIES if one != party)


def share_hash(ceremony: str, party: int, holder: int, share: str) -> str:
    """What a party publishes of a share: `printf %s CEREMONY/PARTY/HOLDER/SHARE | sha256sum`."""
    return sha256(f"{ceremony}/{party}/{holder}/{share}".encode()).hexdigest()


def accept(plan: CeremonyPlan, state: CeremonyState, message: SeedMessage, now: datetime) -> CeremonyState:
    """The state with what a party hands in. Whose message it is, the caller has checked by its signature.

    Raises Refusal("placement.seed_late", "placement.seed_early", "placement.seed_twice", "placement.seed_wrong_share",
    "placement.seed_malformed", "placement.seed_left_out").
    """
    return _STEPS[message.step](plan, state, message, now)


def phase(plan: CeremonyPlan, state: CeremonyState, now: datetime) -> CeremonyPhase:
    """Where the ceremony stands: by what was handed in, and by the days."""
    if state.sealed is None:
        early = now <= plan.commit_by and len(state.commits) < len(PARTIES)
        return CeremonyPhase.COMMITTING if early else CeremonyPhase.CONFIRMING
    if not missing(state) or now > plan.recover_by:
        return CeremonyPhase.READY
    return CeremonyPhase.REVEALING if now <= plan.reveal_by else CeremonyPhase.RECOVERING


def can_seal(plan: CeremonyPlan, state: CeremonyState, now: datetime) -> bool:
    """Whether nothing more can come before the reveal: the day is over, or everything is there."""
    everything = len(state.commits) == len(PARTIES) and len(_sound(state)) == len(PARTIES)
    return state.sealed is None and (everything or now > plan.confirm_by)


def seal(plan: CeremonyPlan, state: CeremonyState, now: datetime) -> CeremonyState:
    """The state with those who take part fixed: nothing of the seed is known yet.

    Raises Refusal("placement.seed_early") before, ("placement.seed_too_few") when the seed would be that of one party:
    without a public value two must take part.
    """
    if not can_seal(plan, state, now):
        raise Refusal("placement.seed_early", day=plan.confirm_by)
    sealed = _sound(state)
    if len(sealed) < (1 if plan.beacon else 2):
        raise Refusal("placement.seed_too_few", n=len(sealed))
    return replace(state, sealed=sealed)


def missing(state: CeremonyState) -> tuple[int, ...]:
    """Who takes part and has neither revealed nor been recovered."""
    return tuple(party for party in state.sealed or () if party not in _known(state))


def draw(plan: CeremonyPlan, state: CeremonyState, now: datetime, beacon: str = "") -> DrawnSeed:
    """The seed: SHA-256 over the canonical JSON list of ceremony, public value and shares, by party, then by holder.

    With a public value, which nobody knew while shares could still come, a party without shares is left out. Without
    one that would be a choice, so there is no seed. Raises Refusal("placement.seed_early", "placement.seed_beacon",
    "placement.seed_incomplete").
    """
    if state.sealed is None or phase(plan, state, now) is not CeremonyPhase.READY:
        raise Refusal("placement.seed_early", day=plan.recover_by)
    if bool(beacon) != plan.beacon:
        raise Refusal("placement.seed_beacon", field="beacon")
    lacking = missing(state)
    if lacking and not plan.beacon:
        raise Refusal("placement.seed_incomplete", n=len(lacking))
    parties = tuple(party for party in state.sealed if party not in lacking)
    words = [plan.ceremony, beacon, *(share for party in parties for share in shares_of(state, party))]
    return DrawnSeed(seed_of(words), parties, beacon)


def seed_of(words: Iterable[str]) -> str:
    """The seed of its words."""
    return sha256(json.dumps(list(words), separators=(",", ":")).encode()).hexdigest()


def shares_of(state: CeremonyState, party: int) -> tuple[str, ...]:
    """Both shares of a party, by holder. Raises KeyError when one is not known."""
    return tuple(state.shares[party, holder] for holder in holders(party))


def _sound(state: CeremonyState) -> tuple[int, ...]:
    """Who has committed, and has both shares confirmed or shown."""
    return tuple(party for party in PARTIES if party in state.commits and _all_of(party) <= state.delivered)


def _known(state: CeremonyState) -> set[int]:
    return {party for party in PARTIES if _all_of(party) <= state.shares.keys()}


def _all_of(party: int) -> frozenset[Share]:
    return frozenset((party, holder) for holder in holders(party))


def _commit(plan: CeremonyPlan, state: CeremonyState, message: SeedMessage, now: datetime) -> CeremonyState:
    if now > plan.commit_by or state.sealed is not None:
        raise Refusal("placement.seed_late", day=plan.commit_by)
    if message.party in state.commits:
        raise Refusal("placement.seed_twice")
    if len(set(message.hashes)) != 2 or not all(_is_hex(one) for one in message.hashes) or len(message.boxes) != 2:
        raise Refusal("placement.seed_malformed")
    return replace(state, commits={**state.commits, message.party: message.hashes})


def _confirm(plan: CeremonyPlan, state: CeremonyState, message: SeedMessage, now: datetime) -> CeremonyState:
    _require_before_seal(plan, state, now)
    if message.about not in holders(message.party):
        raise Refusal("placement.seed_malformed")
    if message.about not in state.commits:
        raise Refusal("placement.seed_early", day=plan.commit_by)
    return _delivered(state, (message.about, message.party))


def _show(plan: CeremonyPlan, state: CeremonyState, message: SeedMessage, now: datetime) -> CeremonyState:
    _require_before_seal(plan, state, now)
    share = (message.party, message.about)
    opened = _opened(plan, state, share, message.shares[:1])
    return replace(_delivered(opened, share), shares=opened.shares)


def _reveal(plan: CeremonyPlan, state: CeremonyState, message: SeedMessage, now: datetime) -> CeremonyState:
    _require_part(state, message.party, plan)
    if now > plan.reveal_by:
        raise Refusal("placement.seed_late", day=plan.reveal_by)
    if message.party in state.revealed:
        raise Refusal("placement.seed_twice")
    for at, holder in enumerate(holders(message.party)):
        state = _opened(plan, state, (message.party, holder), message.shares[at : at + 1])
    return replace(state, revealed=state.revealed | {message.party})


def _recover(plan: CeremonyPlan, state: CeremonyState, message: SeedMessage, now: datetime) -> CeremonyState:
    _require_part(state, message.about, plan)
    if now <= plan.reveal_by:
        raise Refusal("placement.seed_early", day=plan.reveal_by)
    if now > plan.recover_by:
        raise Refusal("placement.seed_late", day=plan.recover_by)
    if (message.about, message.party) in state.shares:
        raise Refusal("placement.seed_twice")
    return _opened(plan, state, (message.about, message.party), message.shares[:1])


def _require_before_seal(plan: CeremonyPlan, state: CeremonyState, now: datetime) -> None:
    if now > plan.confirm_by or state.sealed is not None:
        raise Refusal("placement.seed_late", day=plan.confirm_by)


def _require_part(state: CeremonyState, party: int, plan: CeremonyPlan) -> None:
    if state.sealed is None:
        raise Refusal("placement.seed_early", day=plan.confirm_by)
    if party not in state.sealed:
        raise Refusal("placement.seed_left_out")


def _delivered(state: CeremonyState, share: Share) -> CeremonyState:
    if share in state.delivered:
        raise Refusal("placement.seed_twice")
    return replace(state, delivered=state.delivered | {share})


def _opened(plan: CeremonyPlan, state: CeremonyState, share: Share, given: tuple[str, ...]) -> CeremonyState:
    """The state with a share that opens what was committed to."""
    party, holder = share
    if party not in state.commits or holder not in holders(party) or len(given) != 1:
        raise Refusal("placement.seed_malformed")
    committed = state.commits[party][holders(party).index(holder)]
    if not _is_hex(given[0]) or share_hash(plan.ceremony, party, holder, given[0]) != committed:
        raise Refusal("placement.seed_wrong_share")
    return replace(state, shares={**state.shares, share: given[0]})


def _is_hex(word: str) -> bool:
    return len(word) == SHARE_DIGITS and set(word) <= set("0123456789abcdef")


_STEPS: Final = {
    SeedStep.COMMIT: _commit,
    SeedStep.CONFIRM: _confirm,
    SeedStep.SHOW: _show,
    SeedStep.REVEAL: _reveal,
    SeedStep.RECOVER: _recover,
}
