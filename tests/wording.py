"""Codes of the catalogue as the code and the templates name them."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from shanyraq.foundation.text import LANGS, Entry
from tests.source import PACKAGE, ROOT, calls, literal, modules

CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+")
TAG = re.compile(r"\{%-?\s*(\w+)(.*?)%\}|\{\{(.*?)\}\}", re.DOTALL)
QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
FACT = re.compile(r"\b([a-z_]+)=")
MEANT = re.compile(r"(placement|registry|access|audit|accounts)\.[a-z_]+")
NO_CODES = {"extends", "include", "static", "url", "load", "block", "endblock", "comment"}  # paths, addresses, names


@dataclass(frozen=True, slots=True)
class Named:
    """A code that stands in the source, with the facts given to it; None when they cannot be read off."""

    code: str
    place: str
    facts: frozenset[str] | None


def in_templates() -> Iterator[Named]:
    """Codes in templates: of {% t %} with their facts, and in quotes in any other tag."""
    for path in sorted(PACKAGE.rglob("templates/**/*.html")):
        source = path.read_text("utf-8")
        for match in TAG.finditer(source):
            tag, rest = match[1] or "", match[2] or match[3] or ""
            if tag in NO_CODES:
                continue
            place = f"{path.relative_to(ROOT)}:{source.count(chr(10), 0, match.start()) + 1}"
            words = [one or two for one, two in QUOTED.findall(rest)]
            if tag == "refusal_of":
                words = [f"refusal.{word}.what" for word in words]
            facts = frozenset(FACT.findall(re.sub(QUOTED, "", rest))) if tag == "t" else None
            yield from (Named(word, place, facts) for word in words if CODE.fullmatch(word))


def said() -> Iterator[Named]:
    """Codes in Python given to a `say`."""
    for place, name, call in _calls():
        if name.split(".")[-1] in {"say", "_say", "_tell"} and call.args:
            for word in texts_of(call.args[0]):
                yield Named(word, place, facts_of(call))


def composed() -> Iterator[tuple[str, str]]:
    """Patterns of codes that are put together with an f-string for a `say`."""
    for place, name, call in _calls():
        if name.split(".")[-1] == "say" and call.args and isinstance(call.args[0], ast.JoinedStr):
            yield pattern_of(call.args[0]), place


def refused() -> Iterator[Named]:
    """Codes of refusals; of those put together with an f-string, the pattern."""
    for place, name, call in _calls():
        if name.split(".")[-1] in {"Refusal", "NotAllowed"} and call.args:
            code = call.args[0]
            words = [pattern_of(code)] if isinstance(code, ast.JoinedStr) else texts_of(code)
            known = facts_of(call)
            yield from (Named(word, place, known and known - {"field"}) for word in words)


def actions() -> Iterator[tuple[str, str]]:
    """Actions of the audit trail, and where they are noted."""
    for place, name, call in _calls():
        last, second = name.split(".")[-1], literal(call.args[1]) if len(call.args) > 1 else None
        if second and name.startswith("audit.") and last in {"wrote", "wrote_many", "read", "read_many"}:
            yield second, place
        if second and last in {"happened", "happened_to_many", "noted"}:
            yield f"placement.{second}", place


def notices() -> Iterator[tuple[str, str]]:
    """Codes of notices, and where they are sent."""
    for place, name, call in _calls():
        if name.split(".")[-1] in {"tell", "tell_user", "NewNotice", "tell_family", "tell_of_place"}:
            for argument in call.args:
                yield from ((word, place) for word in texts_of(argument) if CODE.fullmatch(word))


def in_services() -> Iterator[tuple[str, str]]:
    """Every dotted word in services, whatever it is handed to."""
    for module in modules():
        if module.name.startswith("shanyraq.domains.") and ".services" in module.name:
            asked = {id(part.value) for part in ast.walk(module.tree) if isinstance(part, ast.keyword)}
            for node in ast.walk(module.tree):
                word = literal(node)
                if word and id(node) not in asked and MEANT.fullmatch(word):
                    yield word, module.place(node)


def in_rules() -> Iterator[tuple[str, str]]:
    """Codes of the sentences by which the rules give their reasons."""
    for module in modules():
        if module.name.startswith("shanyraq.domains.") and ".rules" in module.name:
            for node in ast.walk(module.tree):
                word = literal(node)
                if word and re.fullmatch(r"(reason|change)\.[a-z_]+", word):
                    yield word, module.place(node)


def pattern_of(joined: ast.JoinedStr) -> str:
    """A regular expression of what an f-string can become."""
    return "".join(re.escape(literal(part) or "") if literal(part) is not None else ".+" for part in joined.values)


def texts_of(node: ast.AST) -> list[str]:
    """The literals that an expression can be: one, or one of two."""
    if isinstance(node, ast.IfExp):
        return [*texts_of(node.body), *texts_of(node.orelse)]
    word = literal(node)
    return [] if word is None else [word]


def facts_of(call: ast.Call) -> frozenset[str] | None:
    """Names of the facts of a call; None when some come from a mapping."""
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    for module in modules():
        for name, call in calls(module.tree):
            yield module.place(call), name or _last(call), call


def _last(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def forms(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Every form of an entry: language, plural category ("" when it is not counted), text."""
    for lang in LANGS:
        value = entry[lang]
        if isinstance(value, Mapping):
            yield from ((lang, category, text) for category, text in value.items())
        else:
            yield lang, "", value


def placeholders(text: str) -> frozenset[str]:
    """Names of the facts that a text needs."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def needed(entry: Entry) -> frozenset[str]:
    """Names of the facts that an entry needs, `n` when it is counted."""
    counted = any(category for _, category, _ in forms(entry))
    return frozenset({"n"} if counted else set()).union(*(placeholders(text) for *_, text in forms(entry)))


def text_paths() -> list[Path]:
    """Files of the catalogue."""
    return sorted([*PACKAGE.rglob("texts.yaml"), *PACKAGE.rglob("texts/*.yaml")])
