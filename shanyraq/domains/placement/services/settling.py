"""What a decided round writes: itself, its outcomes, offers or vouchers, the ledger and the audit trail.

Rows go in bulk: the number of queries is the same for one family and for twelve thousand.
"""

import json
import zlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from shanyraq.domains.placement import events
from shanyraq.domains.placement.models import Application, Offer, OpenPlace, Outcome, Round
from shanyraq.domains.placement.queries.claims import waiting
from shanyraq.domains.placement.queries.norms import norm_editions, placement_norms
from shanyraq.domains.placement.queries.rounds import VOUCHER
from shanyraq.domains.placement.rules import referral, voucher
from shanyraq.domains.placement.rules.claim import Model, Status, Step, advance
from shanyraq.domains.placement.services import telling
from shanyraq.domains.placement.services.decisions import Decided, Decision
from shanyraq.foundation import audit, bulk, ledger, workdays
from shanyraq.foundation.access import Actor
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.uid import new_id

SUBJECT: Final = "placement_round"
OUTCOME: Final = ("id", "round", "application", "position", "group", "wish_rank", "reason", "facts")
OFFER: Final = (
    "id", "application", "round", "group", "status", "offered_at", "answer_by", "decline_reason", "referral_number",
    "extension_reason",
)  # fmt: skip
_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def hold(actor: Actor, decision: Decision, number: int, ceremony: UUID | None, now: datetime) -> Round:
    """The round as held: inputs, norms, outcomes and offers or vouchers. 14 queries at most."""
    waiting(decision.district).exclude(model=decision.model).update(model=decision.model)  # it may have changed
    row = _saved(actor, decision, number, ceremony, now)
    if decision.model is Model.VOUCHER:
        _give_vouchers(actor, decision, row, now)
    else:
        _make_offers(actor, decision, row, now)
    _write_down(actor, decision, row, now)
    return row


def publish(actor: Actor, row: Round, now: datetime) -> None:
    """The round as everyone sees it: the families are told, and their days to answer begin."""
    row.status, row.published_at = "published", now
    row.save(update_fields=["status", "published_at"])
    due = _begin_days(row, day_of(now), now)
    _log_decisions(row, due, now)
    told = telling.publish(row, due, now)
    event = events.RoundPublished(told)
    ledger.note(event, row.pk, at=now, code=row.pk.hex)
    audit.wrote(actor, "placement.publish_round", at=now, subject=SUBJECT, subject_id=row.pk)


def first_wishes(decided: Iterable[Decided]) -> int:
    """How many got the kindergarten they wished most."""
    return sum(1 for one in decided if one.placed and one.wish_rank == 1)


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
        inputs=zlib.compress(decision.stored, 6),
        inputs_hash=decision.fingerprint,
        outcomes_hash=decision.outcomes_hash,
        claims=len(decision.decided),
        places=decision.places,
        placed=len(decision.placed),
        first_wish=first_wishes(decision.decided),
        confirmed_by=actor.user,
        confirmed_at=now,
    )
    row.save(force_insert=True)
    bulk.write(
        Outcome,
        OUTCOME,
        (
            (new_id(), row.pk, one.claim.id, one.position, one.group, one.wish_rank, one.reason, _json(one.facts))
            for one in decision.decided
        ),
    )
    return row


def _make_offers(actor: Actor, decision: Decision, row: Round, now: datetime) -> None:
    norm = placement_norms(decision.on, decision.district).offer
    due = referral.answer_by(decision.on, norm, workdays.calendar())
    made: dict[UUID, tuple[UUID, UUID]] = {
        one.claim.id: (new_id(), one.group) for one in decision.placed if one.group is not None
    }
    bulk.write(
        Offer,
        OFFER,
        ((pk, claim, row.pk, group, "held", now, due, "", "", "") for claim, (pk, group) in made.items()),
    )
    given = Application.objects.filter(pk__in=Offer.objects.filter(round=row).values("application"))
    given.update(status=advance(Status.WAITING, Step.OFFER), due_on=due, changed_at=now)
    taken = [group for group, left in decision.left.items() if left <= 0]
    OpenPlace.objects.filter(group__in=taken, closed_at__isnull=True).update(closed_at=now)
    _audit_each(actor, "make_offer", given, now)


def _give_vouchers(actor: Actor, decision: Decision, row: Round, now: datetime) -> None:
    due = voucher.take_by(decision.on, placement_norms(decision.on, decision.district).voucher, workdays.calendar())
    by_category: dict[int | None, list[UUID]] = {}
    for one in decision.decided:
        by_category.setdefault(one.category, []).append(one.claim.id)
    for category, claims in by_category.items():  # 21 at most
        Application.objects.filter(pk__in=claims).exclude(category=category).update(category=category)
    given = Application.objects.filter(pk__in=Outcome.objects.filter(round=row, reason=VOUCHER).values("application"))
    given.update(status=advance(Status.WAITING, Step.GIVE_VOUCHER), due_on=due, changed_at=now)
    _audit_each(actor, "give_voucher", given, now)


def _audit_each(actor: Actor, action: str, given: QuerySet[Application], now: datetime) -> None:
    touched = list(given.order_by("id").values_list("pk", "child_id"))
    audit.wrote_many(actor, f"placement.{action}", at=now, subject="placement_application", rows=touched)


def _log_decisions(row: Round, due: date, now: datetime) -> None:
    """Every place or voucher given, in the log: only now, since whoever knows a code reads its leaves at once."""
    if row.model == Model.VOUCHER:
        given = Outcome.objects.filter(round=row, reason=VOUCHER, application__status=Status.VOUCHER_OFFERED)
        vouchers = given.order_by("application").values_list("application", "application__code")
        news = [ledger.NewEntry.of(events.VoucherGiven(row.pk, due), pk, code) for pk, code in vouchers]
    else:
        held = Offer.objects.filter(round=row, status="held").order_by("application")
        offers = held.values_list("pk", "group", "application", "application__code")
        news = [
            ledger.NewEntry.of(events.OfferMade(offer, group, row.pk, due), pk, code)
            for offer, group, pk, code in offers
        ]
    ledger.record_many(news, at=now)


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
    ledger.note(event, row.pk, at=now, code=row.pk.hex)
    facts = {"claims": row.claims, "places": row.places, "placed": row.placed}
    audit.wrote(actor, "placement.confirm_round", at=now, subject=SUBJECT, subject_id=row.pk, facts=facts)


def _begin_days(row: Round, today: date, now: datetime) -> date:
    """Start the days to answer, for those who wait for the publication; the last of them."""
    norms = placement_norms(today, row.district_id)
    at_once = row.held_at == now  # the days began with the round
    if row.model == Model.VOUCHER:
        due = voucher.take_by(today, norms.voucher, workdays.calendar())
        given = Outcome.objects.filter(round=row, reason=VOUCHER).values("application")
        if not at_once:
            Application.objects.filter(pk__in=given, status=Status.VOUCHER_OFFERED).update(due_on=due, changed_at=now)
        return due
    due = referral.answer_by(today, norms.offer, workdays.calendar())
    if not at_once:
        held = Offer.objects.filter(round=row, status="held")
        held.update(offered_at=now, answer_by=due)
        Application.objects.filter(pk__in=held.values("application")).update(due_on=due, changed_at=now)
    return due
