"""Verbs of a family on its application: draft, file, change, withdraw, bring back."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.placement import events
from shanyraq.domains.placement.access import APPLICATIONS, Do
from shanyraq.domains.placement.models import Application, OpenPlace, Wish
from shanyraq.domains.placement.queries.applications import ApplicationCard, application_card, cards_of
from shanyraq.domains.placement.queries.norms import model_in_force, placement_norms
from shanyraq.domains.placement.rules import eligibility
from shanyraq.domains.placement.rules.claim import OPEN, Benefit, Status, Step
from shanyraq.domains.placement.services import endings, filling, steps
from shanyraq.domains.placement.services.drafts import Draft, NewApplication, NewDocument
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import access, audit
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

__all__ = [
    "Draft",
    "NewApplication",
    "NewDocument",
    "change_wishes",
    "claim_right",
    "file",
    "file_application",
    "read_application",
    "request_open_place",
    "resume",
    "save_draft",
    "start_draft",
    "withdraw",
]
WISHES_CHANGE = (Status.WAITING, Status.OFFERED, Status.STOPPED)
RIGHT_CHANGES = (Status.WAITING, Status.OFFERED, Status.STOPPED, Status.INACTIVE)


@transaction.atomic
def start_draft(*, actor: Actor, child: UUID, now: datetime) -> UUID:
    """A draft for the child: the one that the family has, else a fresh one. Repeating it changes nothing.

    Raises NotAllowed; Refusal("placement.not_guardian", "placement.open_application", "placement.no_residence").
    """
    applicant = _applicant(actor, child, now)
    draft = Application.objects.filter(child=child, applicant=applicant, status=Status.DRAFT).first()
    if draft is not None:
        return draft.pk
    _refuse_second(child)
    return _start(actor, child, applicant, now).pk


@transaction.atomic
def save_draft(*, actor: Actor, application: UUID, draft: Draft, now: datetime) -> None:
    """Keep what the family has filled in so far. Only a draft changes; whether all is there is asked at filing.

    Raises NotAllowed; Refusal("placement.step_not_allowed", "placement.nothing_to_transfer") and the refusals of a
    wish or a paper that cannot be.
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.status != Status.DRAFT:
        raise Refusal("placement.step_not_allowed", status=Status(row.status), step=Step.SUBMIT)
    filling.fill(row, draft, now)
    steps.noted(actor, "save_draft", row, now=now)


