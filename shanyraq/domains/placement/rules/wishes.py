"""From the kindergartens that a family names to the groups that could take the child. Pure."""

from collections.abc import Container, Iterable, Mapping, Sequence
from uuid import UUID

from shanyraq.domains.placement.rules.claim import Group, GroupId, OrganisationId
from shanyraq.domains.placement.rules.norms import WishNorm
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation.refusal import Refusal


def check_wishes(
    organisations: Sequence[OrganisationId],
    radius_km: int | None,
    norm: WishNorm,
    *,
    of_district: Container[UUID],
    present: OrganisationId | None = None,
) -> None:
    """Nothing, when the family may wish so.

    Raises Refusal("placement.wish_unknown", "placement.wish_twice", "placement.too_many_wishes",
    "placement.no_wishes", "placement.radius_too_far", "placement.wish_is_present").
    """
    require_wish(organisations, radius_km)
    if len(organisations) > norm.max_wishes:
        raise Refusal("placement.too_many_wishes", field="organisations", n=len(organisations), limit=norm.max_wishes)
    if len(set(organisations)) < len(organisations):
        raise Refusal("placement.wish_twice", field="organisations")
    if any(organisation not in of_district for organisation in organisations):
        raise Refusal("placement.wish_unknown", field="organisations")
    if present is not None and present in organisations:
        raise Refusal("placement.wish_is_present", field="organisations")
    if radius_km is not None and not 0 < radius_km <= norm.max_km:
        raise Refusal("placement.radius_too_far", field="radius_km", km=radius_km, limit=norm.max_km)


def require_wish(organisations: Sequence[OrganisationId], radius_km: int | None) -> None:
    """Nothing, when the family wishes something. Raises Refusal("placement.no_wishes")."""
    if not organisations and radius_km is None:
        raise Refusal("placement.no_wishes", field="organisations")


def expand(
    organisations: Iterable[OrganisationId],
    groups: Mapping[OrganisationId, Sequence[Group]],
    *,
    birth_year: int,
    kind: GroupKind,
    language: Language | None,
    near: Iterable[OrganisationId] = (),
    left: Container[OrganisationId] = (),
    mixed: bool = True,
) -> tuple[GroupId, ...]:
    """The groups for a child, best first.

    Kindergartens as the family named them, then `near`: those within its radius, nearest first. Inside a kindergarten
    the groups of one birth year come before mixed ones, then those with more free places, then by id. `left` holds the
    kindergartens whose place the family has turned down: they are offered again only when it names them again.
    """
    order = [one for one in dict.fromkeys([*organisations, *near]) if one not in left]
    wishes: list[GroupId] = []
    for organisation in order:
        fitting = [group for group in groups.get(organisation, ()) if group.fits(birth_year, kind, language)]
        fitting = [group for group in fitting if mixed or group.born_from == group.born_to]
        fitting.sort(key=lambda group: (group.born_to - group.born_from, -group.free, group.id))
        wishes.extend(group.id for group in fitting)
    return tuple(wishes)
