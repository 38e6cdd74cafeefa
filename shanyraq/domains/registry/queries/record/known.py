"""What stood beside a row when it was known: the names of people, groups and organisations of that day and instant."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q

from shanyraq.domains.registry.access import PERSON_RULES, Do
from shanyraq.domains.registry.models import Group, Organisation, OrganisationProfile, Person
from shanyraq.domains.registry.queries.record.asking import Wanted
from shanyraq.domains.registry.rules import names
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.text import Text


def people(ids: Collection[UUID], wanted: Wanted) -> dict[UUID, Any]:
    """Rows of people as they were known. 1 query."""
    rows = history.as_of(Person, known=wanted.known).filter(pk__in=set(ids)).defer("iin_cipher", "iin_index")
    return {row.pk: row for row in rows}


def groups(ids: Collection[UUID], wanted: Wanted) -> dict[UUID, Any]:
    """Rows of groups as they were known. 1 query."""
    return {row.pk: row for row in history.as_of(Group, known=wanted.known).filter(pk__in=set(ids))}


def organisation_names(ids: Collection[UUID], wanted: Wanted) -> dict[UUID, Text]:
    """What organisations were called on the day; those without a profile, what they are called today. 2 queries."""
    wide = set(ids)
    rows = Organisation.objects.filter(pk__in=wide).values_list("id", "name_kk", "name_ru", "name_en")
    found = {pk: Text(*spelled) for pk, *spelled in rows}
    spells = history.as_of(OrganisationProfile, valid=wanted.valid, known=wanted.known).filter(organisation_id__in=wide)
    for pk, *spelled in spells.values_list("organisation_id", "name_kk", "name_ru", "name_en"):
        found[pk] = Text(*spelled)
    return found


def open_records(ids: Collection[UUID], actor: Actor) -> set[UUID]:
    """The people whose record the actor may open. 1 query."""
    allowed = Person.objects.filter(access.rows(PERSON_RULES, Do.READ_PERSON, actor), pk__in=set(ids))
    return set(allowed.values_list("pk", flat=True))


def name_of(row: Any) -> Text:
    """The name of a person's row, in the three alphabets."""
    return Text(names.full(row.surname, row.given, row.patronymic), row.name_ru, row.name_latin)


def holding(term: str, path: str) -> Q:
    """Rows of people whose names hold every word of the term, whatever the keyboard."""
    wanted = Q()
    for word in names.search_words(term):
        wanted &= Q(**{f"{path}search_key__contains": f" {word}"})
    return wanted
