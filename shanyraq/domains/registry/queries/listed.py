"""Who is listed at schools, colleges and clubs, column by column: what the search for contradictions reads."""

from typing import Final

import polars as pl

from shanyraq.domains.registry.models import (
    Enrolment,
    Group,
    Guardianship,
    Organisation,
    Person,
    Residence,
    Territory,
)
from shanyraq.foundation import frames

_SCHEMA: Final = {
    "enrolment": pl.String, "child": pl.String, "group": pl.String, "stage": pl.String, "form": pl.String,
    "since": pl.Date, "order_on": pl.Date, "grade": pl.Int16, "places": pl.Int16, "organisation": pl.String,
    "kato": pl.String, "lon": pl.Float32, "lat": pl.Float32, "surname": pl.String, "given": pl.String,
    "patronymic": pl.String, "born_on": pl.Date, "sex": pl.String, "numbered": pl.Int8, "home_lon": pl.Float32,
    "home_lat": pl.Float32, "guarded": pl.Int8,
}  # fmt: skip


def listed(region: str) -> pl.DataFrame:
    """Every open enrolment at schools, colleges and clubs of a region (the first two digits of its KATO), with the
    class, the organisation, the learner and the learner's home. 1 query."""
    if not (len(region) == 2 and region.isdigit()):
        raise ValueError(region)
    tables = {
        "enrolment": Enrolment, "klass": Group, "house": Organisation, "person": Person, "home": Residence,
        "guardian": Guardianship, "place": Territory,
    }  # fmt: skip
    name = {key: table._meta.db_table for key, table in tables.items()}
    guarded = f"EXISTS (SELECT 1 FROM {name['guardian']} w WHERE w.child_id = p.id AND w.valid_to IS NULL)"  # noqa: S608
    ids = ", ".join(frames.id_text(one) for one in ("e.id", "e.child_id", "e.group_id"))
    statement = (
        f"SELECT {ids}, e.stage, e.form, e.valid_from, e.order_on, g.grade, g.places,"  # noqa: S608 - our own names
        f" {frames.id_text('o.id')}, o.district_id, o.lon, o.lat, p.surname, p.given, p.patronymic, p.born_on, p.sex,"
        f" {frames.flag('p.iin_index IS NOT NULL')}, r.lon, r.lat, {frames.flag(guarded)}"
        f" FROM {name['house']} o JOIN {name['klass']} g ON g.organisation_id = o.id"
        f" JOIN {name['enrolment']} e ON e.group_id = g.id AND e.valid_to IS NULL"
        f" JOIN {name['person']} p ON p.id = e.child_id AND p.merged_into_id IS NULL"
        f" LEFT JOIN {name['home']} r ON r.person_id = p.id AND r.valid_to IS NULL"
        f" WHERE o.district_id LIKE '{region}%' AND e.stage IN ('school', 'tvet', 'additional')"
    )
    return frames.frame(statement, _SCHEMA)
