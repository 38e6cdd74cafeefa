"""The smallest country, built in the database of the test."""

from collections import Counter
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.db import transaction

from shanyraq.domains.placement import bulk as placement
from shanyraq.domains.placement.services import rounds
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.timeline import COUNTRY_ZONE
from shanyraq.interfaces import scrutiny
from shanyraq.interfaces.sandbox import build as building
from shanyraq.interfaces.sandbox import country, life, reset, truth
from shanyraq.interfaces.sandbox.shares import SCALES
from shanyraq.interfaces.sandbox.tests.world import AS_OF

ORDER = building.Order(SCALES["1:1000"], 7, AS_OF)
ANY_DAYS = (
    date(2027, 1, 1), date(2026, 4, 30), date(2026, 7, 6), date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 5),
    date(2026, 9, 30), date(2026, 11, 24), date(2026, 12, 31), date(2027, 5, 3), date(2027, 9, 1),
)  # fmt: skip
PEOPLE = {
    "demo-parent",
    "demo-parent-voucher",
    "demo-head",
    "demo-officer",
    "demo-region",
    "demo-ministry",
    "demo-auditor",
    "demo-school-head",
    "demo-teacher",
}
Person, Enrolment, Group, Organisation = (
    apps.get_model("registry", name) for name in ("Person", "Enrolment", "Group", "Organisation")
)
Application, Offer, Document, Round = (
    apps.get_model("placement", name) for name in ("Application", "Offer", "Document", "Round")
)


def build(folder, order: building.Order = ORDER) -> building.Built:
    country.load_territory_if_missing()
    return building.build(order, folder / "truth.jsonl")


@pytest.fixture
def alive(db, tmp_path):
    built = build(tmp_path)
    life.live(built)
    return built


def seen(folder, order: building.Order) -> tuple[str, list[Any], list[Any], str]:
    """Build, look, and take it all back."""
    with transaction.atomic():
        built = build(folder, order)
        people = Person.objects.order_by("id").values_list("id", "universal_id", "name_ru", "born_on", "iin_index")
        queue = Application.objects.order_by("id").values_list("id", "number", "child", "applied_at", "benefit")
        told = (folder / "truth.jsonl").read_text("utf-8")
        looked = (built.fingerprint, [(*row[:4], bytes(row[4] or b"")) for row in people], list(queue), told)
        transaction.set_rollback(True)
    return looked


def test_the_same_seed_gives_the_same_country(db, tmp_path):
    assert seen(tmp_path, ORDER) == seen(tmp_path, ORDER)
    assert seen(tmp_path, building.Order(ORDER.scale, 8, AS_OF))[0] != seen(tmp_path, ORDER)[0]


