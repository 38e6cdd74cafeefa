from datetime import date, timedelta
from decimal import Decimal

import pytest

from shanyraq.domains.registry.imports.teachers import Teachers
from shanyraq.domains.registry.imports.tests.builders import asked, compared, faults, loaded, rows, school
from shanyraq.domains.registry.models import Employment, Person
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM
from shanyraq.foundation import history

pytestmark = pytest.mark.usefixtures("country")
KIND = Teachers()
LATER = NOW + timedelta(days=1)


def teacher(home_bin, **given):
    born_on, sex = date(1984, 5, 6), Sex.MALE
    plain = {
        "surname": "Ахметов", "given": "Ерлан", "born_on": born_on, "sex": "male", "organisation": home_bin,
        "post": "teacher", "subject": "mathematics", "load": Decimal(1), "iin": builders.iin(born_on, sex),
        "appointed_on": date(2025, 9, 1),
    }  # fmt: skip
    return {**plain, **given}


def test_two_posts_of_one_new_person():
    home, number = school()
    line = teacher(number)
    frame = rows(KIND, line, {**line, "subject": "physics", "load": Decimal("0.5")})
    assert loaded(KIND, frame, asked())[1] == {"added": 2}
    assert set(Employment.objects.values_list("person", "organisation", "subject", "load")) == {
        (Person.objects.get().pk, home, "mathematics", Decimal(1)),
        (Person.objects.get().pk, home, "physics", Decimal("0.5")),
    }  # fmt: skip
    assert loaded(KIND, frame, asked(), LATER)[1] == {"unchanged": 2}


def test_a_new_load_is_a_new_row_and_can_be_taken_back():
    _, number = school()
    line = teacher(number)
    loaded(KIND, rows(KIND, line), asked())
    again = {**line, "load": Decimal("0.75"), "category": "expert", "appointed_on": date(2026, 2, 1)}
    batch, did = loaded(KIND, rows(KIND, again), asked(), LATER)
    assert did == {"changed": 1}
    first, second = Employment.objects.order_by("valid_from")
    assert (first.valid_to, second.load, second.category) == (date(2026, 2, 1), Decimal("0.75"), "expert")
    history.undo(actor=SYSTEM, batch=batch, now=LATER)
    assert Employment.objects.get().valid_to is None
    early = {**again, "appointed_on": date(2025, 8, 1)}
    assert faults(KIND, rows(KIND, early), asked()) == {2: {"teacher_changed_early"}}


def test_who_leaves_and_who_is_not_in_a_full_replacement():
    home, number = school()
    one, other = teacher(number), teacher(number, given="Марат")
    loaded(KIND, rows(KIND, one, other), asked())
    left = {**one, "left_on": date(2026, 2, 2), "exit_reason": "retired"}
    found = compared(KIND, rows(KIND, left), asked(organisation=home, replace=True))
    assert found.rows.select("row", "action").rows() == [(2, "closed"), (0, "closed")]
    loaded(KIND, rows(KIND, left), asked(organisation=home, replace=True), LATER)
    assert not Employment.objects.filter(valid_to__isnull=True).exists()


def test_loads_and_posts_that_cannot_be():
    _, number = school()
    line = teacher(number)
    codes = faults(KIND, rows(KIND, line, line, teacher(number, load=Decimal(3))), asked())
    assert codes == {3: {"teacher_twice"}, 4: {"teacher_load"}}
