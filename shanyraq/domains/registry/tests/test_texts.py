"""Every refusal that the code can raise says what happened, why and what to do; every closed list has its words."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from shanyraq.domains.registry.rules import kinds
from shanyraq.foundation.text import LANGS, known, say

HOME = Path(__file__).resolve().parent.parent
RAISED = re.compile(r'Refusal\(\s*f?"(registry\.[a-z_{}]+)"')
LISTS = [
    kind
    for kind in vars(kinds).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
]


def raised_codes() -> set[str]:
    sources = [path.read_text("utf-8") for path in HOME.rglob("*.py") if "tests" not in path.parts]
    found = {code for source in sources for code in RAISED.findall(source)}
    return {code.replace("{kind}", kind) for code in found for kind in ("iin", "bin")}


@pytest.mark.parametrize("code", sorted(raised_codes()))
@pytest.mark.parametrize("part", ["what", "why", "todo"])
def test_a_refusal_says_what_why_and_what_to_do(code, part):
    assert known(f"refusal.{code}.{part}")


def test_no_refusal_has_words_that_nobody_says():
    from shanyraq.foundation.text import catalogue

    written = {code.split(".", 1)[1].rsplit(".", 1)[0] for code in catalogue() if code.startswith("refusal.registry.")}
    assert written == raised_codes()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", LISTS)
def test_closed_lists_have_words(kind, lang):
    assert all(say(f"{kind.__name__.lower()}.{member.value}", lang) for member in kind)
