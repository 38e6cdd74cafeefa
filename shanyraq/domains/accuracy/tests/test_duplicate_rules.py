"""How names, days and records agree: tables of cases, and twins of the code that must not differ."""

from datetime import date

import numpy as np
import pytest

from shanyraq.domains.accuracy.rules.duplicates import columns, levels, likeness, search, spelling, weights
from shanyraq.domains.accuracy.rules.duplicates.levels import Born, Name
from shanyraq.domains.accuracy.rules.duplicates.likeness import Beside, Iins, Record, Shares, agreement

BORN = date(2015, 3, 7)
COUNTRY = Shares(6_600_000)


def record(surname="Жұмабаев", given="Нұрлан", patronymic="Серікұлы", born_on=BORN, male=True):
    return Record(surname, given, patronymic, born_on, male)


@pytest.mark.parametrize(
    ("kazakh", "others"),
    [
        ("Әсел", ("Асель", "Assel", "Asel", "ӘСЕЛ")),
        ("Нұрсұлтан", ("Нурсултан", "Nursultan", "Nūrsūltan")),
        ("Жанібек", ("Жанибек", "Zhanibek", "Джанибек")),
        ("Қасым", ("Касым", "Qasym", "Kassym")),
        ("Шыңғыс", ("Шынгыс", "Shyngys")),
        ("Екатерина", ("Yekaterina", "Ekaterina")),
        ("Мұхаммед Әли", ("Мухаммедали", "Мұхаммед-Әли")),
    ],
)
def test_one_name_in_three_scripts_is_one(kazakh, others):
    assert {spelling.skeleton(one) for one in others} == {spelling.skeleton(kazakh)}


@pytest.mark.parametrize(
    "patronymics",
    [
        ("Серікұлы", "Серикович", "Serikuly", "Серікқызы", "Сериковна", "Серік ұлы", "Серик-улы"),
        ("Жұмабайұлы", "Жумабаевич", "Жумабайкызы", "Zhumabaiuly"),
        ("Асанқызы", "Асановна", "Asanqyzy"),
        ("Ильич", "Ильинична"),
    ],
)
def test_the_father_is_one_in_every_patronymic(patronymics):
    assert len({spelling.root(one) for one in patronymics}) == 1


@pytest.mark.parametrize(
    "surnames",
    [("Жұмабаев", "Жумабаева", "Zhumabayev", "Zhumabayeva", "Жұмабай"), ("Иванов", "Иванова", "Ivanov"),
     ("Серікұлы", "Серікқызы", "Serikuly"), ("Достоевский", "Достоевская", "Dostoevsky")],
)  # fmt: skip
def test_a_family_has_one_surname(surnames):
    assert len({spelling.root(one) for one in surnames}) == 1


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("nurlan", "nurlan", Name.SAME),
        ("nurlan", "nurlna", Name.SLIP),  # neighbours exchanged
        ("nurlan", "nurlam", Name.SLIP),
        ("nurlan", "nurla", Name.SLIP),
        ("nurlan", "nurbol", Name.DIFFERENT),
        ("nursultan", "nurzultab", Name.SLIP),  # two slips in a long name
        ("muhamed", "muhamedali", Name.NEAR),
        ("ali", "ala", Name.DIFFERENT),  # short names differ by a letter
        ("n", "nurlan", Name.MISSING),  # an initial
        ("m", "nurlan", Name.DIFFERENT),
        ("", "nurlan", Name.MISSING),
        ("hasan", "husen", Name.NEAR),
    ],
)
def test_levels_of_names(left, right, level):
    assert levels.name(left, right) is levels.name(right, left) is level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (date(2015, 3, 7), date(2015, 3, 7), Born.SAME),
        (date(2015, 3, 7), date(2015, 7, 3), Born.SWAPPED),
        (date(2015, 3, 7), date(2016, 3, 7), Born.DIGIT),
        (date(2015, 3, 12), date(2015, 3, 21), Born.DIGIT),  # neighbours exchanged
        (date(2015, 3, 7), date(2015, 1, 1), Born.YEAR),
        (date(2015, 3, 7), date(2012, 11, 28), Born.DIFFERENT),
    ],
)
def test_levels_of_days(left, right, level):
    assert levels.born(likeness.digits(left), likeness.digits(right)) is level


