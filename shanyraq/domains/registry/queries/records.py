"""Records that stand. Of two records of one person that were merged one stands, the other is its alias.

Whatever lists or counts people asks by this one rule. Facts of an alias were moved when it was merged, so that lists
of facts need no rule of their own.
"""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from shanyraq.domains.registry.access import PERSON_RULES, Do
from shanyraq.domains.registry.models import Person
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor

STANDS: Final = Q(merged_into__isnull=True)


def aliases(person: UUID) -> frozenset[UUID]:
    """The records that were merged into this one: what was read and written of them is of this person. 1 query."""
    return frozenset(Person.objects.filter(merged_into_id=person).values_list("id", flat=True))


def standing(people: Collection[UUID]) -> dict[UUID, UUID]:
    """The record that stands for each person: its own, or the one it was merged into. 1 query."""
    rows = Person.objects.filter(pk__in=list(people)).values_list("id", "merged_into_id")
    return {pk: into or pk for pk, into in rows}


def readable_then(actor: Actor) -> Q:
    """People whom the actor may read now, with the records that stood before they were merged into these: the rule for
    what was known before. No query yet."""
    own: QuerySet[Any, Any] = Person.objects.filter(access.rows(PERSON_RULES, Do.READ_PERSON, actor)).values("pk")
    return Q(pk__in=own) | Q(pk__in=Person.objects.filter(merged_into_id__in=own).values("pk"))
