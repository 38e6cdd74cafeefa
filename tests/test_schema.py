"""The tables as the database has them: zones, indexes, comments, names, bounded periods. On SQLite and PostgreSQL."""

import re
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from shanyraq.foundation import history
from shanyraq.foundation.history import past_of

pytestmark = pytest.mark.django_db

TABLES = [model for model in apps.get_models() if model.__module__.startswith("shanyraq.") and model._meta.managed]
PAST = [past_of(table) for table in history.TABLES.values()]  # copies of rows that were held to the rules when written
BY_TABLE = pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)

INSTANT = re.compile(r"(.+_)?(at|since)")  # datetimes: what happened when
KNOWN = "known_to"  # of the second clock: the instant since which we know better
DAY = re.compile(r"(.+_)?(on|by|from|to|until)")  # dates: days that bound something, or on which it happened
MADE_UP = re.compile(r"_[0-9a-f]{6,8}(_idx|_uniq|_fk)?$")  # names that Django makes where none is given
UNTOLD = re.compile(r"(^|_)(auto|alter|rename|and_more|initial)(_|$)")


def test_there_are_tables_to_look_at():
    assert len(TABLES) > 20


def test_no_migration_is_missing():
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_every_migration_has_run():
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_migrations_have_telling_names_and_can_be_taken_back():
    own = {label for label in (model._meta.app_label for model in TABLES)}
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app in own:
            assert not UNTOLD.search(name), f"{app}.{name}"
            assert all(operation.reversible for operation in migration.operations), f"{app}.{name}"


@BY_TABLE
def test_a_table_says_what_it_holds(model):
    comment = model._meta.db_table_comment
    assert comment, "Meta.db_table_comment"
    if connection.features.supports_comments:
        assert live_comment(model._meta.db_table) == comment


@BY_TABLE
def test_instants_know_their_zone(model):
    assert settings.USE_TZ
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() "
                "AND table_name = %s AND data_type = 'timestamp without time zone'",
                [model._meta.db_table],
            )
            assert cursor.fetchall() == []


@BY_TABLE
def test_dates_and_instants_are_named_as_such(model):
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.DateTimeField):
            assert INSTANT.fullmatch(field.name) or field.name == KNOWN or inherited(field), field.name
            assert not (field.auto_now or field.auto_now_add), f"{field.name}: the clock is an argument"
        elif isinstance(field, models.DateField):
            assert DAY.fullmatch(field.name), field.name


@BY_TABLE
def test_a_period_holds_at_least_a_day(model):
    if model in PAST:
        return
    names = {field.name for field in model._meta.local_concrete_fields}
    for start, end in (("valid_from", "valid_to"), ("opened_at", "closes_at")):
        if {start, end} <= names:
            bounded = [one for one in checks(model) if {start, end} <= referenced(one)]
            assert bounded, f"no constraint bounds {start} and {end}"


@BY_TABLE
def test_every_foreign_key_leads_an_index(model):
    leading = {found["columns"][0] for found in live(model) if found["columns"] and (found["index"] or found["unique"])}
    wanted = {field.column for field in model._meta.local_concrete_fields if field.is_relation}
    assert wanted <= leading


@BY_TABLE
def test_constraints_and_indexes_are_named_by_us_and_are_there(model):
    named = [one.name for one in (*model._meta.constraints, *model._meta.indexes)]
    assert not [name for name in named if MADE_UP.search(name)]
    assert not model._meta.unique_together
    with connection.cursor() as cursor:
        there = set(connection.introspection.get_constraints(cursor, model._meta.db_table))
    assert set(named) <= there


@pytest.mark.parametrize("table", history.TABLES.values(), ids=lambda table: table._meta.label)
def test_the_view_of_all_versions_has_the_columns_of_the_table(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table._meta.db_table}_known LIMIT 0")
        there = {column[0] for column in cursor.description}
    assert there == {field.column for field in table._meta.local_concrete_fields} | {KNOWN}


@BY_TABLE
def test_uniqueness_is_a_named_constraint(model):
    unnamed = [
        field.name
        for field in model._meta.local_concrete_fields
        if field.unique and not field.primary_key and not isinstance(field, models.OneToOneField)
    ]
    assert not unnamed


@BY_TABLE
def test_the_order_of_rows_is_asked_for_and_never_assumed(model):
    assert not model._meta.ordering


@BY_TABLE
def test_rows_of_people_are_not_numbered_in_order(model):
    # the order of the ledger and its log is their meaning; they name nobody
    counted = {f"ledger.{name}" for name in ("LedgerEntry", "Pending", "Leaf", "Tile", "Checkpoint")} | {
        "nation.Number"
    }
    key = model._meta.pk
    assert isinstance(key, models.UUIDField | models.CharField) or model._meta.label in counted


def test_the_embedded_database_can_be_read_without_django():
    if connection.vendor != "sqlite":
        pytest.skip("of SQLite: its constraints may name functions that only Django knows")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE '%CHECK (django!_%' ESCAPE '!'")
        assert [name for name, _ in cursor.fetchall()] == []


# ---- what the database says


def live(model: type[models.Model]) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        return list(connection.introspection.get_constraints(cursor, model._meta.db_table).values())


def live_comment(table: str) -> str | None:
    with connection.cursor() as cursor:
        return next(found.comment for found in connection.introspection.get_table_list(cursor) if found.name == table)


def checks(model: type[models.Model]) -> list[models.CheckConstraint]:
    return [one for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]


def referenced(constraint: models.CheckConstraint) -> set[str]:
    return {name for name in constraint.condition.referenced_base_fields} | {
        value.name for _, value in walked(constraint.condition) if isinstance(value, models.F)
    }


def walked(condition: models.Q) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for child in condition.children:
        found += walked(child) if isinstance(child, models.Q) else [child]
    return found


def inherited(field: models.Field) -> bool:
    return field.name == "last_login"  # of Django's base of users
