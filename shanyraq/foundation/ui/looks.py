"""How a state looks: a tone and an icon for the plain words of state. Colour never stands alone."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Look(NamedTuple):
    """A tone (ok, wait, act, bad, calm) and the name of an icon of icons.svg."""

    tone: str
    icon: str


OK, WAIT, ACT, BAD, CALM = "ok", "wait", "act", "bad", "calm"

LOOKS: Final[Mapping[str, Look]] = {
    "reached": Look(OK, "check"),
    "near": Look(WAIT, "clock"),
    "behind": Look(ACT, "chart"),
    "untargeted": Look(CALM, "chart"),
    "unknown": Look(CALM, "question"),
    "draft": Look(CALM, "edit"),
    "pending": Look(WAIT, "clock"),
    "waiting": Look(WAIT, "clock"),
    "listed": Look(WAIT, "list"),
    "proposed": Look(WAIT, "clock"),
    "requested": Look(WAIT, "clock"),
    "approved": Look(WAIT, "clock"),
    "held": Look(ACT, "bell"),
    "offered": Look(ACT, "bell"),
    "voucher_offered": Look(ACT, "bell"),
    "voucher_accepted": Look(ACT, "document"),
    "referred": Look(ACT, "document"),
    "chosen": Look(ACT, "document"),
    "accepted": Look(OK, "check"),
    "confirmed": Look(OK, "check"),
    "contracted": Look(OK, "check"),
    "enrolled": Look(OK, "check"),
    "placed": Look(OK, "check"),
    "published": Look(OK, "eye"),
    "ready": Look(OK, "download"),
    "given": Look(OK, "check"),
    "done": Look(OK, "check"),
    "free": Look(OK, "check"),
    "open": Look(OK, "check"),
    "due": Look(ACT, "bell"),
    "stopped": Look(BAD, "pause"),
    "inactive": Look(BAD, "pause"),
    "refused": Look(BAD, "cross"),
    "overdue": Look(BAD, "alert"),
    "full": Look(BAD, "cross"),
    "expired": Look(CALM, "cross"),
    "lapsed": Look(CALM, "cross"),
    "declined": Look(CALM, "cross"),
    "withdrawn": Look(CALM, "cross"),
    "annulled": Look(CALM, "cross"),
    "released": Look(CALM, "cross"),
    "to_confirm": Look(WAIT, "question"),
    "extraordinary": Look(ACT, "star"),
    "priority": Look(ACT, "star"),
    "general": Look(CALM, "user"),
    "received": Look(WAIT, "clock"),
    "examined": Look(ACT, "eye"),
    "applying": Look(WAIT, "clock"),
    "applied": Look(OK, "check"),
    "undone": Look(CALM, "arrow-left"),
    "ok": Look(OK, "check"),
    "wait": Look(WAIT, "clock"),
    "act": Look(ACT, "bell"),
    "bad": Look(BAD, "alert"),
    "calm": Look(CALM, "dot"),
}


def look_of(word: str) -> Look:
    """The look of a word of state; calm when the word is not known."""
    return LOOKS.get(word, LOOKS["calm"])
