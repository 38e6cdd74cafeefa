"""Which rows of the registry someone may see, of many named by id: for the feed of changes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.registry.access import ENROLMENT_RULES, PERSON_RULES, Do
from shanyraq.domains.registry.models import Circumstance, Employment, Enrolment, Group, Organisation, Person
from shanyraq.domains.registry.queries import facts
from shanyraq.domains.registry.queries.records import standing
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.history.models import Batch

Rows = Callable[[Actor], Q]


def _public(path: str) -> Rows:
    """Rows that anyone may read, kept to the territories of the grants."""

    def rows(actor: Actor) -> Q:
        wanted = Q(pk__in=())
        for grant in actor.grants:
            there = access.in_territory(path, grant)
            if there == access.EVERY_ROW:
                return there
            wanted |= there
        return wanted

    return rows


def _batches(actor: Actor) -> Q:
    """Changes of many rows that concern the territories of the grants: within, or a whole of which they are part."""
    wanted = Q(pk__in=())
    for grant in actor.grants:
        if not grant.territory:
            return access.EVERY_ROW
        above = [grant.territory[:n] for n in range(len(grant.territory))]
        homes = Organisation.objects.filter(district__kato__startswith=grant.territory)
        whole = Q(organisation_id__isnull=True) & (Q(territory__in=above) | Q(territory__startswith=grant.territory))
        wanted |= whole | Q(organisation_id__in=homes.values("pk"))
    return wanted


_TABLES: Final[Mapping[str, tuple[Any, Rows]]] = {
    "people": (Person, lambda actor: access.rows(PERSON_RULES, Do.READ_PERSON, actor)),
    "enrolments": (Enrolment, lambda actor: access.rows(ENROLMENT_RULES, Do.READ_ENROLMENT, actor)),
    "employments": (Employment, facts.EMPLOYMENTS.allowed),
    "circumstances": (Circumstance, facts.CIRCUMSTANCES.allowed),
    "organisations": (Organisation, _public("district__kato")),
    "groups": (Group, _public("organisation__district__kato")),
    "batches": (Batch, _batches),
}


def visible(resource: str, ids: Collection[UUID], actors: Sequence[Actor]) -> set[UUID]:
    """The ids of rows of a resource that every one of the actors may read; a record that was merged into another is
    seen by whoever may read the other. 1 query, 2 for people."""
    table, rows = _TABLES[resource]
    stands = standing(ids) if resource == "people" else {pk: pk for pk in ids}
    found = table.objects.filter(pk__in=set(stands.values()))
    for actor in actors:
        found = found.filter(rows(actor))
    allowed = set(found.values_list("pk", flat=True))
    return {pk for pk, into in stands.items() if into in allowed}
