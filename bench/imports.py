"""Files of a country into the registry, beside the same rows by the ORM; killed in the middle; two at once.

    SHANYRAQ_DEMO=1 python -m bench.imports [--children 1000000] [--country]

On PostgreSQL with DATABASE_URL, else on SQLite in a folder of its own. It makes its own files and writes into the
database named: use an empty one. `--country` loads 21,000 organisations, 6.6 million children, 0.56 million teachers.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import django

from bench import import_rows
from bench.rows import Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("POLARS_MAX_THREADS", "1")  # as `registry load` does
BAR, BAR_AGAIN, BAR_RATIO = 40_000, 80_000, 5
COUNTRY: Final = (21_000, 6_600_000, 560_000)
PER_SCHOOL: Final = 800
BY_ORM: Final = 3_000
DAY: Final = date(2026, 9, 1)


def main() -> int:
    asked = argparse.ArgumentParser(description="Files of a country into the registry.")
    asked.add_argument("--children", type=int, default=1_000_000)
    asked.add_argument("--country", action="store_true")
    asked.add_argument("--resume", nargs=2, help=argparse.SUPPRESS)  # the child that is killed: file, batch or -
    options = asked.parse_args()
    if options.resume:
        return _child(*options.resume)
    rows = run(options.children, country=options.country)
    for row in rows:
        print(row, flush=True)
    return 0 if all(row.met is not False for row in rows) else 1


def run(children: int = 1_000_000, *, country: bool = False) -> list[Row]:
    """The rows of the results."""
    with tempfile.TemporaryDirectory(prefix="imports-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ.setdefault("SHANYRAQ_VAR_DIR", folder)
        django.setup()
        from django.core.management import call_command

        from shanyraq.domains.registry import services

        call_command("migrate", verbosity=0)
        services.load_territory()
        files = Path(folder)
        if country:
            return list(_country(files))
        return list(_children(files, children))


def _children(folder: Path, n: int) -> Iterator[Row]:
    bins = _schools(folder, max(2, n // PER_SCHOOL))
    path = folder / "pupils.csv"
    import_rows.pupils(path, n, bins)
    first, again = _timed(path), _timed(path)
    where = _engine()
    yield Row(
        "imports", f"{n:,} children, first time ({where})", _speed(n, first), f"≥ {BAR:,}/s",
        n / first.wall >= BAR and first.done.actions == {"added": n},
    )  # fmt: skip
    yield Row(
        "imports", f"{n:,} children, unchanged ({where})", _speed(n, again), f"≥ {BAR_AGAIN:,}/s",
        n / again.wall >= BAR_AGAIN and again.done.actions == {"unchanged": n},
    )  # fmt: skip
    ours, orm = first.wall / n, _by_orm(folder, bins, n)
    what, bar = "the same rows by the ORM, a transaction a child", f"≥ {BAR_RATIO} times"
    yield Row(
        "imports", what, f"{1 / ours:,.0f}/s", bar, orm / ours >= BAR_RATIO, f"{1 / orm:,.0f}/s", f"{orm / ours:.1f}"
    )
    yield from _killed(folder, bins, n, max(20_000, n // 5))


def _country(folder: Path) -> Iterator[Row]:
    schools, children, teachers = COUNTRY
    with _watched() as memories:
        bins = import_rows.organisations(folder / "organisations.csv", schools, _districts())
        import_rows.pupils(folder / "pupils.csv", children, bins)
        import_rows.teachers(folder / "teachers.csv", teachers, bins)
        begun = time.perf_counter()
        parts = [(name, _timed(folder / f"{name}.csv", name)) for name in ("organisations", "pupils", "teachers")]
        wall = time.perf_counter() - begun
    memory = max(memories, default=0)
    for name, part in parts:
        yield Row("imports", f"country: {name} ({_engine()})", _speed(part.done.rows, part))
    yield Row(
        "imports", f"country: {sum(COUNTRY):,} rows in all ({_engine()})", f"{wall:.0f} s", "≤ 600 s", wall <= 600
    )
    yield Row(
        "imports", "country: most memory of this process", f"{memory >> 20:,} MB", "≤ 4,096 MB", memory >> 20 <= 4096
    )


class _Time:
    """What one load took: seconds, seconds of our processors, and what it did."""

    def __init__(self, path: Path, kind: str) -> None:
        from shanyraq.domains.registry.imports import loading
        from shanyraq.foundation import clock
        from shanyraq.foundation.imports import kinds

        begun, cpu = time.perf_counter(), time.process_time()
        self.done = loading.load(kinds.kind(f"registry.{kind}"), path, _asked(), now=clock.now())
        self.wall, self.cpu = time.perf_counter() - begun, time.process_time() - cpu
        self.load = os.getloadavg()[0]


def _timed(path: Path, kind: str = "pupils") -> _Time:
    return _Time(path, kind)


def _speed(n: int, took: _Time) -> str:
    return f"{n / took.wall:,.0f}/s in {took.wall:.1f} s, own {took.cpu:.1f} s, load {took.load:.1f}"


def _by_orm(folder: Path, bins: list[str], first: int) -> float:
    """Seconds for one child as the services do it: person, number elsewhere, enrolment."""
    import polars as pl
    from django.db import transaction

    from shanyraq.domains.registry.models import Enrolment, Group, Identifier
    from shanyraq.foundation import clock

    path = folder / "orm.csv"
    import_rows.pupils(path, BY_ORM, bins, first=first)
    rows = pl.read_csv(path, infer_schema=False).rows(named=True)
    group, now = Group.objects.first(), clock.now()
    begun = time.perf_counter()
    for row in rows:
        with transaction.atomic():
            person = _person(row, now)
            Identifier(person=person, system="orm", value=row["number"], valid_from=DAY, recorded_at=now).save()
            Enrolment(child=person, group=group, stage="school", entry_reason="entered", valid_from=DAY,
                      recorded_at=now).save()  # fmt: skip
    return (time.perf_counter() - begun) / BY_ORM


def _person(row: dict[str, Any], now: datetime) -> Any:
    import secrets

    from shanyraq.domains.registry.models import Person
    from shanyraq.domains.registry.queries import identity
    from shanyraq.domains.registry.rules import names, numbers, universal

    iin = numbers.parse_iin(row["iin"])
    whole = names.full(row["surname"], row["given"], row["patronymic"])
    russian, latin = names.in_russian_letters(whole), names.in_latin_letters(whole)
    sealed = identity.seal(iin.digits)
    person = Person(
        universal_id=universal.compose(secrets.randbits(universal.BITS)), surname=row["surname"], given=row["given"],
        patronymic=row["patronymic"], name_ru=russian, name_latin=latin, sex=row["sex"],
        born_on=date.fromisoformat(row["born_on"]), iin_cipher=sealed.cipher, iin_index=sealed.index,
        search_key=names.search_key(whole, russian, latin), sort_key=names.sort_key(whole), recorded_at=now,
    )  # fmt: skip
    person.save(force_insert=True)
    return person


def _killed(folder: Path, bins: list[str], first: int, n: int) -> Iterator[Row]:
    """A load killed with signal 9 in the middle, then gone on with by the same batch."""
    from shanyraq.domains.registry.models import Enrolment, Person
    from shanyraq.foundation import history

    path = folder / "killed.csv"
    import_rows.pupils(path, n, bins, seed=9, first=first + BY_ORM)
    before = Person.objects.count()
    child = subprocess.Popen(_command(path, "-"), stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    batch = child.stdout.readline().strip()
    child.stdout.readline()  # some rows are written
    child.send_signal(signal.SIGKILL)
    child.wait()
    half = Person.objects.count() - before
    subprocess.run(_command(path, batch), check=True, stdout=subprocess.DEVNULL)
    whole = Person.objects.count() - before
    card = history.card(batch)
    right = whole == n == Enrolment.objects.filter(batch=batch).count() and card is not None and card.state == "applied"
    yield Row(
        "imports", f"killed with {half:,} of {n:,} written, then gone on", f"{whole:,} written", "each once", right
    )


def _command(path: Path, batch: str) -> list[str]:
    return [sys.executable, "-m", "bench.imports", "--resume", str(path), batch]


def _child(path: str, batch: str) -> int:
    django.setup()
    from uuid import UUID

    from shanyraq.domains.registry.imports import loading
    from shanyraq.foundation import clock, history
    from shanyraq.foundation.imports import kinds

    now = clock.now()
    own = UUID(batch) if batch != "-" else history.begin(actor=_asked().actor, kind="registry.pupils", now=now)
    print(own, flush=True)
    loading.LINES = 20_000
    kind = kinds.kind("registry.pupils")
    loading.load(kind, Path(path), _asked(), now=now, batch=own, told=lambda rows: print(rows, flush=True))
    return 0


def _schools(folder: Path, n: int) -> list[str]:
    path = folder / "organisations.csv"
    bins = import_rows.organisations(path, n, _districts())
    _timed(path, "organisations")
    return bins


def _districts() -> list[str]:
    from shanyraq.domains.registry import queries

    return [one.kato for one in queries.districts()]


def _asked() -> Any:
    from shanyraq.foundation import access
    from shanyraq.foundation.imports.kinds import Asked

    return Asked(access.system("bench"), "", None, DAY, False, "en")


def _engine() -> str:
    from django.db import connection

    return "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"


@contextmanager
def _watched() -> Iterator[list[int]]:
    """Resident memory of this process, looked at ten times a second."""
    seen: list[int] = []
    done = threading.Event()

    def look() -> None:
        page = resource.getpagesize()
        while not done.wait(0.1):
            seen.append(int(Path("/proc/self/statm").read_text().split()[1]) * page)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        done.set()
        watching.join()


if __name__ == "__main__":
    sys.exit(main())
