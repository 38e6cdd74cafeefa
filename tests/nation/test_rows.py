"""From a number to its organisations: what adds up, and who may see which."""

import pytest

from shanyraq.analytics.cards import cards
from shanyraq.domains.placement.tests.builders import OPERATOR, staff
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.interfaces.nation import counting, drilling, queries
from shanyraq.interfaces.nation.rows_pages import allowed
from tests.data_checks import world
from tests.data_checks.world import NOW, TODAY
from tests.nation.test_counting import feature

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    world.build()
    schools = list(world.Organisation.objects.filter(kind__in=("school", "college", "kindergarten")))
    for at, school in enumerate(schools[:2]):
        feature(school.id, "anti_terror", at)
    with clock.frozen_at(NOW):
        counting.count(actor=OPERATOR, on=TODAY, now=NOW)
        yield schools


def test_rows_add_up_to_the_number(counted):
    number = queries.one(queries.present(), "21").number
    answers = list(drilling.answers(cards()[21], "total", "").values())
    assert answers.count("yes") == number.counted
    assert len(answers) - answers.count("unknown") == number.known and len(answers) == number.among
    assert {"yes", "no", "unknown"} <= set(answers)


def test_rows_of_a_territory_are_its_own(counted):
    districts = {one.id.hex: one.district_id for one in world.Organisation.objects.all()}
    one = counted[0].district_id
    assert {districts[home] for home in drilling.answers(cards()[21], "total", one)} == {one}
    assert drilling.answers(cards()[21], "total", "99") == {}


@pytest.mark.parametrize(
    ("actor", "place", "seen"),
    [
        (staff(Role.MINISTRY), "KZ", ""),
        (staff(Role.MINISTRY), "710000000", "71"),
        (staff(Role.REGION, "71"), "", "71"),
        (staff(Role.REGION, "71"), "711110000", "711110000"),
        (staff(Role.OFFICER, "711110000"), "710000000", "711110000"),
    ],
)  # fmt: skip
def test_who_sees_which_rows(actor, place, seen):
    assert allowed(actor, place) == seen


@pytest.mark.parametrize("place", ["750000000", "751110000", "711210000"])
def test_rows_of_others_are_shut(place):
    with pytest.raises(NotAllowed):
        allowed(staff(Role.OFFICER, "711110000"), place)
