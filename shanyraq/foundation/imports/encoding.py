"""In which letters a text file is written. Spreadsheets save CSV in the code page of their country."""

import codecs
from dataclasses import dataclass
from typing import Final

from shanyraq.foundation.refusal import Refusal

LOOKED_AT: Final = 1 << 20  # bytes
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Letters of cp1251 that no one writes here: in KZ-1048 the same bytes are Қ, қ, Ұ, ұ, Ә, ә, Ғ, ғ, Ү, ү, Ң, ң, Һ, һ.
NEIGHBOURS: Final = frozenset("ЌќЎўЈјЄєЇїЅѕЋћ")


@dataclass(frozen=True, slots=True)
class Letters:
    """The encoding of a file and the mark at its beginning."""

    name: str
    mark: int = 0  # bytes

    @property
    def warning(self) -> str:
        """Code of the warning, empty for plain UTF-8."""
        if self.name == "utf-8":
            return "bom" if self.mark else ""
        return "wide_letters" if self.name.startswith("utf-") else "code_page"


def letters_of(begin: bytes, *, whole: bool) -> Letters:
    """The encoding of a file by its beginning (LOOKED_AT bytes, or all when `whole`).

    Raises Refusal: imports.not_a_table (bytes that are no text), imports.cut (ends inside a letter).
    """
    for mark, name in MARKS:
        if begin.startswith(mark):
            return Letters(name, len(mark))
    if b"\0" in begin:
        return _wide(begin)
    try:
        begin.decode("utf-8")
    except UnicodeDecodeError as problem:
        if len(begin) - problem.start < 4 and "unexpected end" in problem.reason:
            if whole:
                raise Refusal("imports.cut", row=begin.count(b"\n") + 1) from None
            return Letters("utf-8")
        return _code_page(begin)
    return Letters("utf-8")


def decoded(content: bytes, letters: Letters, first_row: int = 1) -> str:
    """The text of a file or of a piece of it. Raises Refusal: imports.encoding, imports.cut."""
    try:
        return content.decode(letters.name)
    except UnicodeDecodeError as problem:
        row = first_row + content.count(b"\n", 0, problem.start)
        code = "imports.cut" if len(content) - problem.start < 4 else "imports.encoding"
        raise Refusal(code, row=row) from None


def _wide(begin: bytes) -> Letters:
    even, odd = begin[0::2].count(0), begin[1::2].count(0)
    if max(even, odd) * 8 > len(begin) and min(even, odd) * 16 < len(begin):
        return Letters("utf-16-le" if odd > even else "utf-16-be")
    raise Refusal("imports.not_a_table")


def _code_page(begin: bytes) -> Letters:
    try:
        text = begin.decode("cp1251")
    except UnicodeDecodeError:
        raise Refusal("imports.not_a_table") from None
    controls = sum(begin.count(bytes((code,))) for code in (*range(1, 9), *range(14, 32)))
    if controls > len(begin) // 100:
        raise Refusal("imports.not_a_table")
    return Letters("kz1048" if NEIGHBOURS & set(text) else "cp1251")
