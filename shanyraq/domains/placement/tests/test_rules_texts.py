"""Every word, reason and refusal of the rules has its texts, and they say their facts."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from shanyraq.domains.placement.rules import claim, documents, facts, reasons, referral, swap
from shanyraq.domains.placement.rules.reasons import Reason, WishReason
from shanyraq.domains.placement.tests.rules_builders import group_id, organisation_id
from shanyraq.foundation.text import LANGS, Fact, known, say, show

RULES = Path(claim.__file__).parent
ENUMS = (
    claim.Model, claim.Right, claim.Benefit, claim.Status, claim.Step, documents.DocumentKind,
    documents.DocumentRefusal, referral.DeclineReason, referral.AdmissionRefusal, swap.Party, reasons.Reason,
)  # fmt: skip
FACTS: dict[str, Fact] = {
    "status": claim.Status.WAITING, "step": claim.Step.ENROL, "born_on": date(2030, 1, 1), "age": 7, "limit": 6,
    "day": date(2026, 9, 1), "n": 5, "km": 12, "document": documents.DocumentKind.TEACHER,
    "issued_on": date(2030, 1, 1), "until": date(2026, 9, 1), "longest": 40,
    "line": "3", "problem": "tab", "where": "changes.ratio", "value": "0", "wanted": "1", "known": "ratio", "id": "one",
}  # fmt: skip


def refusals() -> Iterator[tuple[str, frozenset[str]]]:
    """Codes that the rules raise, with the names of their facts, read from the source."""
    for path in sorted(RULES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                yield ast.literal_eval(node.args[0]), frozenset(word.arg or "" for word in node.keywords) - {"field"}


@pytest.mark.parametrize(
    "member", [member for enum in ENUMS for member in enum], ids=lambda m: f"{type(m).__name__}.{m}"
)
def test_every_word_has_its_text(member: StrEnum):
    assert all(show(member, lang) for lang in LANGS)


@pytest.mark.parametrize(("code", "named"), sorted(set(refusals()), key=str))
def test_every_refusal_says_what_why_and_what_to_do(code: str, named: frozenset[str]):
    for part in ("what", "why", "todo"):
        for lang in LANGS:
            assert say(f"refusal.{code}.{part}", lang, **{name: FACTS[name] for name in named})


def test_refusals_are_found_in_the_source():
    assert len({code for code, _ in refusals()}) > 30


SINCE = datetime(2025, 3, 12, 5, 31, tzinfo=UTC)
FULL = WishReason(
    organisation_id(1), 1, Reason.FULL, group_id(1), 3, 12, 1, 1, 2, claim.Right.GENERAL, SINCE, 10, SINCE,
    claim.Right.PRIORITY,
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("reason", Reason)
def test_reasons_are_said_in_sentences(reason: Reason, lang):
    wish = FULL if reason is Reason.FULL else WishReason(organisation_id(1), 1, reason)
    said = [say(code, lang, **named) for code, named in facts.sentences(wish)]
    assert len(said) == (8 if reason is Reason.FULL else 1)
    assert all(one.endswith(".") and "{" not in one for one in said)


def test_full_reason_reads_well():
    said = [say(code, "en", **named) for code, named in facts.sentences(FULL)]
    assert said[0] == "3 places were given in this kindergarten, all to children who stand before yours."
    assert said[5].startswith("With 10 children fewer before yours, there would have been a place here")
    assert said[6] == "An application handed in before this time would have got a place: 12 March 2025, 10:31."


@pytest.mark.parametrize("count", [0, 1, 2, 5, 11, 21, 102])
def test_counted_sentences_have_every_form(count: int):
    counted = ["reason.full.line", "reason.ahead", "reason.kept_seats", "reason.sibling_seats", "change.fewer"]
    for lang in LANGS:
        assert all(say(code, lang, n=count) for code in counted)
        assert say("change.elsewhere", lang, n=count, name="Балапан")
    assert known("change.elsewhere")
