"""Refusals in words: what happened, why, and what to do."""

import logging
from dataclasses import dataclass

from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Lang, UnknownText, say

log = logging.getLogger(__name__)
UNWRITTEN = "unwritten"  # shown when a code has no texts: a fault of ours that must not hide the refusal itself


@dataclass(frozen=True, slots=True)
class Explained:
    """A refusal in one language."""

    code: str
    what: str
    why: str
    todo: str


def explain(refusal: Refusal, lang: Lang) -> Explained:
    """The three sentences of a refusal in a language."""
    try:
        return _texts(refusal.code, refusal, lang)
    except (UnknownText, KeyError):
        log.exception("no complete text for refusal %s", refusal)
        return _texts(UNWRITTEN, refusal, lang)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal: 403 not allowed, 404 not there, 409 not possible now."""
    if isinstance(refusal, NotAllowed):
        return 403
    return 404 if refusal.code.endswith(("not_found", ".unknown")) else 409


def _texts(code: str, refusal: Refusal, lang: Lang) -> Explained:
    what, why, todo = (say(f"refusal.{code}.{part}", lang, **refusal.facts) for part in ("what", "why", "todo"))
    return Explained(refusal.code, what, why, todo)
