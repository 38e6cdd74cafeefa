from datetime import date

import numpy as np
import pytest

from shanyraq.domains.registry.rules import names as rules
from shanyraq.domains.registry.rules import numbers, universal
from shanyraq.interfaces.sandbox import keys, names
from shanyraq.interfaces.sandbox.rows import bin_of

AS_OF = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("stem", "man", "woman"),
    [("Ахмет", "Ахметов", "Ахметова"), ("Мұса", "Мұсаев", "Мұсаева"), ("Жұмабай", "Жұмабаев", "Жұмабаева"),
     ("Нұрғали", "Нұрғалиев", "Нұрғалиева"), ("Төлеу", "Төлеуов", "Төлеуова")],
)  # fmt: skip
def test_surnames_on_kazakh_stems(stem, man, woman):
    assert names.kazakh_surname(stem) == (man, woman)


@pytest.mark.parametrize(
    ("father", "son", "daughter"),
    [("Сергей", "Сергеевич", "Сергеевна"), ("Илья", "Ильич", "Ильинична"), ("Юрий", "Юрьевич", "Юрьевна"),
     ("Марат", "Маратович", "Маратовна"), ("Никита", "Никитич", "Никитична")],
)  # fmt: skip
def test_russian_patronymics(father, son, daughter):
    assert names.russian_patronymic(father) == (son, daughter)


def test_pieces_make_what_the_registry_would_make_of_the_whole_name():
    book = names.book()
    rng = np.random.default_rng(5)
    for _ in range(200):
        tradition, sex = int(rng.integers(0, 2)), int(rng.integers(0, 2))
        surname = int(rng.choice(book.surnames[tradition])) + sex
        given = int(rng.choice(book.given[tradition, sex]))
        patronymic = int(rng.choice(book.patronymics[tradition][:, sex]))
        kk, own, father, russian, latin, search, sort = book.full(surname, given, patronymic)
        assert set(search.split()) == set(rules.search_key(rules.full(kk, own, father), russian, latin).split())
        assert sort == rules.sort_key(rules.full(kk, own, father))
        assert latin == rules.in_latin_letters(russian)
        assert rules.clean(kk, "surname") == kk


def test_all_three_scripts_are_there():
    assert all(piece.kk and piece.ru and piece.latin.isascii() for piece in names.book().pieces)
    assert not set("әғқңөұүһі") & set("".join(piece.ru.lower() for piece in names.book().pieces))


def test_iins_pass_every_check_of_the_registry_and_never_repeat():
    rng = np.random.default_rng(1)
    born = rng.integers(date(1960, 1, 1).toordinal(), AS_OF.toordinal(), 3_000)
    born[:400] = AS_OF.toordinal() - 900  # many on one day
    female = rng.integers(0, 2, len(born))
    giver = keys.Iins()
    given = [*giver.take(born[:1000], female[:1000]), *giver.take(born[1000:], female[1000:])]
    there = [iin for iin in given if iin]
    assert len(set(there)) == len(there) > 2_900
    for iin, day, woman in zip(given, born, female, strict=True):
        if iin:
            read = numbers.parse_iin(iin)
            assert read.born_on == date.fromordinal(int(day))
            assert (read.sex == "female") == bool(woman)
            assert int(iin[7:11]) >= keys.FIRST_SERIAL


def test_row_ids_rise_and_are_of_version_seven():
    made = keys.RowIds(AS_OF, np.random.default_rng(1))
    ids = [*made.take(5_000), *made.take(3)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {one[12] for one in ids} == {"7"}
    assert {one[16] for one in ids} <= set("89ab")


def test_universal_ids_agree_with_their_check_character():
    made = keys.universal_ids(500, np.random.default_rng(1))
    assert all(universal.valid(one) for one in made)


def test_bins_are_valid_and_different():
    made = [bin_of(at, 1990 + at % 30) for at in range(11_104)]
    assert len(set(made)) == len(made)
    for number in made[::500]:
        numbers.parse_bin(number)
