"""A round: previewed, confirmed, published; and run again from what it kept."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from shanyraq.domains.placement.rules.claim import Model, Right
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class YearLine:
    """One queue of the round: a birth year and a kind of groups."""

    birth_year: int
    kind: GroupKind
    claims: int
    placed: int
    first_wish: int


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What the round would decide on one application. `position` is the place in its birth-year queue, from 1."""

    application: UUID
    number: int
    birth_year: int
    kind: GroupKind
    right: Right
    position: int
    group: UUID | None
    organisation: UUID | None
    wish_rank: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class RoundPreview:
    """What a round would do now. `fingerprint` names its inputs: only the same inputs can be confirmed with it."""

    district: str
    on: date
    fingerprint: str
    model: Model
    claims: int
    places: int
    placed: int
    first_wish: int
    by_birth_year: tuple[YearLine, ...]
    rows: tuple[PreviewRow, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One application on which a round, run again, decides otherwise."""

    application: UUID
    stored: str
    computed: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A round run again from its stored inputs and norm editions."""

    equal: bool
    differences: tuple[Difference, ...]


def preview_round(*, actor: Actor, district: str, now: datetime) -> RoundPreview:
    """What a round of the district would decide now; writes nothing.

    Raises NotAllowed; Refusal("placement.no_such_district", "placement.no_claims", "placement.no_places").
    """
    raise NotImplementedError


@transaction.atomic
def confirm_round(*, actor: Actor, district: str, fingerprint: str, now: datetime) -> UUID:
    """Hold the round that was previewed: inputs, norms, outcomes and offers stand together or not at all.

    Raises NotAllowed; Refusal("placement.round_changed") when queue or places changed since the preview,
    Refusal("placement.round_already_confirmed") when it was confirmed already.
    """
    raise NotImplementedError


@transaction.atomic
def publish_round(*, actor: Actor, round: UUID, now: datetime) -> None:
    """Tell the families, and show the round to everyone. Repeated, it is refused."""
    raise NotImplementedError


def replay_round(round: UUID) -> Replay:
    """Run a round again from its stored inputs and norm editions, and compare with what it decided then."""
    raise NotImplementedError
