"""Files as people and programs write them become rows; what spoils a file is a refusal, what spoils a row an issue."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from shanyraq.foundation.imports import limits, reading, values
from shanyraq.foundation.imports.tests.files import COLUMNS, HEAD, KIND, book, text_file
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Text


def rows_of(path):
    sheet = reading.read_sheet(path, KIND, COLUMNS)
    frame, found = values.typed(sheet.frame, COLUMNS)
    return sheet, frame, found


def faults(found):
    return [(one["row"], one["column"], one["code"], one["fix"]) for one in found.iter_rows(named=True)]


def codes(sheet):
    return [one.code for one in sheet.warnings if one.code != "columns_absent"]


def test_values_get_their_types(tmp_path):
    _, frame, found = rows_of(
        text_file(tmp_path, HEAD + "1,Айгүл,2015-09-01,5,1.5,да,girl\n2,B,01.09.2015,,,no,MALE\n")
    )
    assert found.is_empty()
    assert frame.rows() == [
        (2, "1", "Айгүл", date(2015, 9, 1), 5, Decimal("1.5"), True, "female"),
        (3, "2", "B", date(2015, 9, 1), None, None, False, "male"),
    ]


def test_a_spreadsheet_gives_the_same_rows(tmp_path):
    head = ["iin *", "Name", "born_on", "grade", "load", "boards", "sex"]
    lines: list[list[object]] = [
        list(head),
        ["012345678901", "Айгүл", date(2015, 9, 1), 5, 1.5, True, "әйел"],
        [120304900012, "B"],
    ]
    path = book(tmp_path, [[""] * 7, *[[str(c) if isinstance(c, date) else c for c in one] for one in lines]])
    _, frame, found = rows_of(path)
    assert found.is_empty()
    assert frame.rows() == [
        (3, "012345678901", "Айгүл", date(2015, 9, 1), 5, Decimal("1.5"), True, "female"),
        (4, "120304900012", "B", None, None, None, None, None),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_ends_of_lines(tmp_path, separator, end):
    lines = [separator.join(("ИИН", "Аты-жөні", "load")), separator.join(("1", "Ә", '"1,5"'))]
    _, frame, found = rows_of(text_file(tmp_path, end.join(lines) + end))
    assert found.is_empty()
    assert frame.select("row", "iin", "name", "load").rows() == [(2, "1", "Ә", Decimal("1.5"))]


@pytest.mark.parametrize(
    ("encoding", "warned"),
    [("utf-8", []), ("utf-8-sig", ["bom"]), ("utf-16", ["wide_letters"]), ("utf-16-be", ["wide_letters"]),
     ("kz1048", ["code_page"])],
)  # fmt: skip
def test_encodings(tmp_path, encoding, warned):
    sheet, frame, _ = rows_of(text_file(tmp_path, "iin,name\n1,Қызғалдақ әжесі\n2,Иван\n".encode(encoding)))
    assert frame["name"].to_list() == ["Қызғалдақ әжесі", "Иван"]
    assert codes(sheet) == warned


def test_letters_that_a_code_page_lost_are_seen(tmp_path):
    _, _, found = rows_of(text_file(tmp_path, "iin,name\n1,?ыз?алда?\n".encode("cp1251")))
    assert faults(found) == [(2, "name", "lost_letters", "")]


def test_quotes_in_wrong_places_cost_no_row(tmp_path):
    content = 'iin,name,grade\n1,ТОО "Ромашка",1\n2,"goes\non",2\n3,"open,3\n4,"a""b",4\n5,x,5\n'
    sheet, frame, found = rows_of(text_file(tmp_path, content))
    assert frame.select("row", "name", "grade").rows() == [
        (2, 'ТОО "Ромашка"', 1), (3, "goes on", 2), (5, "open", 3), (6, 'a"b', 4), (7, "x", 5),
    ]  # fmt: skip
    assert codes(sheet) == ["stray_quotes"]
    assert found.is_empty()


def test_headings_below_a_title_in_any_order_and_case(tmp_path):
    sheet, frame, _ = rows_of(text_file(tmp_path, "Мектеп № 5,,\n\nNAME,Note, i i n*\nB,why,1\n"))
    assert frame.select("row", "iin", "name").rows() == [(4, "1", "B")]
    assert (sheet.extra, set(sheet.moved)) == (("Note",), {"iin", "name"})
    assert "born_on" in sheet.missing
    assert sheet.given == {"iin", "name"}


def test_the_sheet_with_the_headings_is_read(tmp_path):
    sheet, frame, _ = rows_of(book(tmp_path, [["read me"]], Data=[["iin", "name"], ["1", "B"]]))
    assert frame.height == 1
    assert codes(sheet) == ["sheet_chosen"]


def test_each_fault_names_its_cell_and_what_was_meant(tmp_path):
    rows = [
        "1,A,2015/9/1,five,1.2345678,perhaps,gril", "2,B,31.02.2015,,,,", ",C,42000,,,,", "9.9E+11,D,,,,,",
        f"3,{'x' * 201},,,,,", "4,=1+1,,,,,", "5,E\x07,,,,,", "6,F,,,,,,,surplus",
    ]  # fmt: skip
    sheet, _, found = rows_of(text_file(tmp_path, HEAD + "\n".join(rows) + "\n"))
    assert faults(found) == [
        (2, "born_on", "not_a_date", "2015-09-01"), (2, "grade", "not_a_number", ""),
        (2, "load", "not_a_number", ""), (2, "boards", "not_yes_no", ""), (2, "sex", "unknown_code", "female"),
        (3, "born_on", "not_a_date", ""),
        (4, "iin", "required", ""), (4, "born_on", "not_a_date", "2014-12-27"),
        (5, "iin", "shown_as_power", ""), (6, "name", "too_long", ""), (7, "name", "formula", ""),
        (8, "name", "control_signs", ""),
    ]  # fmt: skip
    assert faults(sheet.issues) == [(9, "", "too_many_cells", "")]


def test_a_formula_of_a_spreadsheet_is_seen_though_it_shows_a_value(tmp_path):
    path = book(tmp_path, [["iin", "name"], ["1", "=UPPER(A1)"], ["2", "B"]])
    sheet, _, _ = rows_of(path)
    assert faults(sheet.issues) == [(2, "name", "formula", "")]


def test_a_required_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Refusal) as refused:
        reading.read_sheet(text_file(tmp_path, "name,other\nB,1\n"), KIND, COLUMNS)
    assert refused.value.code == "imports.columns_missing"
    assert refused.value.facts == {"columns": Text("iin", "iin", "iin"), "extra": "other"}


def test_pieces_give_the_same_rows_as_the_whole(tmp_path):
    lines = [f'{number},"Имя, {number}",2015-01-01,{number % 11},1,да,male' for number in range(30_000)]
    path = text_file(tmp_path, HEAD + "\n".join(lines))
    whole = reading.read_sheet(path, KIND, COLUMNS).frame
    pieces = list(reading.read_pieces(path, KIND, COLUMNS, lines=1_000))
    assert len(pieces) > 1
    assert pl.concat(one.frame for one in pieces).equals(whole)


def test_a_piece_does_not_end_inside_quotes(tmp_path):
    lines = [f'{number},"two\nlines",2015-01-01,1,1,да,male' for number in range(20_000)]
    path = text_file(tmp_path, HEAD + "\n".join(lines) + "\n")
    pieces = list(reading.read_pieces(path, KIND, COLUMNS, lines=1_000))
    assert sum(one.frame.height for one in pieces) == 20_000


def test_limits_are_those_of_the_way_in(tmp_path):
    small = limits.Limits(1_000_000, 1_000_000, 5, 10, 1_000)
    with pytest.raises(Refusal, match=r"imports\.too_many_rows"):
        reading.read_sheet(text_file(tmp_path, "iin,name\n" + "1,B\n" * 40), KIND, COLUMNS, small)
