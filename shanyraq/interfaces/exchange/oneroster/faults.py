"""What is wrong with a package of others, said so that whoever made it can find it: file, line, column. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shanyraq.foundation.imports.issues import Severity


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `line` is that of the file as a person counts it, 0 for the file as a whole; the texts are
    `imports.issue.<code>` and `.todo`."""

    code: str
    severity: Severity
    file: str
    line: int = 0
    column: str = ""
    value: str = ""
    fix: str = ""


@dataclass(slots=True)
class Faults:
    """Faults as they are found, and which rows they shut out."""

    found: list[Fault] = field(default_factory=list)
    blocked: set[tuple[str, int]] = field(default_factory=set)

    def add(self, fault: Fault) -> None:
        """Note a fault."""
        self.found.append(fault)
        if fault.severity is Severity.BLOCKS and fault.line:
            self.blocked.add((fault.file, fault.line))

    def blocks(self, code: str, file: str, line: int, column: str = "", value: str = "", fix: str = "") -> None:
        """A row that cannot be taken."""
        self.add(Fault(code, Severity.BLOCKS, file, line, column, value, fix))

    def explains(self, code: str, file: str, line: int, column: str = "", value: str = "", fix: str = "") -> None:
        """A row that is taken, without something."""
        self.add(Fault(code, Severity.EXPLAIN, file, line, column, value, fix))

    def hints(self, code: str, file: str, line: int, column: str = "", value: str = "", fix: str = "") -> None:
        """Something to know."""
        self.add(Fault(code, Severity.HINT, file, line, column, value, fix))

    def shut_out(self, file: str, line: int) -> bool:
        """Whether a row is blocked."""
        return (file, line) in self.blocked


def counted(faults: Iterable[Fault]) -> Mapping[tuple[str, str, str], int]:
    """How often each fault stands in each file and column."""
    counts: dict[tuple[str, str, str], int] = {}
    for one in faults:
        counts[one.file, one.column, one.code] = counts.get((one.file, one.column, one.code), 0) + 1
    return counts
