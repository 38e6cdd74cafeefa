"""Checks as files: read, proved, kept.

    checks/acts.yaml                 sources beside those of norms/acts.yaml, in the same form
    checks/words.yaml                names of themes and of the columns that a finding shows
    checks/<theme>/<name>.yaml       one check, known as <theme>.<name>

A wrong file stops the loading with a message that names the file and the field.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from shanyraq.foundation.access import Role
from shanyraq.foundation.checks.check import ONLY, SQL, BadCheck, Check, CheckSeverity, shifted
from shanyraq.foundation.norms.loader import FOLDER as NORMS
from shanyraq.foundation.norms.loader import Act, acts
from shanyraq.foundation.norms.norm import BadNorm, Tag
from shanyraq.foundation.norms.schema import Raw, as_mapping, as_member, only, read_text, read_yaml
from shanyraq.foundation.text import Text

FOLDER: Final = Path(__file__).resolve().parents[3] / "checks"
OTHERS: Final = ("published", "measures")  # read by their own readers
FIELDS: Final = frozenset({
    "severity", "owner", "subject", "territory", "organisation", "batch", "title", "means", "do", "act", "place", "tag",
    "numbers", "days", "seconds", "query",
})  # fmt: skip
NEEDED: Final = ("subject", "territory", "query", "act")
PARAMETERS: Final = frozenset({"today", "school_year", "batch"})
_SELECT: Final = re.compile(r"\s*(WITH|SELECT)\b", re.IGNORECASE)
_NAMED: Final = re.compile(r"%\((\w+)\)s")
_SECONDS: Final = 120
_ANY_DAY: Final = date(2026, 9, 1)


@lru_cache(maxsize=4)
def load(folder: Path = FOLDER) -> Mapping[str, Check]:
    """Every check by its code, themes together. Raises BadCheck. Read once per folder, then kept."""
    known = {**acts(NORMS), **acts(folder)}
    found = {}
    for path in sorted(folder.glob("*/*.yaml")):
        if path.parent.name not in OTHERS:
            code = f"{path.parent.name}.{path.stem}"
            try:
                found[code] = _read(path, code, known)
            except (BadNorm, ValueError, KeyError) as reason:
                raise BadCheck(str(reason) if str(path) in str(reason) else f"{path}: {reason}") from None
    return MappingProxyType(found)


@lru_cache(maxsize=4)
def words(folder: Path = FOLDER) -> Mapping[str, Text]:
    """Names of themes and columns by code. Raises BadNorm."""
    path = folder / "words.yaml"
    return MappingProxyType({code: read_text(raw, path, code) for code, raw in read_yaml(path).items()})


def _read(path: Path, code: str, known: Mapping[str, Act]) -> Check:
    raw = read_yaml(path)
    only(raw, FIELDS, path, "")
    for field in NEEDED:
        if not raw.get(field):
            raise BadCheck(f"{path}: {field}: is missing")
    act = known.get(str(raw["act"]))
    if act is None:
        raise BadCheck(f"{path}: act: {raw['act']!r} is in no acts.yaml")
    check = Check(
        code=code,
        severity=as_member(CheckSeverity, raw.get("severity"), path, "severity"),
        owner=as_member(Role, raw.get("owner"), path, "owner"),
        subject=str(raw["subject"]),
        title=read_text(raw.get("title"), path, "title"),
        means=read_text(raw.get("means"), path, "means"),
        todo=read_text(raw.get("do"), path, "do"),
        act=act.title,
        place=str(raw.get("place", "")),
        tag=as_member(Tag, raw.get("tag", "GK"), path, "tag"),
        queries=_queries(raw, path),
        territory=str(raw["territory"]),
        organisation=str(raw.get("organisation", "")),
        batch=str(raw.get("batch", "")).strip(),
        numbers={name: _number(value) for name, value in _pairs(raw, "numbers", path).items()},
        days={name: str(value) for name, value in _pairs(raw, "days", path).items()},
        seconds=int(str(raw.get("seconds", _SECONDS))),
    )
    _prove(check, path)
    return check


def _pairs(raw: Raw, field: str, path: Path) -> Raw:
    return as_mapping(raw.get(field, {}), path, field)


def _number(raw: object) -> float:
    return raw if isinstance(raw, int) else float(str(raw))


def _queries(raw: Raw, path: Path) -> Mapping[str, str]:
    """The query of each database: one for both, or one for each."""
    given = raw["query"]
    if isinstance(given, str):
        return dict.fromkeys(SQL, given.strip())
    found = {name: str(text).strip() for name, text in as_mapping(given, path, "query").items()}
    if set(found) != set(SQL):
        raise BadCheck(f"{path}: query: one text, or one for each of {', '.join(SQL)}")
    return found


def _prove(check: Check, path: Path) -> None:
    """One SELECT that can be narrowed, every parameter known. Raises BadCheck."""
    known = PARAMETERS | set(check.numbers) | set(check.days)
    for offset in check.days.values():
        shifted(_ANY_DAY, offset)
    for query in check.queries.values():
        if not _SELECT.match(query) or ";" in query:
            raise BadCheck(f"{path}: query: one SELECT is needed, without a semicolon")
        if ONLY not in query:
            raise BadCheck(f"{path}: query: {ONLY} is missing where the rows can be narrowed")
        if strange := sorted(set(_NAMED.findall(query + check.batch)) - known):
            raise BadCheck(f"{path}: query: unknown parameter {', '.join(strange)}")
        if "%" in _NAMED.sub("", query.replace("%%", "")):
            raise BadCheck(f"{path}: query: a percent sign stands twice")
