"""Closed lists of the registry as codes of columns, with their words in three languages."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from shanyraq.foundation.text import LANGS, Text, say


class Words(Mapping[str, Text]):
    """The codes of a closed list with their texts, read from the catalogue when first asked for."""

    def __init__(self, kind: type[StrEnum], *without: StrEnum) -> None:
        self._kind = kind
        self._codes = tuple(one.value for one in kind if one not in without)

    def __getitem__(self, code: str) -> Text:
        if code not in self._codes:
            raise KeyError(code)
        return Text(*(say(f"{self._kind.__name__.lower()}.{code}", lang) for lang in LANGS))

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)
