"""What a search for duplicates reads: all people column by column, and of candidates what stands beside their names.

Numbers are compared here and never leave: a caller learns whether two IINs agree.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any, Final
from uuid import UUID

import polars as pl
from rapidfuzz.distance import OSA

from shanyraq.domains.registry.models import Enrolment, Guardianship, Person, Residence
from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.queries.records import STANDS
from shanyraq.domains.registry.rules import names
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.foundation import frames

SOME: Final = 5_000  # people named in one query
SLIP: Final = 2  # a wrong digit changes the control digit as well
_SCHEMA: Final = {
    "id": pl.String, "surname": pl.String, "given": pl.String, "patronymic": pl.String, "born_on": pl.String,
    "sex": pl.String,
}  # fmt: skip


class SameIin(StrEnum):
    """How the IINs of two records agree."""

    MISSING = "missing"
    SAME = "same"
    SLIP = "slip"
    DIFFERENT = "different"


def everyone() -> pl.DataFrame:
    """All people who were not merged into another record: id (32 digits), surname, given, patronymic, born_on, male.

    By COPY on PostgreSQL: ten million people in about half a minute. 1 query.
    """
    columns = f"{frames.id_text('id')}, surname, given, patronymic, CAST(born_on AS text), sex"
    statement = f"SELECT {columns} FROM {Person._meta.db_table} WHERE merged_into_id IS NULL"  # noqa: S608 - no input
    return frames.frame(statement, _SCHEMA).with_columns(
        pl.col("surname", "given", "patronymic").fill_null(""),
        pl.col("born_on").str.to_date("%Y-%m-%d"),
        (pl.col("sex") == Sex.MALE.value).alias("male"),
    ).drop("sex")  # fmt: skip


def same_iins(pairs: Sequence[tuple[UUID, UUID]]) -> list[SameIin]:
    """How the IINs of each pair agree, in the order given: about 10 microseconds a pair."""
    sealed = _sealed({person for pair in pairs for person in pair})
    return [_agree(sealed.get(one), sealed.get(two)) for one, two in pairs]


def under_two_keys() -> list[tuple[UUID, UUID]]:
    """Pairs of people with one IIN, sealed with two different keys: where a key was changed, the index cannot see them.

    No query where no key was ever changed; otherwise every number of a former key is read, 1 query and 1 a 5,000.
    """
    if not identity.keys_retired():
        return []
    rows = Person.objects.filter(STANDS, iin_cipher__isnull=False)
    found: list[tuple[UUID, UUID]] = []
    stream: Iterator[Any] = rows.values_list("id", "iin_cipher", "iin_index").iterator(SOME)
    while some := list(islice(stream, SOME)):
        former = {}
        for pk, cipher, index in some:
            present = identity.blind_indexes(identity.unseal(cipher))[0]
            if present != bytes(index):
                former[present] = pk
        twins: Any = rows.filter(iin_index__in=list(former)).values_list("id", "iin_index")
        found += [(former[bytes(index)], pk) for pk, index in twins]
    return found


def all_guardians(children: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Who has ever answered for each child. 1 query a 5,000."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for some in _some(children):
        for child, guardian in Guardianship.objects.filter(child_id__in=some).values_list("child_id", "guardian_id"):
            found[child].add(guardian)
    return {child: frozenset(guardians) for child, guardians in found.items()}


def homes(people: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Where each person lives now: (KATO, address as search sees it). 1 query a 5,000."""
    return {
        person: (kato, names.folded("".join(sign if sign.isalnum() else " " for sign in address)))
        for some in _some(people)
        for person, kato, address in Residence.objects.filter(
            person_id__in=some, valid_to__isnull=True
        ).values_list("person_id", "district_id", "address")
    }  # fmt: skip


def districts_of_learning(people: Collection[UUID]) -> dict[UUID, str]:
    """The KATO of an organisation where each person learns now. 1 query a 5,000."""
    home = "group__organisation__district_id"
    return {
        person: kato
        for some in _some(people)
        for person, kato in Enrolment.objects.filter(child_id__in=some, valid_to__isnull=True)
        .order_by("valid_from", "id").values_list("child_id", home)
    }  # fmt: skip


def _sealed(people: Collection[UUID]) -> dict[UUID, Any]:
    return {
        pk: cipher
        for some in _some(people)
        for pk, cipher in Person.objects.filter(pk__in=some, iin_cipher__isnull=False).values_list("id", "iin_cipher")
    }


def _agree(one: Any, two: Any) -> SameIin:
    if one is None or two is None:
        return SameIin.MISSING
    edits = OSA.distance(identity.unseal(one), identity.unseal(two), score_cutoff=SLIP)
    return SameIin.SAME if edits == 0 else SameIin.SLIP if edits <= SLIP else SameIin.DIFFERENT


def _some(people: Collection[UUID]) -> Iterator[list[UUID]]:
    rest = iter(sorted(set(people)))
    while some := list(islice(rest, SOME)):
        yield some
