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

from shanyraq.domains.placement import events
from shanyraq.domains.placement.access import ROUNDS, Do, require_district
from shanyraq.domains.placement.models import Application, Offer, OpenPlace, Outcome, Round
from shanyraq.domains.placement.models import Counter as Numbers
from shanyraq.domains.placement.queries import ceremonies
from shanyraq.domains.placement.queries.claims import waiting
from shanyraq.domains.placement.queries.norms import norm_editions, placement_norms
from shanyraq.domains.placement.queries.rounds import NO_VOUCHER, VOUCHER
from shanyraq.domains.placement.rules import referral, replay, voucher
from shanyraq.domains.placement.rules.claim import Model, Right, Status, Step, advance
from shanyraq.domains.placement.rules.order import Seed
from shanyraq.domains.placement.rules.replay import VoucherInputs
from shanyraq.domains.placement.services import decisions, steps, telling
from shanyraq.domains.placement.services.decisions import Decided, Decision
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation import access, audit, ledger, workdays
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import day_of

BATCH = 1_000
SUBJECT = "placement_round"


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
        first_wish=_first_wishes(decision.decided),
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
    waiting(district).exclude(model=decision.model).update(model=decision.model)  # the district may have changed it
    row = _saved(actor, decision, number, ceremony, now)
    if decision.model is Model.VOUCHER:
        _give_vouchers(actor, decision, row, now)
    else:
        _make_offers(actor, decision, row, now)
    _write_down(actor, decision, row, now)
    return row.pk


@transaction.atomic
def publish_round(*, actor: Actor, round: UUID, now: datetime) -> None:
    """Show the round to everyone and tell the families; the days to answer begin now. Repeated, it is refused.

    Raises NotAllowed; Refusal("placement.round_already_published").
    """
    access.require(ROUNDS, Do.HOLD_ROUND, actor, Round.objects.all(), round)
    row = Round.objects.select_for_update().defer("inputs").get(pk=round)
    if row.status == "published":
        raise Refusal("placement.round_already_published")
    row.status, row.published_at = "published", now
    row.save(update_fields=["status", "published_at"])
    due = _begin_days(row, day_of(now), now)
    told = telling.publish(row, due, now)
    event = events.RoundPublished(told)
    ledger.record(event.kind, row.pk, event.payload(), at=now, code=row.pk.hex, open=event.OPEN)
    audit.wrote(actor, "placement.publish_round", at=now, subject=SUBJECT, subject_id=row.pk)


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
    name = f"round {district}"
    Numbers.objects.get_or_create(name=name)
    list(Numbers.objects.select_for_update().filter(name=name))
    number = _last_number(district) + 1
    list(waiting(district).select_for_update().order_by("id").values_list("pk", flat=True))
    return number


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


def _saved(actor: Actor, decision: Decision, number: int, ceremony: UUID | None, now: datetime) -> Round:
    row = Round(
        district_id=decision.district,
        number=number,
        model=decision.model,
        status="confirmed",
        held_at=now,
        seed=decision.inputs.seed.value,
        ceremony_id=ceremony,
        norms=norm_editions(decision.on, decision.district),
        turns=dict(decision.turns),
        inputs=zlib.compress(replay.dumps(decision.inputs), 6),
        inputs_hash=decision.fingerprint,
        outcomes_hash=decision.outcomes_hash,
        claims=len(decision.decided),
        places=decision.places,
        placed=len(decision.placed),
        first_wish=_first_wishes(decision.decided),
        confirmed_by=actor.user,
        confirmed_at=now,
    )
    row.save(force_insert=True)
    Outcome.objects.bulk_create([_outcome(row, one) for one in decision.decided], batch_size=BATCH)
    return row


def _outcome(row: Round, one: Decided) -> Outcome:
    return Outcome(
        round=row,
        application_id=one.claim.id,
        position=one.position,
        group_id=one.group,
        wish_rank=one.wish_rank,
        reason=one.reason,
        facts=one.facts,
    )


def _make_offers(actor: Actor, decision: Decision, row: Round, now: datetime) -> None:
    norm = placement_norms(decision.on, decision.district).offer
    due = referral.answer_by(decision.on, norm, workdays.calendar())
    offers = [_held(row, one, due, now) for one in decision.placed]
    Offer.objects.bulk_create(offers, batch_size=BATCH)
    given = Offer.objects.filter(round=row).values("application")
    status = advance(Status.WAITING, Step.OFFER)
    Application.objects.filter(pk__in=given).update(status=status, due_on=due, changed_at=now)
    taken = [group for group, left in decision.left.items() if left <= 0]
    OpenPlace.objects.filter(group__in=taken, closed_at__isnull=True).update(closed_at=now)
    news = [(offer.application_id, events.OfferMade(offer.pk, offer.group_id, row.pk, due)) for offer in offers]
    _write_each(actor, "make_offer", news, now)


