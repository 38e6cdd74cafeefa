"""A round: previewed, confirmed, published; and run again from what it kept."""

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from shanyraq.domains.placement.access import ROUNDS, Do, require_district
from shanyraq.domains.placement.models import Counter as Numbers
from shanyraq.domains.placement.models import Outcome, Round
from shanyraq.domains.placement.queries import ceremonies
from shanyraq.domains.placement.queries.claims import waiting
from shanyraq.domains.placement.queries.rounds import NO_VOUCHER, VOUCHER
from shanyraq.domains.placement.rules import replay
from shanyraq.domains.placement.rules.claim import Model, Right
from shanyraq.domains.placement.rules.order import Seed
from shanyraq.domains.placement.rules.replay import VoucherInputs
from shanyraq.domains.placement.services import decisions, settling
from shanyraq.domains.placement.services.decisions import Decided, Decision
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation import access, bulk
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of


@dataclass(frozen=True, slots=True)
class YearLine:
    """One queue of the round: a birth year and a kind of groups."""

    birth_year: int
    kind: GroupKind
    claims: int
    placed: int
    first_wish: int


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What the round would decide on one application. `position` is the place in its birth-year queue, from 1."""

    application: UUID
    number: int
    birth_year: int
    kind: GroupKind
    right: Right
    position: int
    group: UUID | None
    organisation: UUID | None
    wish_rank: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class RoundPreview:
    """What a round would do now. `fingerprint` names the round and its inputs: only that can be confirmed with it."""

    district: str
    on: date
    fingerprint: str
    model: Model
    claims: int
    places: int
    placed: int
    first_wish: int
    by_birth_year: tuple[YearLine, ...]
    rows: tuple[PreviewRow, ...]


@dataclass(frozen=True, slots=True)
class HeldRound:
    """A round that was held and published."""

    id: UUID
    claims: int
    placed: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One application on which a round, run again, decides otherwise."""

    application: UUID
    stored: str
    computed: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A round run again from its stored inputs and norm editions."""

    equal: bool
    differences: tuple[Difference, ...]


def preview_round(*, actor: Actor, district: str, now: datetime) -> RoundPreview:
    """What a round of the district would decide now; writes nothing.

    Raises NotAllowed; Refusal("placement.no_such_district", "placement.no_claims", "placement.ceremony_open").
    """
    require_district(actor, district)
    number = _last_number(district) + 1
    _, seed = ceremonies.seed_of_round(district, number)
    decision = _decision(district, day_of(now), seed)
    return RoundPreview(
        district=district,
        on=decision.on,
        fingerprint=_token(district, number, decision.fingerprint),
        model=decision.model,
        claims=len(decision.decided),
        places=decision.places,
        placed=len(decision.placed),
        first_wish=settling.first_wishes(decision.decided),
        by_birth_year=_by_birth_year(decision.decided),
        rows=tuple(_preview_row(one) for one in decision.decided),
    )


@transaction.atomic
def confirm_round(*, actor: Actor, district: str, fingerprint: str, now: datetime) -> UUID:
    """Hold the round that was previewed: inputs, norms, outcomes and offers stand together or not at all.

    Raises NotAllowed; Refusal("placement.no_such_district", "placement.no_claims", "placement.ceremony_open"),
    Refusal("placement.round_changed") when queue or places changed since the preview,
    Refusal("placement.round_already_confirmed") when it was confirmed already.
    """
    require_district(actor, district)
    _require_known(district)
    number = _hold(district)
    _refuse_confirmed(district, number - 1, fingerprint)
    ceremony, seed = ceremonies.seed_of_round(district, number)
    decision = _decision(district, day_of(now), seed, lock=True)
    if _token(district, number, decision.fingerprint) != fingerprint:
        raise Refusal("placement.round_changed")
    return settling.hold(actor, decision, number, ceremony, now).pk


@transaction.atomic
def hold_round(*, actor: Actor, district: str, now: datetime, again: bool = False) -> HeldRound:
    """Hold the round of a district at its fixed time and publish it at once: nobody previews it, so it is decided once.

    A district that held a round on this day keeps it, so that a run that was broken off can be begun again; with
    `again` it holds another. The number of queries is fixed.
    Raises NotAllowed; Refusal("placement.no_such_district", "placement.no_claims", "placement.ceremony_open",
    "placement.round_held_today").
    """
    require_district(actor, district)
    _require_known(district)
    number = _hold(district)
    if not again and _held_on(district, day_of(now)):
        raise Refusal("placement.round_held_today", district=district)
    ceremony, seed = ceremonies.seed_of_round(district, number)
    decision = _decision(district, day_of(now), seed, lock=True)
    row = settling.hold(actor, decision, number, ceremony, now)
    settling.publish(actor, row, now)
    return HeldRound(row.pk, row.claims, row.placed)


@transaction.atomic
def publish_round(*, actor: Actor, round: UUID, now: datetime) -> None:
    """Show the round to everyone and tell the families; the days to answer begin now. Repeated, it is refused.

    Raises NotAllowed; Refusal("placement.round_already_published").
    """
    access.require(ROUNDS, Do.HOLD_ROUND, actor, Round.objects.all(), round)
    row = Round.objects.select_for_update().defer("inputs").get(pk=round)
    if row.status == "published":
        raise Refusal("placement.round_already_published")
    settling.publish(actor, row, now)


def replay_round(round: UUID) -> Replay:
    """Run a round again from its stored inputs and norm editions, and compare with what it decided then. 2 queries.

    Raises Refusal("placement.no_such_round").
    """
    row = Round.objects.filter(pk=round).first()
    if row is None:
        raise Refusal("placement.no_such_round")
    inputs = replay.loads(zlib.decompress(bytes(row.inputs)))
    if isinstance(inputs, VoucherInputs):
        given = replay.run_voucher(inputs)
        computed: dict[UUID, str] = {claim: VOUCHER for claim in given}
        decided = replay.voucher_rows(inputs, given)
    else:
        outcomes = replay.run(inputs).outcomes
        computed = {one.claim: decisions.outcome_text(one.position, one.group, one.wish_rank) for one in outcomes}
        decided = replay.outcome_rows(inputs, outcomes)
    differences = tuple(_differences(row, computed, by_code=inputs.form != replay.BY_ID))
    digest = replay.outcomes_hash(decided)
    same = replay.fingerprint(inputs) == bytes(row.inputs_hash) and digest == bytes(row.outcomes_hash)
    return Replay(same and not differences, differences)


def _hold(district: str) -> int:
    """The number of the next round of the district. Who else would hold one, or change a claim that waits, waits."""
    bulk.many_lookups()
    name = f"round {district}"
    Numbers.objects.get_or_create(name=name)
    list(Numbers.objects.select_for_update().filter(name=name))
    number = _last_number(district) + 1
    list(waiting(district).select_for_update().order_by("id").values_list("pk", flat=True))
    return number


def _held_on(district: str, day: date) -> bool:
    last = Round.objects.filter(district=district).aggregate(last=Max("held_at"))["last"]
    return last is not None and day_of(last) == day


def _require_known(district: str) -> None:
    card = registry.territory(district)
    if card is None or card.parent is None:
        raise Refusal("placement.no_such_district", field="district")


def _decision(district: str, on: date, seed: Seed, *, lock: bool = False) -> Decision:
    _require_known(district)
    decision = decisions.decide(district, on, seed=seed, lock=lock)
    if not decision.decided:
        raise Refusal("placement.no_claims", field="district")
    return decision


def _token(district: str, number: int, inputs_hash: bytes) -> str:
    """What a confirmation must repeat: the round of the district by number, and its inputs. So a preview serves once,
    also where a later round happens to have the same inputs."""
    return sha256(f"{district} {number} ".encode() + inputs_hash).hexdigest()


def _last_number(district: str) -> int:
    return Round.objects.filter(district=district).aggregate(last=Max("number"))["last"] or 0


def _refuse_confirmed(district: str, last: int, fingerprint: str) -> None:
    inputs_hash = Round.objects.filter(district=district, number=last).values_list("inputs_hash", flat=True).first()
    if inputs_hash is not None and _token(district, last, bytes(inputs_hash)) == fingerprint:
        raise Refusal("placement.round_already_confirmed")


def _differences(row: Round, computed: Mapping[UUID, str], *, by_code: bool) -> Iterable[Difference]:
    """computed: by the id of the claim as the inputs name it."""
    columns = ("application_id", "application__code", "position", "group_id", "wish_rank", "reason")
    rows = Outcome.objects.filter(round=row).order_by("application_id").values_list(*columns)
    for pk, code, position, group, rank, reason in rows:
        was = reason if row.model == Model.VOUCHER else decisions.outcome_text(position, group, rank)
        now = computed.get(UUID(code) if by_code else pk, NO_VOUCHER)
        if was != now:
            yield Difference(pk, was, now)


def _by_birth_year(decided: Iterable[Decided]) -> tuple[YearLine, ...]:
    claims: Counter[tuple[int, GroupKind]] = Counter()
    placed: Counter[tuple[int, GroupKind]] = Counter()
    first: Counter[tuple[int, GroupKind]] = Counter()
    for one in decided:
        key = (one.claim.birth_year, one.claim.kind)
        claims[key] += 1
        placed[key] += one.placed
        first[key] += one.placed and one.wish_rank == 1
    return tuple(YearLine(*key, claims[key], placed[key], first[key]) for key in sorted(claims))


def _preview_row(one: Decided) -> PreviewRow:
    claim = one.claim
    return PreviewRow(
        application=claim.id,
        number=claim.number,
        birth_year=claim.birth_year,
        kind=claim.kind,
        right=claim.right,
        position=one.position,
        group=one.group,
        organisation=one.organisation,
        wish_rank=one.wish_rank,
        reason=one.reason,
    )
