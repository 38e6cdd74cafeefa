"""Ceremonies that draw the seed of a round: what was handed in, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shanyraq.domains.placement.models import Ceremony, CeremonyMessage, CeremonyParty
from shanyraq.domains.placement.models.ceremonies import LIVE
from shanyraq.domains.placement.rules import seed, seed_files
from shanyraq.domains.placement.rules.order import NO_SEED, Seed
from shanyraq.domains.placement.rules.seed import CeremonyPhase, CeremonyPlan, CeremonyState, SeedStep
from shanyraq.foundation.refusal import Refusal

CEREMONY_FORM: Final = "shanyraq-seed-ceremony/1"
STEPS: Final = ("commit", "confirm", "reveal", "recover")
BEFORE_SEAL: Final = (SeedStep.COMMIT, SeedStep.CONFIRM, SeedStep.SHOW)


@dataclass(frozen=True, slots=True)
class PartyCard:
    """A party of a ceremony, and what it has done."""

    place: int
    name: str
    box_key: str
    sign_key: str
    committed: bool
    confirmed_by: tuple[int, ...]  # holders that have opened their share, or for whom it was shown
    takes_part: bool | None  # None before that is fixed
    revealed: bool
    known: bool  # revealed, or recovered by the holders


@dataclass(frozen=True, slots=True)
class MessageCard:
    """What a party has handed in."""

    place: int
    step: SeedStep
    about: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CeremonyCard:
    """A ceremony as everybody may see it."""

    id: UUID
    district: str
    number: int
    status: str
    phase: CeremonyPhase | None  # None when it has ended
    opened_at: datetime
    commit_by: datetime
    confirm_by: datetime
    reveal_by: datetime
    recover_by: datetime
    beacon_source: str
    beacon_round: str
    beacon: str
    sealed_at: datetime | None
    drawn: int
    seed: str
    reason: str
    closed_at: datetime | None
    can_seal: bool
    parties: tuple[PartyCard, ...]
    messages: tuple[MessageCard, ...]


def seed_of_round(district: str, number: int) -> tuple[UUID | None, Seed]:
    """The ceremony held for a round of a district, and the seed that it drew; none where none is held. 1 query.

    Raises Refusal("placement.ceremony_open") while it is not finished.
    """
    row = Ceremony.objects.filter(district=district, number=number, status__in=LIVE).first()
    if row is None:
        return None, NO_SEED
    if row.status == "open":
        raise Refusal("placement.ceremony_open", day=row.recover_ends_at)
    return row.pk, Seed(row.seed, row.drawn)


def ceremony(pk: UUID, now: datetime) -> CeremonyCard | None:
    """One ceremony. 3 queries."""
    row = Ceremony.objects.filter(pk=pk).first()
    return None if row is None else _card(row, _parties(row), _messages(row), now)


def ceremonies_of(district: str, limit: int = 50) -> tuple[Ceremony, ...]:
    """The latest ceremonies of a territory (KATO prefix, "" is the country), newest first, for lists. 1 query."""
    rows = Ceremony.objects.filter(district__kato__startswith=district)
    return tuple(rows.order_by("-opened_at", "-id")[:limit])


def ceremony_file(pk: UUID) -> str | None:
    """The ceremony as the file that the parties' tool reads: who takes part, the days, all messages. 3 queries."""
    row = Ceremony.objects.filter(pk=pk).first()
    if row is None:
        return None
    days = {f"{name}_by": getattr(row, f"{name}_ends_at").isoformat() for name in STEPS}
    parties = [
        {"place": one.place, "name": one.name, "box_key": one.box_key, "sign_key": one.sign_key}
        for one in _parties(row)
    ]
    messages = [{"message": one.body, "signature": one.signature} for one in _messages(row)]
    body: dict[str, Any] = {
        "form": CEREMONY_FORM,
        "ceremony": row.pk.hex,
        "district": row.district_id,
        "round": row.number,
        "beacon": [row.beacon_source, row.beacon_round],
        "parties": parties,
        "messages": messages,
    }
    return seed_files.spelled(body | days)


def due(now: datetime) -> tuple[UUID, ...]:
    """Open ceremonies whose day to be sealed or drawn has come. 1 query."""
    rows = Ceremony.objects.filter(status="open", confirm_ends_at__lt=now)
    return tuple(rows.order_by("id").values_list("pk", flat=True))


def plan_of(row: Ceremony) -> CeremonyPlan:
    """What was fixed when the ceremony was opened."""
    days = (row.commit_ends_at, row.confirm_ends_at, row.reveal_ends_at, row.recover_ends_at)
    return CeremonyPlan(row.pk.hex, *days, beacon=bool(row.beacon_source))


def state_of(row: Ceremony, messages: Sequence[CeremonyMessage], parties: Sequence[CeremonyParty]) -> CeremonyState:
    """What has been handed in, step by step, as it was taken."""
    plan, keys = plan_of(row), {one.place: one.sign_key for one in parties}
    state = CeremonyState()
    for before in (True, False):
        if not before and row.sealed_at is not None:
            state = seed.seal(plan, state, row.sealed_at)
        for one in messages:
            if (SeedStep(one.step) in BEFORE_SEAL) is before:
                message = seed_files.checked(plan.ceremony, one.body, one.signature, keys)
                state = seed.accept(plan, state, message, one.at)
    return state


def _parties(row: Ceremony) -> list[CeremonyParty]:
    return list(CeremonyParty.objects.filter(ceremony=row).order_by("place"))


def _messages(row: Ceremony) -> list[CeremonyMessage]:
    return list(CeremonyMessage.objects.filter(ceremony=row).select_related("party").order_by("at", "id"))


def _card(
    row: Ceremony, parties: Sequence[CeremonyParty], messages: Sequence[CeremonyMessage], now: datetime
) -> CeremonyCard:
    state, plan = state_of(row, messages, parties), plan_of(row)
    return CeremonyCard(
        id=row.pk,
        district=row.district_id,
        number=row.number,
        status=row.status,
        phase=seed.phase(plan, state, now) if row.status == "open" else None,
        opened_at=row.opened_at,
        commit_by=row.commit_ends_at,
        confirm_by=row.confirm_ends_at,
        reveal_by=row.reveal_ends_at,
        recover_by=row.recover_ends_at,
        beacon_source=row.beacon_source,
        beacon_round=row.beacon_round,
        beacon=row.beacon,
        sealed_at=row.sealed_at,
        drawn=row.drawn,
        seed=row.seed,
        reason=row.reason,
        closed_at=row.closed_at,
        can_seal=row.status == "open" and seed.can_seal(plan, state, now),
        parties=tuple(_party(one, state) for one in parties),
        messages=tuple(MessageCard(one.party.place, SeedStep(one.step), one.about, one.at) for one in messages),
    )


def _party(one: CeremonyParty, state: CeremonyState) -> PartyCard:
    return PartyCard(
        place=one.place,
        name=one.name,
        box_key=one.box_key,
        sign_key=one.sign_key,
        committed=one.place in state.commits,
        confirmed_by=tuple(holder for holder in seed.holders(one.place) if (one.place, holder) in state.delivered),
        takes_part=None if state.sealed is None else one.place in state.sealed,
        revealed=one.place in state.revealed,
        known=all((one.place, holder) in state.shares for holder in seed.holders(one.place)),
    )
