"""The words of placement and its states. Pure.

Two models stand side by side, by district and date: the queue with a referral, and the voucher. Both share one table
of states; `Model` decides which steps are open. Source: norms/placement/*, rules of order 254 of 19.06.2020.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation.refusal import Refusal

ClaimId = NewType("ClaimId", UUID)
GroupId = NewType("GroupId", UUID)
OrganisationId = NewType("OrganisationId", UUID)


class Model(StrEnum):
    """How a district places children on a day."""

    QUEUE = "queue"
    VOUCHER = "voucher"


class Right(StrEnum):
    """The right a claim has, in the order the law serves them."""

    EXTRAORDINARY = "extraordinary"
    PRIORITY = "priority"  # первоочередное
    GENERAL = "general"


class Benefit(StrEnum):
    """The ground of a right. Which right a ground gives is a norm: placement/benefits."""

    SERVICE = "service"  # servicemen and staff of special state bodies, the dead and missing included
    PARENT_DISABILITY = "parent_disability"
    ORPHAN = "orphan"
    LARGE_FAMILY = "large_family"
    SPECIAL_NEEDS = "special_needs"
    TEACHER = "teacher"
    CHILD_DISABILITY = "child_disability"
    CRISIS_FAMILY = "crisis_family"
    NONE = "none"


class Status(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    WAITING = "waiting"
    OFFERED = "offered"  # a place is held for the family alone
    REFERRED = "referred"  # the family accepted; the referral runs
    STOPPED = "stopped"  # stop list: the family brings it back
    VOUCHER_OFFERED = "voucher_offered"
    VOUCHER_ACCEPTED = "voucher_accepted"  # the family chooses a kindergarten
    LISTED = "listed"  # on the waiting list of a kindergarten
    CHOSEN = "chosen"  # kindergarten chosen, contract awaited
    CONTRACTED = "contracted"  # contract signed
    INACTIVE = "inactive"  # voucher not taken in time; can be restored once
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    ANNULLED = "annulled"


class Step(StrEnum):
    """What can happen to an application."""

    SUBMIT = "submit"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"  # keeps the queue
    STOP = "stop"  # repeated non-choice
    RESUME = "resume"
    LAPSE = "lapse"  # the referral ran out
    GIVE_VOUCHER = "give_voucher"
    TAKE_VOUCHER = "take_voucher"
    REFUSE_VOUCHER = "refuse_voucher"
    LOSE_VOUCHER = "lose_voucher"  # not taken in time
    RESTORE = "restore"
    CHOOSE = "choose"
    LIST = "list"
    RELEASE = "release"  # the kindergarten refused, or the family left its choice: the claim stays where it was before
    SIGN = "sign"
    ENROL = "enrol"
    WITHDRAW = "withdraw"
    ANNUL = "annul"


OPEN = frozenset(
    {
        Status.WAITING, Status.OFFERED, Status.REFERRED, Status.STOPPED, Status.VOUCHER_OFFERED,
        Status.VOUCHER_ACCEPTED, Status.LISTED, Status.CHOSEN, Status.CONTRACTED, Status.INACTIVE,
    }
)  # fmt: skip

CLOSED = frozenset({Status.ENROLLED, Status.WITHDRAWN, Status.ANNULLED})

NEXT: Mapping[tuple[Status, Step], Status] = {
    (Status.DRAFT, Step.SUBMIT): Status.WAITING,
    (Status.DRAFT, Step.WITHDRAW): Status.WITHDRAWN,
    # the queue with a referral
    (Status.WAITING, Step.OFFER): Status.OFFERED,
    (Status.OFFERED, Step.ACCEPT): Status.REFERRED,
    (Status.OFFERED, Step.DECLINE): Status.WAITING,
    (Status.OFFERED, Step.STOP): Status.STOPPED,
    (Status.REFERRED, Step.ENROL): Status.ENROLLED,
    (Status.REFERRED, Step.LAPSE): Status.WAITING,
    (Status.REFERRED, Step.RELEASE): Status.WAITING,
    (Status.REFERRED, Step.STOP): Status.STOPPED,
    (Status.STOPPED, Step.RESUME): Status.WAITING,
    # the voucher
    (Status.WAITING, Step.GIVE_VOUCHER): Status.VOUCHER_OFFERED,
    (Status.VOUCHER_OFFERED, Step.TAKE_VOUCHER): Status.VOUCHER_ACCEPTED,
    (Status.VOUCHER_OFFERED, Step.REFUSE_VOUCHER): Status.ANNULLED,
    (Status.VOUCHER_OFFERED, Step.LOSE_VOUCHER): Status.INACTIVE,
    (Status.INACTIVE, Step.RESTORE): Status.WAITING,
    (Status.VOUCHER_ACCEPTED, Step.CHOOSE): Status.CHOSEN,
    (Status.VOUCHER_ACCEPTED, Step.LIST): Status.LISTED,
    (Status.VOUCHER_ACCEPTED, Step.REFUSE_VOUCHER): Status.ANNULLED,
    (Status.VOUCHER_ACCEPTED, Step.LOSE_VOUCHER): Status.INACTIVE,
    (Status.LISTED, Step.CHOOSE): Status.CHOSEN,
    (Status.LISTED, Step.RELEASE): Status.VOUCHER_ACCEPTED,
    (Status.LISTED, Step.REFUSE_VOUCHER): Status.ANNULLED,
    (Status.CHOSEN, Step.SIGN): Status.CONTRACTED,
    (Status.CHOSEN, Step.RELEASE): Status.VOUCHER_ACCEPTED,
    (Status.CHOSEN, Step.LOSE_VOUCHER): Status.INACTIVE,
    (Status.CONTRACTED, Step.RELEASE): Status.VOUCHER_ACCEPTED,
    (Status.CONTRACTED, Step.ENROL): Status.ENROLLED,
    **{(status, Step.WITHDRAW): Status.WITHDRAWN for status in OPEN},
    **{(status, Step.ANNUL): Status.ANNULLED for status in OPEN},
}


def advance(status: Status, step: Step) -> Status:
    """Status after the step. Raises Refusal("placement.step_not_allowed", status, step)."""
    try:
        return NEXT[status, step]
    except KeyError:
        raise Refusal("placement.step_not_allowed", status=status, step=step) from None


def steps_from(status: Status) -> tuple[Step, ...]:
    """The steps that are open from a status, in the order of the table."""
    return tuple(step for known, step in NEXT if known is status)


def diagram() -> str:
    """The table of states as Mermaid text; the README of placement holds exactly this.

    Withdrawal and annulment lead out of every open state, so they are drawn once, from a box round the open states.
    """
    lines = ["stateDiagram-v2", "    [*] --> draft", "    state open {"]
    outward = (Step.WITHDRAW, Step.ANNUL)
    arrows = [(old, step, new) for (old, step), new in NEXT.items() if not (old in OPEN and step in outward)]
    inside = [arrow for arrow in arrows if arrow[0] in OPEN and arrow[2] in OPEN]
    lines += [f"        {old} --> {new}: {step}" for old, step, new in inside]
    lines.append("    }")
    lines += [f"    {old} --> {new}: {step}" for old, step, new in arrows if (old, step, new) not in inside]
    lines += [f"    open --> withdrawn: {Step.WITHDRAW}", f"    open --> annulled: {Step.ANNUL}"]
    lines += [f"    {status} --> [*]" for status in Status if status in CLOSED]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Claim:
    """One child's wish for a place, as the rules see it: no name, no address."""

    id: ClaimId
    birth_year: int
    kind: GroupKind
    right: Right
    applied_at: datetime  # aware; the instant that counts in the sub-queue of its right (`documents.standing`)
    number: int  # in the order of filing: the last word between equal instants
    wishes: tuple[GroupId, ...]  # best first, groups that could take the child, by kindergarten (`wishes.expand`)
    sibling_groups: frozenset[GroupId] = frozenset()  # groups of kindergartens where a sibling is enrolled
    present: GroupId | None = None  # the place kept until a new one is taken (transfer)
    family: UUID | None = None  # claims of one family that want to stay together
    organisations: tuple[OrganisationId, ...] = ()  # as the family named them, those without a fitting group included
    language: Language | None = None  # of the groups wished; None takes any
    code: str = ""  # the public random name of the claim, 32 hexadecimal digits
    lot: int = 0  # drawn from the seed of a round (`order.draw`): decides between equal instants, the least first

    @property
    def name(self) -> str:
        """How the claim is called in public: by its code; one without a code by its id."""
        return self.code or self.id.hex


@dataclass(frozen=True, slots=True)
class Group:
    """A kindergarten group as a round sees it."""

    id: GroupId
    organisation: OrganisationId
    kind: GroupKind
    language: Language
    born_from: int  # first birth year taken
    born_to: int  # last birth year taken, inclusive
    places: int
    taken: int  # children enrolled (those who ask for a transfer included) and places held by live offers

    @property
    def free(self) -> int:
        """Places that nobody has; below zero when the group holds more children than places."""
        return self.places - self.taken

    def fits(self, birth_year: int, kind: GroupKind, language: Language | None) -> bool:
        """Whether the group is for such a child."""
        return (
            self.born_from <= birth_year <= self.born_to
            and self.kind is kind
            and (language is None or self.language is language)
        )
