"""The rows behind a number, from the snapshot that it was counted from."""

from datetime import date

from shanyraq.analytics import cells, engine
from shanyraq.analytics.cards import Card
from shanyraq.analytics.indicators import formulas
from shanyraq.analytics.snapshot import writing
from shanyraq.interfaces.nation import studies


def taken() -> date | None:
    """The day of the snapshot that rows are read from; None when there is none."""
    last = writing.latest(studies.folder())
    return last.on if last else None


def answers(card: Card, component: str, territory: str) -> dict[str, str]:
    """Ids of organisations with `yes`, `no` or `unknown`; nothing without a snapshot. No query."""
    last = writing.latest(studies.folder())
    if last is None:
        return {}
    tables = engine.opened(last.folder)
    found = cells.rows(tables, card, component, formulas()[card.number], territory)
    tables.close()
    return {
        home: "unknown" if answer is None else "yes" if answer > 0 else "no"
        for home, answer in found.select("id", "answer").iter_rows()
    }
