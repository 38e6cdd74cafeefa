import click
import pytest
from click.testing import CliRunner

from shanyraq.foundation import commands
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id

nouns = commands.group("nouns")


@nouns.command("write")
@commands.argument("name")
@commands.writes
def write(run: commands.Run, name: str) -> None:
    User.objects.create(id=new_id(), sign_in_name=name, created_at=run.now)
    click.echo(f"{name} by {run.actor.system}")


@nouns.command("refuse")
@commands.writes
def refuse(run: commands.Run) -> None:
    User.objects.create(id=new_id(), sign_in_name="half-done", created_at=run.now)
    raise Refusal("access.no_such_user", name="Ghost")


@nouns.command("look")
@commands.reads
def look(run: commands.Run) -> None:
    click.echo(str(run.actor.user))
    run.table([("a", 1), ("bb", 1234)], ["name", "count"])


def call(*words: str) -> "click.testing.Result":
    return CliRunner().invoke(nouns, words)


@pytest.mark.django_db
def test_a_write_is_saved_and_acts_as_the_command_line():
    answer = call("write", "aigerim")
    assert (answer.exit_code, answer.output) == (0, "aigerim by command line\n")
    assert User.objects.filter(sign_in_name="aigerim").exists()


@pytest.mark.django_db
def test_a_dry_run_says_what_would_happen_and_saves_nothing():
    answer = call("write", "aigerim", "--dry-run", "--lang", "en")
    assert answer.output.splitlines() == [
        "aigerim by command line",
        "This was a dry run: nothing has been saved.",
    ]
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lang", "words"),
    [("kk", "деген пайдаланушы жоқ"), ("ru", "Пользователя «Ghost» нет"), ("en", "There is no user “Ghost”")],
)
def test_a_refusal_is_told_in_the_language_and_leaves_nothing(lang, words):
    answer = call("refuse", "--lang", lang)
    assert answer.exit_code == commands.REFUSED
    assert words in answer.stderr
    assert "[access.no_such_user(name=Ghost)]" in answer.stderr
    assert not User.objects.exists()


@pytest.mark.django_db
def test_as_names_the_actor_and_an_unknown_name_is_refused():
    call("write", "marat")
    user = User.objects.get()
    assert str(user.id) in call("look", "--as", "Marat").output
    assert call("look", "--as", "nobody").exit_code == commands.REFUSED


@pytest.mark.django_db
def test_a_table_has_aligned_columns():
    lines = call("look", "--lang", "en").output.splitlines()
    assert lines[1:] == ["name  count", "a     1", "bb    1,234"]


def test_the_language_of_the_terminal(monkeypatch):
    for name in ("SHANYRAQ_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert commands.terminal_lang() == "en"
    monkeypatch.setenv("LANG", "kk_KZ.UTF-8")
    assert commands.terminal_lang() == "kk"
    monkeypatch.setenv("SHANYRAQ_LANG", "ru")
    assert commands.terminal_lang() == "ru"


def test_help_is_spoken(monkeypatch):
    monkeypatch.setenv("SHANYRAQ_LANG", "ru")
    assert "ничего не сохранять" in " ".join(call("write", "--help").output.split())
