"""A notice in words: title and body for the inbox and e-mail, and the little that an SMS may say. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from shanyraq.foundation.notices import facts as stored
from shanyraq.foundation.text import Lang, catalogue, say


@dataclass(frozen=True, slots=True)
class Words:
    """Title and body of a notice in one language."""

    title: str
    body: str


def words(code: str, facts: Mapping[str, Any], lang: Lang) -> Words:
    """The texts `notice.<code>.title` and `.body` with the facts put in. Raises UnknownText, KeyError."""
    loaded = {name: stored.load(value, lang) for name, value in facts.items()}
    return Words(say(f"notice.{code}.title", lang, **loaded), say(f"notice.{code}.body", lang, **loaded))


def short(code: str, lang: Lang) -> str:
    """What an SMS says: the title when it carries no fact about anyone, else only that there is a message."""
    title = catalogue().get(f"notice.{code}.title", {}).get(lang)
    if isinstance(title, str) and not any(name for _, name, _, _ in Formatter().parse(title)):
        return say("notices.sms.titled", lang, title=title)
    return say("notices.sms.plain", lang)
