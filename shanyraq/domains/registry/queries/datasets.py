"""What the registry publishes for numbers: tables of a day without names, one row a person, an organisation, a post.

Each is one SELECT that PostgreSQL and SQLite both understand. Purpose: statistics of education (Concept 2023-2029,
section 6); nothing is in them that no indicator asks for. People are under keys of the snapshot that lead nowhere
outside of it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from shanyraq.domains.registry.models import (
    Building,
    Circumstance,
    Employment,
    Engagement,
    Enrolment,
    Feature,
    Group,
    Organisation,
    Person,
    Residence,
)
from shanyraq.domains.registry.rules.kinds import EngagementKind, FeatureKind
from shanyraq.foundation import frames

GROWN_UP: Final = 18
PUBLIC_LIFE: Final = (
    EngagementKind.SELF_GOVERNMENT, EngagementKind.DEBATE, EngagementKind.YOUTH_MOVEMENT, EngagementKind.VOLUNTEERING,
)  # fmt: skip
_TABLE: Final = {
    one.__name__.lower(): one._meta.db_table
    for one in (
        Building, Circumstance, Employment, Engagement, Enrolment, Feature, Group, Organisation, Person, Residence,
    )
}  # fmt: skip
_PLACE: Final = """o.kind, o.district_id AS district, CASE WHEN o.rural THEN 'rural' ELSE 'urban' END AS rural,
    o.language, o.ownership"""
_PLACES: Final = {name: pl.String for name in ("kind", "district", "rural", "language", "ownership")}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type and what it says."""

    type: Any
    about: str


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A dataset: name, columns, the statement for a day, and the column that names a person, for a key."""

    name: str
    columns: Mapping[str, Column]
    statement: Callable[[date], str]
    person: str = ""

    def pieces(self, on: date) -> Iterator[pl.DataFrame]:
        """The rows of a day, in pieces, by district of a region. 1 query."""
        raw = {name: _RAW.get(column.type, column.type) for name, column in self.columns.items()}
        for piece in frames.frames(self.statement(on), raw):
            yield piece.with_columns(
                *(pl.col(name) == 1 for name, one in self.columns.items() if one.type == pl.Boolean),
                *(pl.col(name).fill_null("") for name in _PLACES if name in self.columns and name != "kind"),
            )


_RAW: Final = {pl.Boolean: pl.Int8}
_ABOUT: Final = {
    "kind": "kind of organisation",
    "district": "KATO of the district",
    "rural": "rural or urban",
    "language": "language of teaching",
    "ownership": "state or private",
}


def _holds(row: str, on: date) -> str:
    return f"{row}.valid_from <= '{on}' AND ({row}.valid_to IS NULL OR {row}.valid_to > '{on}')"


def _flag(condition: str) -> str:
    return f"MAX(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def _asked(column: str) -> str:
    """Yes, no or not known."""
    return f"CASE WHEN {column} IS NULL THEN NULL WHEN {column} THEN 1 ELSE 0 END"


def _organisations(on: date) -> str:
    features = ", ".join(f"MAX(CASE WHEN f.kind = '{one}' THEN f.value END) AS {one}" for one in FeatureKind)
    return f"""
        SELECT {frames.id_text("o.id")} AS id, {_PLACE}, COALESCE(l.learners, 0), l.last_grade,
            CASE WHEN l.grades IS NULL THEN NULL WHEN l.grades >= l.last_grade - l.first_grade + 1 THEN 1 ELSE 0 END,
            {", ".join(f"p.{one}" for one in FeatureKind)}
        FROM {_TABLE["organisation"]} o
        LEFT JOIN (
            SELECT g.organisation_id AS home, COUNT(e.id) AS learners, MAX(g.grade) AS last_grade,
                MIN(CASE WHEN g.grade > 0 THEN g.grade END) AS first_grade,
                COUNT(DISTINCT CASE WHEN g.grade > 0 THEN g.grade END) AS grades
            FROM {_TABLE["group"]} g
            LEFT JOIN {_TABLE["enrolment"]} e ON e.group_id = g.id AND {_holds("e", on)}
            WHERE {_holds("g", on)} GROUP BY g.organisation_id
        ) l ON l.home = o.id
        LEFT JOIN (
            SELECT f.organisation_id AS home, {features} FROM {_TABLE["feature"]} f
            WHERE {_holds("f", on)} GROUP BY f.organisation_id
        ) p ON p.home = o.id
        WHERE {_holds("o", on)} ORDER BY o.id"""  # noqa: S608 - our own words and a day


def _people(on: date) -> str:
    grown = on.replace(year=on.year - GROWN_UP, day=min(on.day, 28))
    life = ", ".join(f"'{one}'" for one in PUBLIC_LIFE)
    return f"""
        SELECT {frames.id_text("p.id")}, CAST(p.born_on AS text), p.sex, e.kind, COALESCE(r.district_id, e.district),
            CASE WHEN COALESCE(r.rural, e.rural) THEN 'rural' ELSE 'urban' END, e.language, e.ownership,
            COALESCE(e.preschool, 0), COALESCE(e.school, 0), COALESCE(e.tvet, 0), COALESCE(e.club, 0), e.study_year,
            COALESCE(e.state_order, 0), COALESCE(e.in_institution, 0), COALESCE(c.special_needs, 0),
            COALESCE(c.orphan, 0), COALESCE(g.supported, 0), COALESCE(g.dual_training, 0), COALESCE(g.public_life, 0)
        FROM {_TABLE["person"]} p
        LEFT JOIN {_TABLE["residence"]} r ON r.person_id = p.id AND {_holds("r", on)}
        LEFT JOIN (
            SELECT e.child_id AS person, MAX(CASE WHEN e.stage <> 'additional' THEN o.kind END) AS kind,
                MAX(o.district_id) AS district, {_any("o.rural")} AS rural,
                MAX(CASE WHEN e.stage <> 'additional' THEN COALESCE(NULLIF(e.language, ''), g.language) END)
                    AS language,
                MAX(CASE WHEN e.stage <> 'additional' THEN o.ownership END) AS ownership,
                {_flag("e.stage = 'preschool'")} AS preschool, {_flag("e.stage = 'school'")} AS school,
                {_flag("e.stage = 'tvet'")} AS tvet, {_flag("e.stage = 'additional'")} AS club,
                MAX(CASE WHEN e.stage = 'tvet' THEN g.grade END) AS study_year,
                {_flag("e.stage = 'tvet' AND e.funding = 'state_order'")} AS state_order,
                {_flag("o.kind = 'orphan_care'")} AS in_institution
            FROM {_TABLE["enrolment"]} e
            JOIN {_TABLE["group"]} g ON g.id = e.group_id
            JOIN {_TABLE["organisation"]} o ON o.id = g.organisation_id
            WHERE {_holds("e", on)} GROUP BY e.child_id
        ) e ON e.person = p.id
        LEFT JOIN (
            SELECT c.person_id AS person, {_flag("c.kind = 'special_needs'")} AS special_needs,
                {_flag("c.kind IN ('orphan', 'in_care')")} AS orphan
            FROM {_TABLE["circumstance"]} c WHERE {_holds("c", on)} GROUP BY c.person_id
        ) c ON c.person = p.id
        LEFT JOIN (
            SELECT n.person_id AS person, {_flag("n.kind = 'support'")} AS supported,
                {_flag("n.kind = 'dual_training'")} AS dual_training, {_flag(f"n.kind IN ({life})")} AS public_life
            FROM {_TABLE["engagement"]} n WHERE {_holds("n", on)} GROUP BY n.person_id
        ) g ON g.person = p.id
        WHERE p.merged_into_id IS NULL AND (p.born_on > '{grown}' OR e.person IS NOT NULL)
            AND p.born_on <= '{on}' AND COALESCE(r.district_id, e.district) IS NOT NULL
        ORDER BY p.id"""  # noqa: S608 - our own words and a day


def _any(column: str) -> str:
    """Whether a yes-and-no column is ever yes: SQLite keeps such as numbers, PostgreSQL has a type for them."""
    return f"(MAX(CASE WHEN {column} THEN 1 ELSE 0 END) = 1)"


def _staff(on: date) -> str:
    return f"""
        SELECT {frames.id_text("m.person_id")}, {_PLACE}, m.post, m.subject,
            CASE WHEN m.category_until IS NULL OR m.category_until > '{on}' THEN m.category ELSE '' END,
            {_asked("m.profile")}, {_asked("m.from_industry")},
            CASE WHEN ROW_NUMBER() OVER (PARTITION BY m.person_id ORDER BY m.load DESC, m.id) = 1 THEN 1 ELSE 0 END
        FROM {_TABLE["employment"]} m JOIN {_TABLE["organisation"]} o ON o.id = m.organisation_id
        WHERE {_holds("m", on)} AND {_holds("o", on)} ORDER BY m.id"""  # noqa: S608 - our own words and a day


def _premises(on: date) -> str:
    return f"""
        SELECT {frames.id_text("b.id")}, {_PLACE}, b.design_capacity,
            CAST(substr(CAST(b.valid_from AS text), 1, 4) AS int)
        FROM {_TABLE["building"]} b JOIN {_TABLE["organisation"]} o ON o.id = b.organisation_id
        WHERE {_holds("b", on)} AND {_holds("o", on)} ORDER BY b.id"""  # noqa: S608 - our own words and a day


def _graduates(on: date) -> str:
    left = "CAST(e.valid_to AS text)"
    year_later = f"(CAST(CAST(substr({left}, 1, 4) AS int) + 1 AS text) || substr({left}, 5))"
    return f"""
        SELECT {frames.id_text("e.child_id")}, {_PLACE}, CAST(substr({left}, 1, 4) AS int),
            CASE WHEN EXISTS (
                SELECT 1 FROM {_TABLE["engagement"]} n WHERE n.person_id = e.child_id AND n.kind = 'employed'
                    AND n.valid_from >= e.valid_to AND CAST(n.valid_from AS text) < {year_later}
            ) THEN 1 ELSE 0 END
        FROM {_TABLE["enrolment"]} e
        JOIN {_TABLE["group"]} g ON g.id = e.group_id
        JOIN {_TABLE["organisation"]} o ON o.id = g.organisation_id
        WHERE e.stage = 'tvet' AND e.exit_reason = 'graduated' AND e.valid_to <= '{on}'
        ORDER BY e.id"""  # noqa: S608 - our own words and a day


def _columns(**columns: tuple[Any, str]) -> Mapping[str, Column]:
    return {name: Column(kind, about) for name, (kind, about) in columns.items()}


def _placed() -> dict[str, tuple[Any, str]]:
    return {name: (pl.String, _ABOUT[name]) for name in _PLACES}


_KEY: Final = (pl.String, "key of the person in this snapshot; leads nowhere outside of it")
PUBLISHED: Final = (
    PublishedTable("organisations", _columns(
        id=(pl.String, "id of the organisation; public"), **_placed(),
        learners=(pl.Int64, "learners on the day"), last_grade=(pl.Int64, "highest grade taught"),
        full_complement=(pl.Boolean, "every grade has a class of its own"),
        **{one.value: (pl.Float64, f"passport: {one.value}; empty: not known") for one in FeatureKind},
    ), _organisations),
    PublishedTable("people", _columns(
        key=_KEY, born_on=(pl.String, "replaced by age"), sex=(pl.String, "male or female"), **_placed(),
        preschool=(pl.Boolean, "attends a preschool organisation"), school=(pl.Boolean, "learns at a school"),
        tvet=(pl.Boolean, "learns at a college"), club=(pl.Boolean, "in additional education"),
        study_year=(pl.Int64, "year of study at a college"), state_order=(pl.Boolean, "the state pays for the college"),
        in_institution=(pl.Boolean, "lives in an institution for orphans"),
        special_needs=(pl.Boolean, "special needs were found"), orphan=(pl.Boolean, "without parental care"),
        supported=(pl.Boolean, "receives special support"), dual_training=(pl.Boolean, "also learns at an enterprise"),
        public_life=(pl.Boolean, "in at least one form of public activity"),
    ), _people, "key"),
    PublishedTable("staff", _columns(
        key=_KEY, **_placed(), post=(pl.String, "post"), subject=(pl.String, "subject taught"),
        category=(pl.String, "category in force on the day"),
        profile=(pl.Boolean, "educated for the post; empty: not known"),
        from_industry=(pl.Boolean, "came from production; empty: not known"),
        main=(pl.Boolean, "the main one of the person's posts: each person once"),
    ), _staff, "key"),
    PublishedTable("premises", _columns(
        id=(pl.String, "id of the building"), **_placed(), capacity=(pl.Int64, "places in one shift, by the design"),
        opened=(pl.Int64, "year in which it was put into use"),
    ), _premises),
    PublishedTable("graduates", _columns(
        key=_KEY, **_placed(), graduated=(pl.Int64, "calendar year"),
        employed=(pl.Boolean, "found work within a year"),
    ), _graduates, "key"),
)  # fmt: skip
