"""What leaves an import as a file, and what the checks of the record say about the rows it wrote."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from django.urls import reverse

from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.checks import queries as checks
from shanyraq.foundation.imports import examining, queries, sheets, steps, stored
from shanyraq.foundation.imports.access import RULES, Do
from shanyraq.foundation.imports.issues import Severity
from shanyraq.foundation.imports.models import Import
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Lang, say


def failed_rows(actor: Actor, owner: UUID, lang: Lang, *, form: str = "xlsx") -> tuple[str, bytes]:
    """The name and the content of the file of rows that were not taken, with what is wrong in each.

    Raises NotAllowed("access.denied"), Refusal: imports.no_failed_rows, imports.file_removed.
    """
    row = Import.objects.filter(access.rows(RULES, Do.OPEN, actor), pk=owner).first()
    if row is None:
        raise NotAllowed("access.denied", action=str(Do.OPEN))
    kind = steps.known(row.kind)
    found = stored.frame_of(row, "issues")
    if found.is_empty() or not row.counts.get("blocked"):
        raise Refusal("imports.no_failed_rows")
    with stored.file_of(row) as path:
        frame = examining.read(kind, path, row.name, steps.limit_of(row.user_id)).frame
    wrong = found.filter(pl.col("severity") == Severity.BLOCKS)
    frame = frame.join(wrong.select("row").unique(), on="row", how="semi", maintain_order="left")
    said = defaultdict(list)
    for issue in wrong.iter_rows(named=True):
        said[issue["row"]].append((issue["column"], _sentence(queries.line(kind.code, issue, lang), lang)))
    made = sheets.failed if form == "xlsx" else sheets.failed_csv
    return f"{kind.code.replace('.', '-')}-{say('imports.failed.name', 'en')}.{form}", made(kind, lang, frame, said)


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check of the record found in the rows that were written."""

    title: str
    found: int
    url: str


def checked(batch: UUID | None, lang: Lang) -> tuple[Checked, ...]:
    """What the checks of the record found in the rows of a batch; nothing before they ran. 1 query."""
    runs = checks.runs(batch=batch) if batch else ()
    return tuple(
        Checked(one.check.title.in_lang(lang), one.found, reverse("checks:one", args=(one.check.code,)))
        for one in runs
        if one.found
    )


def _sentence(line: queries.Line, lang: Lang) -> str:
    parts = f"{line.column}: {line.what}" if line.column else line.what
    if line.fix:
        return say("imports.failed.fix", lang, what=parts, fix=line.fix)
    return f"{parts.rstrip('.')}. {line.todo}" if line.todo else parts