def _held(row: Round, one: Decided, due: date, now: datetime) -> Offer:
    assert one.group is not None  # who is placed has a group
    return Offer(
        application_id=one.claim.id, round=row, group_id=one.group, status="held", offered_at=now, answer_by=due
    )


def _give_vouchers(actor: Actor, decision: Decision, row: Round, now: datetime) -> None:
    due = voucher.take_by(decision.on, placement_norms(decision.on, decision.district).voucher, workdays.calendar())
    by_category: dict[int | None, list[UUID]] = {}
    for one in decision.decided:
        by_category.setdefault(one.category, []).append(one.claim.id)
    for category, claims in by_category.items():  # 21 at most
        Application.objects.filter(pk__in=claims).update(category=category)
    given = Outcome.objects.filter(round=row, reason=VOUCHER).values("application")
    status = advance(Status.WAITING, Step.GIVE_VOUCHER)
    Application.objects.filter(pk__in=given).update(status=status, due_on=due, changed_at=now)
    news = [(one.claim.id, events.VoucherGiven(row.pk, due)) for one in decision.placed]
    _write_each(actor, "give_voucher", news, now)


def _write_each(actor: Actor, action: str, news: Iterable[tuple[UUID, events.Event]], now: datetime) -> None:
    rows = list(news)
    found = Application.objects.filter(pk__in=[pk for pk, _ in rows]).values_list("pk", "child_id", "code")
    known = {pk: (child, code) for pk, child, code in found}
    ledger.record_many([steps.entry(event, pk, known[pk][1]) for pk, event in rows], at=now)
    touched = [(pk, known[pk][0]) for pk, _ in rows]
    audit.wrote_many(actor, f"placement.{action}", at=now, subject="placement_application", rows=touched)


def _write_down(actor: Actor, decision: Decision, row: Round, now: datetime) -> None:
    event = events.PlacesAllocated(
        district=decision.district,
        number=row.number,
        model=row.model,
        inputs_hash=decision.fingerprint.hex(),
        outcomes_hash=decision.outcomes_hash.hex(),
        norms=tuple(f"{name} {edition['from']} {edition['act']}" for name, edition in sorted(row.norms.items())),
        claims=row.claims,
        places=row.places,
        placed=row.placed,
        seed=row.seed,
        ceremony=row.ceremony_id,
    )
    ledger.record(event.kind, row.pk, event.payload(), at=now, code=row.pk.hex, open=event.OPEN)
    facts = {"claims": row.claims, "places": row.places, "placed": row.placed}
    audit.wrote(actor, "placement.confirm_round", at=now, subject=SUBJECT, subject_id=row.pk, facts=facts)


def _begin_days(row: Round, today: date, now: datetime) -> date:
    """Start the days to answer, for those who wait for the publication; the last of them."""
    norms = placement_norms(today, row.district_id)
    if row.model == Model.VOUCHER:
        due = voucher.take_by(today, norms.voucher, workdays.calendar())
        given = Outcome.objects.filter(round=row, reason=VOUCHER).values("application")
        Application.objects.filter(pk__in=given, status=Status.VOUCHER_OFFERED).update(due_on=due, changed_at=now)
        return due
    due = referral.answer_by(today, norms.offer, workdays.calendar())
    held = Offer.objects.filter(round=row, status="held")
    held.update(offered_at=now, answer_by=due)
    Application.objects.filter(pk__in=held.values("application")).update(due_on=due, changed_at=now)
    return due


def _differences(row: Round, computed: Mapping[UUID, str], *, by_code: bool) -> Iterable[Difference]:
    """computed: by the id of the claim as the inputs name it."""
    columns = ("application_id", "application__code", "position", "group_id", "wish_rank", "reason")
    rows = Outcome.objects.filter(round=row).order_by("application_id").values_list(*columns)
    for pk, code, position, group, rank, reason in rows:
        was = reason if row.model == Model.VOUCHER else decisions.outcome_text(position, group, rank)
        now = computed.get(UUID(code) if by_code else pk, NO_VOUCHER)
        if was != now:
            yield Difference(pk, was, now)


def _first_wishes(decided: Iterable[Decided]) -> int:
    return sum(1 for one in decided if one.placed and one.wish_rank == 1)


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
