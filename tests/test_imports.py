"""The stages of an import: received, examined, applied, taken back; killed and gone on with; refused; seen by whom."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import OperationalError

from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import NOW, OPERATOR
from shanyraq.domains.registry.models import Building
from shanyraq.foundation import history, jobs
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.accounts.services import actor_of
from shanyraq.foundation.imports import queries, services, taken, working
from shanyraq.foundation.imports.models import Import, ImportPart
from shanyraq.foundation.imports.services import NewImport
from shanyraq.foundation.imports.states import ImportState
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import LANGS, catalogue
from tests import importing
from tests.importing import HEAD

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(monkeypatch):
    return importing.begun(monkeypatch)


@pytest.fixture
def home():
    builders.territory()
    return builders.kindergarten(10)


@pytest.fixture
def head(home):
    user = importing.head_of(home.id)
    return actor_of(User.objects.get(pk=user), NOW)


def brought(actor: Actor, home: UUID, tmp_path: Path, rows: str, *, head: str = HEAD, replace: bool = False) -> UUID:
    path = tmp_path / "buildings.csv"
    path.write_text(head + rows, encoding="utf-8")
    new = NewImport("tests.buildings", path, "buildings.csv", "711110000", home, NOW.date(), replace, "en")
    owner = services.receive(actor=actor, new=new, now=NOW)
    working.look(owner, NOW)
    return owner


def applied(actor: Actor, owner: UUID, because: str = "") -> Import:
    services.apply(actor=actor, owner=owner, explanation=because, now=NOW)
    working.write(owner)
    return Import.objects.get(pk=owner)


def names() -> list[str]:
    return sorted(Building.objects.filter(valid_to__isnull=True).values_list("name", flat=True))


def test_nothing_is_written_before_the_yes(kind, home, head, tmp_path):
    owner = brought(head, home.id, tmp_path, "A;10;sound;2001-01-01;123456789012\nB;xx;;;\n")
    row = Import.objects.get(pk=owner)
    assert (row.state, row.planned) == (ImportState.EXAMINED, 1)
    assert row.counts == {
        "rows": 2, "blocked": 1, "explain": 0, "hint": 0, "added": 1, "changed": 0, "moved": 0, "closed": 0,
        "unchanged": 0,
    }  # fmt: skip
    assert row.faults == [["not_a_number", "capacity", "blocks", 1]]
    assert not Building.objects.exists()
    applied(head, owner)
    assert names() == ["A"]
    assert kind.told == ["finished"]


def test_the_rows_of_a_file_are_kept_under_seal(kind, home, head, tmp_path):
    brought(head, home.id, tmp_path, "Secretive;10;;;\n")
    kept = b"".join(bytes(one) for one in ImportPart.objects.values_list("body", flat=True))
    assert b"Secretive" not in kept


def test_a_secret_value_shows_its_last_signs_only(kind, home, head, tmp_path):
    owner = brought(head, home.id, tmp_path, "A;1;;;9999123456789\n")
    (line,) = queries.lines(head, owner, "en")
    assert line.column == "passport"
    kept = working.stored.frame_of(Import.objects.get(pk=owner), "issues")
    assert kept["value"].to_list() == ["…6789"]


def test_taken_back_all_is_as_before(kind, home, head, tmp_path):
    applied(head, brought(head, home.id, tmp_path, "A;10;;;\n"))
    second = brought(head, home.id, tmp_path, "A;20;;;\nB;5;;;\n")
    applied(head, second)
    assert names() == ["A", "B"]
    services.undo(actor=head, owner=second, now=NOW + timedelta(minutes=1))
    assert names() == ["A"]
    assert Building.objects.get().design_capacity == 10
    assert Import.objects.get(pk=second).state == ImportState.UNDONE
    assert kind.told[-1] == "undone"


def test_a_later_fact_stands_in_the_way(kind, home, head, tmp_path):
    first = brought(head, home.id, tmp_path, "A;10;;;\n")
    applied(head, first)
    applied(head, brought(head, home.id, tmp_path, "A;20;;;\n"))
    assert [change for _, change, _ in queries.obstacles(head, first, "en")] == ["changed"]
    with pytest.raises(Refusal, match=r"history\.undo_blocked"):
        services.undo(actor=head, owner=first, now=NOW)


def test_the_same_file_again_changes_nothing(kind, home, head, tmp_path):
    rows = "A;10;;;\nB;20;;;\n"
    applied(head, brought(head, home.id, tmp_path, rows))
    again = Import.objects.get(pk=brought(head, home.id, tmp_path, rows))
    assert (again.planned, again.counts["unchanged"]) == (0, 2)
    assert [code for code, _ in again.warnings] == ["same_file"]
    with pytest.raises(Refusal, match=r"imports\.nothing_to_write"):
        services.apply(actor=head, owner=again.id, now=NOW)


def test_a_killed_job_leaves_whole_pieces_and_the_next_goes_on(kind, home, head, tmp_path):
    rows = "".join(f"House {number};{number};;;\n" for number in range(1, 351))
    owner = brought(head, home.id, tmp_path, rows)
    services.apply(actor=head, owner=owner, now=NOW)
    kind.fails_at = 2
    with pytest.raises(KeyboardInterrupt):
        working.write(owner)
    assert Building.objects.count() == 200 == Import.objects.get(pk=owner).done
    kind.fails_at = -1
    working.write(owner)
    working.write(owner)
    row = Import.objects.get(pk=owner)
    assert (row.state, row.done, Building.objects.count()) == (ImportState.APPLIED, 350, 350)
    card = history.card(row.batch)
    assert card.counts == {"registry.building": {"added": 350, "changed": 0}}


def test_a_half_written_import_can_be_taken_back(kind, home, head, tmp_path):
    owner = brought(head, home.id, tmp_path, "".join(f"House {number};1;;;\n" for number in range(150)))
    services.apply(actor=head, owner=owner, now=NOW)
    kind.fails_at = 1
    with pytest.raises(KeyboardInterrupt):
        working.write(owner)
    services.undo(actor=head, owner=owner, now=NOW + timedelta(minutes=5))
    assert not Building.objects.exists()
    working.write(owner)
    assert not Building.objects.exists()


def test_what_changed_since_the_preview_is_shown_again(kind, home, head, tmp_path):
    owner = brought(head, home.id, tmp_path, "A;10;;;\n")
    applied(head, brought(head, home.id, tmp_path, "A;30;;;\n"))
    row = applied(head, owner)
    assert (row.state, row.refusal[0]) == (ImportState.EXAMINED, "imports.moved")
    assert row.counts["changed"] == 1
    assert applied(head, owner).state == ImportState.APPLIED
    assert Building.objects.get().design_capacity == 10


def test_a_full_replacement_lists_whom_it_closes_and_needs_a_clean_file(kind, home, head, tmp_path):
    applied(head, brought(head, home.id, tmp_path, "A;10;;;\nB;20;;;\n"))
    faulty = brought(head, home.id, tmp_path, "A;10;;;\nC;x;;;\nD;1;;;\n", replace=True)
    assert Import.objects.get(pk=faulty).counts["closed"] == 0
    with pytest.raises(Refusal, match=r"imports\.replace_needs_clean"):
        services.apply(actor=head, owner=faulty, now=NOW)
    clean = brought(head, home.id, tmp_path, "A;10;;;\n", replace=True)
    (closed,), total = queries.changes(head, clean, action="closed", page=1)
    assert (closed.label, total) == ("B", 1)
    applied(head, clean)
    assert names() == ["A"]


def test_without_the_mark_nothing_is_closed_by_omission(kind, home, head, tmp_path):
    applied(head, brought(head, home.id, tmp_path, "A;10;;;\nB;20;;;\n"))
    applied(head, brought(head, home.id, tmp_path, "C;1;;;\n"))
    assert names() == ["A", "B", "C"]


def test_unusual_rows_need_a_reason(kind, home, head, tmp_path):
    owner = brought(head, home.id, tmp_path, "A;9000;;;\n")
    with pytest.raises(Refusal, match=r"imports\.explanation_needed"):
        services.apply(actor=head, owner=owner, explanation="short", now=NOW)
    assert applied(head, owner, "It is the palace of schoolchildren").state == ImportState.APPLIED


def test_the_rows_not_taken_come_back_and_can_be_brought_again(kind, home, head, tmp_path):
    owner = brought(head, home.id, tmp_path, "A;10;sund;;\nB;5;;;\n")
    name, content = taken.failed_rows(head, owner, "en")
    assert name == "tests-buildings-not-taken.xlsx"
    path = tmp_path / name
    path.write_bytes(content)
    new = NewImport("tests.buildings", path, name, "711110000", home.id, NOW.date(), False, "en")
    again = services.receive(actor=head, new=new, now=NOW)
    working.look(again, NOW)
    row = Import.objects.get(pk=again)
    assert (row.counts["rows"], row.faults) == (1, [["unknown_code", "condition", "blocks", 1]])
    assert "extra" not in str(row.warnings)
    (line,) = queries.lines(head, again, "en")
    assert line.fix == "sound"


def test_the_file_of_rows_not_taken_says_what_to_do(kind, home, head, tmp_path):
    owner = brought(head, home.id, tmp_path, "A;x;;;\n")
    content = taken.failed_rows(head, owner, "en", form="csv")[1].decode("utf-8-sig")
    (fault,) = queries.lines(head, owner, "en")
    assert fault.what in content and fault.todo in content


def test_a_file_of_no_use_is_refused_and_the_next_one_is_read(kind, home, head, tmp_path):
    refused = Import.objects.get(pk=brought(head, home.id, tmp_path, "1;2\n", head="what;ever\n"))
    assert (refused.state, refused.refusal[0]) == (ImportState.REFUSED, "imports.no_headings")
    assert Import.objects.get(pk=brought(head, home.id, tmp_path, "A;1;;;\n")).state == ImportState.EXAMINED


def test_a_full_disk_stops_an_import_that_goes_on_later(kind, home, head, tmp_path, monkeypatch):
    owner = brought(head, home.id, tmp_path, "A;1;;;\n")
    services.apply(actor=head, owner=owner, now=NOW)

    def full(*given, **named):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(kind, "apply", full)
        working.write(owner)
    row = Import.objects.get(pk=owner)
    assert (row.state, row.refusal[0], row.done) == (ImportState.APPLYING, "imports.disk_full", 0)
    services.resume(actor=head, owner=owner, now=NOW)
    jobs.run_due()
    assert Import.objects.get(pk=owner).state == ImportState.APPLIED


def test_who_may_not_import_may_not_open(kind, home, head, tmp_path):
    owner = brought(head, home.id, tmp_path, "A;1;;;\n")
    stranger = Actor(user=head.user, grants=(Grant(Role.TEACHER, organisation=home.id),))
    with pytest.raises(NotAllowed):
        services.apply(actor=stranger, owner=owner, now=NOW)
    auditor = Actor(user=None, grants=(Grant(Role.AUDITOR),))
    assert queries.card(auditor, owner, NOW).counts["rows"] == 1
    with pytest.raises(NotAllowed):
        queries.lines(auditor, owner, "en")
    with pytest.raises(NotAllowed):
        brought(stranger, home.id, tmp_path, "A;1;;;\n")


def test_a_file_brought_twice_with_one_key_is_one(kind, home, head, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(HEAD + "A;1;;;\n", encoding="utf-8")
    new = NewImport("tests.buildings", path, "x.csv", "711110000", home.id, NOW.date(), False, "en")
    key = UUID("01890000-0000-7000-8000-000000000001")
    assert {services.receive(actor=head, new=new, now=NOW, key=key) for _ in range(2)} == {key}
    assert Import.objects.count() == 1


def test_files_are_removed_when_their_time_is_over(kind, home, head, tmp_path):
    waiting = brought(head, home.id, tmp_path, "A;1;;;\n")
    done = brought(head, home.id, tmp_path, "B;1;;;\n")
    applied(head, done)
    assert services.expire(actor=OPERATOR, now=NOW + timedelta(days=15)) == 2
    assert not ImportPart.objects.exists()
    assert Import.objects.get(pk=waiting).state == ImportState.EXPIRED
    assert Import.objects.get(pk=done).state == ImportState.APPLIED
    services.undo(actor=head, owner=done, now=NOW + timedelta(days=15))
    assert not Building.objects.exists()


def test_the_offices_of_a_district_see_what_its_heads_bring_and_leave_it_to_them(home, head, tmp_path):
    """Who sees that a head brought a file, who reads its rows, who may take it back."""
    row = Import.objects.get(pk=_pupils(head, home.id, tmp_path))
    assert row.territory == builders.DISTRICT
    offices = {
        head: "see read work",
        builders.head_of(builders.kindergarten(10).id): "",
        builders.officer_of("711110000"): "see read",
        builders.officer_of("711210000"): "",
        builders.staff(Role.REGION, "71"): "see read",
        builders.staff(Role.REGION, "75"): "",
        builders.staff(Role.MINISTRY): "see read",
        builders.staff(Role.AUDITOR): "see",
        Actor(user=None, grants=(Grant(Role.TEACHER, organisation=home.id),)): "",
    }
    assert {actor: _may(actor, row.id) for actor in offices} == offices


def _pupils(head: Actor, home: UUID, tmp_path: Path) -> UUID:
    path = tmp_path / "pupils.csv"
    path.write_text("Given name,Birth date,Sex,Class\nАсан,2020-01-01,male,1\n", encoding="utf-8")
    new = NewImport("registry.pupils", path, "pupils.csv", "", home, NOW.date(), False, "en")
    owner = services.receive(actor=head, new=new, now=NOW)
    working.look(owner, NOW)
    return owner


def _may(actor: Actor, owner: UUID) -> str:
    may = {
        "see": any(one.id == owner for one in queries.cards(actor, NOW)),
        "read": queries.may_read(actor, owner),
        "work": queries.may_work(actor, owner),
    }
    for verb in (services.apply, services.undo, services.put_aside):
        if not may["work"]:
            with pytest.raises(NotAllowed):
                verb(actor=actor, owner=owner, now=NOW)
    return " ".join(verb for verb, allowed in may.items() if allowed)


@pytest.mark.parametrize("lang", LANGS)
def test_faults_of_many_rows_read_well_without_a_fix(kind, home, head, tmp_path, lang):
    """What the rows share is named; what differs is an example, and never a gap."""
    rows = "A;1;sund;2001-13-45;\nB;x;sund;2001-02-30;\nC;y;sund;;\n"
    found = queries.preview(head, brought(head, home.id, tmp_path, rows), lang).faults
    shown = {one.code: (one.what, one.first) for one in found}
    assert "x, …" in shown["not_a_number"][0] and shown["not_a_number"][1] == 3
    assert "sund" in shown["unknown_code"][0] and "…" not in shown["unknown_code"][0]


def test_a_wrong_code_is_told_which_are_right(kind, home, head, tmp_path, monkeypatch):
    owner = brought(head, home.id, tmp_path, "A;1;sund;;\n")
    words = [text.en for column in kind.columns if column.name == "condition" for text in column.codes.values()]
    (fault,) = queries.preview(head, owner, "en").faults
    (one,) = queries.lines(head, owner, "en")
    assert one.todo == fault.todo == f"Write one of these: {', '.join(words)}."
    assert fault.fix == one.fix == "sound"
    monkeypatch.setattr(queries, "ALLOWED", 1)
    (fault,) = queries.preview(head, owner, "en").faults
    assert fault.todo == f"Write one of these: {words[0]} and {len(words) - 1} more (sheet “Codes”)."


def test_kinds_stand_in_the_order_in_which_one_loads_them(home, head):
    shown = [one.code for one in queries.kinds_of(OPERATOR, NOW, "ru") if one.code.startswith("registry.")]
    first = ["organisations", "rooms", "classes", "pupils", "teachers", "guardians"]
    assert shown == [f"registry.{one}" for one in first]
    said = {one.code: one.first for one in queries.kinds_of(head, NOW, "en")}
    assert "classes of schools" in said["registry.pupils"]


def test_every_sentence_that_names_a_fix_has_one_for_rows_without_a_common_one():
    named = {
        code: entry for code, entry in catalogue().items()
        if code.startswith("imports.issue.") and any("{fix}" in str(one) for one in entry.values())
    }  # fmt: skip
    assert named and not [code for code in named if f"{code}.many" not in catalogue()]
    assert not [code for code in catalogue() if code.endswith(".many") and code in named]
