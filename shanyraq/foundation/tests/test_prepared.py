from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from shanyraq.foundation.accounts.models import GrantRow, User
from shanyraq.foundation.prepared import Prepared
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
NAMES = ("id", "role", "territory", "valid_from", "user__sign_in_name", "user__created_at")


def rows(user, on):
    return GrantRow.objects.filter(user=user, valid_from__lte=on).order_by("id").values_list(*NAMES)


@pytest.fixture
def user():
    from shanyraq.foundation import clock

    made = User.objects.create_user("a.user", created_at=clock.now())
    for day in range(3):
        GrantRow.objects.create(user=made, role="officer", territory="71", valid_from=DAY + timedelta(days=day))
    return made.id


@pytest.mark.parametrize("days", [-1, 0, 1, 2])
def test_the_rows_are_those_of_the_orm(user, days):
    prepared, on = Prepared(rows, UUID, date), DAY + timedelta(days=days)
    for _ in range(2):
        assert prepared.rows(user, on) == list(rows(user, on))
    assert prepared.rows(new_id(), on) == []


def test_it_takes_one_query(user):
    prepared = Prepared(rows, UUID, date)
    with CaptureQueriesContext(connection) as counted:
        prepared.rows(user, DAY)
        prepared.rows(user, DAY)
    assert len(counted) == 2


def test_a_filter_that_nothing_can_pass_gives_nothing(user):
    assert Prepared(lambda pk: User.objects.filter(Q(pk__in=()), pk=pk).values_list("id"), UUID).rows(user) == []


def test_rows_are_held_where_the_database_can(user):
    held = Prepared(lambda pk: User.objects.filter(pk=pk).values_list("id"), UUID, lock=User._meta.db_table)
    with CaptureQueriesContext(connection) as counted:
        assert held.rows(user) == [(user,)]
    assert ("FOR UPDATE" in counted[0]["sql"]) == (connection.vendor == "postgresql")
