"""Indexes wait while a country is loaded, and none is ever lost."""

import pytest
from django.db import connection

from shanyraq.domains.registry import services
from shanyraq.domains.registry.imports import waiting
from shanyraq.domains.registry.models import Enrolment, Identifier, Person
from shanyraq.domains.registry.tests import builders

TABLES = (Person, Identifier, Enrolment)


def there():
    with connection.cursor() as cursor:
        return {
            (table._meta.db_table, name, tuple(one["columns"] or ()), one["unique"])
            for table in TABLES
            for name, one in connection.introspection.get_constraints(cursor, table._meta.db_table).items()
            if one["index"]
        }


@pytest.mark.django_db
def test_a_fresh_database_lacks_none():
    assert waiting.build() == 0
    assert len(waiting._waiting()) == 6


@pytest.mark.django_db
def test_what_is_dropped_is_built_as_it_was():
    before = there()
    waiting._drop()
    gone = before - there()
    assert {name for _, name, _, _ in gone} == set(waiting._waiting())
    assert not any(unique for _, _, _, unique in gone)
    assert waiting.build() == len(gone)
    assert there() == before


@pytest.mark.django_db
def test_a_load_that_fails_leaves_them_there(monkeypatch, tmp_path):
    monkeypatch.setattr(waiting, "_worth_it", lambda file: True)
    before = there()
    seen = []
    with pytest.raises(ZeroDivisionError):
        _failing(tmp_path, seen)
    assert seen[0] < before
    assert there() == before


def _failing(file, seen):
    with waiting.put_off(file):
        seen.append(there())
        raise ZeroDivisionError


@pytest.mark.django_db
def test_only_for_large_files_into_an_empty_registry(monkeypatch, tmp_path):
    services.load_territory()
    monkeypatch.setattr(waiting, "_unseen", lambda: False)
    file = tmp_path / "pupils.csv"
    file.write_bytes(b"x" * 100)
    assert not waiting._worth_it(file)
    monkeypatch.setattr(waiting, "LARGE", 10)
    assert waiting._worth_it(file)
    monkeypatch.setattr(waiting, "FEW", 0)
    builders.person()
    assert not waiting._worth_it(file)