@transaction.atomic
def file(*, actor: Actor, application: UUID, now: datetime) -> int:
    """Hand in a draft: its number. Repeated, it answers with the same number and writes nothing.

    Raises NotAllowed; Refusal with the first reason that the law names: see `eligibility.check_may_apply`,
    `wishes.check_wishes` and `documents.check_papers`.
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.status != Status.DRAFT and row.number is not None:
        return row.number
    return _file(actor, row, now)


def file_application(*, actor: Actor, new: NewApplication, key: UUID, now: datetime) -> UUID:
    """Draft and hand in, in one call: the application. The same key gives the first result again and writes nothing.

    Raises NotAllowed; Refusal as `file`; Refusal("placement.key_reused") when the key came with another child.
    """
    try:
        with transaction.atomic():
            return _filed_before(actor, new, key) or _file_at_once(actor, new, key, now)
    except (IntegrityError, Refusal):  # when the same key came twice at once, the other one has filed meanwhile
        with transaction.atomic():
            before = _filed_before(actor, new, key)
            if before is None:
                raise
            return before


@transaction.atomic
def read_application(*, actor: Actor, application: UUID, now: datetime) -> ApplicationCard:
    """The application, with the reading noted for the family. Raises NotAllowed."""
    access.require(APPLICATIONS, Do.READ, actor, Application.objects.all(), application)
    card = application_card(application)
    assert card is not None  # require has found it
    audit.read(
        actor,
        "placement.read_application",
        at=now,
        child=card.child,
        subject="placement_application",
        subject_id=application,
    )
    return card


@transaction.atomic
def withdraw(*, actor: Actor, application: UUID, now: datetime) -> None:
    """End an application at the family's wish; a place held for it is free again. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.step_not_allowed") when it has ended otherwise.
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.status == Status.WITHDRAWN:
        return
    before = steps.move(row, Step.WITHDRAW, now=now, closed_reason=endings.ClosedReason.WISH.value, due_on=None)
    endings.close_around([row], now=now)
    event = events.ApplicationWithdrawn(before)
    steps.happened(actor, "withdraw", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_family(row, "placement.withdrawn", now=now, number=row.number or 0)


@transaction.atomic
def resume(*, actor: Actor, application: UUID, now: datetime) -> None:
    """Bring an application back from the stop list, at its first date. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.step_not_allowed", "placement.too_old").
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.status == Status.WAITING:
        return
    before = steps.move(row, Step.RESUME, now=now, declines=0)
    event = events.ApplicationResumed(before)
    steps.happened(actor, "resume", row, event, now=now, facts={"status": [before, row.status]})
    steps.tell_family(row, "placement.resumed", now=now, applied_at=row.applied_at)


@transaction.atomic
def change_wishes(
    *,
    actor: Actor,
    application: UUID,
    organisations: Sequence[UUID],
    radius_km: int | None,
    now: datetime,
    only_if: Callable[[ApplicationCard], None] | None = None,
) -> None:
    """Put other wishes, best first; the place in the queue stays. A kindergarten turned down before may be offered
    again when it is named here. `only_if` is called with the application while it is held, and raises when it is not
    as the caller has seen it. Raises NotAllowed; Refusal("placement.wishes_fixed") and those of `check_wishes`."""
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if only_if is not None:
        only_if(cards_of((row,))[0])
    if row.status not in WISHES_CHANGE:
        raise Refusal("placement.wishes_fixed", status=Status(row.status))
    before = list(row.wishes.order_by("rank").values_list("organisation_id", flat=True))
    filling.wish(row, tuple(organisations), radius_km, now)
    steps.put(row, now=now, radius_km=radius_km)
    event = events.WishesChanged(tuple(organisations), radius_km)
    steps.happened(actor, "change_wishes", row, event, now=now, facts={"wishes": [before, list(organisations)]})


@transaction.atomic
def claim_right(*, actor: Actor, application: UUID, benefit: Benefit, document: NewDocument, now: datetime) -> None:
    """Claim a right that appeared later. It counts from the instant at which its paper is confirmed.

    Repeated while the paper waits for its check, the paper is replaced. Raises NotAllowed;
    Refusal("placement.right_fixed", "placement.document_unknown", "placement.document_wrong", ...).
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.status not in RIGHT_CHANGES:
        raise Refusal("placement.right_fixed", status=Status(row.status))
    paper = filling.claim(row, benefit, document, now)
    event = events.RightClaimed(benefit, paper.pk)
    steps.happened(actor, "claim_right", row, event, now=now)
    steps.tell_family(row, "placement.right_claimed", now=now, benefit=benefit, due_on=paper.due_on)


@transaction.atomic
def request_open_place(*, actor: Actor, application: UUID, organisation: UUID, now: datetime) -> None:
    """Ask for a place in open access; the next round gives it by the serving order. Repeated, it changes nothing.

    Raises NotAllowed; Refusal("placement.step_not_allowed", "placement.no_open_place").
    """
    row = steps.held_application(actor, Do.ACT_FOR_FAMILY, application)
    if row.status != Status.WAITING:
        raise Refusal("placement.step_not_allowed", status=Status(row.status), step=Step.OFFER)
    if not _open_for(row, organisation):
        raise Refusal("placement.no_open_place", field="organisation")
    last = row.wishes.order_by("-rank").values_list("rank", flat=True).first() or 0
    wish, fresh = Wish.objects.get_or_create(
        application=row, organisation_id=organisation, defaults={"rank": last + 1, "open_access": True, "named_at": now}
    )
    if not fresh and wish.open_access:
        return
    if not fresh:
        wish.open_access, wish.named_at = True, now
        wish.save(update_fields=["open_access", "named_at"])
    steps.happened(actor, "request_open_place", row, events.OpenPlaceRequested(organisation), now=now)


def _applicant(actor: Actor, child: UUID, now: datetime) -> UUID:
    """Who applies: the guardian who acts, or, for the operator, the child's first guardian."""
    if actor.person is not None and actor.has(Role.GUARDIAN):
        if not registry.is_guardian(actor.person, child, day_of(now)):
            raise Refusal("placement.not_guardian", field="child")
        return actor.person
    if not actor.has(Role.OPERATOR):
        raise NotAllowed("access.denied", action=str(Do.ACT_FOR_FAMILY))
    guardians = registry.guardians_of(child, day_of(now))
    if not guardians:
        raise Refusal("placement.not_guardian", field="child")
    return guardians[0].person.id


def _refuse_second(child: UUID, *but: UUID) -> None:
    if Application.objects.filter(child=child, status__in=OPEN).exclude(pk__in=but).exists():
        raise Refusal("placement.open_application", field="child")


def _start(actor: Actor, child: UUID, applicant: UUID, now: datetime) -> Application:
    today = day_of(now)
    home = registry.residence(child, today)
    if home is None:
        raise Refusal("placement.no_residence", field="child")
    born_on = registry.person_cards((child,))[child].born_on
    row, fresh = Application.objects.get_or_create(
        child_id=child,
        applicant_id=applicant,
        status=Status.DRAFT,
        defaults={
            "district_id": home.district,
            "birth_year": born_on.year,
            "model": model_in_force(home.district, today),
            "created_at": now,
            "changed_at": now,
        },
    )
    if fresh:
        steps.noted(actor, "start_draft", row, now=now)
    return row


def _filed_before(actor: Actor, new: NewApplication, key: UUID) -> UUID | None:
    """The application filed with the key, for the one who filed it."""
    row = Application.objects.filter(key=key).exclude(status=Status.DRAFT).first()
    if row is None:
        return None
    _require_applicant(actor, new)
    if (row.child_id, row.applicant_id) != (new.child, new.applicant):
        raise Refusal("placement.key_reused")
    return row.pk


def _require_applicant(actor: Actor, new: NewApplication) -> None:
    if actor.has(Role.SYSTEM):
        registry.readable(actor, new.child)  # a system files for the children of its territory
    elif not (actor.has(Role.OPERATOR) or (actor.has(Role.GUARDIAN) and actor.person == new.applicant)):
        raise NotAllowed("access.denied", action=str(Do.ACT_FOR_FAMILY))


def _file_at_once(actor: Actor, new: NewApplication, key: UUID, now: datetime) -> UUID:
    _require_applicant(actor, new)
    if not registry.is_guardian(new.applicant, new.child, day_of(now)):
        raise Refusal("placement.not_guardian", field="child")
    _refuse_second(new.child)
    row = _start(actor, new.child, new.applicant, now)
    steps.put(row, now=now, key=key)
    filling.fill(row, new.draft, now)
    _file(actor, row, now)
    return row.pk


def _file(actor: Actor, row: Application, now: datetime) -> int:
    today = day_of(now)
    _settle_facts(row, today=today)
    norms = placement_norms(today, row.district_id)
    eligibility.check_may_apply(filling.situation(row, today), today, norms.age)
    wishes = tuple(row.wishes.order_by("rank").values_list("organisation_id", flat=True))
    filling.check_wishes(row, wishes, row.radius_km, today)
    filling.check_papers(row, now)
    row.number, row.applied_at, row.right_since = steps.next_number("application"), now, now
    try:
        with transaction.atomic():
            steps.move(row, Step.SUBMIT, now=now, number=row.number, applied_at=now, right_since=now)
    except IntegrityError:
        _refuse_second(row.child_id, row.pk)  # another application of the child was quicker
        raise
    event = events.ApplicationFiled(
        number=row.number,
        district=row.district_id,
        birth_year=row.birth_year,
        group_kind=row.kind,
        language=row.language,
        model=row.model,
        applied_at=now,
        wishes=wishes,
        transfer=row.present_id is not None,
    )
    steps.happened(actor, "file", row, event, now=now, facts={"status": [Status.DRAFT, row.status]})
    steps.tell_family(row, "placement.filed", now=now, number=row.number, applied_at=now)
    return row.number


def _settle_facts(row: Application, today: date) -> None:
    """Bring to the day of filing what may have changed since the draft was begun: home, model, present place."""
    home = registry.residence(row.child_id, today)
    if home is not None:
        row.district_id = home.district
    row.model = model_in_force(row.district_id, today)
    present = registry.open_enrolment(row.child_id) if row.present_id else None
    row.present_id = present.id if present else None
    row.save(update_fields=["district", "model", "present"])


def _open_for(row: Application, organisation: UUID) -> bool:
    """Whether the kindergarten has a place in open access for the child."""
    return OpenPlace.objects.filter(
        closed_at__isnull=True,
        group__organisation=organisation,
        group__organisation__district=row.district_id,
        group__kind=row.kind,
        group__language=row.language,
        group__born_from__lte=row.birth_year,
        group__born_to__gte=row.birth_year,
    ).exists()
