import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry.rules import names
from shanyraq.foundation.refusal import Refusal


@pytest.mark.parametrize(
    "spellings",
    [
        ("Әсел", "Асел", "ӘСЕЛ", "Асель", "Assel", "Äsel"),
        ("Нұрлан", "Нурлан", "Nurlan", "Nūrlan"),
        ("Қайрат", "Кайрат", "Qairat", "Kairat", "Kayrat"),
        ("Ерлан", "Yerlan", "Erlan"),
        ("Жанар", "Zhanar", "Janar"),
        ("Хадиша", "Khadisha", "Hadisha"),
        ("Щербаков", "Shcherbakov"),
        ("Дмитрий", "Dmitriy", "Dmitry", "Dmitrii"),
        ("Юлия", "Yuliya", "Iuliia"),
        ("Шоқан", "Şoqan", "Shokan"),
        ("Ғани", "Ğani", "Gani"),
        ("Бауыржан-Ахмет", "БАУЫРЖАН-АХМЕТ"),
    ],
)
def test_spellings_of_one_name_are_one_in_the_search(spellings):
    assert len({names.folded(spelling) for spelling in spellings}) == 1


def test_composed_and_decomposed_letters_are_one():
    assert names.folded("Йе\u0308") == names.folded("И\u0306Ё")


def test_different_names_stay_different():
    assert len({names.folded(name) for name in ("Асан", "Үсен", "Есен", "Арман", "Ерман", "Айман")}) == 6


def test_search_key_holds_the_beginning_of_every_word_once():
    key = names.search_key("Серікқызы Әсел", "Серикызы Асель", "Serikkyzy Assel")
    assert " serik" in key
    assert key.count(" asel") == 1


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_for_words_of_our_letters(text):
    word = "".join(sign for sign in text.casefold() if sign in names.ALPHABET)
    assert names.folded(word.upper()) == names.folded(word)


@pytest.mark.parametrize(
    ("kazakh", "latin"),
    [
        ("Әсел Серікқызы", "Asel Serikkyzy"),
        ("Ғабит Мүсірепов", "Gabit Musirepov"),
        ("Жүсіпбек Аймауытов", "Zhusipbek Aimauytov"),
        ("Щукин-Цой Юрий", "Shchukin-Tsoi Iurii"),
        ("Һадиша Хан", "Hadisha Khan"),
    ],
)
def test_latin_letters_as_passports_write_them(kazakh, latin):
    assert names.in_latin_letters(kazakh) == latin


def test_russian_letters_are_proposed_for_kazakh_ones():
    assert names.in_russian_letters("Ғабит Мүсірепұлы Өскенбаев") == "Габит Мусирепулы Оскенбаев"


def test_sort_key_is_the_order_of_the_kazakh_alphabet():
    ordered = [
        "Абай",
        "Әсел",
        "Бақыт",
        "Ғани",
        "Дана",
        "Қайрат",
        "Марат",
        "Нұр",
        "Өмір",
        "Ұлан",
        "Үміт",
        "Һадиша",
        "Ілияс",
        "Яна",
    ]
    assert sorted(reversed(ordered), key=names.sort_key) == ordered


@given(st.text(names.ALPHABET, max_size=20), st.text(names.ALPHABET, max_size=20))
def test_sort_key_compares_as_letters_do(first, second):
    ranks = [[names.ALPHABET.index(sign) for sign in word] for word in (first, second)]
    assert (names.sort_key(first) < names.sort_key(second)) == (ranks[0] < ranks[1])
    assert names.sort_key(first).isascii()


def test_a_shorter_name_stands_before_its_continuation_and_latin_after_cyrillic():
    assert sorted(["Zoe", "Асан Б", "Асанов А"], key=names.sort_key) == ["Асан Б", "Асанов А", "Zoe"]


@pytest.mark.parametrize("typed", ["Әсел7", "A<b>", "имя_2", "Әсел😀"])
def test_signs_that_no_name_has_are_refused(typed):
    with pytest.raises(Refusal, match="name_letters"):
        names.clean(typed, "given")


def test_clean_keeps_what_names_have():
    assert names.clean("  Әл-Фараби   О'Нил ", "given") == "Әл-Фараби О'Нил"
    with pytest.raises(Refusal, match="name_long"):
        names.clean("а" * 81, "given")


def test_full_leaves_out_what_a_person_lacks():
    assert names.full("", "Әсел", "") == "Әсел"
    assert names.full("Серік", "Әсел", "Қызы") == "Серік Әсел Қызы"
