"""The plan from its files: plan/executors.yaml and one file a direction. Read once per folder, then kept."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from shanyraq.domains.actionplan.rules.plan import CompletionForm, Deadline, Executor, Measure, PlanStage
from shanyraq.foundation.norms.schema import Raw, as_list, as_mapping, as_member, only, read_text, read_yaml
from shanyraq.foundation.text import Text

FOLDER: Final = Path(__file__).resolve().parents[4] / "plan"
FIELDS: Final = frozenset({"title", "form", "indicators", "executors", "by_agreement", "deadlines"})


class BadPlan(ValueError):
    """A file of the plan that cannot be: the sentence names the file, the measure, and what is wrong."""


@lru_cache(maxsize=2)
def executors(folder: Path = FOLDER) -> Mapping[str, Executor]:
    """The bodies of the plan by code. Raises BadNorm."""
    path = folder / "executors.yaml"
    return MappingProxyType({code: _executor(code, raw, path) for code, raw in read_yaml(path).items()})


@lru_cache(maxsize=2)
def measures(folder: Path = FOLDER) -> Mapping[int, Measure]:
    """Every measure by number. Raises BadPlan, BadNorm."""
    found: dict[int, Measure] = {}
    for path in sorted(folder.glob("[1-7]_*.yaml")):
        for number, raw in cast(Mapping[object, object], read_yaml(path)).items():
            if not isinstance(number, int) or number in found:
                raise BadPlan(f"{path}: {number!r} is not the number of one measure")
            found[number] = _measure(number, int(path.name[0]), as_mapping(raw, path, str(number)), path, folder)
    return MappingProxyType(dict(sorted(found.items())))


def _executor(code: str, raw: object, path: Path) -> Executor:
    fields = as_mapping(raw, path, code)
    only(fields, frozenset({"name", "short", "territorial"}), path, code)
    short = as_mapping(fields.get("short"), path, f"{code}.short")
    name = read_text(fields.get("name"), path, f"{code}.name")
    return Executor(
        code, name, Text(str(short.get("kk")), str(short.get("ru")), name.en), fields.get("territorial") is True
    )  # fmt: skip


def _measure(number: int, direction: int, raw: Raw, path: Path, folder: Path) -> Measure:
    only(raw, FIELDS, path, str(number))
    named = tuple(as_list(raw.get(name, []), path, f"{number}.{name}") for name in ("executors", "by_agreement"))
    known = executors(folder)
    if strange := {str(one) for some in named for one in some} - set(known):
        raise BadPlan(f"{path}: {number}: executors.yaml does not know {', '.join(sorted(strange))}")
    days = as_list(raw.get("deadlines"), path, f"{number}.deadlines")
    carrying, agreeing = (tuple(known[str(one)] for one in some) for some in named)
    return Measure(
        number, direction, read_text(raw.get("title"), path, f"{number}.title"),
        as_member(CompletionForm, raw.get("form"), path, f"{number}.form"),
        tuple(int(str(one)) for one in as_list(raw.get("indicators", []), path, f"{number}.indicators")), carrying,
        agreeing, tuple(_deadline(one, path, number) for one in days),
    )  # fmt: skip


def _deadline(raw: object, path: Path, number: int) -> Deadline:
    place = f"{number}.deadlines"
    if isinstance(raw, str):
        return Deadline(_day(raw, path, place))
    fields = as_mapping(raw, path, place)
    only(fields, frozenset({"day", "stage", "cycle", "lost"}), path, place)
    if "cycle" in fields:
        first, last = (int(str(year)) for year in as_list(fields["cycle"], path, place))
        return Deadline(None, cycle=(first, last))
    if "lost" in fields:
        return Deadline(None, lost_month=int(str(fields["lost"])))
    return Deadline(_day(str(fields.get("day")), path, place), as_member(PlanStage, fields.get("stage"), path, place))


def _day(text: str, path: Path, place: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadPlan(f"{path}: {place}: {text!r} is not a day") from None
