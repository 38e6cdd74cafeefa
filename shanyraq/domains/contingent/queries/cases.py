"""Transfers, denials and corrections as pages show them: with names, each list in a fixed number of queries.

Whoever shows them notes the read of each child's record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from shanyraq.domains.contingent.access import CORRECTIONS, DENIALS, TRANSFERS, Do, sides
from shanyraq.domains.contingent.models import Correction, Denial, Transfer
from shanyraq.domains.contingent.rules import correction as correction_rules
from shanyraq.domains.contingent.rules import transfer as transfer_rules
from shanyraq.domains.contingent.rules.correction import (
    CorrectionRefusal,
    CorrectionState,
    CorrectionSubject,
    Outcome,
    Reviewed,
)
from shanyraq.domains.contingent.rules.denial import OPEN_DENIAL, DenialState
from shanyraq.domains.contingent.rules.transfer import OPEN, ReleaseRefusal, TransferState, TransferStep
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import moving
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Text
from shanyraq.foundation.timeline import day_of

ON_A_PAGE: Final = 30
LOOKS: Final = {
    "asked": "wait", "open": "wait", "disputed": "act", "appealed": "act", "overdue": "bad", "refused": "bad",
    "done": "ok", "ended": "ok", "upheld": "ok", "accepted": "ok",
}  # fmt: skip
LIVE: Final = tuple(sorted({*OPEN, TransferState.REFUSED}))


def look_of(state: str) -> str:
    """The look of a state of a case: who must act sees it."""
    return LOOKS.get(state, "calm")


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A transfer with its names."""

    id: UUID
    child: UUID
    name: Text
    sending: UUID
    sending_name: Text
    sending_district: str
    receiving: UUID
    receiving_name: Text
    group: str
    state: TransferState
    wanted_on: date
    moved_on: date | None
    answer_by: date
    late: bool
    refusal: ReleaseRefusal | None
    note: str
    order_number: str

    @property
    def look(self) -> str:
        """How its state looks."""
        return look_of(self.state)


@dataclass(frozen=True, slots=True)
class DenialLine:
    """A denied enrolment with its names."""

    id: UUID
    enrolment: UUID
    child: UUID
    name: Text
    organisation: UUID
    organisation_name: Text
    group: str
    since: date
    said_on: date
    state: DenialState
    answer_by: date
    late: bool
    answer: str

    @property
    def look(self) -> str:
        """How its state looks."""
        return look_of(self.state)


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A request to correct a record, with its names."""

    id: UUID
    child: UUID
    name: Text
    asked_for: Text | None  # the organisation that asked; None: the family
    subject: CorrectionSubject
    wanted: str
    proof: str
    asked_on: date
    review_by: date
    late: bool
    state: CorrectionState
    refusal: CorrectionRefusal | None
    note: str
    own: bool = False

    @property
    def look(self) -> str:
        """How its state looks."""
        return look_of(self.state)

    @property
    def of_family(self) -> bool:
        """Whether it waits and the family asked: then the family may take it back."""
        return self.asked_for is None and self.state is CorrectionState.OPEN


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list: its lines and the page of Django that leads on."""

    lines: Sequence[Any]
    page: Page[Any]


@dataclass(frozen=True, slots=True)
class Tasks:
    """What waits on the desk."""

    transfers: int
    transfers_late: int
    denials: int
    denials_late: int
    corrections: int
    corrections_late: int


def tasks(actor: Actor, today: date) -> Tasks:
    """What waits on the actor's desk. 6 queries."""
    moving_rows = _transfers(actor).filter(state__in=LIVE)
    denied = _denials(actor).filter(state__in=OPEN_DENIAL)
    asked = _corrections(actor).filter(state=CorrectionState.OPEN)
    late = {"answer_by__lt": today}
    return Tasks(
        moving_rows.count(), moving_rows.filter(**late).count(), denied.count(), denied.filter(**late).count(),
        asked.count(), asked.filter(review_by__lt=today).count(),
    )  # fmt: skip


