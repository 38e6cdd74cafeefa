"""The data dictionary: what every table and column holds, in the reader's language, and the codebooks behind them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse

from shanyraq.foundation import norms
from shanyraq.foundation.text import LANGS, Lang, say
from shanyraq.foundation.ui.export import csv_response
from shanyraq.foundation.ui.pages import Context, Crumb, Page
from shanyraq.interfaces.dictionary import codebooks, tables
from shanyraq.interfaces.dictionary.codebooks import Codebook
from shanyraq.interfaces.dictionary.sources import indicator_names
from shanyraq.interfaces.dictionary.tables import FieldCard, TableCard

HOME = "/dictionary/"


class Tables(Page):
    """All tables, by domain; search by a word of a name or of a meaning."""

    template = "dictionary/tables.html"

    def context(self) -> Context:
        asked = self.request.GET.get("q", "")[:100]
        found = tables.searched(asked, _meanings(self.lang))
        return {"tables": found, "asked": asked, "codebooks": len(codebooks.codebooks())}


class OneTable(Page):
    """One table, column by column."""

    template = "dictionary/table.html"

    def context(self) -> Context:
        found = tables.table(self.kwargs["table_name"])
        if found is None:
            raise Http404
        acts = norms.acts()
        return {
            "table": found,
            "act": acts[found.source.act].title if found.source.act in acts else None,
            "indicators": [(number, indicator_names()[number]) for number in found.source.indicators],
            "rows": [_row(field) for field in found.fields],
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("dictionary.title"), HOME),)


class FieldsFile(Page):
    """Every column as one CSV."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        header = ("table", "column", "meaning", "holds", "required", "codebook", "rule", "act", "indicators")
        return csv_response("fields", header, _lines(self.lang))


class Codebooks(Page):
    """All codebooks."""

    template = "dictionary/codebooks.html"

    def context(self) -> Context:
        return {"codebooks": codebooks.codebooks()}

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("dictionary.title"), HOME),)


class _Book(Page):
    @property
    def book(self) -> Codebook:
        """The codebook of the address. Raises Http404."""
        found = codebooks.codebook(self.kwargs["codebook"])
        if found is None:
            raise Http404
        return found


class OneCodebook(_Book):
    """One codebook: values, labels, days, codes elsewhere, and the columns that use it."""

    template = "dictionary/codebook.html"

    def context(self) -> Context:
        book = self.book
        return {"book": book, "using": tables.using(book.name), "mapped": any(one.maps for one in book.entries)}

    def crumbs(self) -> Sequence[Crumb]:
        return (
            Crumb(self.say("dictionary.title"), HOME),
            Crumb(self.say("dictionary.codebooks"), f"{HOME}codebooks/"),
        )


class CodebookFile(_Book):
    """The codebook as CSV."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        book = self.book
        rows = [
            (one.value, *(one.label.in_lang(lang) for lang in LANGS), one.since, one.until or "", _maps(one.maps))
            for one in book.entries
        ]
        return csv_response(book.name, ("value", *LANGS, "from", "to", "maps"), rows)


class CodebookJson(_Book):
    """The codebook as JSON."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        book = self.book
        entries = [
            {
                "value": one.value,
                "label": {lang: one.label.in_lang(lang) for lang in LANGS},
                "from": one.since,
                "to": one.until,
                "maps": dict(one.maps),
            }
            for one in book.entries
        ]
        title = {lang: book.title.in_lang(lang) for lang in LANGS}
        return JsonResponse({"name": book.name, "title": title, "version": book.version, "entries": entries})


def _row(field: FieldCard) -> Mapping[str, Any]:
    acts, names = norms.acts(), indicator_names()
    return {
        "field": field,
        "act": acts[field.source.act].title if field.source.act in acts else None,
        "indicators": [(number, names[number]) for number in field.source.indicators],
    }


def _meanings(lang: Lang) -> Mapping[str, str]:
    codes = {field.meaning for one in tables.tables() for field in one.fields if field.meaning}
    return {code: say(code, lang) for code in codes}


def _lines(lang: Lang) -> Iterator[tuple[str, ...]]:
    said = _meanings(lang)
    for one in tables.tables():
        for field in one.fields:
            yield _line(one, field, said)


def _line(one: TableCard, field: FieldCard, said: Mapping[str, str]) -> tuple[str, ...]:
    source, of_table = field.source, one.source
    return (
        one.name, field.name, said.get(field.meaning, field.comment), field.holds.value, str(field.required).lower(),
        field.codebook, source.rule or of_table.rule, source.act or of_table.act, " ".join(source.indicators),
    )  # fmt: skip


def _maps(maps: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in maps.items())
