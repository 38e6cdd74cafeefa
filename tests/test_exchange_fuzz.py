"""The readers of exchange get files that are cut, flipped, misnamed, miscounted and stuffed: coded refusals, nothing
written. The same examples on each run."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Person
from shanyraq.foundation import access
from shanyraq.foundation.backup import sealed
from shanyraq.foundation.ledger.keys import signers
from shanyraq.foundation.ledger.notes import Note
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import known
from shanyraq.interfaces.exchange.edfi import EdFi
from shanyraq.interfaces.exchange.models import PackageLoad
from shanyraq.interfaces.exchange.oneroster.kind import OneRoster
from shanyraq.interfaces.exchange.package import content, loading, making, manifest
from tests.test_exchange_package import LATER, OPERATOR, SCOPE, SECRET, keys, wiped, year

pytestmark = pytest.mark.django_db
CAREFUL: Final = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large)
FEW = settings(max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=CAREFUL)
CODES: Final = ("exchange.", "backup.", "imports.")
ODD: Final = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**40), 10**40), st.floats(allow_nan=False), st.text(max_size=20),
    st.sampled_from(["x" * 9_000, "\x00", "\ud800", "2026-13-45", "0000-00-00", "[]", "' OR 1=1"]),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip
DAMAGE: Final = st.tuples(st.sampled_from(["cut", "flip", "add", "swap"]), st.integers(0, 10**9), st.integers(1, 255))


@pytest.fixture(scope="module")
def package(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, bytes]]:
    """The files of a package, and an installation in which none of its rows stand."""
    open_to_the_end = patch.object(connections["default"], "close")
    with django_db_blocker.unblock(), transaction.atomic(), open_to_the_end:
        services.load_territory()
        year()
        out = io.BytesIO()
        making.make(actor=OPERATOR, scope=SCOPE, out=out, secret=SECRET, now=LATER)
        out.seek(0)
        wiped()
        plain = io.BytesIO(b"".join(unsealed(out)))
        with zipfile.ZipFile(plain) as archive:
            yield {name: archive.read(name) for name in archive.namelist()}
        transaction.set_rollback(True)


def unsealed(source: io.BytesIO) -> Iterator[bytes]:
    reader = sealed.Reader(source, SECRET)
    while not reader.over:
        yield reader.chunk()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def damaged(body: bytes, how: str, where: int, by: int) -> bytes:
    at = where % (len(body) + 1)
    if how == "cut":
        return body[:at]
    if how == "add":
        return body[:at] + bytes([by]) * by + body[at:]
    if how == "swap":
        return body[at:] + body[:at]
    return body[:at] + bytes(one ^ by for one in body[at : at + 1]) + body[at + 1 :]


def refused_or_whole(read: Callable[[], Any]) -> None:
    """What is not taken is refused with a code that has its words."""
    refusal = None
    try:
        with transaction.atomic():
            read()
            transaction.set_rollback(True)
    except Refusal as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.code.startswith(CODES), refusal
        assert all(known(f"refusal.{refusal.code}.{part}") for part in ("what", "why", "todo")), refusal
    assert not Person.objects.exists()
    assert not PackageLoad.objects.exists()


def load(plain: bytes) -> None:
    out = io.BytesIO()
    writer = sealed.Writer(out, SECRET, bytes(sealed.CHANCE))
    writer.write(plain)
    writer.close()
    out.seek(0)
    loading.load(actor=OPERATOR, source=out, secret=SECRET, trusted=keys(), now=LATER)


def resigned(files: dict[str, bytes], change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """The files under a manifest that is right about their hashes, changed, and signed by a key that is trusted."""
    head, _, rest = Note.parse(files[making.NOTE].decode()).text.partition("\n")
    told = json.loads(rest)
    for name in (*told["beside"], *(f"{one}.jsonl" for one in told["tables"])):
        if name in files:
            digest = content.hashed(files[name].decode("utf-8", "surrogateescape").splitlines())
            place = told["beside"] if name in told["beside"] else told["tables"][name.removesuffix(".jsonl")]
            place[name if name in told["beside"] else "sha256"] = digest
    change(told)
    text = f"{head}\n{json.dumps(told, ensure_ascii=False, sort_keys=True)}\n"
    return {**files, making.NOTE: str(Note(text, (signers()[0].sign(text),))).encode()}


@FEW
@given(damage=DAMAGE)
def test_a_damaged_archive(package: dict[str, bytes], damage: tuple[str, int, int]) -> None:
    refused_or_whole(lambda: load(damaged(zipped(package), *damage)))


@FEW
@given(number=st.integers(0, 99), damage=DAMAGE, name=st.text("ab./\\é", min_size=1, max_size=8))
def test_a_damaged_or_misnamed_file(
    package: dict[str, bytes], number: int, damage: tuple[str, int, int], name: str
) -> None:
    wrong = sorted(package)[number % len(package)]
    refused_or_whole(lambda: load(zipped({**package, wrong: damaged(package[wrong], *damage)})))
    renamed = {name if one == wrong else one: body for one, body in package.items()}
    with pytest.raises(Refusal, match=r"exchange\.package"):
        load(zipped(renamed))


@FEW
@given(field=st.sampled_from(["form", "scope", "made_at", "origin", "version", "tables", "beside", "taken"]), value=ODD)
def test_a_signed_manifest_that_says_odd_things(package: dict[str, bytes], field: str, value: Any) -> None:
    def change(told: dict[str, Any]) -> None:
        told[field] = value

    try:
        files = resigned(package, change)
    except (UnicodeEncodeError, ValueError):
        return  # cannot be written at all
    refused_or_whole(lambda: load(zipped(files)))


@FEW
@given(number=st.integers(0, 99), line=st.integers(0, 99), column=st.integers(0, 99), value=ODD)
def test_signed_rows_that_no_table_can_hold(
    package: dict[str, bytes], number: int, line: int, column: int, value: Any
) -> None:
    full = sorted(name for name, body in package.items() if body and name.endswith(".jsonl"))
    name = full[number % len(full)]
    lines = package[name].decode().splitlines()
    told = json.loads(lines[line % len(lines)])
    told[sorted(told)[column % len(told)]] = value
    lines[line % len(lines)] = json.dumps(told, sort_keys=True, separators=(",", ":"))
    files = resigned({**package, name: ("\n".join(lines) + "\n").encode()}, lambda _: None)
    refused_or_whole(lambda: load(zipped(files)))


@FEW
@given(text=st.text(max_size=300))
def test_a_manifest_of_any_text(text: str) -> None:
    with pytest.raises(Refusal, match=r"exchange\.package"):
        manifest.opened(text, keys())


ROSTER: Final = {
    "manifest.csv": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.orgs,bulk\n"
    "file.users,bulk\n",
    "orgs.csv": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,Мектеп,school,1,\n",
    "users.csv": "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName\nu1,,,true,a,Әли,Омар\n",
}
EDFI: Final = (
    '<InterchangeStudent xmlns="http://ed-fi.org/0200"><Student id="s1"><StudentUniqueId>1</StudentUniqueId>'
    "<Name><FirstName>Али</FirstName><LastSurname>Омар</LastSurname></Name></Student></InterchangeStudent>"
)


@FEW
@given(number=st.integers(0, 2), damage=DAMAGE, outer=st.booleans())
def test_a_damaged_roster(
    tmp_path_factory: pytest.TempPathFactory, number: int, damage: tuple[str, int, int], outer: bool
) -> None:
    files = {name: body.encode() for name, body in ROSTER.items()}
    if not outer:
        name = sorted(files)[number]
        files[name] = damaged(files[name], *damage)
    body = zipped(files)
    read(OneRoster(), tmp_path_factory, "roster.zip", damaged(body, *damage) if outer else body)


@FEW
@given(damage=DAMAGE, cell=st.sampled_from(["", "x" * 200_000, "&lol;", "<a>" * 500, "\x01"]))
def test_a_damaged_interchange(
    tmp_path_factory: pytest.TempPathFactory, damage: tuple[str, int, int], cell: str
) -> None:
    read(EdFi(), tmp_path_factory, "students.xml", damaged(EDFI.replace("Али", cell).encode(), *damage))


def read(kind: Any, folders: pytest.TempPathFactory, name: str, body: bytes) -> None:
    path: Path = folders.getbasetemp() / f"fuzzed-{name}"
    path.write_bytes(body)
    refused_or_whole(lambda: kind.read(path, name))


def test_only_the_operator_loads() -> None:
    with pytest.raises(Refusal, match=r"access\.denied"):
        loading.load(actor=access.ANYONE, source=io.BytesIO(), secret="", trusted=[], now=LATER)
