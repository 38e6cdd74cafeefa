"""The catalogue and how values are written in three languages."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shanyraq.foundation import text
from shanyraq.foundation.text import IncompleteCatalogue, Text

LATE = datetime(2026, 9, 1, 20, 30, tzinfo=UTC)  # already the next day in Kazakhstan


def catalogue_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    path = tmp_path / "texts.yaml"
    path.write_text(content, "utf-8")
    monkeypatch.setattr(text, "text_files", lambda: (path,))
    text.catalogue.__wrapped__()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: {kk: бір, ru: один}", "lacks en"),
        ("a: {kk: бір, ru: один, en: }", "lacks en"),
        ("a: {kk: бір, екі, ru: один, en: one}", "quote a text with a comma"),
        ("a: бір", "lacks kk, ru, en"),
    ],
)
def test_an_entry_without_three_whole_texts_does_not_load(tmp_path, monkeypatch, content, said):
    with pytest.raises(IncompleteCatalogue, match=said):
        catalogue_of(tmp_path, monkeypatch, content)


def test_an_unknown_code_is_a_fault_of_ours():
    with pytest.raises(text.UnknownText):
        text.say("no.such.code", "kk")


@pytest.mark.parametrize(
    ("value", "kk", "ru", "en"),
    [
        (date(2026, 9, 1), "2026 ж. 1 қыркүйек", "1 сентября 2026\u202fг.", "1 September 2026"),
        (LATE, "2026 ж. 2 қыркүйек, 01:30", "2 сентября 2026\u202fг., 01:30", "2 September 2026, 01:30"),
        (1234567, "1\xa0234\xa0567", "1\xa0234\xa0567", "1,234,567"),
        (Text("үй", "дом", "home"), "үй", "дом", "home"),
        (None, "", "", ""),
    ],
)  # fmt: skip
def test_values_are_written_as_people_of_the_language_write_them(value, kk, ru, en):
    shown = [text.show(value, lang).replace("\u202f", " ").replace("\xa0", " ") for lang in text.LANGS]
    assert shown == [one.replace("\u202f", " ").replace("\xa0", " ") for one in (kk, ru, en)]


@pytest.mark.parametrize(
    ("count", "ru"), [(1, "1 заявление"), (3, "3 заявления"), (5, "5 заявлений"), (21, "21 заявление")]
)
def test_russian_counts_have_their_forms(count, ru):
    assert ru in text.say("district.queue.found", "ru", n=count)


def test_a_russian_date_that_ends_a_sentence_brings_its_own_full_stop():
    said = text.say("refusal.placement.referral_lapsed.why", "ru", day=date(2026, 9, 1))
    assert said.endswith("2026\u202fг.") and not said.endswith("..")
