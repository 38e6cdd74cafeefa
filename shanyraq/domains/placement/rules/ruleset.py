"""Other rules for a round, as a file says them: read, checked, and applied to the norm in force. Pure.

A file names what differs from the rules in force (rulesets/README.md). What it does not name stays. A slip is refused
with the line, the place and the reason; nothing is guessed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import yaml

from shanyraq.domains.placement.rules.claim import Claim, Right
from shanyraq.domains.placement.rules.norms import AllocationNorm, ServingNorm
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS, Text

FORM: Final = 1
LONGEST: Final = 20_000  # characters of a file
MOST_SHARE: Final = 100  # of one side of a ratio
MOST_PASSES: Final = 10
TITLE_LENGTH: Final = 120
WHY_LENGTH: Final = 1_000
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ID_LENGTH: Final = 40
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class AtKindergarten(StrEnum):
    """What decides between two children at a kindergarten, after transfers and siblings."""

    QUEUE = "queue"
    NEAREST = "nearest"


class Method(StrEnum):
    """How places are given."""

    ACCEPTANCE = "acceptance"
    MOST_PLACED = "most_placed"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules to compare with those in force. None: as in force."""

    id: str
    title: Text
    why: Text
    ratio: ServingNorm | None = None
    by_time: bool = False  # no ratio: first-priority and general claims in one line
    extraordinary_first: bool = True
    siblings_first: bool | None = None
    together_passes: int | None = None
    transfer_keeps_place: bool | None = None
    at_kindergarten: AtKindergarten = AtKindergarten.QUEUE
    method: Method = Method.ACCEPTANCE

    @property
    def changes_the_order(self) -> bool:
        """Whether the queue is served in another order: all that matters in the voucher model."""
        return self.by_time or not self.extraordinary_first

    @property
    def changes_nothing(self) -> bool:
        """Whether these are the rules in force."""
        return self == RuleSet(self.id, self.title, self.why)

    def norm(self, in_force: AllocationNorm) -> AllocationNorm:
        """The norm of the round under these rules."""
        named: Mapping[str, Any] = {
            "serving": self.ratio,
            "sibling_tier": self.siblings_first,
            "together_passes": self.together_passes,
            "transfer_keeps_place": self.transfer_keeps_place,
        }
        return replace(in_force, **{name: value for name, value in named.items() if value is not None})

    def right(self, right: Right) -> Right:
        """The right that a claim has under these rules."""
        if right is Right.EXTRAORDINARY and not self.extraordinary_first:
            right = Right.PRIORITY
        return Right.GENERAL if right is Right.PRIORITY and self.by_time else right

    def claims(self, claims: Iterable[Claim]) -> tuple[Claim, ...]:
        """The claims with the rights they have under these rules."""
        if not self.changes_the_order:
            return tuple(claims)
        rights = {right: self.right(right) for right in Right}
        return tuple(
            claim if rights[claim.right] is claim.right else replace(claim, right=rights[claim.right])
            for claim in claims
        )


def parse(written: str) -> RuleSet:
    """The rule set of a file.

    Raises Refusal("placement.ruleset_too_long"), ("placement.ruleset_unreadable", line, problem),
    ("placement.ruleset_key_unknown", line, where, known), ("placement.ruleset_key_missing", line, where),
    ("placement.ruleset_key_twice", line, where), ("placement.ruleset_value", line, where, value, wanted).
    """
    file = _Part(_composed(written), "")
    file.only(("form", "id", "title", "why", "changes"))
    file.number("form", FORM, FORM)
    changes = file.part("changes")
    changes.only(tuple(_CHANGES))
    read = {name: _CHANGES[name](changes, name) for name in changes.entries}
    by_time = "ratio" in read and read["ratio"] is None
    return RuleSet(
        file.matching("id"), file.text("title", TITLE_LENGTH), file.text("why", WHY_LENGTH), by_time=by_time, **read
    )


def decode(file: bytes) -> str:
    """The text of a file that someone gave.

    Raises Refusal("placement.ruleset_not_text"), ("placement.ruleset_too_long").
    """
    if len(file) > 4 * LONGEST:
        raise Refusal("placement.ruleset_too_long", field="rules", n=len(file), limit=LONGEST)
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("placement.ruleset_not_text", field="rules") from None


def parse_all(files: Iterable[str]) -> tuple[RuleSet, ...]:
    """The rule sets of several files. Raises what `parse` does, and Refusal("placement.ruleset_twice", id)."""
    sets = tuple(map(parse, files))
    seen: set[str] = set()
    for one in sets:
        if one.id in seen:
            raise Refusal("placement.ruleset_twice", field="rules", id=one.id)
        seen.add(one.id)
    return sets


