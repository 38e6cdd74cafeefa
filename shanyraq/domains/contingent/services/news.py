"""Families are told of every new enrolment of their child, in one place, whoever wrote it: by hand, by import, at the
turn of the year. The notice leads to the page with the answer "this is not us"."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from shanyraq.domains.contingent.models import TellingMark
from shanyraq.domains.contingent.queries import addresses
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import moving
from shanyraq.domains.registry.rules.kinds import EntryReason
from shanyraq.foundation import access, history, notices
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.timeline import day_of

MARK: Final = "single"  # up to when those written one by one have been told
BEGUN: Final = "begun"  # since when anyone is told at all
PORTION: Final = 2_000
MOST: Final = 1_000  # latest batches looked at in one run
LAG: Final = timedelta(minutes=2)  # what is written one by one is saved by then
# Told by the one who wrote it, or nothing new to the family.
TOLD_ELSEWHERE: Final = (
    EntryReason.REFERRAL,
    EntryReason.VOUCHER,
    EntryReason.SWAP,
    EntryReason.TRANSFER,
    EntryReason.CARRIED,
)


def tell_new(*, actor: Actor, now: datetime) -> int:
    """Tell the families of enrolments recorded since the last run, and those of batches applied since; how many
    notices. The first run tells nobody: it sets the mark. Repeated, it tells nobody twice. Raises NotAllowed for anyone
    but the operator and the jobs."""
    access.require_role(actor, Role.OPERATOR)
    if not TellingMark.objects.filter(pk=MARK).exists():
        for name in (BEGUN, MARK):
            TellingMark.objects.get_or_create(name=name, defaults={"told_until_at": now})
        return 0
    return _tell_single(now) + sum(_tell_batch(batch, now) for batch in _new_batches())


@transaction.atomic
def _tell_single(now: datetime) -> int:
    mark = TellingMark.objects.select_for_update().get(pk=MARK)
    until = now - LAG
    if until <= mark.told_until_at:
        return 0
    told = _tell(moving.new_since(mark.told_until_at, until, TOLD_ELSEWHERE), now)
    mark.told_until_at = until
    mark.save(update_fields=["told_until_at"])
    return told


@transaction.atomic
def _tell_batch(batch: UUID, now: datetime) -> int:
    _, fresh = TellingMark.objects.get_or_create(name=f"b{batch.hex}", defaults={"told_until_at": now})
    return _tell(moving.new_by(batch, TOLD_ELSEWHERE), now) if fresh else 0


def _new_batches() -> list[UUID]:
    """Batches with enrolments, applied since the first mark was set and not told yet."""
    known = set(TellingMark.objects.values_list("name", flat=True))
    begun = TellingMark.objects.get(pk=BEGUN).told_until_at
    applied = history.cards(Q(state=history.BatchState.APPLIED, made_at__gt=begun), limit=MOST)
    return [one.id for one in applied if f"b{one.id.hex}" not in known and moving.ENROLMENTS in one.counts]


def _tell(rows: Iterable[tuple[UUID, UUID, UUID]], now: datetime) -> int:
    left, told = iter(rows), 0
    while portion := list(islice(left, PORTION)):
        told += notices.tell_many(_news(portion, now), at=now)
    return told


def _news(rows: list[tuple[UUID, UUID, UUID]], now: datetime) -> list[notices.NewNotice]:
    children = [child for _, child, _ in rows]
    guardians = moving.guardian_ids(children, day_of(now))
    names = registry.names_of([child for child in children if child in guardians])
    groups = moving.group_homes({group for *_, group in rows})
    homes = registry.organisation_cards({home for home, _ in groups.values()})
    return [
        notices.NewNotice(
            guardian, "contingent.enrolled",
            {"child": names[child], "organisation": homes[groups[group][0]].name, "group": groups[group][1]},
            addresses.listing(child),
        )
        for _, child, group in rows
        for guardian in guardians.get(child, ())
    ]  # fmt: skip
