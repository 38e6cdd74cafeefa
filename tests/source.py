"""The source of the house as syntax trees, for tests that hold rules of style and of the architecture."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "shanyraq"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the package: its dotted name, its lines and its tree."""

    path: Path
    name: str
    lines: int
    tree: ast.Module

    @property
    def functions(self) -> Iterator[Function]:
        """Functions at the top of the file."""
        return (node for node in self.tree.body if isinstance(node, Function))

    @property
    def classes(self) -> Iterator[ast.ClassDef]:
        """Classes at the top of the file."""
        return (node for node in self.tree.body if isinstance(node, ast.ClassDef))

    def place(self, node: ast.AST) -> str:
        """Where a node stands, as an editor opens it."""
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Every module of the package but tests and migrations."""
    paths = sorted(path for path in PACKAGE.rglob("*.py") if not {"tests", "migrations"} & set(path.parts))
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Module:
    source = path.read_text("utf-8")
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(path, name, source.count("\n"), ast.parse(source))


def in_layer(module: Module, *layers: str) -> bool:
    """Whether the module belongs to one of the layers of a domain or of a part of the foundation: rules, services."""
    return bool(set(layers) & set(module.name.split(".")[3:]))


def public(name: str) -> bool:
    """Whether a name is meant for others."""
    return not name.startswith("_")


def every_function(module: Module) -> Iterator[tuple[str, Function]]:
    """All functions and methods with their qualified names, those inside functions too."""
    yield from _walk(module.tree, "")


def _walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield f"{prefix}{child.name}", child
        named = isinstance(child, Function | ast.ClassDef)
        yield from _walk(child, f"{prefix}{child.name}." if named else prefix)


def body_lines(function: Function) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names, or an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the dotted name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def literal(node: ast.AST | None) -> str | None:
    """The text of a string literal, else None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
