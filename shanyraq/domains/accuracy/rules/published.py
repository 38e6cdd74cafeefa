"""Figures that others have printed, and whether they agree with one another. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from shanyraq.foundation.text import Text


class Verdict(StrEnum):
    """What a check of printed figures came to; MENDED: it was known to fail and no longer does."""

    HOLDS = "holds"
    KNOWN = "known"
    FAILS = "fails"
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One figure as a document prints it; by document, since two drafts of one text may print two numbers."""

    code: str
    name: Text
    unit: str
    period: str
    section: str
    values: Mapping[str, Decimal]
    rounded: Decimal = Decimal(0)  # to what it was rounded, as 100000

    def value(self, document: str) -> Decimal:
        """What the document prints; where it prints nothing, what another does."""
        found = self.values.get(document)
        return found if found is not None else next(iter(self.values.values()))


Figures: TypeAlias = Mapping[str, PublishedFigure]


@dataclass(frozen=True, slots=True)
class PublishedSum:
    """A total and its parts; with `whole`, shares that make it together."""

    code: str
    document: str
    total: str
    parts: tuple[str, ...]
    whole: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    fails: bool = False  # it is known to
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class PublishedRatio:
    """A numerator, a denominator, and the share that is printed for them, in percent."""

    code: str
    document: str
    numerator: str
    denominator: str
    printed: str
    fails: bool = False
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """One check: what is printed, what the other figures give, and the verdict."""

    code: str
    figure: PublishedFigure
    document: str
    printed: Decimal
    computed: Decimal
    verdict: Verdict
    note: Text | None

    @property
    def difference(self) -> Decimal:
        """Printed less computed."""
        return self.printed - self.computed


def checked_sum(check: PublishedSum, figures: Figures) -> PublishedResult:
    """Whether the parts make the total, within the tolerance."""
    values = [figures[part].value(check.document) for part in check.parts]
    total = figures[check.total].value(check.document)
    printed, computed = (total, sum(values, Decimal(0))) if check.whole is None else (check.whole, total + sum(values))
    holds = abs(printed - computed) <= check.tolerance
    return PublishedResult(
        check.code, figures[check.total], check.document, printed, computed, _verdict(holds, check.fails), check.note
    )


def checked_ratio(check: PublishedRatio, figures: Figures) -> PublishedResult:
    """Whether the share is what numerator and denominator give, within what each of the three was rounded to."""
    top, below, share = (figures[code] for code in (check.numerator, check.denominator, check.printed))
    n, d, printed = (figure.value(check.document) for figure in (top, below, share))
    half = _step(printed) / 2
    least = 100 * (n - top.rounded / 2) / (d + below.rounded / 2)
    most = 100 * (n + top.rounded / 2) / (d - below.rounded / 2)
    holds = least - half <= printed <= most + half
    computed = (100 * n / d).quantize(Decimal("0.01"))
    return PublishedResult(
        check.code, share, check.document, printed, computed, _verdict(holds, check.fails), check.note
    )


def _step(printed: Decimal) -> Decimal:
    """The last digit that was printed: 38.5 gives 0.1."""
    return Decimal(1).scaleb(int(printed.as_tuple().exponent))


def _verdict(holds: bool, known: bool) -> Verdict:
    if holds:
        return Verdict.MENDED if known else Verdict.HOLDS
    return Verdict.KNOWN if known else Verdict.FAILS
