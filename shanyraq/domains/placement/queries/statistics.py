"""How long families wait: from the application to the first place offered. Counts and days only, no child."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
from django.core.cache import cache
from django.db.models import Min, Q

from shanyraq.domains.placement.models import Application
from shanyraq.domains.placement.queries import public, shown
from shanyraq.foundation.timeline import COUNTRY_ZONE

WINDOW: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class WaitLine:
    """Waiting times of a territory: a district, a region (two digits) or the country (""). None is too few to show.

    `placed` counts children whose first offer came in the twelve months before the day; days are whole.
    """

    territory: str
    placed: int | None
    median_days: int | None
    nine_of_ten_days: int | None  # nine of ten waited no longer
    waiting: int
    median_days_so_far: int | None


def waiting_times(on: date) -> tuple[WaitLine, ...]:
    """The waiting times of every district in which someone waits or was placed, of their regions and of the country,
    by code. 2 queries, as costly as the applications of a year."""
    small = shown.smallest(on)
    placed, waiting = _placed(on), _waiting(on)
    counts = shown.by_territory({kato: len(days) for kato, days in placed.items()}, small=small)
    done, running = _with_wholes(placed), _with_wholes(waiting)
    lines = []
    for territory in sorted({"", *done, *running}):
        days, so_far = done.get(territory, []), running.get(territory, [])
        count = counts.get(territory, 0)
        told = bool(count) and len(days) >= small
        lines.append(
            WaitLine(
                territory=territory,
                placed=count,
                median_days=_share(days, 50) if told else None,
                nine_of_ten_days=_share(days, 90) if told else None,
                waiting=len(so_far),
                median_days_so_far=_share(so_far, 50) if len(so_far) >= small else None,
            )
        )
    return tuple(lines)


def count_anew(on: date) -> None:
    """Forget the counts that are kept for some minutes, so that all that is counted next is of one instant."""
    cache.delete_many([f"placement.public.districts:{on}", f"placement.public.years:{on}"])


def _placed(on: date) -> dict[str, list[int]]:
    """Days from the application to the first place offered, of children offered one in the window, by district."""
    until = datetime.combine(on, time(), COUNTRY_ZONE)
    told = Q(offers__round__isnull=True) | Q(offers__round__status="published")
    rows = Application.objects.filter(applied_at__isnull=False).annotate(first=Min("offers__offered_at", filter=told))
    found = rows.filter(first__gte=until - WINDOW, first__lt=until + timedelta(days=1))
    spans = found.values_list("district_id", "applied_at", "first").iterator(chunk_size=5_000)
    return _by_district((kato, max(0, (first - since).days)) for kato, since, first in spans)


def _waiting(on: date) -> dict[str, list[int]]:
    """Days that those who wait have waited, by district."""
    now = datetime.combine(on, time(), COUNTRY_ZONE) + timedelta(days=1)
    rows = Application.objects.filter(status__in=public.WAITING, applied_at__isnull=False)
    spans = rows.values_list("district_id", "applied_at").iterator(chunk_size=5_000)
    return _by_district((kato, max(0, (now - since).days)) for kato, since in spans if since)


def _by_district(days: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for kato, one in days:
        found.setdefault(kato, []).append(one)
    return found


def _with_wholes(districts: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Districts, and with them their regions and the country."""
    whole: dict[str, list[int]] = dict(districts)
    for kato, days in districts.items():
        for above in (kato[:2], ""):
            whole.setdefault(above, []).extend(days)
    return whole


def _share(days: list[int], percent: int) -> int:
    """The day by which that share had waited: a value that occurs, the lower one between two."""
    return int(np.percentile(np.asarray(days, np.int32), percent, method="lower"))