@pytest.mark.parametrize(
    ("left", "right", "one"),
    [
        # one person
        (record(), record("Жумабаев", "Нурлан", "Серикович"), True),
        (record(), record("Zhumabayev", "Nurlan", "Serikuly"), True),
        (record(), record(given="Нурлн"), True),
        (record(), record(born_on=date(2015, 7, 3)), True),
        (record(), record(born_on=date(2015, 3, 8)), True),
        (record(), record("Нұрлан", "Жұмабаев"), True),  # surname and given name exchanged
        (record(), record(given="Серік", patronymic="Нұрлан"), True),  # given name and father exchanged
        (record(), record("Серікұлы", "Нұрлан", "Жұмабаев"), True),  # patronymic in the place of the surname
        (record("Серікұлы", patronymic=""), record(patronymic=""), False),  # too little is known of them
        # two people
        (record(), record(given="Ерлан"), False),  # twins
        (record("Жұмабаева", "Айгерім", "Серікқызы", male=False), record("Жұмабаева", "Айгүл", "Серікқызы", male=False),
         False),
        (record(), record("Жұмабаева", "Нұргүл", "Серікқызы", male=False), False),  # twins, a girl
        (record(), record(given="Ерлан", born_on=date(2016, 3, 7)), False),  # brothers
        (record(), record(given="Нұрбол", born_on=date(2015, 3, 8)), False),
        (record(), record("Оспанов", patronymic="Маратұлы"), False),
        (record(), record(born_on=date(2009, 11, 28)), False),  # a namesake
    ],
)  # fmt: skip
def test_one_person_or_two(left, right, one):
    shares = Shares(6_600_000, {
        part: {name: 3_000 for row in (left, right) for name in likeness.folded(row)} for part in weights.NAMES
    }, {likeness.digits(row.born_on): 1_000 for row in (left, right)})  # fmt: skip
    assert (likeness.likeness(left, right, shares).score >= likeness.LISTED) is one
    assert (likeness.likeness(right, left, shares).score >= likeness.LISTED) is one


def test_twins_with_a_rare_surname_are_two_people_still():
    twins = record("Бейсенғалиқожа"), record("Бейсенғалиқожа", "Ерасыл")
    found = likeness.likeness(*twins, COUNTRY, Beside(same_guardian=True, same_address=True))
    assert found.score < 100
    assert "family" in {one.code for one in found.reasons}


def test_alike_names_of_twins_that_are_both_known_are_no_slip():
    names = {"alihan": 20_000, "alizhan": 20_000, "alijan": 20_000}
    shares = Shares(6_600_000, {weights.Part.GIVEN: names})
    twins = record(given="Алихан"), record(given="Алижан")
    beside = Beside(same_guardian=True, same_address=True)
    slip = likeness.likeness(record(given="Алихан"), record(given="Алиахн"), COUNTRY, beside)
    assert likeness.likeness(*twins, shares, beside).score < slip.score


def test_two_numbers_speak_for_two_people_and_one_for_one():
    pair = record(), record(given="Нурлан")
    scores = [likeness.likeness(*pair, COUNTRY, Beside(iins=one)).bits for one in (Iins.DIFFERENT, Iins.MISSING)]
    scores += [likeness.likeness(*pair, COUNTRY, Beside(iins=one)).bits for one in (Iins.SLIP, Iins.SAME)]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1] - 20


def test_the_reasons_name_what_agrees_and_what_does_not():
    found = likeness.likeness(record(), record("Жумабаев", "Нурлан", "Маратович", date(2015, 7, 3)), COUNTRY)
    told = {one.code: one.tenths for one in found.reasons}
    assert told["surname_variant"] > 0 > told["patronymic_different"]
    assert told["born_swapped"] > 0
    assert list(told.values()) == sorted(told.values(), key=abs, reverse=True)


def test_exchanged_names_are_seen():
    found = agreement(record(), record("Нұрлан", "Жұмабаев"))
    assert (found.surname, found.given, found.patronymic) == (Name.SWAPPED, Name.SWAPPED, Name.SAME)


def people(n, seed=1):
    chance = np.random.default_rng(seed)
    surnames = ("Серікбаев", "Жұмабаев", "Ахметов", "Иванов", "Нұрлан", "")
    given = ("Асан", "Үсен", "Нұрлан", "Алихан", "Алижан", "Марат", "Нурлна", "Н")
    fathers = (*(f"{one}ұлы" for one in given[:6]), "Серикович", "")
    pick = chance.choice
    return [
        Record(str(pick(surnames)), str(pick(given)), str(pick(fathers)),
               date(2015 + int(chance.integers(2)), int(chance.integers(1, 13)), int(chance.integers(1, 13))),
               bool(chance.integers(2)))
        for _ in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize("least", [-7.0, -40.0])
def test_the_compiled_twin_finds_the_same_pairs(least):
    rows = columns.columns(columns.frame(people(700)))
    pure, compiled = (as_told(search.candidates(rows, least, compiled=one)) for one in (False, True))
    assert set(pure) == set(compiled)
    assert len(pure) > 20
    assert all(pure[pair][0] == compiled[pair][0] for pair in pure)
    assert all(abs(pure[pair][1] - compiled[pair][1]) < 0.001 for pair in pure)


def as_told(pairs):
    rows = zip(pairs.left.tolist(), pairs.right.tolist(), pairs.packed.tolist(), pairs.bits.tolist(), strict=True)
    told = {(min(left, right), max(left, right)): (packed, bits) for left, right, packed, bits in rows}
    assert len(told) == len(pairs), "a pair twice"
    return told


def test_the_kernel_weighs_as_the_rules_do():
    rows = people(300)
    found = columns.columns(columns.frame(rows))
    pairs, shares = search.candidates(found, compiled=False), found.shares()
    for left, right, bits in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.bits.tolist(), strict=True):
        assert likeness.likeness(rows[left], rows[right], shares).bits == pytest.approx(bits, abs=0.001)


def test_nobody_and_one_are_no_pairs():
    for n in (0, 1):
        for compiled in (False, True):
            assert len(search.candidates(columns.columns(columns.frame(people(n))), compiled=compiled)) == 0
