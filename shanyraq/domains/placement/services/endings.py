"""What ends with an application, and what becomes free by it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.placement import events
from shanyraq.domains.placement.models import Application, Offer, Swap, WaitingEntry
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import steps, telling
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import ledger


class ClosedReason(StrEnum):
    """Why an application has ended, where the family is told."""

    WISH = "wish"
    TOO_OLD = "too_old"
    ENROLLED_ELSEWHERE = "enrolled_elsewhere"
    VOUCHER_REFUSED = "voucher_refused"
    NOT_RESTORED = "not_restored"


def close_around(rows: Sequence[Application], *, now: datetime) -> None:
    """End what was still open round applications that have ended: offers, waiting entries, proposed swaps.

    At most 9 queries, whatever the number.
    """
    ids, children = [row.pk for row in rows], [row.child_id for row in rows]
    by_id = {row.pk: row for row in rows}
    live = Offer.objects.filter(application__in=ids, status__in=steps.LIVE_OFFER)
    held = list(live.order_by("id").values_list("pk", "application_id", "group_id"))
    groups = [group for _, _, group in held]
    live.update(status="released", closed_at=now)
    released = [(by_id[application], events.OfferReleased(offer, group)) for offer, application, group in held]
    steps.recorded_many(released, now=now)
    WaitingEntry.objects.filter(application__in=ids, closed_at__isnull=True).update(closed_at=now)
    close_swaps(children, now=now)
    tell_waiting(groups, now=now)


def close_swaps(children: Iterable[UUID], *, now: datetime) -> None:
    """End proposed swaps of children whose place has changed otherwise. 1 query, 3 where there are any."""
    children = list(children)
    touched = Q(first__child__in=children) | Q(second__child__in=children)
    ended = list(Swap.objects.filter(touched, status="proposed").order_by("pk").values_list("pk", "answer_by"))
    if ended:
        Swap.objects.filter(pk__in=[pk for pk, _ in ended]).update(status="lapsed", closed_at=now)
        ledger.record_many([ledger.NewEntry.of(events.SwapLapsed(day), pk) for pk, day in ended], at=now)


def tell_waiting(groups: Iterable[UUID], *, now: datetime) -> None:
    """Tell as many families on the waiting lists as places have become free, those who wait longest first.

    No query when nothing became free, else at most 5.
    """
    freed = Counter(groups)
    if not freed:
        return
    cards = registry.group_cards(freed)
    waiting = WaitingEntry.objects.filter(
        organisation__in={card.organisation for card in cards.values()},
        closed_at__isnull=True,
        application__status=Status.LISTED,
    )
    entries = list(waiting.select_related("application").order_by("since", "id"))
    told: list[tuple[Application, UUID]] = []
    for group, places in freed.items():
        card = cards[group]
        fitting = [entry for entry in entries if _fits(entry, card)][:places]
        told += [(entry.application, card.organisation) for entry in fitting]
        entries = [entry for entry in entries if entry not in fitting]
    telling.families([(row, "placement.place_freed", home, {}) for row, home in told], now=now)


def _fits(entry: WaitingEntry, card: registry.GroupCard) -> bool:
    row = entry.application
    return (
        entry.organisation_id == card.organisation
        and card.born_from <= row.birth_year <= card.born_to
        and (card.kind, card.language) == (row.kind, row.language)
    )
