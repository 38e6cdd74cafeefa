"""From the kindergartens that a family names to the groups that could take the child. Pure."""

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain
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


class Fitting:
    """The groups of each kindergarten that could take a child, best first; looked up once for all children alike.

    Groups of one birth year come before mixed ones, then those with more free places, then by id.
    """

    def __init__(self, groups: Mapping[OrganisationId, Sequence[Group]], *, mixed: bool = True) -> None:
        self._groups = groups
        self._mixed = mixed
        self._known: dict[tuple[int, int, GroupKind, Language | None], tuple[GroupId, ...]] = {}

    def of(
        self, organisation: OrganisationId, birth_year: int, kind: GroupKind, language: Language | None
    ) -> tuple[GroupId, ...]:
        """The groups of the kindergarten for a child of that year, kind and language."""
        key = (organisation.int, birth_year, kind, language)  # a UUID hashes many times slower than its int
        if key not in self._known:
            fits = [one for one in self._groups.get(organisation, ()) if one.fits(birth_year, kind, language)]
            fits = [one for one in fits if self._mixed or one.born_from == one.born_to]
            fits.sort(key=lambda one: (one.born_to - one.born_from, -one.free, one.id))
            self._known[key] = tuple(one.id for one in fits)
        return self._known[key]


def expand(
    organisations: Iterable[OrganisationId],
    fitting: Fitting,
    *,
    birth_year: int,
    kind: GroupKind,
    language: Language | None,
    near: Iterable[OrganisationId] = (),
    left: Container[OrganisationId] = (),
) -> tuple[GroupId, ...]:
    """The groups for a child, best first.

    Kindergartens as the family named them, then `near`: those within its radius, nearest first; inside a kindergarten
    as `fitting` has them. `left` holds the kindergartens whose place the family has turned down: they are offered
    again only when it names them again.
    """
    order = {one.int: one for one in (*organisations, *near) if one not in left}  # a dictionary keeps the first place
    return tuple(chain.from_iterable(fitting.of(one, birth_year, kind, language) for one in order.values()))
