"""A published comparison as a data package: a zip that is written while it is read, one district after the other."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from shanyraq.domains.placement.queries import whatif as queries
from shanyraq.domains.placement.queries.whatif import ComparisonCard, ComparisonResult
from shanyraq.domains.placement.rules import whatif_files
from shanyraq.domains.placement.rules.whatif_table import Cell, Column, Few, tables
from shanyraq.foundation.text import LANGS, Lang, say

NAME: Final = "what-if"


def package(result: ComparisonResult) -> Iterator[bytes]:
    """The zip, piece by piece; the same bytes each time. At most one district is in memory. 2 queries."""
    card = result.card
    return _zipped(_files(result), card.published_at or card.made_at)


def figures(result: ComparisonResult, *, public: bool, lang: Lang = "en") -> tuple[list[str], list[list[Any]]]:
    """The main table as rows for a file: a head of codes, then one row per rule set."""
    rows = [(row.rules, row.cells) for row in tables(result.lines, public=public).rows]
    head = ["rule_set", "title", *(column.value for column in Column)]
    return head, [
        [rules.id, rules.title.in_lang(lang), *(_plain(cells[one]) for one in Column)] for rules, cells in rows
    ]


def parts(result: ComparisonResult, *, public: bool, lang: Lang = "en") -> tuple[list[str], list[list[Any]]]:
    """Who wins and who loses, as rows for a file: one per rule set, dimension and value."""
    shown = tables(result.lines, public=public)
    head = ["rule_set", "title", "dimension", "value", "claims", "placed", "better", "worse"]
    return head, [
        [rules.id, rules.title.in_lang(lang), by.value, part.value, _plain(part.claims), *map(_plain, part.cells[at])]
        for at, (rules, _) in enumerate(result.lines)
        for by, some in shown.parts.items()
        for part in some
    ]


def _plain(cell: Cell) -> Any:
    return "" if cell is None else cell.value if isinstance(cell, Few) else cell


def _files(result: ComparisonResult) -> Iterator[tuple[str, bytes]]:
    card = result.card
    yield "README.md", _readme(card).encode()
    yield "datapackage.json", _described(card)
    yield "results.json", whatif_files.results_file({rules.id: measures for rules, measures in result.lines})
    yield "figures.csv", _csv(*figures(result, public=True))
    yield "parts.csv", _csv(*parts(result, public=True))
    for name, written in zip(_rule_files(card), card.files, strict=True):
        yield name, written.encode()
    lines = []
    for one in queries.files(card.id):
        yield f"inputs/{one.district}.json", one.inputs
        yield f"near/{one.district}.json", one.near
        lines.append(one.line)
    yield "inputs.txt", "".join(lines).encode()


def _rule_files(card: ComparisonCard) -> list[str]:
    return [f"rules/{number:02}-{rules.id}.yaml" for number, rules in enumerate(card.rule_sets)]


def _described(card: ComparisonCard) -> bytes:
    resources: list[dict[str, Any]] = [
        {"name": "figures", "path": "figures.csv", "format": "csv", "mediatype": "text/csv"},
        {"name": "parts", "path": "parts.csv", "format": "csv", "mediatype": "text/csv"},
        {"name": "results", "path": "results.json", "format": "json", "hash": f"sha256:{card.results_hash}"},
        {"name": "inputs", "path": "inputs.txt", "format": "txt", "hash": f"sha256:{card.inputs_hash}"},
        *({"name": f"rules-{number}", "path": path} for number, path in enumerate(_rule_files(card))),
    ]
    body = {
        "profile": "data-package",
        "name": f"{NAME}-{card.id}",
        "title": say("whatif.package.title", "en"),
        "created": card.made_at.isoformat(),
        "territory": card.territory or "*",
        "counted_on": card.counted_on.isoformat(),
        "resources": resources,
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _readme(card: ComparisonCard) -> str:
    return "\n".join(
        f"# {say('whatif.package.title', lang)}\n\n{say('whatif.package.body', lang, day=card.counted_on)}\n"
        for lang in LANGS
    )


def _csv(head: list[str], rows: Iterable[list[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([head, *rows])
    return text.getvalue().encode()


class _Pipe:
    """Where a zip is written to, and taken from while it grows."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def write(self, some: bytes) -> int:
        self.kept += some
        return len(some)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def taken(self) -> bytes:
        some = bytes(self.kept)
        self.kept.clear()
        return some


def _zipped(files: Iterable[tuple[str, bytes]], at: datetime) -> Iterator[bytes]:
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as packed:  # type: ignore[call-overload]  # it needs `write` and `flush` only
        for name, body in files:
            entry = ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            packed.writestr(entry, body)
            yield pipe.taken()
    yield pipe.taken()
