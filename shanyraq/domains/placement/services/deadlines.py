"""What happens when nobody answers: each deadline of the law, applied to all rows that are past it.

Each kind runs in portions, each portion in a transaction of its own: the rows are locked first, in id order, and only
what is still past its day then is changed. So a repeated run, or two at once, change nothing twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from shanyraq.domains.placement import events
from shanyraq.domains.placement.models import Application, Document, Offer, OpenPlace, Outcome
from shanyraq.domains.placement.queries.claims import not_enrolled
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.queries.rounds import VOUCHER
from shanyraq.domains.placement.rules import eligibility, referral, voucher
from shanyraq.domains.placement.rules.claim import Model, Right, Status, Step, advance
from shanyraq.domains.placement.rules.documents import DocumentKind, DocumentRefusal
from shanyraq.domains.placement.rules.norms import Norms
from shanyraq.domains.placement.rules.referral import DeclineReason
from shanyraq.domains.placement.services import endings, steps, swaps, telling
from shanyraq.domains.placement.services.endings import ClosedReason
from shanyraq.domains.placement.services.telling import News
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.timeline import day_of

PORTION: Final = 1_000
AGEING: Final = (
    Status.WAITING,
    Status.STOPPED,
    Status.INACTIVE,
    Status.VOUCHER_OFFERED,
    Status.VOUCHER_ACCEPTED,
    Status.LISTED,
)
Lapse = Callable[[Actor, Sequence[Application], datetime], None]


@dataclass(frozen=True, slots=True)
class DeadlineCounts:
    """How many of each lapsed in one run."""

    offers: int = 0
    referrals: int = 0
    vouchers: int = 0
    contracts: int = 0
    restores: int = 0
    documents: int = 0
    swaps: int = 0
    aged_out: int = 0
    enrolled: int = 0  # children who have a state-order place by another way

    @property
    def total(self) -> int:
        """All that lapsed."""
        parts = (self.offers, self.referrals, self.vouchers, self.contracts)
        return sum(parts) + self.restores + self.documents + self.swaps + self.aged_out + self.enrolled


def run_deadlines(*, actor: Actor, now: datetime) -> DeadlineCounts:
    """Lapse what is past its day. Repeated, or run by two at once, it changes nothing twice.

    Raises NotAllowed for anyone but the operator and the jobs.
    """
    access.require_role(actor, Role.OPERATOR)
    today = day_of(now)
    return DeadlineCounts(
        offers=_each(actor, _unanswered(today), _lapse_offers, now),
        referrals=_each(actor, _run_out(today), _lapse_referrals, now),
        vouchers=_each(actor, _unused(today), _lose_vouchers, now),
        contracts=_each(actor, _unsigned(today), _lose_vouchers, now),
        restores=_each(actor, _unrestored(today), _annul(ClosedReason.NOT_RESTORED), now),
        documents=_each(actor, _undocumented(today), _lapse_documents, now),
        swaps=swaps.lapse(actor=actor, now=now),
        aged_out=_each(actor, _too_old(today), _annul(ClosedReason.TOO_OLD), now),
        enrolled=_each(actor, _enrolled(), _annul(ClosedReason.ENROLLED_ELSEWHERE), now),
    )


def _each(actor: Actor, past: QuerySet[Application], lapse: Lapse, now: datetime) -> int:
    done = 0
    while True:
        with transaction.atomic():
            portion = past.values_list("pk", flat=True).order_by("pk")[:PORTION]
            ids = list(portion)
            if not ids:
                return done
            locked = Application.objects.filter(pk__in=ids).select_for_update().order_by("pk")
            list(locked.values_list("pk", flat=True))  # from here on nobody else changes them
            rows = list(past.filter(pk__in=ids).order_by("pk"))
            if rows:
                lapse(actor, rows, now)
            done += len(rows)


# ---- what is past its day


def _unanswered(today: date) -> QuerySet[Application]:
    known = Q(round__isnull=True) | Q(round__status="published")
    offers = Offer.objects.filter(known, application=OuterRef("pk"), status="held", answer_by__lt=today)
    return Application.objects.filter(Exists(offers), status=Status.OFFERED)


def _run_out(today: date) -> QuerySet[Application]:
    offers = Offer.objects.filter(application=OuterRef("pk"), status="accepted", valid_until__lt=today)
    return Application.objects.filter(Exists(offers), status=Status.REFERRED, model=Model.QUEUE)


def _unused(today: date) -> QuerySet[Application]:
    unpublished = Outcome.objects.filter(application=OuterRef("pk"), reason=VOUCHER, round__status="confirmed")
    statuses = (Status.VOUCHER_OFFERED, Status.VOUCHER_ACCEPTED)
    return Application.objects.filter(~Exists(unpublished), status__in=statuses, due_on__lt=today)


def _unsigned(today: date) -> QuerySet[Application]:
    return Application.objects.filter(status=Status.CHOSEN, due_on__lt=today)


def _unrestored(today: date) -> QuerySet[Application]:
    return Application.objects.filter(status=Status.INACTIVE, due_on__lt=today)


def _undocumented(today: date) -> QuerySet[Application]:
    papers = Document.objects.filter(application=OuterRef("pk"), status="pending", due_on__lt=today)
    return Application.objects.filter(Exists(papers), applied_at__isnull=False)


def _too_old(today: date) -> QuerySet[Application]:
    norm = placement_norms(today).age
    start = eligibility.season_start(today, norm)
    return Application.objects.filter(
        child__born_on__lte=start.replace(year=start.year - norm.limit), status__in=AGEING
    )


def _enrolled() -> QuerySet[Application]:
    return Application.objects.exclude(not_enrolled()).filter(status__in=AGEING)


# ---- what becomes of it


def _lapse_offers(actor: Actor, rows: Sequence[Application], now: datetime) -> None:
    offers = _live(rows)
    _count_declines(rows, now)
    _close([offer.pk for offer in offers.values()], now, decline_reason=DeclineReason.NO_ANSWER)
    opened = [OpenPlace(group_id=offer.group_id, offer=offer, opened_at=now) for offer in offers.values()]
    OpenPlace.objects.bulk_create(opened, batch_size=PORTION)
    lapsed = [(row, events.OfferLapsed(offers[row.pk].pk, row.declines)) for row in rows]
    steps.happened_to_many(actor, "lapse_offer", lapsed, now=now)
    free = [(row, events.PlaceOpened(offers[row.pk].group_id, offers[row.pk].pk)) for row in rows]
    steps.recorded_many(free, now=now)
    _tell_declined(rows, offers, "placement.offer_lapsed", now)


def _lapse_referrals(actor: Actor, rows: Sequence[Application], now: datetime) -> None:
    offers = _live(rows)
    _count_declines(rows, now)
    _close([offer.pk for offer in offers.values()], now)
    lapsed = [(row, events.ReferralLapsed(offers[row.pk].pk, row.declines)) for row in rows]
    steps.happened_to_many(actor, "lapse_referral", lapsed, now=now)
    _tell_declined(rows, offers, "placement.referral_lapsed", now)


def _lose_vouchers(actor: Actor, rows: Sequence[Application], now: datetime) -> None:
    offers = _live(rows)
    _close([offer.pk for offer in offers.values()], now)
    today, lost, news = day_of(now), [], list[News]()
    for row in rows:
        norm = _norms(row, today).voucher
        row.due_on = voucher.restore_by(today, norm) if int(row.restored) < norm.restores else today
        lost.append((row, events.VoucherLost(row.status, row.due_on)))
        again = row.due_on > today
        code = "placement.voucher_lost" if again else "placement.voucher_lost_again"
        news.append((row, code, None, {"restore_until": row.due_on}))
        row.status, row.changed_at = advance(Status(row.status), Step.LOSE_VOUCHER).value, now
    Application.objects.bulk_update(rows, ["status", "due_on", "changed_at"], batch_size=PORTION)
    steps.happened_to_many(actor, "lose_voucher", lost, now=now)
    telling.families(news, now=now)
    endings.tell_waiting([offer.group_id for offer in offers.values()], now=now)


def _lapse_documents(actor: Actor, rows: Sequence[Application], now: datetime) -> None:
    """The right that a paper should prove is not proven; the place by the time of application stays."""
    reason = DocumentRefusal.NOT_SHOWN
    papers = list(
        Document.objects.filter(application__in=rows, status="pending", due_on__lt=day_of(now)).order_by("pk")
    )
    Document.objects.filter(pk__in=[paper.pk for paper in papers]).update(
        status="refused", refusal=reason.value, checked_at=now
    )
    by_id = {row.pk: row for row in rows}
    refused, news = [], list[News]()
    for paper in papers:
        row = by_id[paper.application_id]
        event = events.DocumentRefused(paper.pk, paper.kind, reason.value, row.right, row.right_since or now)
        refused.append((row, event))
        facts = {"document": DocumentKind(paper.kind), "reason": reason, "right": Right(row.right)}
        news.append((row, "placement.document_refused", None, facts))
    steps.happened_to_many(actor, "lapse_document", refused, now=now)
    telling.families(news, now=now)


def _annul(reason: ClosedReason) -> Lapse:
    def annul(actor: Actor, rows: Sequence[Application], now: datetime) -> None:
        for row in rows:
            advance(Status(row.status), Step.ANNUL)
        ids = [row.pk for row in rows]
        Application.objects.filter(pk__in=ids).update(
            status=Status.ANNULLED, closed_reason=reason.value, due_on=None, changed_at=now
        )
        annulled = [(row, events.ApplicationAnnulled(reason.value)) for row in rows]
        steps.happened_to_many(actor, "annul", annulled, now=now)
        telling.families([(row, "placement.annulled", None, {"reason": reason}) for row in rows], now=now)
        endings.close_around(rows, now=now)

    return annul


def _live(rows: Sequence[Application]) -> dict[UUID, Offer]:
    offers = Offer.objects.filter(application__in=rows, status__in=steps.LIVE_OFFER).select_related("group")
    return {offer.application_id: offer for offer in offers}


def _close(offers: Sequence[UUID], now: datetime, decline_reason: str = "") -> None:
    Offer.objects.filter(pk__in=offers).update(status="lapsed", closed_at=now, decline_reason=decline_reason)


def _count_declines(rows: Sequence[Application], now: datetime) -> None:
    """A place that nobody took in time counts as declined: the queue is kept, or the application stops. 2 queries."""
    stopped, kept = list[UUID](), list[UUID]()
    for row in rows:
        step = referral.after_decline(row.declines, _norms(row, day_of(now)).offer)
        if step is Step.DECLINE and row.status == Status.REFERRED:
            step = Step.LAPSE
        row.status, row.declines = advance(Status(row.status), step).value, row.declines + 1
        (stopped if step is Step.STOP else kept).append(row.pk)
    for ids, status in ((stopped, Status.STOPPED), (kept, Status.WAITING)):
        Application.objects.filter(pk__in=ids).update(
            status=status, declines=F("declines") + 1, due_on=None, changed_at=now
        )


def _tell_declined(rows: Sequence[Application], offers: dict[UUID, Offer], code: str, now: datetime) -> None:
    telling.families(
        [
            (
                row,
                "placement.stopped" if row.status == Status.STOPPED else code,
                offers[row.pk].group.organisation_id,
                {},
            )
            for row in rows
        ],
        now=now,
    )


def _norms(row: Application, today: date) -> Norms:
    return placement_norms(today, row.district_id)
