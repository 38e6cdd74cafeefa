"""Dates of an offer and of the referral it becomes. Pure.

Source: norms/placement/exclusive_choice, declines_before_stop, referral_validity, referral_extension.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from shanyraq.domains.placement.rules.claim import Step
from shanyraq.domains.placement.rules.deadlines import Workdays
from shanyraq.domains.placement.rules.norms import OfferNorm, ReferralNorm
from shanyraq.foundation.refusal import Refusal


class DeclineReason(StrEnum):
    """Why a family leaves an offered place."""

    FAR = "far"
    NOT_READY = "not_ready"
    HEALTH = "health"
    MOVING = "moving"
    OTHER_KINDERGARTEN = "other_kindergarten"
    NO_ANSWER = "no_answer"  # the days of choice are over


class AdmissionRefusal(StrEnum):
    """Why a kindergarten may refuse a child that was sent to it: a closed list."""

    INCOMPLETE_DOCUMENTS = "incomplete_documents"
    EXPIRED_DOCUMENTS = "expired_documents"
    VACCINATION_RATIO = "vaccination_ratio"  # too many children of the group are not vaccinated


@dataclass(frozen=True, slots=True)
class Referral:
    """Until when a referral is good, and how often it was extended."""

    valid_until: date
    extensions: int = 0


def answer_by(offered_on: date, norm: OfferNorm, workdays: Workdays) -> date:
    """The last day of the exclusive choice."""
    return workdays.add(offered_on, norm.answer_workdays)


def over(last_day: date, on: date) -> bool:
    """Whether a step that could be taken up to its last day, inclusive, can no longer be."""
    return on > last_day


def check_answer(last_day: date, on: date) -> None:
    """Nothing, when the family may still answer. Raises Refusal("placement.offer_too_late")."""
    if over(last_day, on):
        raise Refusal("placement.offer_too_late", day=last_day)


def after_decline(declines: int, norm: OfferNorm) -> Step:
    """What a decline does, after so many declines before it: the queue is kept, or the application stops.

    A place that nobody answered for counts as declined.
    """
    return Step.STOP if declines + 1 >= norm.declines_before_stop else Step.DECLINE


def refer(accepted_on: date, norm: ReferralNorm, workdays: Workdays) -> Referral:
    """The referral that an accepted offer becomes."""
    return Referral(workdays.add(accepted_on, norm.valid_workdays))


def lapsed(referral: Referral, on: date) -> bool:
    """Whether the referral has run out."""
    return over(referral.valid_until, on)


def latest_extension(referral: Referral, norm: ReferralNorm) -> date:
    """The last day up to which a referral may be extended."""
    return referral.valid_until + timedelta(days=norm.extension_days)


def extend(referral: Referral, until: date, reason: str, on: date, norm: ReferralNorm) -> Referral:
    """The referral, good up to a later day.

    Raises Refusal("placement.referral_lapsed", "placement.referral_extended_already",
    "placement.extension_reason_missing", "placement.extension_not_later", "placement.extension_too_long").
    """
    if lapsed(referral, on):
        raise Refusal("placement.referral_lapsed", day=referral.valid_until)
    if referral.extensions >= norm.extensions:
        raise Refusal("placement.referral_extended_already", n=norm.extensions)
    if not reason.strip():
        raise Refusal("placement.extension_reason_missing", field="reason")
    if until <= referral.valid_until:
        raise Refusal("placement.extension_not_later", field="until", day=referral.valid_until)
    last = latest_extension(referral, norm)
    if until > last:
        raise Refusal("placement.extension_too_long", field="until", day=last, n=norm.extension_days)
    return replace(referral, valid_until=until, extensions=referral.extensions + 1)
