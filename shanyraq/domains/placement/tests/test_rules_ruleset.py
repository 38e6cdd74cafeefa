"""Files of rules: what a good one says, and what a bad one is told, line by line."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.queries.whatif_cases import offered
from shanyraq.domains.placement.rules import ruleset
from shanyraq.domains.placement.rules.claim import Right
from shanyraq.domains.placement.rules.norms import ServingNorm
from shanyraq.domains.placement.rules.ruleset import LONGEST, AtKindergarten, Method
from shanyraq.domains.placement.tests.builders import refused
from shanyraq.domains.placement.tests.rules_builders import NORM, a_claim
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS, known

GOOD = """form: 1
id: my-rules
title: {kk: Ереже, ru: Правила, en: Rules}
why:
  kk: "Неге"
  ru: "Почему"
  en: "Why"
changes:
  ratio: {priority: 2, general: 5}
  siblings_first: true
  together_passes: 0
  transfer_keeps_place: false
  at_kindergarten: nearest
  method: most_placed
"""


def changed(line: str, to: str) -> str:
    assert line in GOOD
    return GOOD.replace(line, to)


class TestGood:
    def test_what_it_names_is_changed_and_the_rest_stays(self):
        rules = ruleset.parse(GOOD)
        norm = rules.norm(NORM)
        assert (norm.serving, norm.sibling_tier, norm.together_passes) == (ServingNorm(2, 5), True, 0)
        assert (norm.transfer_keeps_place, norm.tie) == (False, NORM.tie)
        assert (rules.at_kindergarten, rules.method) == (AtKindergarten.NEAREST, Method.MOST_PLACED)
        assert rules.title.en == "Rules" and rules.why.kk == "Неге"

    def test_without_changes_it_is_the_rules_in_force(self):
        rules = ruleset.parse(GOOD.split("changes:")[0] + "changes: {}\n")
        assert rules.changes_nothing and rules.norm(NORM) == NORM

    def test_no_ratio_puts_two_rights_into_one_line(self):
        rules = ruleset.parse(changed("{priority: 2, general: 5}", "none"))
        assert rules.by_time and rules.ratio is None
        assert [rules.right(one) for one in Right] == [Right.EXTRAORDINARY, Right.GENERAL, Right.GENERAL]
        first = a_claim(1, right=Right.PRIORITY)
        assert [claim.right for claim in rules.claims([first])] == [Right.GENERAL]

    def test_the_files_that_come_with_the_platform_are_good(self):
        sets = [one.rules for one in offered()]
        assert [one.id for one in sets] == [
            "in-force", "no-ratio", "ratio-1-1", "ratio-1-5", "siblings-first", "nearest-first", "most-placed",
        ]  # fmt: skip
        assert sets[0].changes_nothing
        assert not any(one.changes_nothing for one in sets[1:])

    def test_a_mark_of_byte_order_does_not_matter(self):
        assert ruleset.parse(ruleset.decode(b"\xef\xbb\xbf" + GOOD.encode())).id == "my-rules"


# code of the refusal, line and place that it names, the file
BAD = {
    "empty": ("unreadable", 1, None, ""),
    "not a table": ("value", 1, "-", "- 1\n"),
    "open bracket": ("unreadable", 2, None, "form: [1\n"),
    "tab": ("unreadable", 2, None, "form: 1\n\tid: x\n"),
    "too deep": ("unreadable", 1, None, "[" * 9_000),
    "two documents": ("unreadable", 15, None, GOOD + "---\nform: 1\n"),
    "alias": ("unreadable", 2, None, changed("id: my-rules", "id: &x my-rules")),
    "tag": ("unreadable", 2, None, changed("id: my-rules", "id: !!python/name:os.system x")),
    "control sign": ("unreadable", 2, None, "form: 1\nid: \x00\n"),
    "other form": ("value", 1, "form", changed("form: 1", "form: 2")),
    "form in words": ("value", 1, "form", changed("form: 1", "form: one")),
    "no id": ("key_missing", 1, "id", changed("id: my-rules\n", "")),
    "id with a space": ("value", 2, "id", changed("my-rules", "my rules")),
    "id too long": ("value", 2, "id", changed("my-rules", "x" * 41)),
    "id a number": ("value", 2, "id", changed("my-rules", "12")),
    "no Kazakh": ("key_missing", 3, "title.kk", changed("kk: Ереже, ", "")),
    "empty Russian": ("value", 6, "why.ru", changed('"Почему"', '"  "')),
    "another language": ("key_unknown", 7, "why.fr", changed('en: "Why"', 'fr: "Why"')),
    "title a list": ("value", 3, "title", changed("{kk: Ереже, ru: Правила, en: Rules}", "[a]")),
    "long title": ("value", 3, "title.en", changed("en: Rules", "en: " + "x" * 121)),
    "unknown key": ("key_unknown", 8, "chances", changed("changes:\n", "chances:\n")),
    "no changes": ("value", 8, "changes", GOOD.split("changes:")[0] + "changes:\n"),
    "unknown change": ("key_unknown", 10, "changes.sibling_first", changed("siblings_first", "sibling_first")),
    "twice": ("key_twice", 10, "changes.ratio", changed("siblings_first: true", "ratio: none")),
    "ratio of nothing": ("value", 9, "changes.ratio.priority", changed("priority: 2", "priority: 0")),
    "ratio too large": ("value", 9, "changes.ratio.general", changed("general: 5", "general: 101")),
    "ratio below nothing": ("value", 9, "changes.ratio.general", changed("general: 5", "general: -5")),
    "half a child": ("value", 9, "changes.ratio.general", changed("general: 5", "general: 1.5")),
    "half a ratio": ("key_missing", 9, "changes.ratio.general", changed(", general: 5", "")),
    "ratio in words": ("value", 9, "changes.ratio", changed("{priority: 2, general: 5}", "1:3")),
    "yes is not true": ("value", 10, "changes.siblings_first", changed("first: true", "first: yes")),
    "too many passes": ("value", 11, "changes.together_passes", changed("passes: 0", "passes: 11")),
    "unknown method": ("value", 14, "changes.method", changed("most_placed", "lottery")),
    "unknown order": ("value", 13, "changes.at_kindergarten", changed("nearest", "farthest")),
    "too long": ("too_long", None, None, GOOD + "#" * LONGEST),
}


@pytest.mark.parametrize(("code", "line", "where", "file"), BAD.values(), ids=BAD)
def test_a_bad_file_is_told_its_line_its_place_and_its_reason(code, line, where, file):
    with pytest.raises(Refusal) as caught:
        ruleset.parse(file)
    refusal = caught.value
    assert refusal.code == f"placement.ruleset_{code}"
    assert (refusal.facts.get("line"), refusal.facts.get("where")) == (line, where)
    assert all(known(f"refusal.{refusal.code}.{part}") for part in ("what", "why", "todo")) and LANGS


def test_a_file_that_is_no_text():
    with refused("placement.ruleset_not_text"):
        ruleset.decode(b"\xff\xfe\x00x")
    with refused("placement.ruleset_too_long"):
        ruleset.decode(b"x" * (4 * LONGEST + 1))


def test_one_id_stands_once():
    with refused("placement.ruleset_twice"):
        ruleset.parse_all([GOOD, GOOD])


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_whatever_is_given_is_answered(written: str):
    with pytest.raises(Refusal) as caught:
        ruleset.parse(written)
    assert caught.value.code.startswith("placement.ruleset_")


@given(st.integers(0, len(GOOD) - 1), st.sampled_from(list(":{}[]\n- &*!#\"'0x\t")))
def test_a_slip_anywhere_is_a_refusal_or_another_good_file(at: int, sign: str):
    with suppress(Refusal):  # and nothing else
        assert ruleset.parse(GOOD[:at] + sign + GOOD[at + 1 :]).id


def test_the_readme_of_the_rule_sets_names_every_change():
    readme = (Path(__file__).resolve().parents[4] / "rulesets" / "README.md").read_text("utf-8")
    assert all(f"| `{name}` |" in readme for name in ruleset._CHANGES)