def transfers(actor: Actor, today: date, *, live: bool, page: int) -> Listing:
    """Transfers that the actor may read, those with the nearest deadline first. 5 queries."""
    rows = _transfers(actor)
    rows = rows.filter(state__in=LIVE) if live else rows.exclude(state__in=LIVE)
    found = Paginator(rows.order_by("answer_by" if live else "-changed_at", "id"), ON_A_PAGE).get_page(page)
    return Listing(_transfer_lines(found.object_list, today), found)


def transfer(actor: Actor, pk: UUID, today: date) -> TransferLine | None:
    """One transfer. 4 queries."""
    return next(iter(_transfer_lines(_transfers(actor).filter(pk=pk), today)), None)


def open_steps(actor: Actor, line: TransferLine) -> frozenset[TransferStep]:
    """What the actor, who is no family, may do with a transfer now. No query."""
    spoken = sides(
        actor, sending=line.sending, receiving=line.receiving, sending_district=line.sending_district, family=False
    )
    return transfer_rules.open_steps(line.state, spoken) - {TransferStep.LAPSE, TransferStep.FALL_AWAY}


def transfers_of(child: UUID, today: date) -> tuple[TransferLine, ...]:
    """Running transfers of a child. 4 queries."""
    return _transfer_lines(Transfer.objects.filter(child=child, state__in=LIVE).order_by("asked_at", "id"), today)


def denials(actor: Actor, today: date, *, live: bool, page: int) -> Listing:
    """Denied enrolments that the actor may read. 6 queries."""
    rows = _denials(actor)
    rows = rows.filter(state__in=OPEN_DENIAL) if live else rows.exclude(state__in=OPEN_DENIAL)
    found = Paginator(rows.order_by("answer_by" if live else "-said_at", "id"), ON_A_PAGE).get_page(page)
    return Listing(_denial_lines(found.object_list, today), found)


def denial(actor: Actor, pk: UUID, today: date) -> DenialLine | None:
    """One denied enrolment. 5 queries."""
    return next(iter(_denial_lines(_denials(actor).filter(pk=pk), today)), None)


def denied(enrolments: Collection[UUID]) -> frozenset[UUID]:
    """Which of the enrolments a family has denied and nobody has shown to be right: evidence. 1 query."""
    rows = Denial.objects.filter(enrolment__in=set(enrolments), state__in=[*OPEN_DENIAL, DenialState.ENDED])
    return frozenset(rows.values_list("enrolment_id", flat=True))


def every_denied() -> frozenset[UUID]:
    """Every enrolment that a family has denied and nobody has shown to be right. 1 query."""
    rows = Denial.objects.filter(state__in=[*OPEN_DENIAL, DenialState.ENDED])
    return frozenset(rows.values_list("enrolment_id", flat=True))


def denials_of(child: UUID) -> dict[UUID, tuple[UUID, DenialState]]:
    """The latest denial of each enrolment of a child. 1 query."""
    rows = Denial.objects.filter(child=child).order_by("said_at", "id").values_list("enrolment_id", "id", "state")
    return {enrolment: (pk, DenialState(state)) for enrolment, pk, state in rows}


def corrections(actor: Actor, today: date, *, live: bool, page: int) -> Listing:
    """Corrections that the actor may read. 4 queries."""
    rows = _corrections(actor)
    rows = rows.filter(state=CorrectionState.OPEN) if live else rows.exclude(state=CorrectionState.OPEN)
    found = Paginator(rows.order_by("review_by" if live else "-asked_at", "id"), ON_A_PAGE).get_page(page)
    return Listing(_correction_lines(found.object_list, today), found)


def correction(actor: Actor, pk: UUID, today: date) -> CorrectionLine | None:
    """One correction, and whether it waits and is the actor's own to take back. 4 queries."""
    own = access.rows(CORRECTIONS, Do.WITHDRAW, actor)
    mine = Correction.objects.filter(own, pk=pk, state=CorrectionState.OPEN).exists()
    found = _correction_lines(_corrections(actor).filter(pk=pk), today)
    return replace(found[0], own=mine) if found else None


