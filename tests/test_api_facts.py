"""Staff, premises, guardians and grounds of support at the API: pages, tags, clocks, repeated writes, the feed."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Employment
from shanyraq.domains.registry.rules.kinds import CircumstanceKind, Post, RoomKind
from shanyraq.foundation import clock, ledger
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.clients.scopes import Resource, Verb
from shanyraq.foundation.uid import new_id
from tests.systems import afresh, code_of, connected, cost_of, ids, scoped, through_pages, told

pytestmark = pytest.mark.django_db
NOW = make.NOW
LISTS = ("employments", "buildings", "rooms", "guardianships", "circumstances")


@pytest.fixture(autouse=True)
def _now():
    afresh()
    with clock.frozen_at(NOW):
        make.territory()
        yield


def crowd(n, district=make.DISTRICT):
    """So many kindergartens with a building, a room, an educator, a child in need and its guardian."""
    for _ in range(n):
        garden = make.kindergarten(2, district=district)
        new = services.NewBuilding(garden.id, "Негізгі", "Абай, 2", 71.4, 51.1, 100)
        building = services.add_building(actor=make.OPERATOR, new=new, on=date(2020, 9, 1), now=NOW)
        room = services.NewRoom(building, "1", RoomKind.GROUP_ROOM, 20)
        services.add_room(actor=make.OPERATOR, new=room, on=date(2020, 9, 1), now=NOW)
        family = make.family(district=district)
        services.appoint(
            actor=make.OPERATOR, new=services.NewEmployment(family.guardian, garden.id, Post.EDUCATOR),
            on=date(2026, 2, 1), now=NOW,
        )  # fmt: skip
        services.note_circumstance(
            actor=make.OPERATOR, person=family.child, kind=CircumstanceKind.SPECIAL_NEEDS, on=date(2026, 2, 1), now=NOW
        )


class TestLists:
    @pytest.mark.parametrize("address", LISTS)
    @pytest.mark.parametrize("asked", ["", "valid=2026-03-02", "known=2026-03-02T05:00:00Z"])
    def test_pages_tags_and_fields(self, address, asked):
        crowd(5)
        ours = connected()
        whole = told(ours.get(f"{address}?{asked}"))["items"]
        found = through_pages(ours, f"{address}?{asked}&limit=2&fields=id")
        assert found == [{"id": row["id"]} for row in whole] and len(found) >= 5
        tag = ours.get(f"{address}?{asked}")["ETag"]
        assert ours.get(f"{address}?{asked}", If_None_Match=tag).status_code == 304
        assert told(ours.get(f"{address}/{whole[0]['id']}?{asked}")) == whole[0]

    @pytest.mark.parametrize("address", LISTS)
    @pytest.mark.parametrize("asked", ["", "known=2026-03-02T05:00:00Z&territory=71"])
    def test_the_cost_does_not_grow_with_the_rows(self, address, asked):
        ours = connected()
        crowd(1)
        ours.get("rounds")  # the client is known from now on
        few = cost_of(ours, f"{address}?{asked}")
        crowd(12)
        assert cost_of(ours, f"{address}?{asked}") == few

    @pytest.mark.parametrize("address", LISTS)
    def test_another_territory_sees_neither_rows_nor_one(self, address):
        crowd(1)
        (row,) = told(connected().get(address))["items"][:1]
        theirs = connected(*scoped("75"))
        assert told(theirs.get(address))["items"] == []
        assert theirs.get(f"{address}/{row['id']}").status_code == 404
        assert told(connected(*scoped("")).get(f"{address}?territory=75"))["items"] == []

    @pytest.mark.parametrize(
        ("address", "of"), [("employments", "person"), ("guardianships", "child"), ("circumstances", "person")]
    )
    def test_whom_they_name_is_noted_as_read(self, address, of):
        crowd(2)
        ours = connected()
        rows = told(ours.get(address))["items"]
        noted = AuditEntry.objects.filter(system=f"client {ours.code}", kind="read").values_list("child_id", flat=True)
        assert set(noted) == {UUID(row[of]) for row in rows}

    def test_grounds_of_support_need_their_own_scope_and_tell_no_paper(self):
        crowd(1)
        every = tuple((verb, one) for verb in Verb for one in Resource if one is not Resource.CIRCUMSTANCES)
        assert code_of(connected(*scoped("71", *every)).get("circumstances")) == "rest.scope_missing"
        (row,) = told(connected().get("circumstances"))["items"]
        assert set(row) == {"id", "person", "kind", "since", "until"}


class TestStaff:
    def body(self, **more):
        post = {"post": "educator", "on": "2026-03-01", "order_number": "3-ж"}
        return {"person": make.person(), "organisation": make.kindergarten(2).id, **post, **more}

    def test_an_appointment_that_is_sent_twice_counts_once(self):
        ours, body, key = connected(), self.body(), new_id()
        first, again = ours.post("employments", body, key=key), ours.post("employments", body, key=key)
        assert (first.status_code, first.content) == (201, again.content)
        assert again["Idempotency-Replayed"] == "true" and Employment.objects.count() == 1
        assert first["Location"] == f"/api/v1/employments/{told(first)['id']}"
        assert code_of(ours.post("employments", body)) == "registry.employed_already"

    def test_a_change_begins_another_employment_and_an_end_ends_it(self):
        ours = connected()
        made = told(ours.post("employments", self.body()))
        fresh = told(ours.post(f"employments/{made['id']}/changes", {"load": 0.5, "on": "2026-03-02"}))
        assert (fresh["load"], fresh["since"], fresh["post"]) == (0.5, "2026-03-02", "educator")
        assert told(ours.get(f"employments/{made['id']}"))["until"] == "2026-03-02"
        assert ids(told(ours.get("employments?valid=2026-03-01"))["items"]) == [UUID(made["id"])]
        ended = told(ours.post(f"employments/{fresh['id']}/end", {"reason": "retired", "on": "2026-03-03"}))
        assert (ended["until"], ended["exit_reason"]) == ("2026-03-03", "retired")
        assert told(ours.get("employments?running=true"))["items"] == []
        again = ours.post(f"employments/{fresh['id']}/end", {"reason": "retired", "on": "2026-03-03"})
        assert code_of(again) == "registry.employment_ended"

    def test_a_person_of_another_territory_is_not_found_by_appointing(self):
        ours = connected()
        stranger = make.family(district="751110000").guardian
        answers = [ours.post("employments", self.body(person=one)) for one in (stranger, new_id())]
        assert [(one.status_code, code_of(one)) for one in answers] == [(403, "access.denied")] * 2
        theirs = make.kindergarten(2, district="751110000").id
        assert ours.post("employments", self.body(organisation=theirs)).status_code == 403

    def test_the_feed_tells_of_it(self):
        ours = connected()
        made = told(ours.post("employments", self.body()))
        ours.post(f"employments/{made['id']}/end", {"reason": "retired", "on": "2026-03-02"})
        ledger.sequence(NOW + timedelta(minutes=1))
        said = told(ours.get("changes?resources=employments"))["items"]
        assert [(one["id"], one["change"]) for one in said] == [(made["id"], "created"), (made["id"], "deleted")]
        assert told(connected(*scoped("75")).get("changes?resources=employments"))["items"] == []


def test_a_guardianship_is_ended():
    ours, adult = connected(), make.person(born_on=date(1990, 1, 1))
    made = make.guardian_of(make.person(), adult, on=date(2026, 2, 1))
    ended = told(ours.post(f"guardianships/{made}/end", {"on": "2026-03-02"}))
    assert ended["until"] == "2026-03-02"
    assert told(ours.get(f"guardianships?guardian={adult}&running=true"))["items"] == []
    assert ids(told(ours.get(f"guardianships?guardian={adult}&valid=2026-03-01"))["items"]) == [made]
