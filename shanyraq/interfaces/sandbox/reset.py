"""Empties every table of the country; territory stays. For the demonstration only."""

from django.apps import apps
from django.db import connection, transaction

KEPT = frozenset({"registry_territory", "django_migrations", "django_content_type", "auth_permission"})


@transaction.atomic
def empty_tables() -> int:
    """Empty the tables; how many."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - KEPT)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = ", ".join(connection.ops.quote_name(name) for name in tables)
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY")
        else:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            for name in tables:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608 - our own tables
    return len(tables)
