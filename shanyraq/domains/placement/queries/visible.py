"""Which rows of placement someone may see, of many named by id: for the feed of changes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from shanyraq.domains.placement.access import APPLICATIONS, DOCUMENTS, OFFERS, ROUNDS, Do
from shanyraq.domains.placement.models import Application, Document, Offer, Round
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Rules

_TABLES: Final[Mapping[str, tuple[Any, Rules]]] = {
    "applications": (Application, APPLICATIONS),
    "documents": (Document, DOCUMENTS),
    "offers": (Offer, OFFERS),
    "rounds": (Round, ROUNDS),
}


def visible(resource: str, ids: Collection[UUID], actors: Sequence[Actor]) -> set[UUID]:
    """The ids of applications, documents, offers or rounds that every one of the actors may read. 1 query."""
    table, rules = _TABLES[resource]
    found = table.objects.filter(pk__in=list(ids))
    for actor in actors:
        found = found.filter(access.rows(rules, Do.READ, actor))
    return set(found.values_list("pk", flat=True))
