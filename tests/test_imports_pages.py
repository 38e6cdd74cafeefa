"""Imports at the portal and the command line: from an uploaded file to the undo, as people and scripts do it."""

import errno
from datetime import timedelta
from io import BytesIO

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import NOW
from shanyraq.domains.registry.models import Building
from shanyraq.foundation import clock, jobs
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.imports import columns, kinds, sheets
from shanyraq.foundation.imports.cli import imports
from shanyraq.foundation.imports.models import Import
from shanyraq.foundation.imports.states import ImportState
from shanyraq.foundation.text import LANGS, known
from shanyraq.foundation.uid import new_id
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
def browser(home):
    user = importing.head_of(home.id)
    client = Client()
    client.cookies["language"] = "en"
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def brought(browser, rows: str) -> str:
    """The address of the import of a file that was uploaded and looked at."""
    given = {"file": SimpleUploadedFile("buildings.csv", (HEAD + rows).encode()), "place": "0", "key": str(new_id())}
    answer = browser.post("/imports/new/tests.buildings/", {**given, "holds_from": "01.09.2026"})
    assert answer.status_code == 303, answer.content.decode()
    jobs.run_due()
    return answer["Location"]


def test_from_the_file_to_the_undo(kind, browser):
    with clock.frozen_at(NOW):
        address = brought(browser, "A;10;;;\nB;x;sund;;\n")
        page = browser.get(address).content.decode()
        assert "“x” is not a number" in page
        faults = browser.get(f"{address}faults/?fault=unknown_code:condition").content.decode()
        assert "<strong>sound</strong>" in faults
        assert "not a number" not in faults.split("<tbody>")[1]
        assert "A" in browser.get(f"{address}changes/?action=added&page=1").content.decode()
        assert "Write 1 row?" in browser.get(f"{address}apply/").content.decode()
        browser.post(f"{address}apply/", {"key": str(new_id())})
        assert "Refresh" in browser.get(address).headers
        jobs.run_due()
        done = browser.get(address)
        assert "Refresh" not in done.headers
        assert [one.name for one in Building.objects.all()] == ["A"]
        failed = browser.post(f"{address}failed.xlsx")
        cells = CalamineWorkbook.from_filelike(BytesIO(failed.content)).get_sheet_by_index(0).to_python()
        assert cells[0][0] == "Error"
        assert cells[1][1:3] == ["B", "x"]
        assert "perhaps: sound" in cells[1][0]
        browser.post(f"{address}undo/", {"key": str(new_id())})
        assert not Building.objects.exists()


def test_what_stands_in_the_way_of_the_undo_is_listed(kind, browser):
    with clock.frozen_at(NOW):
        first = brought(browser, "A;10;;;\n")
        browser.post(f"{first}apply/", {"key": str(new_id())})
        jobs.run_due()
    with clock.frozen_at(NOW + timedelta(minutes=1)):
        second = brought(browser, "A;20;;;\n")
        browser.post(f"{second}apply/", {"key": str(new_id())})
        jobs.run_due()
        page = browser.get(f"{first}undo/").content.decode()
        assert "1 records were changed later" in page
        assert "Yes, take it back" not in page
        assert "Yes, take it back" in browser.get(f"{second}undo/").content.decode()
        assert browser.post(f"{first}undo/", {"key": str(new_id())}).status_code == 422


def test_a_form_without_a_file_is_shown_again(kind, browser):
    answer = browser.post("/imports/new/tests.buildings/", {"place": "0", "holds_from": "x", "key": str(new_id())})
    assert answer.status_code == 422


def test_a_list_costs_the_same_with_one_file_and_with_thirty(kind, browser):
    with clock.frozen_at(NOW):
        counts = []
        for _ in range(2):
            brought(browser, "A;1;;;\n")
            browser.get("/imports/")
            with CaptureQueriesContext(
                connection,
            ) as made:
                browser.get("/imports/")
            counts.append(len(made))
            row = Import.objects.first()
            for _ in range(29):
                row.pk = new_id()
                row.save(force_insert=True)
    assert counts[0] == counts[1]


def test_a_file_that_is_too_big_is_refused_before_it_is_read(browser):
    answer = browser.generic(
        "POST", "/imports/new/tests.buildings/", b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(2 << 30)
    )
    assert answer.status_code == 413
    assert "page.too_big" in answer.content.decode()


def test_an_upload_that_finds_no_room_is_refused(browser, monkeypatch):
    def full(handler, data, start):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", full)
    big = SimpleUploadedFile("x.csv", b"x" * (3 << 20))
    answer = browser.post("/imports/new/tests.buildings/", {"file": big})
    assert answer.status_code == 507
    assert "The disk is full" in answer.content.decode()
    assert browser.get("/imports/").status_code == 200


@pytest.mark.parametrize("lang", LANGS)
def test_a_template_is_read_back_by_its_headings(lang):
    for kind in kinds.every():
        if not kind.columns:
            continue
        book = CalamineWorkbook.from_filelike(BytesIO(sheets.template(kind, lang)))
        head = book.get_sheet_by_index(0).to_python()[0]
        assert [cell.removesuffix(" *") for cell in head] == [
            columns.heading(kind.code, one, lang) for one in kind.columns
        ]
        assert len(set(head)) == len(head)


def test_every_kind_has_its_words():
    wrong = [
        code
        for kind in kinds.every()
        for code in (
            f"imports.kind.{kind.code}", f"imports.kind.{kind.code}.about",
            *(f"imports.{kind.code}.{one.name}" for one in kind.columns),
        )
        if not known(code)
    ]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_the_same_way_at_the_command_line(kind, home, tmp_path):
    path = tmp_path / "buildings.csv"
    path.write_text(HEAD + "A;10;;;\nB;x;;;\n", encoding="utf-8")
    run = CliRunner().invoke
    checked = run(imports, ["check", str(path), "--kind", kind.code, "--organisation", str(home.id), "--lang", "en"])
    assert checked.exit_code == 0, checked.output
    assert "rows not taken: 1" in checked.output
    row = Import.objects.get()
    failed = run(imports, ["failed", str(row.pk), "--to", str(tmp_path / "failed.csv"), "--lang", "en"])
    assert failed.exit_code == 0, failed.output
    assert "“x” is not a number" in (tmp_path / "failed.csv").read_text("utf-8-sig")
    applied = run(imports, ["apply", str(row.pk), "--lang", "en"])
    assert "Rows written: 1 of 1" in applied.output, applied.output
    assert run(imports, ["undo", str(row.pk)]).exit_code == 0
    assert not Building.objects.exists()
    assert str(row.pk) in run(imports, ["list"]).output
    assert Import.objects.get().state == ImportState.UNDONE


def test_a_check_that_is_only_tried_leaves_nothing(kind, home, tmp_path):
    path = tmp_path / "buildings.csv"
    path.write_text(HEAD + "A;10;;;\n", encoding="utf-8")
    given = ["check", str(path), "--kind", kind.code, "--organisation", str(home.id), "--dry-run"]
    assert CliRunner().invoke(imports, given).exit_code == 0
    assert Import.objects.get().state == ImportState.EXPIRED


def test_a_file_of_no_use_ends_with_the_code_of_a_refusal(kind, home, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7")
    done = CliRunner().invoke(imports, ["check", str(path), "--kind", kind.code, "--organisation", str(home.id)])
    assert done.exit_code == 2
