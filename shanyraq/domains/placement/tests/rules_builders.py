"""Small worlds for tests of the rules: plain defaults, and strategies that draw whole districts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, GroupId, OrganisationId, Right
from shanyraq.domains.placement.rules.norms import AllocationNorm, ServingNorm, Value
from shanyraq.domains.registry.rules.kinds import GroupKind, Language

START = datetime(2024, 3, 1, 9, tzinfo=UTC)
NORM = AllocationNorm(ServingNorm(1, 3), sibling_tier=True, together_passes=3, transfer_keeps_place=True)
VALUES: dict[str, Value] = {
    "placement/serving_ratio": {"priority": 1, "general": 3},
    "placement/benefits": {
        "service": "extraordinary", "large_family": "priority", "special_needs": "priority", "teacher": "priority",
        "none": "general",
    },
    "placement/age_limit": 6,
    "placement/queue_age": 2,
    "placement/exclusive_choice": 3,
    "placement/referral_validity": 5,
    "placement/referral_extension": {"days": 30, "times": 1},
    "placement/declines_before_stop": 2,
    "placement/max_wishes": 5,
    "placement/radius": {"max_km": 10},
    "placement/document_validity": {"service": 1, "teacher": "1 month"},
    "placement/document_proof": 5,
    "placement/document_check": 3,
    "placement/season_end": "08-31",
    "placement/sibling_preference": {"tier": True, "passes": 3},
    "placement/transfer_keeps_place": True,
    "placement/swap": {"allowed": True},
    "placement/swap_answer": 5,
    "placement/voucher_accept": 2,
    "placement/voucher_choose": 5,
    "placement/voucher_restore": {"days": 28, "times": 1},
    "placement/voucher_start": "07-01",
    "placement/voucher_min_age": 1.5,
    "placement/mixed_groups": {"allowed": True},
    "placement/tie_break": {"resolution": "second", "order": "lot"},
}  # fmt: skip


def group_id(n: int) -> GroupId:
    return GroupId(UUID(int=0xB0000 + n))


def organisation_id(n: int) -> OrganisationId:
    return OrganisationId(UUID(int=0xA0000 + n))


def claim_id(n: int) -> ClaimId:
    return ClaimId(UUID(int=0xC0000 + n))


def a_group(
    n: int = 1,
    *,
    at: int | None = None,
    places: int = 1,
    taken: int = 0,
    years: tuple[int, int] = (2022, 2022),
    kind: GroupKind = GroupKind.GENERAL,
    language: Language = Language.KAZAKH,
) -> Group:
    organisation = organisation_id(n if at is None else at)
    return Group(group_id(n), organisation, kind, language, *years, places=places, taken=taken)


def a_claim(
    n: int,
    wishes: Sequence[int] = (),
    *,
    right: Right = Right.GENERAL,
    minute: int | None = None,
    year: int = 2022,
    kind: GroupKind = GroupKind.GENERAL,
    siblings: Sequence[int] = (),
    present: int | None = None,
    family: int | None = None,
    organisations: Sequence[int] = (),
) -> Claim:
    return Claim(
        claim_id(n),
        year,
        kind,
        right,
        START + timedelta(minutes=n if minute is None else minute),
        n,
        tuple(map(group_id, wishes)),
        frozenset(map(group_id, siblings)),
        None if present is None else group_id(present),
        None if family is None else UUID(int=0xF0000 + family),
        tuple(map(organisation_id, organisations)),
        Language.KAZAKH,
    )


@st.composite
def districts(
    draw: st.DrawFn, *, families: bool = False, tiers: bool = True, mixed: bool = True
) -> tuple[list[Claim], list[Group]]:
    """A district with scarce places: mixed ages, transfers, siblings, groups with more children than places."""
    organisations = draw(st.integers(1, 3))
    sizes = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=6))
    shapes = [(2021 + n % 2, 2021 + max(n % 2, draw(st.integers(0, mixed)))) for n in range(len(sizes))]
    claims = [
        draw(_claims(n, _fitting(shapes, year, organisations), year, families, tiers))
        for n, year in enumerate(draw(st.lists(st.sampled_from([2021, 2022]), max_size=9)))
    ]
    staying = [sum(claim.present == group_id(at) for claim in claims) for at in range(len(sizes))]
    groups = [
        a_group(at, at=at % organisations, places=places, taken=staying[at] + extra, years=shapes[at])
        for at, (places, extra) in enumerate(sizes)
    ]
    return claims, groups


def _fitting(shapes: list[tuple[int, int]], year: int, organisations: int) -> dict[int, list[int]]:
    """Groups for a birth year by kindergarten."""
    fitting: dict[int, list[int]] = {}
    for at, (low, high) in enumerate(shapes):
        if low <= year <= high:
            fitting.setdefault(at % organisations, []).append(at)
    return fitting


@st.composite
def _claims(
    draw: st.DrawFn, n: int, by_kindergarten: dict[int, list[int]], year: int, families: bool, tiers: bool
) -> Claim:
    fitting = [group for groups in by_kindergarten.values() for group in groups]
    wished = draw(st.lists(st.sampled_from(sorted(by_kindergarten)), unique=True)) if fitting else []
    wishes = [group for one in wished for group in draw(st.permutations(by_kindergarten[one]))]
    often = st.sampled_from([True, False, False])
    return a_claim(
        n,
        wishes,
        right=draw(st.sampled_from([Right.GENERAL, Right.GENERAL, Right.PRIORITY, Right.EXTRAORDINARY])),
        minute=draw(st.integers(0, 6)),  # equal instants too: the number decides
        year=year,
        siblings=wishes[:1] if tiers and draw(often) else (),
        present=draw(st.sampled_from(fitting)) if tiers and fitting and draw(often) else None,
        family=draw(st.integers(1, 2)) if families and draw(often) else None,
    )


def turns() -> st.SearchStrategy[dict[tuple[int, GroupKind], int]]:
    """Where the ratio of the queues stands after earlier rounds."""
    keys = st.sampled_from([(2021, GroupKind.GENERAL), (2022, GroupKind.GENERAL)])
    return st.dictionaries(keys, st.integers(0, 3))
