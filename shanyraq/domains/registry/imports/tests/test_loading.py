import errno
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from django.db import OperationalError, connection

from shanyraq.domains.registry.imports import loading, newcomers, store, waiting
from shanyraq.domains.registry.imports.pupils import Pupils
from shanyraq.domains.registry.imports.tests.builders import asked, school
from shanyraq.domains.registry.models import Enrolment, Identifier, Person
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.imports import values
from shanyraq.foundation.imports.reading import read_pieces
from shanyraq.foundation.refusal import NotAllowed, Refusal

KIND = Pupils()


class Killed(Exception):
    pass


def file(path: Path, number: str, n: int = 60) -> Path:
    """n pupils, one of whom stands twice and one of whom has no birth date."""
    born = [date(2014, 1 + at % 12, 1 + at % 28) for at in range(n)]
    frame = pl.DataFrame({
        "iin": [builders.iin(one, Sex.MALE) for one in born], "surname": "Қасымов", "given": "Арман", "born_on": born,
        "sex": "male", "organisation": number, "class_name": [f"{5 + at % 3} А" for at in range(n)],
        "number": [f"J{at}" for at in range(n)], "system": "journal",
    })  # fmt: skip
    frame = pl.concat([frame, frame.head(1), frame.tail(1).with_columns(iin=pl.lit(None), born_on=pl.lit(None))])
    frame.write_csv(path)
    return path


@pytest.fixture
def small_pieces(monkeypatch):
    """About twenty lines each."""
    monkeypatch.setattr(loading, "read_pieces", lambda *given, **more: _pieces(*given))


def _pieces(path, kind, columns):
    whole = next(read_pieces(path, kind, columns))
    for at in range(0, whole.frame.height, 20):
        yield type(whole)(whole.frame[at : at + 20], *([whole.issues, *list(_rest(whole))]))


def _rest(sheet):
    return (sheet.warnings, sheet.missing, sheet.extra, sheet.moved, sheet.given)


@pytest.mark.usefixtures("country", "small_pieces")
def test_a_file_in_pieces_and_again(tmp_path):
    _, number = school()
    path = file(tmp_path / "pupils.csv", number)
    done = loading.load(KIND, path, asked(), now=NOW)
    assert (done.rows, done.actions, done.blocked) == (62, {"added": 60}, 2)
    assert set(done.faults.filter(severity="blocks")["code"]) == {"pupil_twice", "required"}
    assert Enrolment.objects.filter(batch=done.batch).count() == Identifier.objects.count() == 60
    assert loading.load(KIND, path, asked(), now=NOW).actions == {"unchanged": 60}


@pytest.mark.usefixtures("country", "small_pieces")
@pytest.mark.parametrize("unseen", [False, True])
def test_those_who_are_there_stay_one_among_many_who_are_new(tmp_path, monkeypatch, unseen):
    _, number = school()
    path = file(tmp_path / "pupils.csv", number)
    few = tmp_path / "few.csv"
    pl.read_csv(path, infer_schema=False)[[5, 25, 45]].write_csv(few)
    loading.load(KIND, few, asked(), now=NOW)
    if unseen:  # as if somebody else had written them after the numbers were read
        monkeypatch.setattr(newcomers, "numbers_known", lambda frame: np.empty(0, np.uint64))
    done = loading.load(KIND, path, asked(), now=NOW)
    assert done.actions == {"added": 57, "unchanged": 3}
    assert Person.objects.count() == Enrolment.objects.count() == 60


@pytest.mark.usefixtures("country", "small_pieces")
def test_a_number_elsewhere_that_is_anothers_leaves_out_its_row_only(tmp_path):
    _, number = school()
    path, one = file(tmp_path / "pupils.csv", number), tmp_path / "one.csv"
    whole = pl.read_csv(path, infer_schema=False)
    other = pl.lit(builders.iin(date(2014, 1, 1), Sex.MALE))
    whole[[0]].with_columns(iin=other, born_on=pl.lit("2014-01-01"), number=pl.lit("J7")).write_csv(one)
    loading.load(KIND, one, asked(), now=NOW)
    done = loading.load(KIND, path, asked(), now=NOW)
    assert done.actions["added"] == 59
    assert "pupil_number_taken" in set(done.faults["code"])


