"""Reading imports: the list, one with its preview, its faults and changes, and what hinders taking it back."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import polars as pl
from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports import columns, kinds, steps, stored
from shanyraq.foundation.imports.access import RULES, Do
from shanyraq.foundation.imports.columns import Of
from shanyraq.foundation.imports.issues import Severity
from shanyraq.foundation.imports.kinds import Action, Kind
from shanyraq.foundation.imports.models import Import
from shanyraq.foundation.imports.states import ImportState
from shanyraq.foundation.notices import facts as noted_facts
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Fact, Lang, Text, known, say
from shanyraq.foundation.timeline import day_of

SHOWN: Final = 50
ON_A_PAGE: Final = 50
ALLOWED: Final = 12  # words of a codebook that a fault names
ISO_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d$")
BUSY: Final = (ImportState.RECEIVED, ImportState.APPLYING)


@dataclass(frozen=True, slots=True)
class Offered:
    """A kind of file, in words; `first`: what must be loaded before it."""

    code: str
    title: str
    about: str
    first: str
    template: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """Faults of one kind in one column."""

    code: str
    column: str  # heading
    name: str  # of the column
    severity: Severity
    n: int
    what: str
    todo: str
    first: int  # a row that has it; 0 where the rows are not open
    fix: str  # what all rows probably meant, where the sentences do not say it

    @property
    def key(self) -> str:
        """What the address of its list names."""
        return f"{self.code}:{self.name}"


@dataclass(frozen=True, slots=True)
class Example:
    """The first row with a fault, and how many values and fixes all of its rows have."""

    row: int
    value: str
    fix: str
    values: int
    fixes: int


UNSEEN: Final = Example(0, "…", "", 1, 0)  # to whom the rows are not open


@dataclass(frozen=True, slots=True)
class Line:
    """One fault of one row, in words."""

    row: int
    column: str
    severity: Severity
    what: str
    todo: str
    fix: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the import does with one subject."""

    row: int
    action: Action
    label: str
    before: str
    after: str
    child: UUID | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A count before and after."""

    label: Text
    before: int
    after: int

    @property
    def change(self) -> int:
        """By how much it changes."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Card:
    """An import as pages show it."""

    id: UUID
    kind: str
    state: ImportState
    name: str
    size: int
    sha256: str
    territory: str
    organisation: UUID | None
    holds_from: Any
    replace: bool
    who: str
    received_at: datetime
    applied_by: str
    applied_at: datetime | None
    asked_at: datetime | None
    expires_at: datetime
    counts: Mapping[str, int]
    planned: int
    done: int
    batch: UUID | None
    explanation: str
    stopped: bool

    @property
    def busy(self) -> bool:
        """Whether a job is at work on it."""
        return self.state in BUSY and not self.stopped

    @property
    def seconds(self) -> int:
        """How long the writing took."""
        return int((self.applied_at - self.asked_at) / timedelta(seconds=1)) if self.applied_at and self.asked_at else 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found in a file and what it would do."""

    faults: tuple[Fault, ...]
    figures: tuple[Figure, ...]
    warnings: tuple[str, ...]
    refusal: Refusal | None


def cards(actor: Actor, now: datetime) -> tuple[Card, ...]:
    """The imports that the actor may see, newest first. 2 queries."""
    rows = Import.objects.filter(access.rows(RULES, Do.SEE, actor)).order_by("-received_at", "-id")[:SHOWN]
    return _cards(rows, now)


def card(actor: Actor, owner: UUID, now: datetime) -> Card:
    """One import. 2 queries. Raises NotAllowed("access.denied")."""
    return _cards(Import.objects.filter(pk=_seen(actor, owner).pk), now)[0]


def preview(actor: Actor, owner: UUID, lang: Lang) -> Preview:
    """What was found in a file, in words, with an example of each fault for whom may open its rows. A few queries.

    Raises NotAllowed("access.denied").
    """
    row = _seen(actor, owner)
    examples = _examples(actor, row)
    faults = tuple(_fault(row.kind, one, examples.get((one[0], one[1]), UNSEEN), lang) for one in row.faults)
    figures = tuple(Figure(Text(*words), before, after) for *words, before, after in row.figures)
    warnings = tuple(say(f"imports.warning.{code}", lang, **_loaded(facts, lang)) for code, facts in row.warnings)
    return Preview(faults, figures, warnings, _refusal(row, lang))


def may_read(actor: Actor, owner: UUID) -> bool:
    """Whether the rows of an import are open to the actor. 1 query."""
    return Import.objects.filter(access.rows(RULES, Do.OPEN, actor), pk=owner).exists()


def may_work(actor: Actor, owner: UUID) -> bool:
    """Whether the actor may apply an import, take it back and so on. 1 query and those of the kind."""
    row = Import.objects.filter(access.rows(RULES, Do.OPEN, actor), pk=owner).first()
    if row is None:
        return False
    try:
        steps.require_place(steps.known(row.kind), actor, row.territory, row.organisation_id, row.holds_from)
    except Refusal:
        return False
    return True


def lines(actor: Actor, owner: UUID, lang: Lang, *, code: str = "", column: str = "") -> tuple[Line, ...]:
    """Faults one by one, of a code and a column where named, in the order of the file. A few queries."""
    row = _opened(actor, owner)
    found = stored.frame_of(row, "issues")
    if code:
        found = found.filter(pl.col("code") == code)
    if column:
        found = found.filter(pl.col("column") == column)
    return tuple(line(row.kind, one, lang) for one in found.iter_rows(named=True))


def changes(actor: Actor, owner: UUID, *, action: str, page: int) -> tuple[tuple[Change, ...], int]:
    """What the import does, of one action, a page of it, and how many there are. A few queries."""
    rows = stored.frame_of(_opened(actor, owner), "rows")
    if rows.is_empty():
        return (), 0
    rows = rows.filter(pl.col("action") == action)
    shown = rows.slice((page - 1) * ON_A_PAGE, ON_A_PAGE).select(*kinds.ROWS)
    return tuple(_change(one) for one in shown.iter_rows(named=True)), rows.height


def obstacles(actor: Actor, owner: UUID, lang: Lang) -> tuple[tuple[str, str, int], ...]:
    """Later facts that stand in the way of taking an import back: table, change, how many (at most 100 in all)."""
    row = _opened(actor, owner)
    if row.batch is None or row.state not in (ImportState.APPLIED, ImportState.APPLYING):
        return ()
    counted = Counter((one.table, one.change) for one in history.obstacles(row.batch))
    return tuple((_table(table, lang), change, n) for (table, change), n in sorted(counted.items()))


def kinds_of(actor: Actor, now: datetime, lang: Lang) -> tuple[Offered, ...]:
    """What the actor may import somewhere, in the order in which one loads. The queries of the kinds."""
    return tuple(_offered(one, lang) for one in kinds.every() if steps.places(one, actor, day_of(now)))


def _offered(kind: Kind, lang: Lang) -> Offered:
    title, about, first = (_known(f"imports.kind.{kind.code}{part}", lang) for part in ("", ".about", ".first"))
    return Offered(kind.code, title or kind.code, about, first, bool(kind.columns))


def _known(code: str, lang: Lang) -> str:
    return say(code, lang) if known(code) else ""


def line(kind: str, issue: Mapping[str, Any], lang: Lang) -> Line:
    """A fault in words."""
    heading, code = column_heading(kind, issue["column"], lang), f"imports.issue.{issue['code']}"
    fix = _fix(kind, issue["column"], issue["fix"], lang)
    facts = {"row": issue["row"], "value": issue["value"], "fix": fix, "column": heading}
    facts["allowed"] = _allowed(kind, issue["column"], lang)
    what, todo = _said(code, lang, facts), _said(f"{code}.todo", lang, facts)
    return Line(issue["row"], heading, Severity(issue["severity"]), what, todo, fix)


def _fix(kind: str, name: str, fix: str, lang: Lang) -> str:
    """What was probably meant, as people write it: the word of a code, a day in its usual form."""
    column = next((one for one in steps.known(kind).columns if one.name == name), None)
    if not fix or column is None:
        return fix
    if fix in column.codes:
        return column.codes[fix].in_lang(lang)
    return f"{date.fromisoformat(fix):%d.%m.%Y}" if column.of is Of.DATE and ISO_DAY.match(fix) else fix


def _allowed(kind: str, name: str, lang: Lang) -> str:
    """The words that a column of codes takes, the first ones where they are many."""
    words = [text.in_lang(lang) for one in steps.known(kind).columns if one.name == name for text in one.codes.values()]
    shown = ", ".join(words[:ALLOWED])
    return shown if len(words) <= ALLOWED else say("imports.allowed.more", lang, shown=shown, n=len(words) - ALLOWED)


def column_heading(kind: str, name: str, lang: Lang) -> str:
    """The heading of a column; what the kind calls it where it has no such column."""
    known_columns = {one.name: one for one in steps.known(kind).columns}
    return columns.heading(kind, known_columns[name], lang) if name in known_columns else name


def _examples(actor: Actor, row: Import) -> dict[tuple[str, str], Example]:
    """The first row of each fault."""
    if not row.faults or not Import.objects.filter(access.rows(RULES, Do.OPEN, actor), pk=row.pk).exists():
        return {}
    found = stored.frame_of(row, "issues")
    if found.is_empty():
        return {}
    first = found.group_by("code", "column", maintain_order=True).agg(
        pl.col("row", "value", "fix").first(), pl.col("value").n_unique().alias("values"),
        pl.col("fix").n_unique().alias("fixes"),
    )  # fmt: skip
    return {(code, column): Example(*rest) for code, column, *rest in first.iter_rows()}


def _fault(kind: str, found: Sequence[Any], example: Example, lang: Lang) -> Fault:
    """Faults of a kind in words: what the rows share is named, what differs is not."""
    code, column, severity, n = found
    heading = column_heading(kind, column, lang)
    value = example.value if example.values == 1 or not example.value else f"{example.value}, …"
    shared = _fix(kind, column, example.fix, lang) if example.fixes == 1 else ""
    facts = {"row": example.row or "", "value": value, "fix": shared or "…", "column": heading}
    facts["allowed"] = allowed = _allowed(kind, column, lang)
    what, todo = (_said_of_many(f"imports.issue.{code}{part}", lang, facts, shared) for part in ("", ".todo"))
    told = f"{what} {todo}".replace(allowed, "")
    fix = "" if shared in told else shared
    return Fault(code, heading, column, Severity(severity), n, what, todo, example.row, fix)


def _said_of_many(code: str, lang: Lang, facts: Mapping[str, Any], shared: str) -> str:
    """The sentence; where the rows have no fix in common, the one that names none."""
    without = f"{code}.many"
    return _said(without if not shared and known(without) else code, lang, facts)


def _said(code: str, lang: Lang, facts: Mapping[str, Any]) -> str:
    return say(code, lang, **facts) if known(code) else code.removeprefix("imports.issue.")


def _change(one: Mapping[str, Any]) -> Change:
    child = UUID(one["child"]) if one["child"] else None
    label, before, after = (one[name] or "" for name in ("label", "before", "after"))
    return Change(one["row"], Action(one["action"]), label, before, after, child)


def _refusal(row: Import, lang: Lang) -> Refusal | None:
    if row.refusal is None:
        return None
    code, facts = row.refusal
    return Refusal(code, field=None, **_loaded(facts, lang))


def _loaded(facts: Mapping[str, Any], lang: Lang) -> dict[str, Fact]:
    return {name: noted_facts.load(fact, lang) for name, fact in facts.items()}


def _table(label: str, lang: Lang) -> str:
    code = f"imports.table.{label}"
    return say(code, lang) if known(code) else label


def _seen(actor: Actor, owner: UUID) -> Import:
    row = Import.objects.filter(access.rows(RULES, Do.SEE, actor), pk=owner).first()
    if row is None:
        raise NotAllowed("access.denied", action=str(Do.SEE))
    return row


def _opened(actor: Actor, owner: UUID) -> Import:
    row = Import.objects.filter(access.rows(RULES, Do.OPEN, actor), pk=owner).first()
    if row is None:
        raise NotAllowed("access.denied", action=str(Do.OPEN))
    return row


def _cards(rows: QuerySet[Import], now: datetime) -> tuple[Card, ...]:
    found = list(rows)
    people = {one for row in found for one in (row.user_id, row.applied_by) if one}
    names = dict(get_user_model().objects.filter(pk__in=people).values_list("pk", "sign_in_name")) if people else {}
    return tuple(_card(row, names, now) for row in found)


def _card(row: Import, names: Mapping[UUID, str], now: datetime) -> Card:
    return Card(
        id=row.id, kind=row.kind, state=ImportState(row.state), name=row.name, size=row.size, sha256=row.sha256,
        territory=row.territory, organisation=row.organisation_id, holds_from=row.holds_from, replace=row.replace,
        who=names.get(row.user_id, row.system) if row.user_id else row.system, received_at=row.received_at,
        applied_by=names.get(row.applied_by, "") if row.applied_by else row.system, applied_at=row.applied_at,
        asked_at=row.asked_at, expires_at=row.expires_at, counts=row.counts, planned=row.planned, done=row.done,
        batch=row.batch, explanation=row.explanation,
        stopped=row.state in BUSY and steps.stopped(row, now),
    )  # fmt: skip
