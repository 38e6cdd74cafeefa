import re

import pytest
from click.testing import CliRunner

from shanyraq.foundation import clock
from shanyraq.foundation.clients import queries, services
from shanyraq.foundation.text import LANGS
from shanyraq.interfaces.cli.main import root

pytestmark = pytest.mark.django_db
ADD = (
    "clients",
    "add",
    "Queue",
    "--owner",
    "Region, 7 7162",
    "--scope",
    "read:groups:71",
    "--scope",
    "write:groups:71",
)


def run(*words: str) -> str:
    answer = CliRunner().invoke(root, list(words))
    assert answer.exit_code == 0, answer.output
    return answer.output


def added() -> tuple[str, str]:
    said = run(*ADD, "--lang", "en")
    found = re.search(r"client_id\): (\w+)\n.*client_secret\): (\S+)", said)
    assert found
    return found[1], found[2]


@pytest.mark.parametrize("lang", LANGS)
def test_the_secret_is_shown_once(lang):
    code, secret = added()
    listed = run("clients", "list", "--lang", lang)
    assert code in listed and "read:groups:71 write:groups:71" in listed and secret not in listed
    assert services.sign_in(code=code, secret=secret, now=clock.now()) is not None


def test_a_dry_run_adds_nobody():
    run(*ADD, "--dry-run")
    assert not queries.clients()


def test_another_secret_beside_the_first_or_at_once():
    code, first = added()
    beside = run("clients", "rotate", code)
    assert services.sign_in(code=code, secret=first, now=clock.now()) is not None
    at_once = run("clients", "rotate", code, "--at-once")
    assert services.sign_in(code=code, secret=first, now=clock.now()) is None
    assert len({first, beside, at_once}) == 3


def test_other_scopes_and_the_end():
    code, secret = added()
    run("clients", "scopes", code, "--scope", "read:rounds:*", "--rate", "50")
    (card,) = queries.clients()
    assert ([str(one) for one in card.scopes], card.rate) == (["read:rounds:*"], 50)
    assert "5" in run("clients", "revoke", code, "--lang", "en")
    assert services.sign_in(code=code, secret=secret, now=clock.now()) is None


@pytest.mark.parametrize("words", [(*ADD[:-1], "write:everything:71"), ("clients", "revoke", "nobody")])
def test_what_cannot_be_ends_with_the_code_of_a_refusal(words):
    answer = CliRunner().invoke(root, list(words))
    assert answer.exit_code == 2 and "clients." in answer.output
