"""One line of the results: what was measured, what it must be, and whether it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement. `peer` and `ratio` stand where another tool did the same work in the same run."""

    job: str
    what: str
    ours: str
    bar: str = ""
    met: bool | None = None  # None: nothing was asked
    peer: str = ""
    ratio: str = ""

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: " "}[self.met]
        return f"{mark} {self.job:24} {self.what:58} {self.ours:>28} {self.peer:>36} {self.ratio:>12} {self.bar}"

    def cells(self) -> list[str]:
        """The row of the table in RESULTS.md."""
        return [
            self.what,
            self.ours,
            self.peer,
            self.ratio,
            self.bar,
            {True: "yes", False: "**no**", None: ""}[self.met],
        ]
