"""What ends with an application, and what becomes free by it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.placement.models import Application, Offer, Swap, WaitingEntry
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import steps
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import notices


def close_around(rows: Sequence[Application], *, now: datetime) -> None:
    """End what was still open round applications that have ended: offers, waiting entries, proposed swaps.

    At most 8 queries, whatever the number.
    """
    ids, children = [row.pk for row in rows], [row.child_id for row in rows]
    live = Offer.objects.filter(application__in=ids, status__in=steps.LIVE_OFFER)
    groups = list(live.values_list("group_id", flat=True))
    live.update(status="released", closed_at=now)
    WaitingEntry.objects.filter(application__in=ids, closed_at__isnull=True).update(closed_at=now)
    close_swaps(children, now=now)
    tell_waiting(groups, now=now)


def close_swaps(children: Iterable[UUID], *, now: datetime) -> None:
    """End proposed swaps of children whose place has changed otherwise. 1 query."""
    children = list(children)
    touched = Q(first__child__in=children) | Q(second__child__in=children)
    ids = list(Swap.objects.filter(touched, status="proposed").values_list("pk", flat=True))
    if ids:
        Swap.objects.filter(pk__in=ids).update(status="lapsed", closed_at=now)


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
    if told:
        _tell(told, now)


def _fits(entry: WaitingEntry, card: registry.GroupCard) -> bool:
    row = entry.application
    return (
        entry.organisation_id == card.organisation
        and card.born_from <= row.birth_year <= card.born_to
        and (card.kind, card.language) == (row.kind, row.language)
    )


def _tell(told: Sequence[tuple[Application, UUID]], now: datetime) -> None:
    names = registry.person_cards([row.child_id for row, _ in told])
    homes = registry.organisation_cards([organisation for _, organisation in told])
    notices.tell_many(
        [
            notices.NewNotice(
                row.applicant_id,
                "placement.place_freed",
                {"child": names[row.child_id].name, "kindergarten": homes[organisation].name},
                steps.page_of(row),
            )
            for row, organisation in told
        ],
        at=now,
    )
