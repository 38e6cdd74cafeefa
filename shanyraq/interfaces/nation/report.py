"""The yearly report of the country or a region: from stored numbers to plain values, for the page and for the paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shanyraq.analytics.cards import ValueUnit
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries.cards import TerritoryCard
from shanyraq.foundation import norms
from shanyraq.foundation.text import Lang, say, show
from shanyraq.foundation.ui import pdf
from shanyraq.interfaces.nation import queries
from shanyraq.interfaces.nation.queries import COUNTRY, CountCard, Line, Progress

TEMPLATE: Final = Path(__file__).parent / "templates" / "nation" / "report.typ"
WORDS: Final = (
    "contents", "summary", "value", "target", "gap", "missing", "rank", "progress", "sources", "how", "signed", "head",
    "date", "regions", "territory", "versions", "unknown", "note", "chart",
)  # fmt: skip
GAP: Final = 5  # of the country alone
BAR_AT_LEAST: Final = 100.0  # the scale of shares


@dataclass(frozen=True, slots=True)
class Section:
    """A direction of the Concept with its lines, and the parts of the territory by line."""

    number: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report says."""

    count: CountCard
    place: TerritoryCard | None
    sections: tuple[Section, ...]
    parts: Mapping[str, tuple[tuple[TerritoryCard, Line], ...]]  # by series

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines."""
        return tuple(line for section in self.sections for line in section.lines)

    def tally(self) -> dict[Progress, int]:
        """How many lines stand how."""
        return {one: sum(line.progress is one for line in self.lines) for one in Progress}

    def behind(self) -> tuple[Line, ...]:
        """The lines furthest behind their targets, as a share of the target; the worst first, at most ten."""
        found = [line for line in self.lines if line.gap is not None and line.gap < 0 and line.target]
        return tuple(sorted(found, key=lambda line: (line.gap or 0) / abs(line.target or 1))[:10])


def report(count: CountCard, place: TerritoryCard | None) -> Report:
    """The report of a count. 3 queries and 1 a series."""
    kato = place.kato if place else COUNTRY
    lines = queries.board(count, kato)
    numbers = dict.fromkeys(line.card.direction for line in lines)
    names = {one.kato: one for one in (registry.districts(kato) if place else registry.regions())}
    parts = {}
    for line in lines:
        found = queries.parts(count, line.card, line.component.key, kato)
        parts[line.series] = tuple((names[one.territory], one) for one in found if one.territory in names)
    sections = tuple(
        Section(number, tuple(line for line in lines if line.card.direction == number)) for number in numbers
    )  # fmt: skip
    return Report(count, place, sections, parts)


def paper(made: Report, lang: Lang, address: str) -> bytes:
    """The report as PDF: the same bytes for the same numbers."""
    return pdf.render(TEMPLATE, values(made, lang, address))


def values(made: Report, lang: Lang, address: str) -> Mapping[str, Any]:
    """What the paper says, as texts."""
    count, tally = made.count, made.tally()
    place = made.place.name.in_lang(lang) if made.place else say("nation.report.country", lang)
    status = (
        say("nation.version", lang, year=count.label, version=count.version, day=count.on)
        if count.version else say("nation.provisional", lang, day=count.on)
    )  # fmt: skip
    return {
        "lang": lang,
        "address": address,
        "title": say("nation.report.title.region" if made.place else "nation.report.title", lang),
        "place": place,
        "year": count.label,
        "status": status,
        "act": norms.acts()["concept"].title.in_lang(lang),
        "lead": say("nation.report.lead", lang, n=len(made.lines), reached=tally[Progress.REACHED],
                    near=tally[Progress.NEAR], behind=tally[Progress.BEHIND],
                    unknown=tally[Progress.UNKNOWN] + tally[Progress.HIDDEN]),
        "tally": [[say(f"progress.{one.value}", lang), tally[one], one.value] for one in Progress if tally[one]],
        "said": {word: say(f"nation.report.{word}", lang) for word in WORDS},
        "behind": [_line(line, lang) for line in made.behind()],
        "sections": [
            {
                "title": f"{section.number}. {say(f'nation.direction.{section.number}', lang)}",
                "lines": [_told(line, made, lang) for line in section.lines],
            }
            for section in made.sections
        ],
        "snapshot": count.snapshot,
        "definition": count.cards,
    }  # fmt: skip


def _told(line: Line, made: Report, lang: Lang) -> Mapping[str, Any]:
    parts = made.parts[line.series] if line.card.number != GAP else ()
    top = max([BAR_AT_LEAST if line.card.unit is ValueUnit.PERCENT else 0.0,
               *(one.value or 0.0 for _, one in parts), line.target or 0.0])  # fmt: skip
    return {
        **_line(line, lang),
        "full": line.card.title.in_lang(lang),
        "counted": line.card.counted.in_lang(lang),
        "among": line.card.among.in_lang(lang) if line.card.among else "",
        "source": say(f"dataset.{line.card.dataset.value}", lang),
        "mark": None if line.target is None or not top else min(line.target / top, 1.0),
        "bars": [_bar(place, one, top, lang) for place, one in parts],
    }


def _bar(place: TerritoryCard, line: Line, top: float, lang: Lang) -> Mapping[str, Any]:
    share = None if line.value is None or not top else max(min(line.value / top, 1.0), 0.0)
    return {"name": place.name.in_lang(lang), "share": share, "shown": shown(line, lang),
            "width": f"{100 * share:.1f}" if share is not None else "", "progress": line.progress.value}  # fmt: skip


def _line(line: Line, lang: Lang) -> Mapping[str, Any]:
    title = line.card.short.in_lang(lang)
    return {
        "number": str(line.card.number),
        "name": title if line.component.key == "total" else f"{title}: {line.component.label.in_lang(lang)}",
        "value": shown(line, lang),
        "target": "–" if line.target is None else show(line.target, lang),
        "gap": "–" if line.gap is None else show(round(line.gap, 1), lang),
        "missing": "–" if line.missing is None else show(line.missing, lang),
        "rank": f"{line.rank} / {line.of}" if line.rank and line.territory else "–",
        "progress": say(f"progress.{line.progress.value}", lang),
        "look": line.progress.value,
    }


def shown(line: Line, lang: Lang) -> str:
    """A value in words: with its sign, or why there is none."""
    if line.value is None:
        return say(f"progress.{line.progress.value}.short", lang)
    number = show(round(line.value, 1) if line.card.unit is not ValueUnit.COUNT else round(line.value), lang)
    margin = "" if line.margin is None else f" ± {show(round(line.margin, 1), lang)}"
    return f"{number} %{margin}" if line.card.unit is ValueUnit.PERCENT else f"{number}{margin}"
