import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry.imports.spelling import same_name, spelt
from shanyraq.domains.registry.rules import names

WORDS = st.sampled_from(
    [
        "Әлібек",
        "Нұрмағамбетов",
        "Иванова-Петрова",
        "О'Коннор",
        "Қасым Жомарт",
        "Щукин",
        "Объедков",
        "Assel",
        "Ақ-Бота",
        "",
    ]
)


@given(st.lists(st.tuples(WORDS, WORDS.filter(bool), WORDS, st.sampled_from(["", "Иванов Иван"])), min_size=1))
def test_as_the_services_spell_one_person(rows):
    frame = pl.DataFrame(rows, schema=["surname", "given", "patronymic", "name_ru"], orient="row")
    frame = frame.with_columns(pl.lit(None, pl.String).alias("name_latin"))
    for row in spelt(frame).iter_rows(named=True):
        whole = names.full(row["surname"], row["given"], row["patronymic"])
        own = next(one for one in rows if one[:3] == (row["surname"], row["given"], row["patronymic"]))
        assert own
        assert row["name_ru"] in (names.in_russian_letters(whole), "Иванов Иван")
        assert row["name_latin"] == names.in_latin_letters(whole)
        assert row["sort_key"] == names.sort_key(whole)
        assert row["search_key"] == names.search_key(whole, row["name_ru"], row["name_latin"])


def test_one_name_in_two_scripts():
    left, right = pl.Series(["Әсел", "Асель", None]), pl.Series(["Асель", "Марат", "Асель"])
    assert same_name(left, right).to_list() == [True, False, False]
