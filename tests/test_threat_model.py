"""Every measure of the threat model names a test that exists, and every line of its tables names one."""

import ast
import re
from functools import cache

import pytest

from tests.source import ROOT

MODEL = (ROOT / "docs/threat-model.md").read_text("utf-8")
HELD = re.compile(r"`([\w./-]+\.py)::(\w+)`")
ROWS = [line for line in MODEL.splitlines() if re.match(r"\| [STRIDE] \|", line)]


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_there_are_measures():
    assert len(ROWS) > 40
    assert {row[2] for row in ROWS} == set("STRIDE")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[2].strip()[:60])
def test_each_measure_is_held_by_a_test_that_exists(row):
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 4 and all(cells)
    named = HELD.findall(cells[3])
    assert named, "no test is named"
    for path, function in named:
        assert (ROOT / path).exists(), path
        assert function.startswith("test_") and function in functions_of(path), f"{path}::{function}"
