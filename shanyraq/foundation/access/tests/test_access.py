from enum import StrEnum
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from shanyraq.foundation import access
from shanyraq.foundation.access import ANYONE, Actor, Grant, Role, Rule
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.uid import new_id

CHILDREN = tuple(new_id() for _ in range(3))
DISTRICTS = ("711110000", "711210000", "751110000")


class Do(StrEnum):
    READ = "read"
    CHANGE = "change"
    REMOVE = "remove"


def _notices():
    from django.apps import apps  # any table with an id, a text and an optional id will do

    return apps.get_model("notices", "Notice")


RULES: access.Rules = {
    Do.READ: (
        Rule(Role.GUARDIAN, lambda actor, grant: Q(person_id=actor.person)),
        Rule(Role.OFFICER, lambda actor, grant: access.in_territory("link", grant)),
        Rule(Role.OFFICER, access.opened("person_id")),
        Rule(Role.OPERATOR, access.every_row),
    ),
    Do.CHANGE: (Rule(Role.OFFICER, lambda actor, grant: access.in_territory("link", grant)),),
}

grants = st.builds(Grant, st.sampled_from(Role), st.sampled_from(("", "71", "75", *DISTRICTS)))
actors = st.builds(
    Actor,
    st.just(new_id()),
    st.sampled_from((None, *CHILDREN)),
    st.lists(grants, max_size=3).map(tuple),
    st.frozensets(st.sampled_from(CHILDREN)),
)


class OneRuleGivesFilterAndCheck(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        from datetime import UTC, datetime

        at = datetime(2026, 9, 1, tzinfo=UTC)
        for child in CHILDREN:
            for district in DISTRICTS:
                _notices().objects.create(person_id=child, code="x", link=district, created_at=at)

    @settings(max_examples=60, deadline=None)
    @given(actor=actors, action=st.sampled_from(Do))
    def test_the_check_passes_exactly_on_the_rows_of_the_filter(self, actor: Actor, action: Do) -> None:
        table = _notices().objects.all()
        found = set(table.filter(access.rows(RULES, action, actor)).values_list("pk", flat=True))
        passed = {pk for pk in table.values_list("pk", flat=True) if _passes(action, actor, table, pk)}
        assert passed == found
        assert found == {row.pk for row in table if _allowed(action, actor, row)}

    @settings(max_examples=60, deadline=None)
    @given(actor=actors, action=st.sampled_from(Do))
    def test_explain_names_a_grant_when_a_row_is_open(self, actor: Actor, action: Do) -> None:
        explained = access.explain(RULES, action, actor)
        if _notices().objects.filter(access.rows(RULES, action, actor)).exists():
            assert explained.grants
        assert all(grant.role in explained.roles for grant in explained.grants)


def _passes(action: Do, actor: Actor, table: Any, pk: object) -> bool:
    try:
        access.require(RULES, action, actor, table, pk)
    except NotAllowed:
        return False
    return True


def _allowed(action: Do, actor: Actor, row: Any) -> bool:
    """The rules once more, by hand and in memory."""
    for grant in actor.grants:
        here = row.link.startswith(grant.territory)
        if grant.role is Role.OFFICER and action in (Do.READ, Do.CHANGE) and here:
            return True
        if grant.role is Role.OFFICER and action is Do.READ and row.person_id in actor.opened:
            return True
        if grant.role is Role.GUARDIAN and action is Do.READ and actor.person and row.person_id == actor.person:
            return True
        if grant.role is Role.OPERATOR and action is Do.READ:
            return True
    return False


@pytest.mark.django_db
def test_what_no_rule_names_is_denied_also_to_the_operator():
    assert access.rows(RULES, Do.REMOVE, access.system("test")) == access.rows(RULES, Do.READ, ANYONE)
    with pytest.raises(NotAllowed) as refused:
        access.require(RULES, Do.REMOVE, access.system("test"), _notices().objects.all(), new_id())
    assert refused.value.code == "access.denied"


@pytest.mark.django_db
def test_a_row_that_is_not_there_is_denied_like_one_that_is_not_mine():
    with pytest.raises(NotAllowed):
        access.require(RULES, Do.READ, access.system("test"), _notices().objects.all(), new_id())


def test_a_role_is_required():
    access.require_role(Actor(new_id(), grants=(Grant(Role.HEAD),)), Role.HEAD, Role.OFFICER)
    with pytest.raises(NotAllowed):
        access.require_role(ANYONE, Role.HEAD)


def test_explain_tells_roles_and_grants():
    officer = Grant(Role.OFFICER, "711110000")
    explained = access.explain(RULES, Do.CHANGE, Actor(new_id(), grants=(officer, Grant(Role.HEAD))))
    assert explained == access.Explanation("change", (Role.OFFICER,), (officer,))
    assert access.explain(RULES, Do.REMOVE, access.system("x")).roles == ()
