"""Open data over the API: the list of tables, and each table as JSON. The files are those of the portal."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from ninja import Path, Router
from pydantic import Field

from shanyraq.foundation.rest.needs import now_of
from shanyraq.interfaces.api.schemas import START, Name, Out
from shanyraq.interfaces.opendata import editions
from shanyraq.interfaces.opendata.tables import BY_NAME
from shanyraq.interfaces.opendata.views import answer_file

router = Router()
TableName = Annotated[str, Path(pattern="^[a-z-]{1,40}$", description="a name of the list")]


class TableOut(Out):
    """One table of the present edition."""

    name: str
    title: Name
    about: Name
    href: str = Field(description="the rows as JSON")
    csv: str = Field(description="the same as CSV")
    rows: int
    bytes: int = Field(description="of the JSON")
    sha256: str = Field(description="of the JSON")


class EditionOut(Out):
    """What there is, and as of when."""

    at: datetime
    licence: str
    package: str = Field(description="address of the data package, which describes every field")
    tables: list[TableOut]


@router.get("/open-data", response=EditionOut, summary="Tables of open data")
def tables(request: HttpRequest) -> EditionOut:
    """Of the present edition. No query."""
    edition = editions.current(now_of(request))
    found = [_table(one) for one in edition.package["resources"] if one["format"] == "json"]
    licence = edition.package["licenses"][0]["name"]
    return EditionOut(at=edition.at, licence=licence, package="/open-data/datapackage.json", tables=found)


@router.get("/open-data/{table}", response=list[dict[str, Any]], summary="One table of open data")
def table(request: HttpRequest, table: TableName) -> HttpResponseBase:
    """All rows. A count that is too small to show is null."""
    if table not in BY_NAME:
        raise Http404
    return answer_file(request, f"{table}.json")


def _table(one: dict[str, Any]) -> TableOut:
    name = one["path"].removesuffix(".json")
    return TableOut(
        name=name,
        title=Name(**one["titles"]),
        about=Name(**one["descriptions"]),
        href=f"{START}/open-data/{name}",
        csv=f"/open-data/{name}.csv",
        rows=one["rows"],
        bytes=one["bytes"],
        sha256=one["hash"].partition(":")[2],
    )
