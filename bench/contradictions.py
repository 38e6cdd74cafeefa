"""Contradictions found in the synthetic country, against what was planted.

    SHANYRAQ_DEMO=1 python -m bench.contradictions                     countries of unseen seeds at 1:100, built here
    DATABASE_URL=... SHANYRAQ_DEMO=1 python -m bench.contradictions --built [--learn]

With `--built` the database holds a country of `shanyraq sandbox build`, and the folder of SHANYRAQ_VAR_DIR what was
planted in it. `--learn` writes the weights that this country teaches; measure them on countries of other seeds.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import django

from bench import apart
from bench.rows import Row

HEAD: Final = (
    "# Log-odds of the signs of a false enrolment, learned on one synthetic country by"
    " `python -m bench.contradictions --built --learn`."
)
JOB: Final = "contradictions"
AS_OF: Final = date(2026, 11, 23)
SEEDS: Final = (21, 31, 47)  # none of them taught the weights
PRECISION, RECALL = 0.95, 0.9


@dataclass(frozen=True, slots=True)
class Weighed:
    """All enrolments of a country with their signs and what was planted, and what weighing them cost."""

    name: str
    rows: Any
    found: int
    seconds: float
    megabytes: int


def main() -> None:
    """Measure, and print it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if "--built" in sys.argv:
        django.setup()
        _built(learn="--learn" in sys.argv)
    elif apart.ALONE in sys.argv:
        apart.tell(_unseen())
    else:
        for row in run():
            print(row)


def run() -> list[Row]:
    """The rows of the results: each unseen country, then all of them together."""
    return apart.rows("bench.contradictions")


def _unseen() -> Iterator[Row]:
    django.setup()
    from django.core.management import call_command

    from shanyraq.domains.accuracy.rules.contradictions import weighing
    from shanyraq.interfaces.sandbox import country, measured

    call_command("migrate", verbosity=0)
    country.load_territory_if_missing()
    countries = [_country(seed) for seed in SEEDS]
    for one in countries:
        yield Row(
            JOB, f"{one.name}: {len(one.rows):,} enrolments weighed", f"{one.seconds:.1f} s, {one.megabytes:,} MB"
        )
        for family in measured.WANTED:
            yield from _quality(f"  {family}", [one], (family,))
    yield from _quality("all three: ghosts and double listings in classes", countries, (weighing.CLASS,))
    yield from _quality("all three: ghosts in clubs", countries, (weighing.CLUB,))
    yield from _quality("all three: both together", countries, tuple(measured.WANTED))


def _quality(what: str, countries: Iterable[Weighed], families: Iterable[str]) -> Iterator[Row]:
    """One row: precision and recall over the countries and families."""
    from shanyraq.domains.accuracy.queries import contradictions
    from shanyraq.interfaces.sandbox import measured

    seen = [measured.quality(one.rows, contradictions.weights(), name) for one in countries for name in families]
    found, planted = sum(one.found for one in seen), sum(one.planted for one in seen)
    precision = sum(one.precision * one.found for one in seen) / max(found, 1)
    recall = sum(one.recall * one.planted for one in seen) / max(planted, 1)
    bar = f"precision ≥ {PRECISION}, recall ≥ {RECALL}"
    yield Row(JOB, f"{what}, {planted:,} planted", f"{precision:.3f}, {recall:.3f}", bar,
              precision >= PRECISION and recall >= RECALL)  # fmt: skip


def _country(seed: int) -> Weighed:
    """A country at 1:100, built, weighed and taken back."""
    from django.conf import settings
    from django.db import transaction

    from shanyraq.interfaces.sandbox import build, shares, truth

    planted = Path(settings.VAR_DIR) / "truth.jsonl"
    planted.parent.mkdir(parents=True, exist_ok=True)
    with transaction.atomic():
        made = build.build(build.Order(shares.SCALES["1:100"], seed, AS_OF), planted)
        denied = [UUID(answer.enrolment) for answer in made.answers]
        weighed = _weighed(f"seed {seed}, 1:100", AS_OF, denied, truth.read(planted))
        transaction.set_rollback(True)
    return weighed


def _weighed(name: str, day: date, denied: Iterable[UUID], planted: Iterable[Mapping[str, Any]]) -> Weighed:
    from shanyraq.domains.accuracy.queries import contradictions
    from shanyraq.interfaces.sandbox import measured

    began = time.monotonic()
    everyone = contradictions.evidence(day, date(day.year - (day.month < 9), 9, 1), list(denied))
    found = contradictions.suspects(everyone) if contradictions.WEIGHTS.exists() else everyone[:0]
    seconds, memory = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Weighed(name, measured.labelled(everyone, planted), len(found), seconds, memory)


def _built(*, learn: bool) -> None:
    """The country of the database."""
    from django.conf import settings

    from shanyraq.domains.accuracy.queries import contradictions
    from shanyraq.domains.contingent.queries import cases
    from shanyraq.interfaces.sandbox import measured, truth

    folder = Path(settings.VAR_DIR) / "sandbox"
    built = json.loads((folder / "built.json").read_text("utf-8"))
    name, planted = f"seed {built['seed']}, {built['scale']}", truth.read(folder / "truth.jsonl")
    one = _weighed(name, date.fromisoformat(built["as_of"]), cases.every_denied(), planted)
    if learn:
        note = f"# Country: scale {built['scale']}, seed {built['seed']}, {built['as_of']}, {len(one.rows)} enrolments."
        contradictions.WEIGHTS.write_text(f"{HEAD}\n{note}\n{measured.learned(one.rows)}")
        contradictions.weights.cache_clear()
    print(f"{name}: {len(one.rows):,} enrolments, {one.found:,} found, {one.seconds:.1f} s, {one.megabytes:,} MB")
    for family in measured.WANTED:
        seen = measured.quality(one.rows, contradictions.weights(), family)
        print(f"  {family}: precision {seen.precision:.3f}, recall {seen.recall:.3f} of {seen.planted:,};"
              f" {({name: round(share, 3) for name, share in seen.by_fault.items()})}")  # fmt: skip


if __name__ == "__main__":
    main()
