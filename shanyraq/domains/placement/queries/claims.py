"""The queue and the groups of a district, as the rules see them: set-based, a fixed number of queries each."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from shanyraq.domains.placement.models import Application, Document, Offer, Wish
from shanyraq.domains.placement.queries.norms import placement_norms
from shanyraq.domains.placement.rules import eligibility, voucher, wishes
from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, GroupId, OrganisationId, Right, Status
from shanyraq.domains.placement.rules.documents import PAPER_FOR
from shanyraq.domains.placement.rules.norms import Norms
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.distance import distances_km
from shanyraq.domains.registry.rules.kinds import GroupKind, Language

LIVE = ("held", "accepted")
LEFT = ("declined", "lapsed")
FIELDS = (
    "id", "number", "code", "child_id", "birth_year", "kind", "language", "right", "right_since", "radius_km",
    "together", "present__group_id", "present__valid_to", "child__born_on",
)  # fmt: skip
Waiting = dict[str, Any]  # one row of FIELDS


def open_claims(district: str, on: date, groups: Sequence[Group] | None = None) -> tuple[Claim, ...]:
    """Waiting claims of a district for a round of the queue model, by id: old enough, and with the conclusion that a
    special group needs. At most 12 queries, whatever the number of claims."""
    if groups is None:
        groups = district_groups(district, on)
    norms = placement_norms(on, district)
    born = eligibility.latest_birth(on, years=norms.age.queue_from)
    rows = [one for one in _waiting(district, born) if eligibility.queue_moves(one["child__born_on"], on, norms.age)]
    found = _Surroundings.of(rows, district, on, groups, norms)
    return tuple(_claim(row, found, norms) for row in rows)


def voucher_claims(district: str, on: date) -> tuple[tuple[Claim, ...], frozenset[ClaimId]]:
    """Waiting claims of a district in the voucher model, by id, and which of them are the youngest, who come last.
    1 query."""
    norms = placement_norms(on, district)
    born = eligibility.latest_birth(on, months=norms.voucher.min_age_months)
    rows = _waiting(district, born)
    old_enough = [row for row in rows if voucher.old_enough(row["child__born_on"], on, norms.voucher)]
    young = (row["id"] for row in old_enough if voucher.youngest(row["child__born_on"], on, norms.age))
    claims = (
        Claim(
            id=ClaimId(row["id"]),
            birth_year=row["birth_year"],
            kind=GroupKind(row["kind"]),
            right=Right(row["right"]),
            applied_at=norms.allocation.tie.cut(row["right_since"]),
            number=row["number"],
            wishes=(),
            language=Language(row["language"]),
            code=row["code"],
        )
        for row in old_enough
    )
    return tuple(claims), frozenset(ClaimId(one) for one in young)


def vouchers_out(district: str) -> int:
    """Vouchers of a district that were given and have no place yet. 1 query."""
    out = (Status.VOUCHER_OFFERED, Status.VOUCHER_ACCEPTED, Status.LISTED)
    return Application.objects.filter(district=district, status__in=out).count()


def district_groups(district: str, on: date, *, lock: bool = False) -> tuple[Group, ...]:
    """Groups of a district with their places and how many are taken, by id.

    lock=True holds the groups, in id order, until the transaction ends. 3 queries, with the lock 5.
    """
    cards = registry.groups_in(district, on)
    if lock:
        registry.hold_groups([card.id for card in cards])
        cards = registry.groups_in(district, on)  # again, as they stand now that they are held
    return groups_as_seen(cards, on)


def groups_as_seen(cards: Sequence[registry.GroupCard], on: date) -> tuple[Group, ...]:
    """Groups with the places taken by children and by live offers, by id. 2 queries."""
    ids = [card.id for card in cards]
    taken = registry.taken_places(ids, on)
    held = held_places(ids)
    groups = [
        Group(
            id=GroupId(card.id),
            organisation=OrganisationId(card.organisation),
            kind=card.kind,
            language=card.language,
            born_from=card.born_from,
            born_to=card.born_to,
            places=card.places,
            taken=taken[card.id] + held.get(card.id, 0),
        )
        for card in cards
    ]
    return tuple(sorted(groups, key=lambda group: group.id))


def held_places(groups: Collection[UUID]) -> dict[UUID, int]:
    """Places held by live offers and referrals, by group; a group without one is left out. 1 query."""
    rows = Offer.objects.filter(group_id__in=groups, status__in=LIVE)
    return dict(rows.values_list("group_id").annotate(n=Count("id")).order_by("group_id"))


def waiting(district: str) -> QuerySet[Application]:
    """Applications of a district that wait. Each is served by the model that is in force on the day of the round."""
    return Application.objects.filter(district=district, status=Status.WAITING)


def waiting_districts(territory: str) -> tuple[str, ...]:
    """Districts of a territory (KATO prefix, "" is the country) in which applications wait, the longest queue first.
    1 query."""
    rows = Application.objects.filter(district__kato__startswith=territory, status=Status.WAITING)
    counted = rows.values_list("district_id").annotate(n=Count("id")).order_by("-n", "district_id")
    return tuple(district for district, _ in counted)


def not_enrolled() -> Q:
    """Applications of children without a state-order place, and those who ask to change theirs."""
    enrolled = Application.objects.filter(
        pk=OuterRef("pk"),
        present__isnull=True,
        child__enrolments__valid_to__isnull=True,
        child__enrolments__funding="state_order",
    )
    return Q(~Exists(enrolled))


def with_papers() -> Q:
    """Applications for a general group, or with the confirmed conclusion that their kind of group needs."""
    allowed = Q(kind=GroupKind.GENERAL)
    for kind, paper in PAPER_FOR.items():
        confirmed = Document.objects.filter(application=OuterRef("pk"), kind=paper, status="confirmed")
        allowed |= Q(Exists(confirmed), kind=kind)
    return allowed


def _waiting(district: str, born: date) -> list[Waiting]:
    """Those born on that day or before, by id: the rules look at each of them again."""
    rows = waiting(district).filter(with_papers(), not_enrolled(), child__born_on__lte=born)
    return list(rows.order_by("id").values(*FIELDS))


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What stands round the claims of a district: groups by kindergarten, wishes, brothers and sisters, distances."""

    fitting: wishes.Fitting
    named: Mapping[UUID, Sequence[OrganisationId]]
    left: Mapping[UUID, Collection[OrganisationId]]
    near: Mapping[UUID, Sequence[OrganisationId]]
    sibling_groups: Mapping[UUID, frozenset[GroupId]]
    families: Mapping[UUID, UUID]

    @classmethod
    def of(
        cls, rows: Sequence[Waiting], district: str, on: date, groups: Sequence[Group], norms: Norms
    ) -> "_Surroundings":
        by_organisation: dict[OrganisationId, list[Group]] = defaultdict(list)
        for group in groups:
            by_organisation[group.organisation].append(group)
        siblings = registry.siblings([row["child_id"] for row in rows], on)
        return cls(
            fitting=wishes.Fitting(by_organisation, mixed=norms.wish.mixed_groups),
            named=_named(district),
            left=_left(district),
            near=_near(rows, district, on),
            sibling_groups=_sibling_groups(siblings, by_organisation),
            families=_families(rows, siblings),
        )


