"""The computed reasons of a round in words: what bound, and what would have had to differ."""

from dataclasses import dataclass

from shanyraq.domains.placement.queries.rounds import OutcomeLine
from shanyraq.domains.placement.rules.facts import sentences
from shanyraq.domains.placement.rules.reasons import Reason, WishReason
from shanyraq.foundation.text import Lang, say


@dataclass(frozen=True, slots=True)
class Said:
    """A reason: the sentence that decides, those that explain it, and those on what would have had to differ."""

    why: str
    more: tuple[str, ...]
    otherwise: tuple[str, ...]
    won: bool


def of_wish(wish: WishReason, lang: Lang) -> Said:
    """Why one wish came true or did not."""
    told = [(code, say(code, lang, **facts)) for code, facts in sentences(wish)]
    return Said(
        why=told[0][1],
        more=tuple(text for code, text in told[1:] if not code.startswith("change.")),
        otherwise=tuple(text for code, text in told[1:] if code.startswith("change.")),
        won=wish.code is Reason.PLACED,
    )


def of_outcome(outcome: OutcomeLine, lang: Lang) -> str:
    """What the round decided on the application as a whole."""
    return say(f"family.outcome.{outcome.reason}", lang)
