"""The file that tells which errors were planted: one line of JSON each, with the universal id of the child."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shanyraq.interfaces.sandbox.faults import Faults
from shanyraq.interfaces.sandbox.network import Placed
from shanyraq.interfaces.sandbox.plan import Plan
from shanyraq.interfaces.sandbox.rows import People

Line = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class File:
    """The file while it is written."""

    out: IO[str]

    @staticmethod
    @contextmanager
    def open(path: Path) -> Iterator["File"]:
        """Begin the file anew; its folder is made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as out:
            yield File(out)

    def write(self, lines: Iterable[Line]) -> int:
        """Add lines; how many."""
        written = 0
        for line in lines:
            self.out.write(json.dumps(line, ensure_ascii=False) + "\n")
            written += 1
        return written


def read(path: Path) -> tuple[Line, ...]:
    """All lines of the file; none when it is not there."""
    if not path.is_file():
        return ()
    return tuple(json.loads(line) for line in path.read_text("utf-8").splitlines())


def lines(
    known: People, wrong: Faults, group_ids: list[str], placed: Placed, application_ids: list[str], plan: Plan
) -> Iterator[Line]:
    """What was planted in a region."""
    people, children = known.universal, len(known.child_ids)
    for second, first in wrong.doubles.items():
        yield {"fault": "double_listing", "child": people[second], "same_as": people[first]}
    for adult, years in wrong.too_young.items():
        yield {"fault": "impossible_age", "guardian": people[children + adult], "years_at_birth": years}
    for place, other in wrong.wrong_group.items():
        if place < other:
            one, two = (people[int(placed.child[at])] for at in (place, other))
            yield {"fault": "wrong_group", "child": one, "and": two}
    for application, adult in wrong.false_guardians.items():
        signed = people[children + adult]
        yield {"fault": "false_guardian", "application": application_ids[application], "signed_by": signed}
    yield from _of_things(wrong, group_ids, application_ids, plan)


def _of_things(wrong: Faults, group_ids: list[str], application_ids: list[str], plan: Plan) -> Iterator[Line]:
    for group, above in wrong.ghosts.items():
        yield {"fault": "ghost_enrolment", "group": group_ids[group], "above_places": above}
    for application in sorted(wrong.expired):
        yield {"fault": "expired_paper", "application": application_ids[application]}
    for application, cell in sorted(wrong.moved_away.items()):
        kato = plan.cells[cell].district.kato
        yield {"fault": "wrong_district", "application": application_ids[application], "lives_in": kato}
