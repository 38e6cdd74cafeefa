"""Organisations that merge, split or follow one another: people, rooms and figures go on, and the past stays.

Everything is one batch, so that it can be taken back as one. Whoever goes on ends in the former organisation on the day
and begins in the latter on the same day; the succession keeps the share, by which series stay comparable.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from shanyraq.domains.registry import events
from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.models import Enrolment, Group, Organisation, Succession
from shanyraq.domains.registry.models import OrganisationProfile as Profile
from shanyraq.domains.registry.queries import reorganising as plans
from shanyraq.domains.registry.rules import places
from shanyraq.domains.registry.rules import reorganising as rules
from shanyraq.domains.registry.rules.kinds import SuccessionKind
from shanyraq.domains.registry.rules.reorganising import Rehearsal
from shanyraq.domains.registry.services.carrying import Carrier, names_there, open_rows
from shanyraq.domains.registry.services.profiles import ProfileChange, change_profile
from shanyraq.domains.registry.services.recording import note
from shanyraq.foundation import access, audit, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Text
from shanyraq.foundation.timeline import day_of

KIND: Final = plans.KIND


@dataclass(frozen=True, slots=True)
class Reorganisation:
    """Which groups of one organisation go on in which others. A group that is not named stays.

    `closes`: the former no longer works from that day; then every open group must go on, and its staff and buildings
    go to the heir of the largest share.
    """

    kind: SuccessionKind
    former: UUID
    moves: Mapping[UUID, UUID]  # group -> the organisation in which it goes on
    closes: bool
    order_number: str = ""


@transaction.atomic
def rehearse_reorganisation(*, actor: Actor, plan: Reorganisation, on: date, now: datetime) -> Rehearsal:
    """What a reorganisation would do. Nothing is written. Raises what `reorganise` raises."""
    groups = _checked(actor, plan, on, now)
    return _rehearsed(plan, groups, on)


@transaction.atomic
def reorganise(*, actor: Actor, plan: Reorganisation, on: date, now: datetime, fingerprint: str | None = None) -> UUID:
    """Carry groups with their learners over to other organisations from a day on; the batch, which can be undone.

    `fingerprint`: of the rehearsal that was seen. Raises NotAllowed; Refusal: registry.day_ahead,
    registry.organisation_closed, registry.nothing_moves, registry.group_elsewhere, registry.successor_same,
    registry.groups_left_behind, registry.text_long, registry.reorganisation_moved (no longer as rehearsed).
    """
    groups = _checked(actor, plan, on, now)
    if fingerprint is not None and _rehearsed(plan, groups, on).fingerprint != fingerprint:
        raise Refusal("registry.reorganisation_moved")
    order = places.require_short(plan.order_number, "order_number", 40)
    batch = history.begin(actor=actor, kind=KIND, now=now, organisation=plan.former)
    carrier = Carrier(on, now, batch)
    shares = _shares(plan, groups, on)
    heir = rules.first_heir(shares)
    rooms = carrier.premises(plan.former, heir) if plan.closes else {}
    fresh = carrier.groups(groups, plan.moves, rooms)
    learners = carrier.learners(fresh, order)
    if plan.closes:
        carrier.staff(plan.former, heir)
        _close(plan.former, on, now, batch)
    _succeed(plan, shares, carrier, order)
    history.finish(batch)
    event = events.OrganisationReorganised(plan.kind, batch, on)
    note(actor, Do.CHANGE_ORGANISATION, event, subject="organisation", subject_id=plan.former, now=now)
    audit.wrote_many(actor, str(Do.ENROL), at=now, subject="enrolment", rows=learners)
    return batch


@transaction.atomic
def rename_organisation(*, actor: Actor, organisation: UUID, name: Text, on: date, now: datetime) -> UUID:
    """Give an organisation another name from a day on; the batch, which can be undone. Its BIN, people and series stay.

    Raises what `change_profile` raises, and Refusal("registry.nothing_changes").
    """
    batch = history.begin(actor=actor, kind=KIND, now=now, organisation=organisation)
    change_profile(actor=actor, organisation=organisation, change=ProfileChange(name=name), on=on, now=now, batch=batch)
    if not history.finish(batch):
        raise Refusal("registry.nothing_changes", field="name_kk")
    return batch


@transaction.atomic
def undo_reorganisation(*, actor: Actor, batch: UUID, now: datetime) -> None:
    """Take a reorganisation back as if it had not been: only until a later fact stands on it.

    Raises NotAllowed; Refusal: registry.reorganisation_unknown, history.undo_blocked (history.obstacles names them),
    history.already_undone, history.undo_conflict.
    """
    card = history.card(batch)
    if card is None or card.kind != KIND or card.organisation is None:
        raise Refusal("registry.reorganisation_unknown")
    _authorise(actor, (card.organisation, *plans.heirs_of(batch)))
    learners = list(history.touched(batch, Enrolment).values_list("id", "child_id"))
    history.undo(actor=actor, batch=batch, now=now)
    event = events.BatchUndone(KIND)
    note(actor, Do.CHANGE_ORGANISATION, event, subject="organisation", subject_id=card.organisation, now=now)
    audit.wrote_many(actor, str(Do.ENROL), at=now, subject="enrolment", rows=learners)


def _checked(actor: Actor, plan: Reorganisation, on: date, now: datetime) -> list[Group]:
    heirs = sorted(set(plan.moves.values()))
    _authorise(actor, (plan.former, *heirs))
    places.require_past(on, day_of(now))
    places.require_short(plan.order_number, "order_number", 40)
    groups = _groups(plan)
    began = _at_work([plan.former, *heirs], on)
    if plan.closes:
        places.require_order(began[plan.former], on)
    return groups


def _authorise(actor: Actor, organisations: Iterable[UUID]) -> None:
    for one in organisations:
        access.require(ORGANISATION_RULES, Do.CHANGE_ORGANISATION, actor, Organisation.objects.all(), one)


def _rehearsed(plan: Reorganisation, groups: list[Group], on: date) -> Rehearsal:
    asked = plans.Asked(plan.kind, plan.former, plan.moves, plan.closes, plan.order_number.strip(), on)
    return plans.rehearsed(asked, groups, names_there(groups, plan.moves), _shares(plan, groups, on))


def _groups(plan: Reorganisation) -> list[Group]:
    if not plan.moves:
        raise Refusal("registry.nothing_moves")
    if plan.former in plan.moves.values():
        raise Refusal("registry.successor_same", field="heir_1")
    found = {row.id: row for row in open_rows(Group, organisation_id=plan.former)}
    if set(plan.moves) - set(found):
        raise Refusal("registry.group_elsewhere", field="groups")
    left = set(found) - set(plan.moves)
    if plan.closes and left:
        raise Refusal("registry.groups_left_behind", n=len(left))
    return [found[pk] for pk in sorted(plan.moves)]


def _at_work(organisations: Iterable[UUID], on: date) -> dict[UUID, date]:
    """Since when each of them works; all of them do on the day, and are held."""
    wanted = set(organisations)
    rows = Organisation.objects.select_for_update().filter(pk__in=wanted, valid_from__lte=on, valid_to__isnull=True)
    began = dict(rows.order_by("id").values_list("id", "valid_from"))
    if len(began) < len(wanted):
        raise Refusal("registry.organisation_closed", on=on)
    return began


def _shares(plan: Reorganisation, groups: list[Group], on: date) -> dict[UUID, Decimal]:
    return rules.shares_of([row.id for row in groups], plan.moves, plans.learners_in(plan.former, on))


def _close(former: UUID, on: date, now: datetime, batch: UUID) -> None:
    ends = {"valid_to": on, "recorded_at": now, "batch": batch}
    Organisation.objects.filter(pk=former).update(**ends)
    Profile.objects.filter(organisation_id=former, valid_to__isnull=True, valid_from__lt=on).update(**ends)


def _succeed(plan: Reorganisation, shares: Mapping[UUID, Decimal], carrier: Carrier, order: str) -> None:
    Succession.objects.bulk_create(
        Succession(
            former_id=plan.former, latter_id=heir, kind=plan.kind, share=max(share, rules.SHARE), on=carrier.on,
            order_number=order, recorded_at=carrier.now, batch=carrier.batch,
        )
        for heir, share in sorted(shares.items())
    )  # fmt: skip
