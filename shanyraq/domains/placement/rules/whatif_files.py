"""A comparison as files: the inputs of each district, what the inputs give again, and their hashes. Pure.

A district is two files: the canonical inputs of its round (`replay.dumps`) and its steps of distance, which only rules
that go by distance read. Exact distances and homes are never in a file: figures that need them are told, not re-run.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from shanyraq.domains.placement.rules import replay
from shanyraq.domains.placement.rules.claim import ClaimId, OrganisationId
from shanyraq.domains.placement.rules.whatif import Case
from shanyraq.domains.placement.rules.whatif_measures import Dimension, Json, Measures, to_json

FORM: Final = 1


class CaseFiles(NamedTuple):
    """The two files of a district."""

    district: str
    inputs: bytes
    near: bytes

    @property
    def line(self) -> str:
        """KATO and the hashes of both files: what the hash of a comparison is made of."""
        return f"{self.district} {_hex(self.inputs)} {_hex(self.near)}\n"


def files_of(case: Case) -> CaseFiles:
    """The files of a district; its claims must be named by their codes, as `replay.loads` does."""
    steps = {
        claim.hex: {str(organisation): step for organisation, step in row.items()}
        for claim, row in case.steps.items()
        if row
    }
    body = {"form": FORM, "district": case.district, "on": case.on.isoformat(), "steps": steps}
    return CaseFiles(case.district, replay.dumps(case.inputs), replay.canonical(body))


def read_case(inputs: bytes, near: bytes) -> Case:
    """The district of two files. Raises ValueError for files of another form or shape."""
    try:
        body: Json = json.loads(near)
        if body["form"] != FORM:
            raise ValueError(f"steps of form {body['form']!r}; this program reads form {FORM}")
        steps = {
            ClaimId(UUID(claim)): {OrganisationId(UUID(one)): int(step) for one, step in row.items()}
            for claim, row in body["steps"].items()
        }
        return Case(str(body["district"]), date.fromisoformat(body["on"]), replay.loads(inputs), steps)
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as problem:
        raise ValueError(f"not the files of a comparison: {problem!r}") from None


def again(measures: Measures) -> Measures:
    """What the files give again: all but the figures that need homes."""
    groups = {key: line for key, line in measures.groups.items() if key[0] is not Dimension.HOME}
    return replace(measures, distance={}, home_unknown=0, groups=groups)


def results_file(results: Mapping[str, Measures]) -> bytes:
    """The measures by rule set as canonical JSON: only what the files give again."""
    body: dict[str, Any] = {name: to_json(again(measures)) for name, measures in results.items()}
    return replay.canonical({"form": FORM, "results": body})


def inputs_hash(lines: Iterable[str]) -> bytes:
    """SHA-256 over the lines of all districts, by KATO: `cat`ted, it can be computed by hand."""
    return hashlib.sha256("".join(sorted(lines)).encode()).digest()


def _hex(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()
