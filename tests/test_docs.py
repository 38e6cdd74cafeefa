"""The documents say what is: settings, commands, links and examples are read and tried."""

import ast
import doctest
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from shanyraq.interfaces.cli.main import root
from tests.source import ROOT, calls, literal

SKIPPED = {".venv", ".venv-bench", "var", ".git", "build"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.relative_to(ROOT).parts))
BY_DOCUMENT = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
OPERATOR = ROOT / "docs/guides/operator.md"
RULES = [*sorted((ROOT / "docs/rules").glob("*.md")), ROOT / "docs/guides/ceremony.md"]

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
SETTING = re.compile(r"^\| `(SHANYRAQ_\w+)`", re.MULTILINE)
PLACEHOLDER = re.compile(r"<|…|\.\.\.|\|")  # `shanyraq <noun> <verb>`, `person add|find`: patterns, not commands


@BY_DOCUMENT
def test_links_lead_somewhere(path):
    broken = [
        target
        for target in LINK.findall(path.read_text("utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert not broken


@BY_DOCUMENT
def test_files_that_are_named_exist(path):
    starts = ("shanyraq/", "tests/", "docs/", "norms/", "terms/", "tools/", "config/")
    named = [span for span in SPAN.findall(prose(path)) if span.startswith(starts) and not set(span) & set("<>*{}: ")]
    gone = [name for name in named if not (ROOT / name).exists() and not (ROOT / name).with_suffix(".py").exists()]
    assert not gone


@BY_DOCUMENT
def test_commands_that_are_named_exist(path):
    wrong = [
        f"{command}: {problem}"
        for command in commands_in(path)
        for problem in command_problems(shlex.split(command)[1:])
    ]
    assert not wrong


@BY_DOCUMENT
def test_targets_of_make_that_are_named_exist(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = path.read_text("utf-8")
    named = set(re.findall(r"`make ([a-z-]+)[`\s]", text)) | set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))
    assert named <= targets


@BY_DOCUMENT
def test_lines_are_short_enough_to_read(path):
    if "docs" in path.parts or path.parent == ROOT:
        long = [line for line in prose(path).splitlines() if len(line) > 130 and not line.startswith("|")]
        assert not long


def test_the_table_of_settings_is_complete():
    listed = SETTING.findall(OPERATOR.read_text("utf-8"))
    assert len(listed) == len(set(listed))
    assert set(listed) == {f"SHANYRAQ_{name}" for name in settings_read()}


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_examples_of_rules_run(path):
    blocks = [body for kind, body in FENCE.findall(path.read_text("utf-8")) if kind == "pycon"]
    assert blocks, "an algorithm without an example"
    examples = doctest.DocTestParser().get_doctest("".join(blocks), {}, path.name, str(path), 0)
    said: list[str] = []
    found = doctest.DocTestRunner(verbose=False).run(examples, out=said.append)
    assert found.failed == 0, "".join(said)


@pytest.mark.django_db
def test_the_example_of_the_operator_makes_a_user():
    from shanyraq.foundation.accounts.models import GrantRow

    (example,) = (body for kind, body in FENCE.findall(OPERATOR.read_text("utf-8")) if kind == "python")
    exec(compile(example, "operator.md", "exec"), {})
    assert GrantRow.objects.get(user__sign_in_name="a.officer").role == "officer"


# ---- reading documents


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text("utf-8"))


def commands_in(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    lines = [line.strip() for _, body in FENCE.findall(text) for line in body.splitlines()]
    for found in (*SPAN.findall(prose(path)), *lines):
        command = found.split("  #")[0].removeprefix(".venv/bin/").strip()
        if command.startswith("shanyraq ") and not PLACEHOLDER.search(command):
            yield command


def command_problems(words: list[str]) -> Iterator[str]:
    found: click.Command = root
    options: set[str] = set()
    for word in words:
        if word.startswith("-"):
            options.add(word.split("=")[0])
        elif isinstance(found, click.Group):
            below = found.get_command(click.Context(found), word)
            if below is None:
                yield f"no {word!r}"
                return
            found = below
    known = {name for option in found.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    yield from (f"no option {option}" for option in sorted(options - known))


def settings_read() -> set[str]:
    read = set()
    for path in (ROOT / "config").rglob("*.py"):
        for name, call in calls(ast.parse(path.read_text("utf-8"))):
            if name.startswith("env.") and name != "env.address" and call.args:  # a name of the system, not ours
                read.add(literal(call.args[0]))
    return {name for name in read if name}
