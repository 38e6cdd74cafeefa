"""Which papers prove what, how long they are good, and what a confirmed or refused one does to the right. Pure.

Source: norms/placement/benefits, document_validity, document_proof, document_check; rules of order 254.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from shanyraq.domains.placement.rules.claim import Benefit, Right
from shanyraq.domains.placement.rules.deadlines import Workdays
from shanyraq.domains.placement.rules.norms import BenefitNorm
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation.refusal import Refusal


class DocumentKind(StrEnum):
    """A paper that a family may have to show."""

    SERVICE = "service"  # certificate of military or special-body service
    PARENT_DISABILITY = "parent_disability"
    ORPHAN = "orphan"  # decision on guardianship or care
    LARGE_FAMILY = "large_family"
    PMPC = "pmpc"  # conclusion of the psychological, medical and pedagogical consultation
    TEACHER = "teacher"  # certificate of work as a teacher
    CHILD_DISABILITY = "child_disability"
    CRISIS_FAMILY = "crisis_family"
    MEDICAL = "medical"  # conclusion that a sanatorium group is needed


class DocumentRefusal(StrEnum):
    """Why an officer does not accept a paper."""

    EXPIRED = "expired"
    UNREADABLE = "unreadable"
    OTHER_PERSON = "other_person"
    NOT_FOUND = "not_found"  # the issuing body does not know it
    WRONG_KIND = "wrong_kind"
    NOT_SHOWN = "not_shown"  # the time for showing it is over


PAPER_OF: Final[Mapping[Benefit, DocumentKind]] = MappingProxyType(
    {
        Benefit.SERVICE: DocumentKind.SERVICE,
        Benefit.PARENT_DISABILITY: DocumentKind.PARENT_DISABILITY,
        Benefit.ORPHAN: DocumentKind.ORPHAN,
        Benefit.LARGE_FAMILY: DocumentKind.LARGE_FAMILY,
        Benefit.SPECIAL_NEEDS: DocumentKind.PMPC,
        Benefit.TEACHER: DocumentKind.TEACHER,
        Benefit.CHILD_DISABILITY: DocumentKind.CHILD_DISABILITY,
        Benefit.CRISIS_FAMILY: DocumentKind.CRISIS_FAMILY,
    }
)
PAPER_FOR: Final[Mapping[GroupKind, DocumentKind]] = MappingProxyType(
    {GroupKind.SPECIAL: DocumentKind.PMPC, GroupKind.SANATORIUM: DocumentKind.MEDICAL}
)
LONGEST_NUMBER: Final = 40
_GROUND_OF: Final = {paper: benefit for benefit, paper in PAPER_OF.items()}
_RANK: Final = {right: rank for rank, right in enumerate(Right)}


def needed(benefit: Benefit, kind: GroupKind) -> tuple[DocumentKind, ...]:
    """The papers of an application beyond birth certificate and identity, which the state bases hold."""
    papers = (PAPER_FOR.get(kind), PAPER_OF.get(benefit))
    return tuple(dict.fromkeys(paper for paper in papers if paper is not None))


def valid_until(kind: DocumentKind, issued_on: date, norm: BenefitNorm) -> date | None:
    """The last day on which the paper is good, or None when it has no term."""
    ground = _GROUND_OF.get(kind)
    months = norm.validity_months.get(ground) if ground else None
    return None if months is None else _months_later(issued_on, months)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


def as_kind(kind: str) -> DocumentKind:
    """The kind of a paper by its code. Raises Refusal("placement.document_unknown")."""
    try:
        return DocumentKind(kind)
    except ValueError:
        raise Refusal("placement.document_unknown", field="documents") from None


def check_number(kind: DocumentKind, number: str) -> None:
    """Nothing, when the number can be that of a paper. Raises Refusal("placement.document_number")."""
    if not 0 < len(number.strip()) <= LONGEST_NUMBER:
        raise Refusal("placement.document_number", field="number", document=kind, longest=LONGEST_NUMBER)


def check_document(kind: DocumentKind, issued_on: date, on: date, norm: BenefitNorm) -> None:
    """Nothing, when the paper can be taken.

    Raises Refusal("placement.document_future", "placement.document_expired").
    """
    if issued_on > on:
        raise Refusal("placement.document_future", field="documents", document=kind, issued_on=issued_on)
    until = valid_until(kind, issued_on, norm)
    if until is not None and until < on:
        raise Refusal("placement.document_expired", field="documents", document=kind, until=until)


def check_papers(benefit: Benefit, kind: GroupKind, papers: Iterable[DocumentKind]) -> None:
    """Nothing, when the papers that the group's kind needs are there.

    A special or sanatorium group is given by a conclusion only, so its paper comes with the application. The paper of
    a right may follow within the days of `proof_due`. Raises Refusal("placement.document_missing").
    """
    must = PAPER_FOR.get(kind)
    if must is not None and must not in set(papers):
        raise Refusal("placement.document_missing", field="documents", document=must)


def proof_due(claimed_on: date, norm: BenefitNorm, workdays: Workdays) -> date:
    """The last day for showing the paper of a right that was claimed; after it the right is lost, not the queue."""
    return workdays.add(claimed_on, norm.proof_workdays)


def check_due(received_on: date, norm: BenefitNorm, workdays: Workdays) -> date:
    """The last day on which the officer answers."""
    return workdays.add(received_on, norm.check_workdays)


@dataclass(frozen=True, slots=True)
class Proof:
    """A right that a family claims, and what became of its paper."""

    benefit: Benefit
    claimed_at: datetime
    confirmed_at: datetime | None = None
    refused: bool = False
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The right that counts, and the instant that counts in its sub-queue."""

    right: Right
    since: datetime


def standing(applied_at: datetime, proofs: Iterable[Proof], norm: BenefitNorm) -> Standing:
    """Where a claim stands: the best right that is proven.

    A right claimed with the application counts from the application once its paper is confirmed. One claimed later
    moves the child inside the queue of its birth year from the instant of the confirmation. A pending or refused paper
    gives nothing and takes nothing: the general place, by the time of application, stays.
    """
    best = Standing(Right.GENERAL, applied_at)
    for proof in proofs:
        if proof.confirmed_at is None or proof.refused:
            continue
        right = norm.right_of(proof.benefit)
        since = applied_at if proof.claimed_at <= applied_at else proof.confirmed_at
        here = Standing(right, applied_at if right is Right.GENERAL else since)
        best = min(best, here, key=lambda one: (_RANK[one.right], one.since))
    return best