@pytest.mark.usefixtures("country", "small_pieces")
def test_a_killed_load_goes_on_and_writes_nothing_twice(tmp_path):
    _, number = school()
    path = file(tmp_path / "pupils.csv", number)

    def kill(rows: int) -> None:
        if rows >= 40:
            raise Killed

    with pytest.raises(Killed):
        loading.load(KIND, path, asked(), now=NOW, told=kill)
    half = history.cards()[0]
    assert (half.state, Person.objects.count()) == ("running", 40)
    done = loading.load(KIND, path, asked(), now=NOW, batch=half.id)
    assert done.actions == {"unchanged": 40, "added": 20}
    assert Person.objects.filter(batch=half.id).count() == Person.objects.count() == 60
    card = history.card(half.id)
    assert card is not None and (card.state, card.counts["registry.person"]["added"]) == ("applied", 60)


@pytest.mark.usefixtures("lasting_country", "small_pieces")
@pytest.mark.postgres
def test_several_threads_write_what_one_would(tmp_path):
    _, number = school()
    done = loading.load(KIND, file(tmp_path / "pupils.csv", number), asked(), now=NOW)
    assert (done.rows, done.actions, done.blocked) == (62, {"added": 60}, 2)
    assert Enrolment.objects.values("group").distinct().count() == 3


@pytest.mark.usefixtures("lasting_country", "small_pieces")
@pytest.mark.postgres
def test_two_who_load_one_file_at_once_write_it_once(tmp_path, monkeypatch):
    if store.in_memory():
        pytest.skip("one connection cannot be two")
    monkeypatch.setattr(waiting, "LARGE", 0)  # each puts indexes off, and builds them
    _, number = school()
    path = file(tmp_path / "pupils.csv", number)
    begun = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        both = [one.result() for one in [pool.submit(_beside, path, begun) for _ in range(2)]]
    assert sum(done.actions.get("added", 0) for done in both) == 60
    assert Person.objects.count() == Identifier.objects.count() == Enrolment.objects.count() == 60
    assert waiting.build() == 0


def _beside(path, begun):
    try:
        begun.wait()
        return loading.load(KIND, path, asked(), now=NOW)
    finally:
        connection.close()


@pytest.mark.usefixtures("country")
def test_a_head_loads_into_their_own_organisation_only(tmp_path):
    home, _ = school()
    _, number = school()
    head = builders.actor(Role.HEAD, organisation=home)
    with pytest.raises(NotAllowed):
        loading.load(KIND, file(tmp_path / "pupils.csv", number), asked(head), now=NOW)


FULL = [
    OSError(errno.ENOSPC, "No space left on device"),
    OperationalError("database or disk is full"),
    OperationalError('could not extend file "base/16384/1": No space left on device'),
]


def _filling(problem, after):
    """The writing of pieces, where the disk fills after some."""
    written: list[int] = []

    def apply(*given, **more):
        if len(written) == after:
            raise problem
        written.append(1)
        Pupils().apply(*given, **more)

    return apply


@pytest.mark.parametrize(
    ("word", "sex"),
    [("М", "male"), ("жен.", "female"), ("Девочка", "female"), ("ұл", "male"), ("қыз", "female"), ("мужской", "male")],
)
def test_a_sex_is_known_as_schools_write_it(word, sex):
    column = next(one for one in KIND.columns if one.name == "sex")
    frame, faults = values.typed(pl.DataFrame({"row": [2], "sex": [word]}), [column])
    assert (frame["sex"].to_list(), faults.height) == ([sex], 0)


@pytest.mark.usefixtures("country", "small_pieces")
@pytest.mark.parametrize("problem", FULL, ids=["system", "sqlite", "postgresql"])
def test_a_full_disk_is_refused_with_the_batch_and_the_load_goes_on(tmp_path, monkeypatch, problem):
    _, number = school()
    path = file(tmp_path / "pupils.csv", number)
    with monkeypatch.context() as patch:
        patch.setattr(KIND, "apply", _filling(problem, 2), raising=False)
        with pytest.raises(Refusal, match=r"registry\.load_disk_full") as refused:
            loading.load(KIND, path, asked(), now=NOW)
    half = history.cards()[0]
    assert (half.state, Person.objects.count(), refused.value.facts["batch"]) == ("running", 40, str(half.id))
    done = loading.load(KIND, path, asked(), now=NOW, batch=half.id)
    assert (done.actions, Person.objects.count()) == ({"unchanged": 40, "added": 20}, 60)
    assert history.cards()[0].state == "applied"


@pytest.mark.usefixtures("country", "small_pieces")
def test_another_problem_of_the_database_is_no_full_disk(tmp_path, monkeypatch):
    _, number = school()
    monkeypatch.setattr(KIND, "apply", _filling(OperationalError("connection lost"), 0), raising=False)
    with pytest.raises(OperationalError, match="connection lost"):
        loading.load(KIND, file(tmp_path / "pupils.csv", number), asked(), now=NOW)
