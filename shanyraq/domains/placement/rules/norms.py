"""The numbers of placement that the rules need, as values. Pure.

`from_values` takes what `foundation.norms.in_force` says for each of NAMES; no number stands in the code.
Source: norms/placement/*
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar, cast

from shanyraq.domains.placement.rules.claim import Benefit, Right

Word = TypeVar("Word", bound=StrEnum)
Value: TypeAlias = bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"] | None

NAMES: Final = (
    "serving_ratio", "benefits", "age_limit", "queue_age", "exclusive_choice", "referral_validity",
    "referral_extension", "declines_before_stop", "max_wishes", "radius", "document_validity", "document_proof",
    "document_check", "season_end", "sibling_preference", "transfer_keeps_place", "swap", "swap_answer",
    "voucher_accept", "voucher_choose", "voucher_restore", "voucher_start", "voucher_min_age", "mixed_groups",
    "tie_break",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServingNorm:
    """After `priority` first-priority claims, `general` general ones; both at least 1. Raises ValueError."""

    priority: int
    general: int

    def __post_init__(self) -> None:
        if self.priority < 1 or self.general < 1:
            raise ValueError(f"both sides of the ratio are served: {self.priority}:{self.general}")


@dataclass(frozen=True, slots=True)
class AgeNorm:
    """Who is young enough, and from which age the queue moves."""

    limit: int  # full years on the day that counts, not yet reached
    queue_from: int  # full years from which a place is offered
    season_end: tuple[int, int]  # month, day: last day of the year's season


@dataclass(frozen=True, slots=True)
class BenefitNorm:
    """Which right a ground gives, how long its paper is good and how long the family has to show it."""

    rights: Mapping[Benefit, Right]
    validity_months: Mapping[Benefit, int]  # grounds that are not named have papers without a term
    proof_workdays: int
    check_workdays: int

    def right_of(self, benefit: Benefit) -> Right:
        """The right that a ground gives; a ground without a norm gives none."""
        return self.rights.get(benefit, Right.GENERAL)


@dataclass(frozen=True, slots=True)
class WishNorm:
    """How many kindergartens a family may name, and how far "anything near" may reach."""

    max_wishes: int
    max_km: int
    mixed_groups: bool  # a group may take several birth years


class Resolution(StrEnum):
    """What counts as one instant in the order of a queue."""

    INSTANT = "instant"  # as the server wrote it, to the microsecond
    SECOND = "second"
    MINUTE = "minute"


class TieOrder(StrEnum):
    """What decides between equal instants."""

    NUMBER = "number"
    LOT = "lot"  # where the round has a seed; else the number


@dataclass(frozen=True, slots=True)
class TieNorm:
    """What the order of the law leaves open, and how that is settled."""

    resolution: Resolution = Resolution.INSTANT
    order: TieOrder = TieOrder.NUMBER

    def cut(self, instant: datetime) -> datetime:
        """The instant as far as it counts: applications within one of these are equal in time."""
        if self.resolution is Resolution.INSTANT:
            return instant
        whole = instant.replace(microsecond=0)
        return whole if self.resolution is Resolution.SECOND else whole.replace(second=0)

    def following(self, instant: datetime) -> datetime:
        """The first instant that no longer counts as this one."""
        if self.resolution is Resolution.INSTANT:
            return instant + timedelta(microseconds=1)
        return self.cut(instant) + timedelta(**{f"{self.resolution.value}s": 1})


AS_NUMBERED: Final = TieNorm()


@dataclass(frozen=True, slots=True)
class AllocationNorm:
    """What a round goes by."""

    serving: ServingNorm
    sibling_tier: bool  # a brother or sister in the kindergarten goes before the others
    together_passes: int  # how often a round may try to bring siblings into one kindergarten
    transfer_keeps_place: bool  # the place that a transfer frees is given in the same round
    tie: TieNorm = AS_NUMBERED


@dataclass(frozen=True, slots=True)
class OfferNorm:
    """How long a place is held for one family, and how often it may leave it."""

    answer_workdays: int
    declines_before_stop: int


@dataclass(frozen=True, slots=True)
class ReferralNorm:
    """How long a referral is good."""

    valid_workdays: int
    extension_days: int  # calendar days
    extensions: int


@dataclass(frozen=True, slots=True)
class VoucherNorm:
    """The days of the voucher model."""

    accept_workdays: int
    choose_workdays: int
    restore_days: int  # calendar days
    restores: int
    start: tuple[int, int]  # month, day
    min_age_months: int  # when all older ones are satisfied


@dataclass(frozen=True, slots=True)
class SwapNorm:
    """Whether two families may exchange places, and how long an answer may take."""

    allowed: bool
    answer_workdays: int


@dataclass(frozen=True, slots=True)
class Norms:
    """All norms of placement that are in force for a district on a day."""

    age: AgeNorm
    benefit: BenefitNorm
    wish: WishNorm
    allocation: AllocationNorm
    offer: OfferNorm
    referral: ReferralNorm
    voucher: VoucherNorm
    swap: SwapNorm

    @property
    def serving(self) -> ServingNorm:
        """The ratio of the queue."""
        return self.allocation.serving


class NormMissing(LookupError):
    """A norm that the rules need has no value, or one of another shape: a fault of ours, never of the user."""


def from_values(values: Mapping[str, Value]) -> Norms:
    """The norms of placement from their values by name, with or without `placement/` before it.

    Raises NormMissing when a name or a part of a value is absent.
    """
    named = {name.removeprefix("placement/"): value for name, value in values.items()}
    read = _Reader(named)
    return Norms(
        age=AgeNorm(read.number("age_limit"), read.number("queue_age"), read.day("season_end")),
        benefit=_benefit(read),
        wish=WishNorm(read.number("max_wishes"), read.number("radius", "max_km"), read.flag("mixed_groups", "allowed")),
        allocation=_allocation(read),
        offer=OfferNorm(read.number("exclusive_choice"), read.number("declines_before_stop")),
        referral=ReferralNorm(
            read.number("referral_validity"),
            read.number("referral_extension", "days"),
            read.number("referral_extension", "times"),
        ),
        voucher=VoucherNorm(
            accept_workdays=read.number("voucher_accept"),
            choose_workdays=read.number("voucher_choose"),
            restore_days=read.number("voucher_restore", "days"),
            restores=read.number("voucher_restore", "times"),
            start=read.day("voucher_start"),
            min_age_months=round(read.real("voucher_min_age") * 12),
        ),
        swap=SwapNorm(read.flag("swap", "allowed"), read.number("swap_answer")),
    )


def _allocation(read: "_Reader") -> AllocationNorm:
    return AllocationNorm(
        serving=ServingNorm(read.number("serving_ratio", "priority"), read.number("serving_ratio", "general")),
        sibling_tier=read.flag("sibling_preference", "tier"),
        together_passes=read.number("sibling_preference", "passes"),
        transfer_keeps_place=read.flag("transfer_keeps_place"),
        tie=TieNorm(
            read.one_of(Resolution, "tie_break", "resolution"),
            read.one_of(TieOrder, "tie_break", "order"),
        ),
    )


def _benefit(read: "_Reader") -> BenefitNorm:
    return BenefitNorm(
        rights=MappingProxyType({Benefit(k): Right(str(v)) for k, v in read.mapping("benefits").items()}),
        validity_months=MappingProxyType(
            {Benefit(k): _months(v) for k, v in read.mapping("document_validity").items() if v is not None}
        ),
        proof_workdays=read.number("document_proof"),
        check_workdays=read.number("document_check"),
    )


def _months(value: Value) -> int:
    if isinstance(value, Mapping):
        return int(cast(int, value["months"]))
    return int(str(value).split()[0])  # 1, or "1 month"


class _Reader:
    """Takes values apart by name; a scalar stands for its own only part."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def _part(self, name: str, part: str = "") -> Value:
        try:
            value = self._values[name]
            return value[part] if part and isinstance(value, Mapping) else value
        except KeyError:
            raise NormMissing(f"placement/{name} {part}".strip()) from None

    def number(self, name: str, part: str = "") -> int:
        value = self._part(name, part)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise NormMissing(f"placement/{name} {part}: a whole number, not {value!r}")
        return int(value)

    def real(self, name: str) -> float:
        value = self._part(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NormMissing(f"placement/{name}: a number, not {value!r}")
        return float(value)

    def flag(self, name: str, part: str = "") -> bool:
        value = self._part(name, part)
        if not isinstance(value, bool):
            raise NormMissing(f"placement/{name} {part}: yes or no, not {value!r}")
        return value

    def one_of(self, words: type[Word], name: str, part: str) -> Word:
        value = self._part(name, part)
        try:
            return words(str(value))
        except ValueError:
            raise NormMissing(f"placement/{name} {part}: one of {[str(word) for word in words]}") from None

    def mapping(self, name: str) -> Mapping[str, Value]:
        value = self._part(name)
        if not isinstance(value, Mapping):
            raise NormMissing(f"placement/{name}: parts by name, not {value!r}")
        return value

    def day(self, name: str) -> tuple[int, int]:
        """Month and day of "08-31"."""
        value = self._part(name)
        try:
            day = date.fromisoformat(f"2000-{value}")
        except ValueError:
            raise NormMissing(f"placement/{name}: a day as 08-31, not {value!r}") from None
        return day.month, day.day
