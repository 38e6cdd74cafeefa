from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest
from django.contrib.auth import get_user_model

from shanyraq.foundation import audit
from shanyraq.foundation.access import ANYONE, Actor, Grant, Role, Rule, opened, rows, system
from shanyraq.foundation.audit import queries, services
from shanyraq.foundation.audit.models import AuditEntry, BreakGlass
from shanyraq.foundation.audit.queries import Filters
from shanyraq.foundation.ledger.canonical import PersonalContent
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.uid import new_id

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
REASON = "Ата-анасы ауруханада, балаға шұғыл орын керек"
pytestmark = pytest.mark.django_db


class Do(StrEnum):
    SEE = "see"


def officer(**more):
    return Actor(new_id(), new_id(), (Grant(Role.OFFICER, "711110000"), Grant(Role.GUARDIAN)), **more)


def test_a_write_keeps_who_what_when_and_plain_facts():
    actor, row, child = officer(), new_id(), new_id()
    facts = {"status": ["waiting", Role.HEAD], "on": date(2026, 9, 1), "n": 3, "group": row}
    audit.wrote(actor, "placement.accept_offer", at=AT, subject="offer", subject_id=row, child=child, facts=facts)
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.actor_id, entry.person_id, entry.role) == ("write", actor.user, actor.person, "officer")
    assert entry.facts == {"status": ["waiting", "head"], "on": "2026-09-01", "n": 3, "group": str(row)}


@pytest.mark.parametrize("facts", [{"iin": "1"}, {"surname": ["a", "b"]}, {"note": "900213300012"}])
def test_facts_about_people_are_refused(facts):
    with pytest.raises(PersonalContent):
        audit.wrote(officer(), "x.y", at=AT, subject="person", subject_id=new_id(), facts=facts)


def test_many_writes_and_reads_take_one_query(django_assert_num_queries):
    pairs = [(new_id(), new_id()) for _ in range(30)]
    with django_assert_num_queries(1):
        audit.wrote_many(officer(), "registry.enrol", at=AT, subject="enrolment", rows=pairs)
    with django_assert_num_queries(1):
        audit.read_many(officer(), "placement.queue", at=AT, children=[child for _, child in pairs * 2])
    assert AuditEntry.objects.filter(kind="read").count() == 30


def test_the_family_sees_who_looked_and_why():
    child, head = new_id(), Actor(new_id(), new_id(), (Grant(Role.HEAD, organisation=new_id()),))
    audit.read(head, "placement.see_application", at=AT, child=child)
    audit.wrote(
        system("jobs"), "placement.lapse", at=AT + timedelta(hours=1), subject="a", subject_id=new_id(), child=child
    )
    audit.read(head, "placement.see_application", at=AT, child=new_id())
    by_system, by_head = queries.who_read(child)
    assert (by_system.system, by_system.kind) == ("jobs", "write")
    assert (by_head.role, by_head.organisation, by_head.kind) == ("head", head.grants[0].organisation, "read")


class TestBreakGlass:
    def test_opens_for_the_hours_of_the_norm_and_closes_by_itself(self):
        actor, child = officer(), new_id()
        audit.open_record(actor=actor, child=child, reason=REASON, now=AT)
        closes_at = BreakGlass.objects.get().closes_at
        assert closes_at > AT
        assert queries.opened_by(actor.user, AT) == {child}
        assert queries.opened_by(actor.user, closes_at - timedelta(seconds=1)) == {child}
        assert queries.opened_by(actor.user, closes_at) == frozenset()
        assert queries.opened_by(new_id(), AT) == frozenset()

    def test_is_seen_by_the_family_and_told_to_the_guardians(self):
        child, mother, father = new_id(), new_id(), new_id()
        audit.open_record(actor=officer(), child=child, reason=REASON, now=AT, guardians=[mother, father])
        (look,) = queries.who_read(child)
        assert (look.action, look.reason) == ("audit.open_record", REASON)
        assert set(Notice.objects.values_list("person_id", flat=True)) == {mother, father}

    @pytest.mark.parametrize("reason", ["", "қажет", " " * 40, "a" + " " * 30 + "b"])
    def test_needs_a_reason(self, reason):
        with pytest.raises(Refusal) as refused:
            audit.open_record(actor=officer(), child=new_id(), reason=reason, now=AT)
        assert (refused.value.code, refused.value.field) == ("audit.reason_too_short", "reason")
        assert not BreakGlass.objects.exists()

    @pytest.mark.parametrize(
        "actor",
        [ANYONE, Actor(new_id(), new_id(), (Grant(Role.GUARDIAN),)), Actor(new_id(), None, (Grant(Role.AUDITOR),))],
    )
    def test_is_for_staff_who_work_with_children(self, actor):
        with pytest.raises(NotAllowed):
            audit.open_record(actor=actor, child=new_id(), reason=REASON, now=AT)

    def test_adds_the_child_to_the_filter_of_a_rule(self):
        child = new_id()
        audit.read(officer(), "x.y", at=AT, child=child)
        audit.read(officer(), "x.y", at=AT, child=new_id())
        rules = {Do.SEE: (Rule(Role.OFFICER, opened("child_id")),)}
        found = AuditEntry.objects.filter(rows(rules, Do.SEE, officer(opened=frozenset({child}))))
        assert [entry.child_id for entry in found] == [child]
        assert not AuditEntry.objects.filter(rows(rules, Do.SEE, officer())).exists()


class TestTrail:
    @pytest.fixture(autouse=True)
    def _written(self):
        self.actor, self.child = officer(), new_id()
        user = get_user_model().objects.create_user("aigul", None, created_at=AT)
        self.aigul = Actor(user.id, None, (Grant(Role.AUDITOR),))
        for n in range(7):
            audit.read(self.actor, "placement.see", at=AT + timedelta(days=n // 2), child=self.child)
        audit.wrote(self.aigul, "accounts.grant", at=AT, subject="grant", subject_id=new_id())

    @pytest.mark.parametrize("limit", [1, 3, 8, 50])
    def test_pages_give_every_entry_once_newest_first(self, limit):
        seen, after = [], ""
        while True:
            page = queries.trail(Filters(), after=after, limit=limit)
            seen += [(entry.at, entry.id) for entry in page.entries]
            after = page.older
            if not after:
                break
        assert seen == sorted(seen, reverse=True)
        assert len(set(seen)) == len(seen) == 8
        assert [(entry.at, entry.id) for entry in queries.whole_trail(Filters())] == seen

    def test_filters(self):
        def count(**conditions):
            return len(queries.trail(Filters(**conditions)).entries)

        assert count(kind="read") == 7
        assert count(action="accounts.") == 1
        assert count(about=self.child) == 7
        assert count(since=AT + timedelta(days=1)) == 5
        assert count(until=AT + timedelta(days=1)) == 3
        assert count(actor="Aigul ") == 1
        assert count(actor="nobody") == 0
        assert queries.trail(Filters(action="accounts.")).entries[0].actor_name == "aigul"

    def test_a_broken_cursor_finds_nothing(self):
        assert queries.trail(Filters(), after="x_y") == queries.TrailPage((), "")

    def test_the_number_of_queries_does_not_grow(self, django_assert_num_queries):
        with django_assert_num_queries(2):
            queries.trail(Filters(), limit=1)
        with django_assert_num_queries(2):
            queries.trail(Filters(), limit=50)


def test_verbs_load_late_and_only_known_ones():
    assert audit.services is services
    with pytest.raises(AttributeError):
        audit.nothing  # noqa: B018
