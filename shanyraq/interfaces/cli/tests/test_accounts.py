"""`shanyraq accounts ...`, as the operator runs it."""

import pytest
from click.testing import CliRunner

from shanyraq.foundation.accounts.models import GrantRow, User
from shanyraq.interfaces.cli.accounts import accounts

pytestmark = pytest.mark.django_db


def run(*words: str, typed: str = ""):
    return CliRunner().invoke(accounts, [*words, "--lang", "en"], input=typed)


def test_an_officer_is_added_given_a_role_listed_and_ended():
    assert run("add", "Officer.One", typed="a-long-and-odd-phrase\n").exit_code == 0
    assert User.objects.get(sign_in_name="officer.one").check_password("a-long-and-odd-phrase")
    assert run("grant", "officer.one", "officer", "--territory", "711110000").exit_code == 0
    assert "711110000" in run("list").output
    assert run("revoke", str(GrantRow.objects.get().pk)).exit_code == 0
    assert not GrantRow.objects.exists()


def test_a_dry_run_adds_nobody():
    assert run("add", "officer", "--dry-run", typed="a-long-and-odd-phrase\n").exit_code == 0
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        (("add", "officer"), "12345\n", "accounts.weak_password"),
        (("grant", "nobody", "officer"), "", "accounts.no_such_user"),
        (("password", "nobody"), "", "accounts.no_such_user"),
        (("revoke", "01a20875-01d4-7fb5-807f-bf2f6853383c"), "", "accounts.no_such_grant"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(words, typed, code):
    answer = run(*words, typed=typed)
    assert answer.exit_code == 2
    assert code in answer.output
    assert not User.objects.exists()
