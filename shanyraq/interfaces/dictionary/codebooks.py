"""Codebooks: the closed lists as versioned files, with labels in three languages and the days of each value.

The values and labels come from the code and the catalogue; the files add what these cannot say: since when, until when,
and the codes of other classifications. `refresh` brings the files to what the code says and loses nothing: a value that
is gone gets a last day and stays. A test fails while a file is behind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings

from shanyraq.foundation.text import LANGS, Text, known, say
from shanyraq.interfaces.dictionary import tables
from shanyraq.interfaces.dictionary.sources import word_of

FOLDER: Final = Path("codebooks")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value: its labels, since when it counts, until when (open: still), its codes elsewhere (ISCED and others)."""

    value: str
    label: Text
    since: date
    until: date | None
    maps: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Codebook:
    """One closed list; `version` grows with every change of its values or labels."""

    name: str
    title: Text
    version: int
    entries: tuple[Entry, ...]


@lru_cache(maxsize=1)
def codebooks() -> tuple[Codebook, ...]:
    """All codebooks by name, as their files say."""
    return tuple(read(path) for path in sorted(folder().glob("*.yaml")))


def codebook(name: str) -> Codebook | None:
    """One codebook by its name."""
    return next((one for one in codebooks() if one.name == name), None)


def folder() -> Path:
    """Where the files stand."""
    return Path(settings.BASE_DIR) / FOLDER


def read(path: Path) -> Codebook:
    """The codebook of a file."""
    told: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    entries = tuple(
        Entry(str(one["value"]), Text(**one["label"]), one["from"], one.get("to"), one.get("maps", {}))
        for one in told["entries"]
    )
    return Codebook(path.stem, Text(**told["title"]), int(told["version"]), entries)


def behind(today: date) -> dict[str, str]:
    """The files that `refresh` would write, by name, with their contents; none: all are up to date."""
    found = {}
    for kind in in_use():
        path = folder() / f"{kind.__name__}.yaml"
        present = read(path) if path.is_file() else None
        wanted = brought_up(kind, present, today)
        if wanted != present:
            found[kind.__name__] = written(wanted)
    return found


def refresh(today: date) -> tuple[str, ...]:
    """Bring the files to what the code says; the names of those that changed."""
    changed = behind(today)
    folder().mkdir(exist_ok=True)
    for name, content in changed.items():
        (folder() / f"{name}.yaml").write_text(content, "utf-8")
    codebooks.cache_clear()
    return tuple(changed)


def in_use() -> Iterable[type[StrEnum]]:
    """The enumerations that columns of the dictionary use."""
    names = {field.codebook for one in tables.tables() for field in one.fields}
    return [kind for kind in tables.enumerations() if kind.__name__ in names and _worded(kind)]


def brought_up(kind: type[StrEnum], present: Codebook | None, today: date) -> Codebook:
    """The codebook as the code has it today, with the days and maps of the present one."""
    known_entries = {one.value: one for one in (present.entries if present else ())}
    entries = [_entry(kind, one, known_entries.get(one.value), today) for one in kind]
    current = {one.value for one in kind}
    for value, one in known_entries.items():
        if value not in current:
            entries.append(Entry(value, one.label, one.since, one.until or today, one.maps))
    title = _title(kind)
    if present is None:
        return Codebook(kind.__name__, title, 1, tuple(entries))
    changed = (title, tuple(entries)) != (present.title, present.entries)
    return Codebook(kind.__name__, title, present.version + changed, tuple(entries))


def written(book: Codebook) -> str:
    """The content of a file."""
    entries = [
        {
            "value": one.value,
            "label": _plain(one.label),
            "from": one.since,
            **({"to": one.until} if one.until else {}),
            **({"maps": dict(one.maps)} if one.maps else {}),
        }
        for one in book.entries
    ]
    told = {"title": _plain(book.title), "version": book.version, "entries": entries}
    return str(yaml.dump(told, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120))


def _entry(kind: type[StrEnum], value: StrEnum, present: Entry | None, today: date) -> Entry:
    label = _said(f"{kind.__name__.lower()}.{value.value}")
    if present is None:
        return Entry(value.value, label, today, None, {})
    return Entry(value.value, label, present.since, None, present.maps)


def _worded(kind: type[StrEnum]) -> bool:
    return all(known(f"{kind.__name__.lower()}.{one.value}") for one in kind)


def _title(kind: type[StrEnum]) -> Text:
    """The word of the glossary; the name of the list where the glossary has none."""
    return word_of(kind.__name__) or Text(*[kind.__name__] * len(LANGS))


class _Plain(yaml.SafeDumper):
    """Writes each value out: people read these files."""

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors."""
        return True


def _said(code: str) -> Text:
    return Text(**{lang: say(code, lang) for lang in LANGS})


def _plain(text: Text) -> dict[str, str]:
    return {lang: text.in_lang(lang) for lang in LANGS}
