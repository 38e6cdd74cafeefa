"""What the API says of a day and of an instant: the same rows, rights, pages and tags as of today."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest

from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry import services
from shanyraq.domains.registry.rules.kinds import ExitReason
from shanyraq.foundation import clock
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.text import Text
from tests.systems import afresh, connected, cost_of, ids, scoped, through_pages, told

pytestmark = pytest.mark.django_db
NOW = make.NOW
LATER = NOW + timedelta(days=20)
BEFORE, SINCE = "valid=2026-03-02", "valid=2026-03-12"
THEN = f"known={quote((NOW + timedelta(hours=1)).isoformat())}"
LISTS = ("people", "organisations", "groups", "enrolments")


@pytest.fixture(autouse=True)
def _now():
    afresh()
    with clock.frozen_at(NOW):
        make.territory()
    with clock.frozen_at(LATER):
        yield


def renamed(organisation, on=date(2026, 3, 10)):
    change = services.ProfileChange(name=Text("Жаңа", "Новый", "New"))
    services.change_profile(actor=make.OPERATOR, organisation=organisation, change=change, on=on, now=LATER)


def one(address, asked=""):
    answer = connected().get(f"{address}?{asked}")
    assert answer.status_code == 200, answer.content
    return told(answer)


class TestOfADay:
    def test_an_organisation_is_called_as_it_was_called(self):
        garden = make.kindergarten(2)
        renamed(garden.id)
        for address in (f"organisations/{garden.id}", "organisations"):
            names = [
                (row["items"][0] if "items" in row else row)["name"]["en"]
                for row in (one(address, BEFORE), one(address, SINCE), one(address))
            ]
            assert names[0] != "New" and names[1:] == ["New", "New"], address

    def test_it_is_found_by_what_it_was(self):
        garden = make.kindergarten(2)
        change = services.ProfileChange(district=make.OTHER_DISTRICT)
        services.change_profile(
            actor=make.OPERATOR, organisation=garden.id, change=change, on=date(2026, 3, 10), now=LATER
        )
        there = {day: ids(one("organisations", f"{day}&territory={make.DISTRICT}")["items"]) for day in (BEFORE, SINCE)}
        assert there == {BEFORE: [garden.id], SINCE: []}
        assert one(f"organisations/{garden.id}", BEFORE)["district"] == make.DISTRICT

    def test_what_did_not_hold_then_is_left_out(self):
        garden = make.kindergarten(2)
        child = make.person(born_on=make.BORN)
        enrolment = make.enrolled(child, garden.group, on=date(2026, 3, 1))
        services.end_enrolment(
            actor=make.OPERATOR, enrolment=enrolment, reason=ExitReason.MOVED, on=date(2026, 3, 10), now=LATER
        )
        assert ids(one("enrolments", BEFORE)["items"]) == [enrolment]
        assert one("enrolments", SINCE)["items"] == []
        assert ids(one("enrolments")["items"]) == [enrolment]
        ours = connected()
        assert ours.get(f"enrolments/{enrolment}?{SINCE}").status_code == 404
        for address in (f"groups/{garden.group}", f"organisations/{garden.id}"):
            assert ours.get(f"{address}?valid=2001-01-01").status_code == 404
            assert told(ours.get(f"{address.split('/')[0]}?valid=2001-01-01"))["items"] == []

    def test_a_person_lives_where_they_lived(self):
        child = make.person(now=NOW - timedelta(days=90))
        home = services.NewResidence(make.OTHER_DISTRICT, "Жаңа көше, 1", 71.4, 51.1)
        services.move_residence(actor=make.OPERATOR, person=child, residence=home, on=date(2026, 3, 10), now=LATER)
        assert one(f"people/{child}", BEFORE)["residence"]["district"] == make.DISTRICT
        assert one(f"people/{child}", SINCE)["residence"]["district"] == make.OTHER_DISTRICT
        assert ids(one("people", f"{BEFORE}&territory={make.DISTRICT}")["items"]) == [child]
        assert one("people", f"{SINCE}&territory={make.DISTRICT}")["items"] == []


class TestAsKnown:
    def test_a_correction_is_not_known_before_it_was_made(self):
        child = make.person(now=NOW)
        change = services.PersonChange(given="Түзетілген")
        services.correct_person(actor=make.OPERATOR, person=child, change=change, now=LATER)
        assert "Түзетілген" in one(f"people/{child}")["name"]["kk"]
        assert "Түзетілген" not in one(f"people/{child}", THEN)["name"]["kk"]
        assert "Түзетілген" not in one("people", THEN)["items"][0]["name"]["kk"]

    def test_places_and_an_end_that_were_noted_later_are_not_known(self):
        garden = make.kindergarten(2)
        enrolment = make.enrolled(make.person(born_on=make.BORN), garden.group, on=date(2026, 3, 1))
        services.change_places(actor=make.OPERATOR, group=garden.group, places=9, now=LATER)
        services.end_enrolment(
            actor=make.OPERATOR, enrolment=enrolment, reason=ExitReason.MOVED, on=date(2026, 3, 10), now=LATER
        )
        for address in ("groups", f"groups/{garden.group}"):
            rows = [one(address, asked) for asked in (THEN, "")]
            assert [(row["items"][0] if "items" in row else row)["places"] for row in rows] == [2, 9], address
        assert one(f"enrolments/{enrolment}", THEN)["until"] is None
        assert ids(one("enrolments", f"{THEN}&{BEFORE}&running=true")["items"]) == [enrolment]
        assert one("enrolments", "running=true")["items"] == []

    def test_who_was_not_recorded_is_not_found(self):
        child, ours = make.person(now=LATER), connected()
        assert ours.get(f"people/{child}?{THEN}").status_code == 404
        assert told(ours.get(f"people?{THEN}"))["items"] == []


class TestTheSameRules:
    @pytest.mark.parametrize(
        ("asked", "what"),
        [
            ("valid=2026-03-23", "in_the_future"),
            (f"known={quote((LATER + timedelta(seconds=1)).isoformat())}", "in_the_future"),
            ("known=0001-01-01T00:00:00%2B14:00", "too_early"),
            ("known=2026-03-02", "value_error"),
            ("known=2026-03-02T10:00:00", "timezone_aware"),
            ("valid=02.03.2026", "date_from_datetime_parsing"),
            ("valid=2026-02-30", "date_from_datetime_parsing"),
        ],
    )
    def test_a_day_to_come_and_a_bad_instant_are_refused(self, asked, what):
        ours = connected()
        for address in LISTS:
            answer = ours.get(f"{address}?{asked}")
            assert answer.status_code == 422, (address, answer.content)
            (fault,) = told(answer)["faults"]
            assert fault["where"].startswith(f"query.{asked.partition('=')[0]}")
            assert fault["what"] == what or what.startswith("date"), fault

    def test_another_territory_learns_nothing_of_the_past_either(self):
        garden = make.kindergarten(2)
        child = make.person(born_on=make.BORN)
        enrolment = make.enrolled(child, garden.group)
        theirs = connected(*scoped("75"))
        for asked in (BEFORE, THEN, f"{BEFORE}&{THEN}"):
            assert theirs.get(f"people/{child}?{asked}").status_code == 404
            assert theirs.get(f"enrolments/{enrolment}?{asked}").status_code == 404
            assert told(theirs.get(f"people?{asked}"))["items"] == []
            assert told(theirs.get(f"enrolments?{asked}"))["items"] == []

    def test_what_is_read_of_the_past_is_noted(self):
        child, ours = make.person(), connected()
        ours.get(f"people?{THEN}")
        ours.get(f"people/{child}?{THEN}")
        noted = AuditEntry.objects.filter(system=f"client {ours.code}", kind="read", child_id=child)
        assert list(noted.values_list("action", flat=True)) == ["registry.read_person"] * 2

    @pytest.mark.parametrize("address", LISTS)
    @pytest.mark.parametrize("asked", ["", BEFORE, THEN, f"{BEFORE}&{THEN}"])
    def test_pages_and_tags(self, address, asked):
        crowd(5)
        ours = connected()
        whole = ids(told(ours.get(f"{address}?{asked}"))["items"])
        found = ids(through_pages(ours, f"{address}?{asked}&limit=2&fields=id"))
        assert found == whole and len(whole) >= 5
        tag = ours.get(f"{address}?{asked}")["ETag"]
        assert ours.get(f"{address}?{asked}", If_None_Match=tag).status_code == 304

    @pytest.mark.parametrize("address", LISTS)
    @pytest.mark.parametrize("asked", ["", BEFORE, THEN, f"{BEFORE}&{THEN}"])
    def test_the_cost_does_not_grow_with_the_rows(self, address, asked):
        ours = connected()
        crowd(1)
        ours.get("rounds")  # the client is known from now on
        few = cost_of(ours, f"{address}?{asked}")
        crowd(12)
        assert cost_of(ours, f"{address}?{asked}") == few


def crowd(n):
    """So many kindergartens with a child and its guardian."""
    for _ in range(n):
        garden = make.kindergarten(2)
        make.enrolled(make.family().child, garden.group)
