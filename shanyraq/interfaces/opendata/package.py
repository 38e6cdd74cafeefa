"""The data package (Frictionless Data): what each file is, in three languages, under which licence, with its hash."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings

from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.text import LANGS, say
from shanyraq.interfaces.opendata.tables import Field, Table

HIDDEN: Final = "*"  # stands in CSV where a count may not be shown; JSON has null
LICENCE: Final = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0 International",
}
MEDIA: Final = {"csv": "text/csv", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Digest:
    """What a file is made of."""

    sha256: str
    bytes: int
    rows: int


def ledger_entries() -> int:
    """The number of the last entry of the ledger: an edition says after which one it was made. 1 query."""
    return LedgerEntry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def describe(
    tables: Iterable[Table], files: Mapping[str, Digest], *, created: datetime, entries: int
) -> Mapping[str, Any]:
    """The descriptor of an edition, ready for JSON. No query."""
    return {
        "profile": "tabular-data-package",
        "name": "shanyraq-kindergartens",
        **_told("opendata.package"),
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": created.astimezone(UTC).strftime("%Y.%m.%d"),
        "homepage": f"{settings.PUBLIC_ADDRESS.rstrip('/')}/open-data/",
        "licenses": [LICENCE],
        "sources": [_source("opendata.source")],
        "ledger_entries": entries,
        "resources": [
            _resource(table, kind, files[f"{table.name}.{kind}"]) for table in tables for kind in ("csv", "json")
        ],
    }


def _resource(table: Table, kind: str, digest: Digest) -> Mapping[str, Any]:
    return {
        "name": table.name if kind == "csv" else f"{table.name}-{kind}",
        "path": f"{table.name}.{kind}",
        "profile": "tabular-data-resource",
        **_told(f"opendata.table.{table.name}"),
        "format": kind,
        "mediatype": MEDIA[kind],
        "encoding": "utf-8",
        "bytes": digest.bytes,
        "rows": digest.rows,
        "hash": f"sha256:{digest.sha256}",
        "licenses": [LICENCE],
        "sources": [_source("opendata.source")],
        "schema": {
            "fields": [_field(field) for field in table.fields],
            "primaryKey": list(table.key),
            "missingValues": ["", HIDDEN],
        },
    }


def _field(field: Field) -> Mapping[str, Any]:
    told: dict[str, Any] = {"name": field.name, "type": field.type, **_told(f"opendata.field.{field.name}", "")}
    if field.type == "datetime":
        told["format"] = "default"
    return told


def _told(code: str, about: str = ".about") -> Mapping[str, Any]:
    titles = {lang: say(code, lang) for lang in LANGS}
    told: dict[str, Any] = {"title": titles["en"], "titles": titles}
    if about:
        descriptions = {lang: say(f"{code}{about}", lang) for lang in LANGS}
        told |= {"description": descriptions["en"], "descriptions": descriptions}
    return told


def _source(code: str) -> Mapping[str, Any]:
    return {**_told(code, ""), "path": f"{settings.PUBLIC_ADDRESS.rstrip('/')}/places/"}
