"""The turn of the school year of many pupils: rehearsed, applied, taken back.

    DATABASE_URL=... SHANYRAQ_DEMO=1 python -m bench.rollover [--pupils 400000]

Into the database named, which must be empty; `bench.all` does it on SQLite in a folder of its own: schools of 33
classes of 25 pupils in twenty districts.
"""

import argparse
import os
import resource
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import django

from bench import apart
from bench.rows import Row

SPACE = UUID(int=7)
NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
BEFORE = datetime(2025, 9, 1, 6, 0, tzinfo=UTC)
ENTERED = date(2025, 9, 1)
LETTERS, GRADES, PUPILS = 3, 11, 25
CLASSES = LETTERS * GRADES


JOB, BAR = "rollover", 20  # seconds, of a hundred thousand pupils
ENOUGH = 100_000


def main() -> None:
    """Fill the database, then time the three steps."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    asked = argparse.ArgumentParser(description="The turn of the school year.")
    asked.add_argument("--pupils", type=int, default=400_000)
    asked.add_argument(apart.ALONE, action="store_true", dest="alone", help=argparse.SUPPRESS)
    options = asked.parse_args()
    rows = list(_measured(options.pupils))
    if options.alone:
        apart.tell(rows)
    else:
        print(*rows, sep="\n")


def run(pupils: int = ENOUGH) -> list[Row]:
    """The rows of the results."""
    return apart.rows("bench.rollover", "--pupils", str(pupils))


def _measured(wanted: int) -> Iterator[Row]:
    schools = max(1, wanted // (CLASSES * PUPILS))
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.db import transaction

    from shanyraq.domains.contingent.queries.years import Scope
    from shanyraq.domains.contingent.services import rollovers
    from shanyraq.foundation import access
    from shanyraq.foundation import bulk as loading

    with transaction.atomic():
        _fill(schools)
    loading.refresh_statistics()
    actor, scope = access.system("bench"), Scope("")
    began = time.monotonic()
    _, seen = rollovers.rehearse(actor=actor, scope=scope, now=NOW)
    yield _told("rehearsed", began, seen.pupils)
    began = time.monotonic()
    made = rollovers.apply(actor=actor, scope=scope, fingerprint=seen.fingerprint, now=NOW)
    yield _told("applied", began, seen.pupils, bar=BAR if wanted <= ENOUGH else None)
    began = time.monotonic()
    rollovers.undo(actor=actor, rollover=made, now=NOW + timedelta(days=1))
    yield _told("taken back", began, seen.pupils)


def _told(step: str, began: float, pupils: int, bar: int | None = None) -> Row:
    seconds = time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    from django.db import connection

    return Row(
        JOB, f"the year of {pupils:,} pupils {step} ({connection.vendor})",
        f"{seconds:.1f} s, {pupils / seconds:,.0f}/s, {memory:,} MB", f"≤ {bar} s" if bar else "",
        seconds <= bar if bar else None,
    )  # fmt: skip


def _fill(schools: int) -> None:
    from shanyraq.domains.registry import bulk, queries, services

    services.load_territory()
    districts = [one.kato for one in queries.districts()][:20]
    bulk.write_organisations(_schools(schools, districts))
    bulk.write_groups(_classes(schools))
    bulk.write_people(_people(schools))
    bulk.write_enrolments(_enrolments(schools))


def _id(*parts: object) -> UUID:
    return uuid5(SPACE, " ".join(map(str, parts)))


def _schools(schools: int, districts: list[str]) -> Iterator[tuple[Any, ...]]:
    for n in range(schools):
        yield (_id("s", n), f"{n:012}", "school", "state", f"{n}", f"{n}", f"{n}", "kk", districts[n % len(districts)],
               False, "", 71.0, 51.0, "", date(2020, 9, 1), None, "", 2, BEFORE)  # fmt: skip


def _classes(schools: int) -> Iterator[tuple[Any, ...]]:
    for n in range(schools):
        for c in range(CLASSES):
            grade = c // LETTERS + 1
            yield (_id("c", n, c), _id("s", n), f"{grade} «{'АБВ'[c % LETTERS]}»", "general", "kk", None, None, 30,
                   ENTERED, None, "school", grade, 2025, 1, BEFORE, None)  # fmt: skip


def _people(schools: int) -> Iterator[tuple[Any, ...]]:
    for n in range(schools * CLASSES * PUPILS):
        yield (_id("p", n), f"{n:012}", "А", "Б", "", "А Б", "A B", "male", date(2015, 1, 1), None, None, " a b", "ab",
               BEFORE)  # fmt: skip


def _enrolments(schools: int) -> Iterator[tuple[Any, ...]]:
    for n in range(schools * CLASSES * PUPILS):
        home = n // PUPILS
        yield (_id("e", n), _id("p", n), _id("c", home // CLASSES, home % CLASSES), "budget", "entered", "", "",
               ENTERED, None, BEFORE, "school", "full_time", "", None, "")  # fmt: skip


if __name__ == "__main__":
    main()