def _composed(written: str) -> yaml.Node:
    if len(written) > LONGEST:
        raise Refusal("placement.ruleset_too_long", field="rules", n=len(written), limit=LONGEST)
    try:
        bare = [token for token in yaml.scan(written, yaml.SafeLoader) if isinstance(token, _REFERENCES)]
        node = yaml.compose(written, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as problem:
        said = getattr(problem, "problem", None) or getattr(problem, "reason", None) or type(problem).__name__
        raise _unreadable(_line_of(problem, written), str(said)) from None
    if bare:
        raise _unreadable(bare[0].start_mark.line + 1, "& * !")
    if node is None:
        raise _unreadable(1, "-")
    return node


_REFERENCES: Final = (yaml.AliasToken, yaml.AnchorToken, yaml.TagToken)


def _line_of(problem: Exception, written: str) -> int:
    mark, position = getattr(problem, "problem_mark", None), getattr(problem, "position", None)
    if mark is not None:
        return int(mark.line) + 1
    return 1 if position is None else written[:position].count("\n") + 1


def _unreadable(line: int, problem: str) -> Refusal:
    return Refusal("placement.ruleset_unreadable", field="rules", line=line, problem=problem)


class _Part:
    """A table of the file, taken apart by key; every fault knows its line."""

    def __init__(self, node: yaml.Node, where: str) -> None:
        self.node, self.where = node, where
        if not isinstance(node, yaml.MappingNode):
            raise self.wrong("", "key: value", node)
        self.entries: dict[str, yaml.Node] = {}
        self.lines = {str(key.value): _line(key) for key, _ in node.value}
        for key, value in node.value:
            if str(key.value) in self.entries:
                raise Refusal(
                    "placement.ruleset_key_twice", field="rules", line=_line(key), where=self.path(str(key.value))
                )
            self.entries[str(key.value)] = value

    def path(self, name: str) -> str:
        return f"{self.where}.{name}".strip(".")

    def only(self, known: tuple[str, ...]) -> None:
        for name in self.entries:
            if name not in known:
                raise Refusal(
                    "placement.ruleset_key_unknown", field="rules", line=self.lines[name], where=self.path(name)[:80],
                    known=", ".join(known),
                )  # fmt: skip

    def of(self, name: str) -> yaml.Node:
        if name not in self.entries:
            raise Refusal("placement.ruleset_key_missing", field="rules", line=_line(self.node), where=self.path(name))
        return self.entries[name]

    def part(self, name: str) -> "_Part":
        return _Part(self.of(name), self.path(name))

    def wrong(self, name: str, wanted: str, node: yaml.Node) -> Refusal:
        value = str(node.value)[:40] if isinstance(node, yaml.ScalarNode) else "…"
        where = self.path(name) or "-"
        return Refusal(
            "placement.ruleset_value", field="rules", line=_line(node), where=where, value=value, wanted=wanted
        )

    def plain(self, name: str, tag: str, wanted: str) -> str:
        node = self.of(name)
        if not isinstance(node, yaml.ScalarNode) or node.tag != f"tag:yaml.org,2002:{tag}":
            raise self.wrong(name, wanted, node)
        return str(node.value)

    def number(self, name: str, least: int, most: int) -> int:
        wanted = f"{least}" if least == most else f"{least}-{most}"
        typed = self.plain(name, "int", wanted)
        if not (typed.isascii() and typed.isdigit() and len(typed) < 6 and least <= int(typed) <= most):
            raise self.wrong(name, wanted, self.of(name))
        return int(typed)

    def flag(self, name: str) -> bool:
        typed = self.plain(name, "bool", "true, false").lower()
        if typed not in ("true", "false"):
            raise self.wrong(name, "true, false", self.of(name))
        return typed == "true"

    def member(self, name: str, kind: type[StrEnum]) -> Any:
        wanted = ", ".join(kind)
        typed = self.plain(name, "str", wanted)
        if typed not in set(kind):
            raise self.wrong(name, wanted, self.of(name))
        return kind(typed)

    def matching(self, name: str) -> str:
        typed = self.plain(name, "str", "a-z 0-9 -")
        if not _ID.fullmatch(typed) or len(typed) > _ID_LENGTH:
            raise self.wrong(name, f"a-z 0-9 - (1-{_ID_LENGTH})", self.of(name))
        return typed

    def text(self, name: str, longest: int) -> Text:
        """A text in three languages."""
        inner = self.part(name)
        inner.only(LANGS)
        said = {}
        for lang in LANGS:
            typed = inner.plain(lang, "str", f"1-{longest}").strip()
            if not typed or len(typed) > longest or _CONTROL.search(typed):
                raise inner.wrong(lang, f"1-{longest}", inner.of(lang))
            said[lang] = typed
        return Text(**said)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _ratio(part: _Part, name: str) -> ServingNorm | None:
    node = part.of(name)
    if isinstance(node, yaml.ScalarNode):
        if node.value == "none":
            return None
        raise part.wrong(name, "none, {priority: 1, general: 3}", node)
    inner = part.part(name)
    inner.only(("priority", "general"))
    return ServingNorm(inner.number("priority", 1, MOST_SHARE), inner.number("general", 1, MOST_SHARE))


_CHANGES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "ratio": _ratio,
        "extraordinary_first": _Part.flag,
        "siblings_first": _Part.flag,
        "together_passes": lambda part, name: part.number(name, 0, MOST_PASSES),
        "transfer_keeps_place": _Part.flag,
        "at_kindergarten": lambda part, name: part.member(name, AtKindergarten),
        "method": lambda part, name: part.member(name, Method),
    }
)
