"""The words of the code are the words of `terms/glossary.yaml`: tables, enums and values of rules."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from shanyraq.foundation.text import LANGS

ROOT = Path(__file__).resolve().parents[4]
GLOSSARY = yaml.safe_load((ROOT / "terms" / "glossary.yaml").read_text("utf-8"))
HELD = (
    "shanyraq/domains/*/models.py", "shanyraq/domains/*/models/*.py", "shanyraq/domains/*/rules/**/*.py",
    "shanyraq/foundation/*/models.py", "shanyraq/foundation/timeline/*.py", "shanyraq/foundation/norms/*.py",
    "shanyraq/foundation/workdays/*.py", "shanyraq/foundation/access/__init__.py",
)  # fmt: skip
# what a name may carry beside its word: the kind of a thing, its reason, its numbers, its line in a table
SUFFIXES = ("Kind", "Reason", "Refusal", "Norm", "Norms", "Row", "Inputs")
BASES = {"Model", "AbstractBaseUser", "StrEnum"}


def held_classes() -> Iterator[tuple[str, str]]:
    """Tables, enums and dataclasses that others may import, with their file."""
    for pattern in HELD:
        for path in sorted(ROOT.glob(pattern)):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and _held(node):
                    yield node.name, str(path.relative_to(ROOT))


def _held(node: ast.ClassDef) -> bool:
    bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
    return bool(bases & BASES) or any("dataclass" in ast.unparse(mark) for mark in node.decorator_list)


def words_of(name: str) -> set[str]:
    """The name in the glossary's spelling, as it is and without what a name may carry."""
    bare = {name, *(name.removesuffix(suffix) for suffix in SUFFIXES if name != suffix)}
    singular = {each.removesuffix("s") for each in bare}
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", each).lower() for each in bare | singular}


@pytest.mark.parametrize(("name", "path"), sorted(set(held_classes())))
def test_the_names_of_the_code_are_words_of_the_glossary(name, path):
    assert words_of(name) & set(GLOSSARY), f"{name} in {path} is not in terms/glossary.yaml"


@pytest.mark.parametrize("term", GLOSSARY)
def test_every_word_is_told_in_three_languages(term):
    entry = GLOSSARY[term]
    assert set(entry) == {*LANGS, "means"}
    assert set(entry["means"]) == set(LANGS)
    assert all(text.strip() for text in [*(entry[lang] for lang in LANGS), *entry["means"].values()])


def test_no_word_of_a_language_names_two_things():
    for lang in LANGS:
        told = [entry[lang] for entry in GLOSSARY.values()]
        assert sorted(set(told)) == sorted(told)