def corrections_of(child: UUID, today: date) -> tuple[CorrectionLine, ...]:
    """Corrections asked for a child, newest first. 3 queries."""
    return _correction_lines(Correction.objects.filter(child=child).order_by("-asked_at", "id"), today)


def outcomes(actor: Actor, today: date) -> tuple[Outcome, ...]:
    """What became of the requests that the actor may read, of the last year, by subject. 1 query."""
    rows = _corrections(actor).filter(asked_at__year__gte=today.year - 1)
    found = rows.values_list("subject", "state", "asked_at", "review_by", "decided_at")
    return correction_rules.outcomes(
        [
            Reviewed(CorrectionSubject(subject), CorrectionState(state), day_of(asked), by, day_of(at) if at else None)
            for subject, state, asked, by, at in found
        ],
        today,
    )


def _transfers(actor: Actor) -> QuerySet[Transfer]:
    return Transfer.objects.filter(access.rows(TRANSFERS, Do.READ, actor))


def _denials(actor: Actor) -> QuerySet[Denial]:
    return Denial.objects.filter(access.rows(DENIALS, Do.READ, actor))


def _corrections(actor: Actor) -> QuerySet[Correction]:
    return Correction.objects.filter(access.rows(CORRECTIONS, Do.READ, actor))


def _transfer_lines(found: Any, today: date) -> tuple[TransferLine, ...]:
    rows: list[Transfer] = list(found)
    names = registry.names_of([row.child_id for row in rows])
    homes = registry.organisation_cards([home for row in rows for home in (row.sending_id, row.receiving_id)])
    groups = moving.class_names([row.group_id for row in rows])
    return tuple(
        TransferLine(
            row.id, row.child_id, names[row.child_id], row.sending_id, homes[row.sending_id].name,
            homes[row.sending_id].district, row.receiving_id,
            homes[row.receiving_id].name, groups[row.group_id], TransferState(row.state), row.wanted_on, row.moved_on,
            row.answer_by, row.state in LIVE and row.answer_by < today,
            ReleaseRefusal(row.refusal) if row.refusal else None, row.note, row.order_number,
        )
        for row in rows
    )  # fmt: skip


def _denial_lines(found: Any, today: date) -> tuple[DenialLine, ...]:
    rows: list[Denial] = list(found)
    names = registry.names_of([row.child_id for row in rows])
    homes = registry.organisation_cards([row.organisation_id for row in rows])
    cards = registry.enrolment_cards([row.enrolment_id for row in rows])
    groups = moving.class_names([card.group for card in cards.values()])
    return tuple(
        DenialLine(
            row.id, row.enrolment_id, row.child_id, names[row.child_id], row.organisation_id,
            homes[row.organisation_id].name, groups[cards[row.enrolment_id].group], cards[row.enrolment_id].since,
            day_of(row.said_at), DenialState(row.state), row.answer_by,
            row.state in OPEN_DENIAL and row.answer_by < today, row.answer,
        )
        for row in rows
    )  # fmt: skip


def _correction_lines(found: Any, today: date) -> tuple[CorrectionLine, ...]:
    rows: list[Correction] = list(found)
    names = registry.names_of([row.child_id for row in rows])
    homes = registry.organisation_cards([row.asked_for_id for row in rows if row.asked_for_id])
    return tuple(
        CorrectionLine(
            row.id, row.child_id, names[row.child_id], homes[row.asked_for_id].name if row.asked_for_id else None,
            CorrectionSubject(row.subject), row.wanted, row.proof, day_of(row.asked_at), row.review_by,
            row.state == CorrectionState.OPEN and row.review_by < today, CorrectionState(row.state),
            CorrectionRefusal(row.refusal) if row.refusal else None, row.note,
        )
        for row in rows
    )  # fmt: skip
