"""Pages and files of open data. Everything is read from the files of an edition: no table is counted here."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from shanyraq.domains.placement.queries import shown
from shanyraq.foundation import clock
from shanyraq.foundation.ui.pages import Context, Crumb, Page
from shanyraq.interfaces.opendata import editions
from shanyraq.interfaces.opendata.editions import FORMATS, HIDDEN, PACKAGE, Edition
from shanyraq.interfaces.opendata.package import LICENCE
from shanyraq.interfaces.opendata.tables import BY_NAME, GROUPS, TABLES, Table

PREVIEW: Final = 5
KEEP_SECONDS: Final = 300
AT_ONCE: Final = 1_000_000  # bytes; a larger file is sent piece by piece
KINDS: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class File:
    """A file to download: its address, its format, how large it is."""

    url: str
    kind: str
    kilobytes: int


class Catalogue(Page):
    """What there is: every table with its downloads."""

    template = "opendata/catalogue.html"

    def context(self) -> Context:
        edition = editions.current(self.now)
        groups = [(f"opendata.group.{name}", [t for t in TABLES if t.group == name]) for name in GROUPS]
        return {
            "groups": [(code, [_card(table, edition) for table in tables]) for code, tables in groups],
            "edition": edition,
            "licence": LICENCE,
        }


class Dataset(Page):
    """One table: what it says, its first rows, its fields, its files, and what is not shown in it."""

    template = "opendata/dataset.html"

    def context(self) -> Context:
        table = BY_NAME.get(self.kwargs["name"])
        if table is None:
            raise Http404
        edition = editions.current(self.now)
        return {
            "card": _card(table, edition),
            "fields": [_column(field.name, field.type, field.hides) for field in table.fields],
            "hides": any(field.hides for field in table.fields),
            "preview": _preview(edition.folder / f"{table.name}.csv", table),
            "edition": edition,
            "hidden": HIDDEN,
            "small": shown.smallest(self.today),
            "hashes": [(one["path"], one["hash"].partition(":")[2]) for one in _resources(table, edition)],
            "licence": LICENCE,
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("opendata.title"), "/open-data/"),)


@require_safe
def download(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    """A file of the present edition."""
    return answer_file(request, f"{table}.{kind}")


def answer_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file with its hash as ETag; 304 to who has it already. Raises Http404. No query."""
    edition = editions.current(clock.now())
    described = edition.resource(name)
    if described is None and name != PACKAGE:
        raise Http404
    etag = f'"{described["hash"].partition(":")[2]}"' if described else f'"{edition.folder.name}"'
    changed = int(edition.at.timestamp())
    unchanged = get_conditional_response(request, etag=etag, last_modified=changed)
    response = unchanged or _whole(edition.folder / name)
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed)
    response["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _whole(path: Path) -> HttpResponseBase:
    kind = KINDS[path.suffix.removeprefix(".")]
    if path.stat().st_size > AT_ONCE:
        return FileResponse(path.open("rb"), as_attachment=path.suffix == ".csv", filename=path.name, content_type=kind)
    response = HttpResponse(path.read_bytes(), content_type=kind)
    if path.suffix == ".csv":
        response["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return response


def _card(table: Table, edition: Edition) -> Mapping[str, Any]:
    code = f"opendata.table.{table.name}"
    files = [
        File(f"/open-data/{one['path']}", one["format"].upper(), _kilobytes(one)) for one in _resources(table, edition)
    ]
    rows = next((one["rows"] for one in _resources(table, edition)), 0)
    return {"title": code, "about": f"{code}.about", "url": f"/open-data/{table.name}/", "files": files, "rows": rows}


def _resources(table: Table, edition: Edition) -> list[Mapping[str, Any]]:
    found = (edition.resource(f"{table.name}.{kind}") for kind in FORMATS)
    return [one for one in found if one]


def _kilobytes(resource: Mapping[str, Any]) -> int:
    return max(1, round(int(resource["bytes"]) / 1000))


def _column(name: str, kind: str, hides: bool) -> Mapping[str, Any]:
    return {
        "name": name,
        "title": f"opendata.field.{name}",
        "type": f"opendata.type.{kind}",
        "kind": kind,
        "hides": hides,
    }


def _preview(path: Path, table: Table) -> list[list[tuple[Mapping[str, Any], str]]]:
    columns = [_column(field.name, field.type, field.hides) for field in table.fields]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(islice(csv.reader(file), 1, 1 + PREVIEW))
    return [list(zip(columns, row, strict=True)) for row in rows]
