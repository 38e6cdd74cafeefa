from datetime import date, timedelta

import pytest

from shanyraq.foundation import audit
from shanyraq.foundation.access import ANYONE, Actor, Grant, Role
from shanyraq.foundation.accounts import services
from shanyraq.foundation.accounts.models import GrantRow, User
from shanyraq.foundation.accounts.tests.builders import NOW, OPERATOR, PASSWORD, a_parent, a_user, an_officer
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 2)


def give(user, role, **more):
    return services.grant(actor=OPERATOR, user=user.id, role=role, **{"valid_from": TODAY, "now": NOW, **more})


def test_a_name_is_kept_in_lower_case_and_once():
    assert a_user("  Aigul@Mysal.kz ").sign_in_name == "aigul@mysal.kz"
    with pytest.raises(Refusal) as refused:
        a_user("AIGUL@mysal.kz")
    assert (refused.value.code, refused.value.field) == ("accounts.name_taken", "sign_in_name")


@pytest.mark.parametrize("password", ["short", "password123", "          "[:5]])
def test_a_weak_password_is_refused_and_no_account_stays(password):
    with pytest.raises(Refusal) as refused:
        a_user(password=password)
    assert refused.value.code == "accounts.weak_password"
    assert not User.objects.exists()


def test_without_a_password_nothing_typed_signs_in():
    assert not a_user(password=None).has_usable_password()


@pytest.mark.parametrize("actor", [ANYONE, Actor(new_id(), None, (Grant(Role.MINISTRY),))])
def test_only_the_operator_makes_accounts_and_gives_roles(actor):
    user = a_user()
    with pytest.raises(NotAllowed):
        services.create_user(actor=actor, sign_in_name="x", now=NOW)
    with pytest.raises(NotAllowed):
        services.grant(actor=actor, user=user.id, role=Role.OPERATOR, valid_from=TODAY, now=NOW)
    with pytest.raises(NotAllowed):
        services.set_password(actor=actor, user=user.id, password=PASSWORD, now=NOW)


def test_one_changes_ones_own_password():
    user = a_user()
    services.set_password(actor=Actor(user.id), user=user.id, password="жаңа ұзын құпиясөз", now=NOW)
    user.refresh_from_db()
    assert user.check_password("жаңа ұзын құпиясөз")


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (Role.GUARDIAN, {}),
        (Role.HEAD, {}),
        (Role.OFFICER, {"organisation": new_id()}),
        (Role.OFFICER, {"territory": "71", "valid_to": TODAY}),
    ],
)
def test_a_grant_with_a_wrong_scope_or_period_is_refused(role, more):
    with pytest.raises(Refusal) as refused:
        give(a_user(), role, **more)
    assert refused.value.code == "accounts.grant_scope"


def test_grants_count_from_their_first_day_to_the_day_before_their_end():
    user = a_user()
    give(user, Role.OFFICER, territory="711110000", valid_to=TODAY + timedelta(days=2))
    for days, expected in ((-1, ()), (0, ("officer",)), (1, ("officer",)), (2, ())):
        actor = services.actor_of(user, NOW + timedelta(days=days))
        assert tuple(grant.role.value for grant in actor.grants) == expected


def test_the_day_is_that_of_kazakhstan():
    user = a_user()
    give(user, Role.OFFICER, territory="711110000")
    before_midnight = NOW.replace(day=1, hour=18, minute=59)
    assert services.actor_of(user, before_midnight).grants == ()
    assert services.actor_of(user, before_midnight + timedelta(minutes=1)).grants != ()


def test_a_person_is_a_guardian_without_a_grant():
    parent = a_parent()
    actor = services.actor_of(parent, NOW)
    assert actor == Actor(parent.id, parent.person_id, (Grant(Role.GUARDIAN),))


def test_what_was_opened_by_break_glass_comes_with_the_actor():
    user, child = an_officer(), new_id()
    audit.open_record(actor=services.actor_of(user, NOW), child=child, reason="Ата-анасы ауруханада жатыр", now=NOW)
    assert services.actor_of(user, NOW).opened == {child}
    assert services.actor_of(user, NOW + timedelta(days=30)).opened == frozenset()


def test_an_actor_costs_one_query_and_staff_two(django_assert_num_queries):
    parent, staff = a_parent(), an_officer()
    with django_assert_num_queries(1):
        services.actor_of(parent, NOW)
    with django_assert_num_queries(2):
        services.actor_of(staff, NOW)


def test_a_grant_ends_on_a_day_once():
    user = a_user()
    grant = give(user, Role.AUDITOR)
    tomorrow = TODAY + timedelta(days=1)
    services.revoke(actor=OPERATOR, grant=grant, on=tomorrow, now=NOW)
    assert services.actor_of(user, NOW).has(Role.AUDITOR)
    assert not services.actor_of(user, NOW + timedelta(days=1)).has(Role.AUDITOR)
    with pytest.raises(Refusal) as refused:
        services.revoke(actor=OPERATOR, grant=grant, on=tomorrow, now=NOW)
    assert refused.value.code == "accounts.grant_ended"


def test_a_grant_that_has_not_begun_is_removed():
    grant = give(a_user(), Role.AUDITOR, valid_from=TODAY + timedelta(days=9))
    services.revoke(actor=OPERATOR, grant=grant, on=TODAY, now=NOW)
    assert not GrantRow.objects.exists()


def test_a_person_gets_one_account_at_the_first_visit():
    person = new_id()
    first = services.user_of_person(actor=OPERATOR, person=person, language="ru", now=NOW)
    again = services.user_of_person(actor=OPERATOR, person=person, language="kk", now=NOW)
    assert first == again
    assert (first.person_id, first.language, first.has_usable_password()) == (person, "ru", False)


def test_every_verb_is_in_the_audit():
    user = a_user()
    grant = give(user, Role.AUDITOR)
    services.revoke(actor=OPERATOR, grant=grant, on=TODAY + timedelta(days=1), now=NOW)
    services.set_password(actor=OPERATOR, user=user.id, password=PASSWORD, now=NOW)
    services.choose_language(actor=Actor(user.id), language="en", now=NOW)
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {
        "accounts.create_user",
        "accounts.grant",
        "accounts.revoke",
        "accounts.set_password",
        "accounts.choose_language",
    }


def test_a_language_that_is_none_of_ours_is_refused():
    with pytest.raises(Refusal) as refused:
        services.choose_language(actor=Actor(a_user().id), language="fr", now=NOW)
    assert refused.value.code == "accounts.language_unknown"
