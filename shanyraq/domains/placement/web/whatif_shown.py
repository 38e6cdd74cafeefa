"""A comparison as plain values for its templates: words, numbers as people write them, charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shanyraq.domains.placement.queries import whatif as queries
from shanyraq.domains.placement.queries.whatif import ComparisonCard, ComparisonResult
from shanyraq.domains.placement.rules.claim import Right
from shanyraq.domains.placement.rules.whatif_measures import Dimension, Home
from shanyraq.domains.placement.rules.whatif_table import (
    FAIRNESS,
    LIVES,
    PLACES,
    SMALL,
    Cell,
    Column,
    Few,
    Part,
    Tables,
    tables,
)
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation.text import Fact, Lang, Text, say, show
from shanyraq.foundation.ui.charts import Chart, Series

ENUMS: Final[Mapping[Dimension, Any]] = {
    Dimension.RIGHT: Right,
    Dimension.KIND: GroupKind,
    Dimension.LANGUAGE: Language,
    Dimension.HOME: Home,
}
SHOWN: Final = tuple(one for one in Dimension if one is not Dimension.DISTRICT)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A rule set with its cells: (name of the column, what stands there)."""

    title: Text
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownParts:
    """The children parted in one way: a head, then (value, count, what each rule set does)."""

    title: str
    rows: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Price:
    """What one set of rules gives more, and what it costs in fairness."""

    title: Text
    more: int
    pairs: Cell
    envious: Cell


def told(result: ComparisonResult, lang: Lang, *, public: bool) -> Mapping[str, Any]:
    """What the template of a comparison shows. 1 query when it has several districts."""
    shown = tables(result.lines, public=public)
    others = [row.rules.title.in_lang(lang) for row in shown.rows[1:]]
    return {
        "card": result.card,
        "in_force": result.in_force,
        "places": _rows(shown, PLACES, lang),
        "lives": _rows(shown, LIVES, lang),
        "fairness": _rows(shown, FAIRNESS, lang),
        "place_columns": [show(one, lang) for one in PLACES],
        "life_columns": [show(one, lang) for one in LIVES],
        "fairness_columns": [show(one, lang) for one in FAIRNESS],
        "prices": _prices(shown),
        "charts": _charts(shown, lang),
        "others": others,
        "parts": [_shown_parts(by, shown.parts[by], others, lang) for by in SHOWN if len(shown.parts[by]) > 1],
        "districts": _districts(shown.parts[Dimension.DISTRICT], others, lang),
        "vouchers": result.in_force.by_voucher,
        "only_vouchers": result.in_force.by_voucher == result.in_force.claims,
        "small": SMALL,
        "public": public,
        "files": [(rules, file) for rules, file in zip(result.card.rule_sets, result.card.files, strict=True)],
    }


def named(card: ComparisonCard, lang: Lang) -> str:
    """What a comparison is about: the territory."""
    return say("whatif.country", lang) if card.name is None else card.name.in_lang(lang)


def _rows(shown: Tables, columns: Sequence[Column], lang: Lang) -> list[ShownRow]:
    return [
        ShownRow(row.rules.title, tuple((show(one, lang), _cell(one, row.cells[one], lang)) for one in columns))
        for row in shown.rows
    ]


def _cell(column: Column, cell: Cell, lang: Lang) -> str:
    if cell is None:
        return "–"
    if column is Column.MORE and isinstance(cell, int) and cell:
        return f"{'+' if cell > 0 else '−'}{show(abs(cell), lang)}"
    return show(cell, lang)


def _prices(shown: Tables) -> list[Price]:
    found = []
    for row in shown.rows[1:]:
        more = row.cells[Column.MORE]
        if isinstance(more, int) and more > 0:
            found.append(Price(row.rules.title, more, row.cells[Column.PAIRS], row.cells[Column.ENVIOUS]))
    return found


def _charts(shown: Tables, lang: Lang) -> list[Chart]:
    pictures = (
        ("whatif.chart.places", (Column.PLACED, Column.FIRST_WISH)),
        ("whatif.chart.fairness", (Column.BETTER, Column.WORSE, Column.ENVIOUS)),
    )
    labels = [row.rules.title for row in shown.rows]
    charts = []
    for title, columns in pictures:
        series = [Series(show(one, lang), values) for one in columns if (values := _values(shown, one)) is not None]
        if series:
            charts.append(Chart(title, labels, series, sideways=True))
    return charts


def _values(shown: Tables, column: Column) -> list[int | float] | None:
    """The values of a column, or None where some are not shown."""
    cells = [row.cells[column] for row in shown.rows]
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    return numbers if len(numbers) == len(cells) else None


def _shown_parts(by: Dimension, some: Sequence[Part], others: Sequence[str], lang: Lang) -> ShownParts:
    rows = [(_value(by, part.value, lang), _plain(part.claims, lang), _changes(part, others, lang)) for part in some]
    return ShownParts(show(by, lang), tuple(rows))


def _districts(some: Sequence[Part], others: Sequence[str], lang: Lang) -> ShownParts | None:
    if len(some) < 2:
        return None
    cards = queries.district_names(part.value for part in some)
    names = {kato: card.name.in_lang(lang) for kato, card in cards.items()}
    rows = [
        (names.get(part.value, part.value), _plain(part.claims, lang), _changes(part, others, lang)) for part in some
    ]
    return ShownParts(show(Dimension.DISTRICT, lang), tuple(sorted(rows)))


def _changes(part: Part, others: Sequence[str], lang: Lang) -> tuple[tuple[str, str], ...]:
    """By rule set other than those in force: its title, and who wins and loses in the part."""
    return tuple(
        (title, _change(cells[1], cells[2], lang)) for title, cells in zip(others, part.cells[1:], strict=True)
    )


def _change(better: Cell, worse: Cell, lang: Lang) -> str:
    if better == worse == 0:
        return "0"
    if Few.FEW in (better, worse):
        return show(Few.FEW, lang)
    return f"+{_plain(better, lang)} / −{_plain(worse, lang)}"


def _value(by: Dimension, value: str, lang: Lang) -> str:
    kind = ENUMS.get(by)
    if kind is not None and value in set(kind):
        return show(kind(value), lang)
    if by in (Dimension.SIBLINGS, Dimension.LANGUAGE):
        return say(f"whatif.{by.value}.{value}", lang)
    return value


def _plain(cell: Fact, lang: Lang) -> str:
    return "–" if cell is None else show(cell, lang)