def _claim(row: Waiting, found: _Surroundings, norms: Norms) -> Claim:
    kind, language = GroupKind(row["kind"]), Language(row["language"])
    organisations = tuple(found.named.get(row["id"], ()))
    expanded = wishes.expand(
        organisations,
        found.fitting,
        birth_year=row["birth_year"],
        kind=kind,
        language=language,
        near=found.near.get(row["id"], ()),
        left=found.left.get(row["id"], ()),
    )
    present = row["present__group_id"] if row["present__valid_to"] is None else None  # it may have ended meanwhile
    return Claim(
        id=ClaimId(row["id"]),
        birth_year=row["birth_year"],
        kind=kind,
        right=Right(row["right"]),
        applied_at=norms.allocation.tie.cut(row["right_since"]),
        number=row["number"],
        wishes=expanded if present is None else tuple(group for group in expanded if group != present),
        sibling_groups=found.sibling_groups.get(row["child_id"], frozenset()),
        present=None if present is None else GroupId(present),
        family=found.families.get(row["child_id"]),
        organisations=organisations,
        language=language,
        code=row["code"],
    )


def _of_queue(district: str) -> Q:
    return Q(application__in=waiting(district).values("pk"))


def _named(district: str) -> dict[UUID, list[OrganisationId]]:
    named: dict[UUID, list[OrganisationId]] = defaultdict(list)
    rows = Wish.objects.filter(_of_queue(district)).order_by("application_id", "rank")
    for application, organisation in rows.values_list("application_id", "organisation_id"):
        named[application].append(OrganisationId(organisation))
    return named


def _left(district: str) -> dict[UUID, set[OrganisationId]]:
    """Kindergartens turned down and not named again since."""
    left: dict[UUID, set[OrganisationId]] = defaultdict(set)
    again = Wish.objects.filter(
        application=OuterRef("application"),
        organisation=OuterRef("group__organisation"),
        named_at__gt=OuterRef("closed_at"),
    )
    rows = Offer.objects.filter(_of_queue(district), ~Exists(again), status__in=LEFT)
    for application, organisation in rows.values_list("application_id", "group__organisation_id"):
        left[application].add(OrganisationId(organisation))
    return left


def _near(rows: Sequence[Waiting], district: str, on: date) -> dict[UUID, list[OrganisationId]]:
    """Kindergartens within the radius of those who set one, nearest first."""
    seekers = [row for row in rows if row["radius_km"] is not None]
    if not seekers:
        return {}
    homes = registry.residences([row["child_id"] for row in seekers], on)
    cards = registry.organisations_in(district, on)
    lons = np.array([card.lon for card in cards], dtype=np.float64)
    lats = np.array([card.lat for card in cards], dtype=np.float64)
    near: dict[UUID, list[OrganisationId]] = {}
    for row in seekers:
        home = homes.get(row["child_id"])
        if home is not None:
            km = distances_km(home.lon, home.lat, lons, lats)
            order = np.argsort(km, kind="stable")
            near[row["id"]] = [OrganisationId(cards[at].id) for at in order if km[at] <= row["radius_km"]]
    return near


def _sibling_groups(
    siblings: Mapping[UUID, frozenset[UUID]], groups: Mapping[OrganisationId, Sequence[Group]]
) -> dict[UUID, frozenset[GroupId]]:
    enrolled = registry.open_enrolments(frozenset().union(*siblings.values()))
    found: dict[UUID, frozenset[GroupId]] = {}
    for child, others in siblings.items():
        kindergartens = {OrganisationId(enrolled[other].organisation) for other in others if other in enrolled}
        if kindergartens:
            found[child] = frozenset(group.id for one in kindergartens for group in groups.get(one, ()))
    return found


def _families(rows: Sequence[Waiting], siblings: Mapping[UUID, frozenset[UUID]]) -> dict[UUID, UUID]:
    """Children of one family who want to stay together, by child: the least id of the family names it."""
    together = {row["child_id"] for row in rows if row["together"]}
    families: dict[UUID, UUID] = {}
    for child in together:
        others = siblings.get(child, frozenset()) & together
        if others:
            families[child] = min({child, *others})
    return families