def test_a_country_that_fails_half_way_leaves_nothing(db, tmp_path, monkeypatch):
    country.load_territory_if_missing()
    monkeypatch.setattr("shanyraq.domains.placement.bulk.set_counter", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        building.build(ORDER, tmp_path / "truth.jsonl")
    assert country.empty()


def test_a_reset_removes_the_file_or_says_that_it_cannot(tmp_path):
    file = tmp_path / "country.sqlite3"
    file.write_bytes(b"")
    embedded = SimpleNamespace(EMBEDDED=True, DATABASES={"default": {"NAME": str(file)}})
    with patch.object(reset, "connection"), patch.object(reset, "settings", embedded):
        assert reset.remove_database()
    assert not file.exists()
    with patch.object(reset, "settings", SimpleNamespace(EMBEDDED=False)):
        assert not reset.remove_database()


@pytest.mark.slow
def test_a_living_country_holds_its_totals_and_has_something_for_everyone(alive, tmp_path):
    attending = Enrolment.objects.filter(valid_to__isnull=True, stage="preschool").count()
    assert abs(attending - 965.204) <= 0.01 * 965.204
    assert abs(placement.open_count() - 289.758) <= 0.01 * 289.758
    assert abs(alive.counts.in_kazakh - 742.832) <= 0.01 * 742.832
    invented = sum(line["fault"] in ("ghost_pupil", "double_school") for line in truth.read(tmp_path / "truth.jsonl"))
    children = Person.objects.filter(born_on__gt=date(AS_OF.year - 18, AS_OF.month, AS_OF.day)).count() - invented
    assert abs(children - 6616.774) <= 0.01 * 6616.774
    assert {user.sign_in_name for user in User.objects.all()} == PEOPLE
    assert not Organisation.objects.filter(authority__isnull=True).exists()
    _families_have_news(alive)
    _staff_have_work()
    _rounds_can_be_run_again()


def _families_have_news(built):
    mine = Application.objects.get(child=built.persona.elder)
    assert mine.status == "offered"
    assert mine.due_on >= AS_OF
    other = Application.objects.get(child=built.persona.younger)
    assert other.status == "waiting"
    assert other.outcomes.filter(round__status="published", reason="full").exists()
    parent = User.objects.get(sign_in_name="demo-parent-voucher")
    assert Application.objects.filter(applicant=parent.person_id, status="voucher_offered").exists()


def _staff_have_work():
    head = User.objects.get(sign_in_name="demo-head").grants.get(role=Role.HEAD).organisation_id
    assert Offer.objects.filter(group__organisation=head, status="accepted").exists()
    assert Document.objects.filter(application__district="711210000", status="pending").count() >= 3
    now = life.days_of(AS_OF).now
    officer = life.officer("711210000")
    assert rounds.preview_round(actor=officer, district="711210000", now=now).placed > 0


def _rounds_can_be_run_again():
    held = list(Round.objects.order_by("id"))
    assert len(held) >= 4
    assert all(rounds.replay_round(one.id).equal for one in held)


def test_what_was_planted_is_told(db, tmp_path):
    build(tmp_path)
    lines = truth.read(tmp_path / "truth.jsonl")
    found = Counter(line["fault"] for line in lines)
    assert set(found) == {
        "double_listing", "ghost_enrolment", "expired_paper", "impossible_age", "wrong_group", "false_guardian",
        "wrong_district", "ghost_pupil", "double_school", "left_but_listed", "club_ghost", "impossible_grade",
    }  # fmt: skip
    double = next(line for line in lines if line["fault"] == "double_listing")
    second, first = (Person.objects.get(universal_id=double[name]) for name in ("child", "same_as"))
    assert (second.born_on, second.sex, second.iin_index) == (first.born_on, first.sex, None)
    ghost = next(line for line in lines if line["fault"] == "ghost_enrolment")
    group = Group.objects.get(pk=ghost["group"])
    assert group.enrolments.filter(valid_to__isnull=True).count() == group.places + ghost["above_places"]


def test_groups_take_the_birth_years_of_their_children(db, tmp_path):
    build(tmp_path)
    wrong = 2 * sum(line["fault"] == "wrong_group" for line in truth.read(tmp_path / "truth.jsonl"))
    rows = Enrolment.objects.filter(stage="preschool").values_list(
        "child__born_on", "group__born_from", "group__born_to"
    )
    assert sum(not first <= born.year <= last for born, first, last in rows) <= wrong


@pytest.mark.slow
@pytest.mark.parametrize("as_of", ANY_DAYS, ids=str)
def test_any_day_of_the_year_will_do(db, tmp_path, as_of):
    built = build(tmp_path, building.Order(ORDER.scale, 3, as_of))
    with patch.object(scrutiny, "search"):
        life.live(built)
    assert built.persona is not None
    mine = Application.objects.get(child=built.persona.elder)
    assert mine.status == "offered"
    assert mine.due_on >= as_of
    assert {user.sign_in_name for user in User.objects.all()} == PEOPLE
    assert abs(placement.open_count() - 289.758) <= 0.01 * 289.758


def test_the_first_morning_of_a_school_year_has_its_round(db, tmp_path):
    first = date(2026, 9, 1)
    with clock.frozen_at(datetime.combine(first, time(3), COUNTRY_ZONE)), patch.object(scrutiny, "search"):
        built = build(tmp_path, building.Order(ORDER.scale, 3, first))
        life.live(built)
    assert built.persona is not None
    assert Application.objects.get(child=built.persona.elder).status == "offered"
