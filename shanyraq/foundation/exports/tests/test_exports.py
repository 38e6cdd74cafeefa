"""Files of people's data: quota, second person, marks, trace, expiry; each verb done, refused, forbidden, repeated."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from shanyraq.foundation import clock, jobs
from shanyraq.foundation.access import Actor, Grant, Role, system
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.exports import kinds, making, queries, rules, services, trail
from shanyraq.foundation.exports.kinds import Kind, Row
from shanyraq.foundation.exports.models import Export, ExportPart
from shanyraq.foundation.exports.rules import ExportState, Limits, Way
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db

OPERATOR = system("tests")
NOW = datetime(2026, 3, 2, 5, tzinfo=clock.now().tzinfo)
TODAY = date(2026, 3, 2)
DISTRICT, REGION = "711110000", "71"
LIMITS = Limits.on(TODAY)
PURPOSE = "Comparing the list with the paper journal"
LISTED: list[UUID] = []


def user(name: str, role: Role | None, territory: str = "", person: UUID | None = None) -> Actor:
    made = accounts.create_user(actor=OPERATOR, sign_in_name=name, now=NOW, person=person)
    if role is None:
        return Actor(user=made)
    accounts.grant(actor=OPERATOR, user=made, role=role, valid_from=TODAY, now=NOW, territory=territory)
    return Actor(user=made, person=person, grants=(Grant(role, territory),))


@pytest.fixture(autouse=True)
def children(monkeypatch) -> list[UUID]:
    """A kind of file that holds LISTED, one child a row."""
    LISTED[:] = [new_id() for _ in range(3)]
    columns = ("kindergarten.group.child", "kindergarten.group.since")

    def rows(actor, asked, lang, now) -> Iterator[Row]:
        if not actor.has(Role.OFFICER):
            raise NotAllowed("access.denied", action="tests")
        return (Row((f"Child {at}", "=1+1"), child) for at, child in enumerate(LISTED))

    fake = Kind("group_list", (Role.OFFICER,), columns, lambda *_: len(LISTED), rows, lambda asked: asked["kato"])
    monkeypatch.setitem(kinds._kinds, "group_list", fake)
    return LISTED


@pytest.fixture
def officer() -> Actor:
    return user("officer", Role.OFFICER, DISTRICT)


def many(count: int) -> None:
    LISTED[:] = [new_id() for _ in range(count)]


def given(actor: Actor, now: datetime = NOW) -> list[list[str]]:
    file = services.give(actor=actor, name="group_list", asked={"kato": DISTRICT}, lang="en", now=now)
    return table(b"".join(file.content))


def asked_for(actor: Actor, now: datetime = NOW, **more: str) -> UUID:
    wanted = {"kato": DISTRICT, **more}
    return services.request(actor=actor, name="group_list", asked=wanted, purpose=PURPOSE, lang="en", now=now)


def table(content: bytes) -> list[list[str]]:
    text = content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def code_of(call, **named) -> str:
    with pytest.raises(Refusal) as told, transaction.atomic():
        call(**named)
    return told.value.code


class TestSmall:
    def test_a_small_list_is_given_at_once_marked_and_noted(self, officer, children):
        head, columns, *rows, foot = given(officer)
        export = Export.objects.get()
        assert (export.state, export.rows, export.user_id, export.fetched) == ("given", 3, officer.user, 1)
        for line in (head[0], foot[0]):
            assert export.code in line and "officer" in line
        assert say("exports.purpose.group_list", "en") in head[0]
        assert columns[-1] == "Export code" and len(rows) == 3
        assert [row[1] for row in rows] == ["'=1+1"] * 3
        entry = AuditEntry.objects.get(action="exports.give")
        assert (entry.subject_id, entry.facts["rows"], entry.facts["kind"]) == (export.id, 3, "group_list")
        seen = AuditEntry.objects.filter(action="exports.read").values_list("child_id", flat=True)
        assert set(seen) == set(children)

    @pytest.mark.parametrize("lang", LANGS)
    def test_the_marks_speak_the_language_of_the_file(self, officer, lang):
        file = services.give(actor=officer, name="group_list", asked={"kato": DISTRICT}, lang=lang, now=NOW)
        rows = table(b"".join(file.content))
        assert rows[1][-1] == say("exports.column.row_code", lang)

    def test_nobody_else_may_take_it(self, officer):
        for role in (Role.HEAD, Role.REGION, Role.MINISTRY, Role.AUDITOR):
            grants = (Grant(role, "", new_id() if role is Role.HEAD else None),)
            with pytest.raises(NotAllowed):
                given(Actor(user=officer.user, grants=grants))
        with pytest.raises(NotAllowed):
            given(Actor(user=None, grants=(Grant(Role.OFFICER, DISTRICT),)))
        assert not Export.objects.exists()

    def test_a_big_one_is_not_given(self, officer):
        many(LIMITS.rows_at_once + 1)
        assert code_of(services.give, actor=officer, name="group_list", asked={"kato": DISTRICT}, lang="en",
                       now=NOW) == "exports.too_big"  # fmt: skip
        assert not Export.objects.exists() and not AuditEntry.objects.filter(action="exports.read").exists()

    def test_the_quota_is_of_a_person_and_a_day(self, officer):
        many(LIMITS.rows_at_once)
        for _ in range(LIMITS.rows_per_day // LIMITS.rows_at_once):
            given(officer)
        many(1)
        refused = {"actor": officer, "name": "group_list", "asked": {"kato": DISTRICT}, "lang": "en", "now": NOW}
        assert code_of(services.give, **refused) == "exports.over_quota"
        given(user("colleague", Role.OFFICER, DISTRICT))
        given(officer, NOW + timedelta(days=1))
        assert queries.used_on(officer.user, TODAY) == LIMITS.rows_per_day

    def test_auditors_and_operators_are_told_of_a_quota_once_a_day(self, officer):
        auditor, operator = user("auditor", Role.AUDITOR), user("operator", Role.OPERATOR)
        told = {"actor": officer, "name": "group_list", "rows": "5"}
        assert services.note_quota(**told, now=NOW)
        assert not services.note_quota(**told, now=NOW + timedelta(hours=1))
        assert services.note_quota(**told, now=NOW + timedelta(days=1))
        readers = Notice.objects.filter(code="exports.over_quota").values_list("user_id", flat=True)
        assert Counter(readers) == Counter([auditor.user, operator.user] * 2)
        assert AuditEntry.objects.filter(action="exports.over_quota").count() == 2


class TestBig:
    @pytest.fixture
    def region(self) -> Actor:
        return user("region", Role.REGION, REGION)

    def test_it_goes_from_request_to_file(self, officer, region, children):
        many(LIMITS.rows_at_once + 5)
        export = asked_for(officer)
        assert Notice.objects.filter(code="exports.requested", user_id=region.user).count() == 1
        assert [card.id for card in queries.to_decide(region)] == [export]
        services.approve(actor=region, export=export, now=NOW)
        with clock.frozen_at(NOW):
            assert jobs.run_due() == 1
        row = Export.objects.get(pk=export)
        assert (row.state, row.decided_by, row.rows) == ("ready", region.user, len(LISTED))
        assert row.expires_at == NOW + timedelta(days=LIMITS.days_kept)
        assert Notice.objects.filter(code="exports.ready", user_id=officer.user).count() == 1
        stored = b"".join(bytes(part.body) for part in ExportPart.objects.order_by("number"))
        assert stored and b"Child" not in stored
        file = services.fetch(actor=officer, export=export, now=NOW)
        _, _, *rows, foot = table(b"".join(file.content))
        assert len(rows) == len(LISTED) and row.code in foot[0]
        actions = AuditEntry.objects.filter(subject_id=export).values_list("action", flat=True)
        assert set(actions) == {"exports.request", "exports.approve", "exports.fetch"}
        assert AuditEntry.objects.filter(action="exports.read").count() == len(LISTED)

    def test_what_is_approved_leaves_the_quota_alone(self, officer, region):
        export = asked_for(officer)
        services.approve(actor=region, export=export, now=NOW)
        with clock.frozen_at(NOW):
            jobs.run_due()
        assert queries.used_on(officer.user, TODAY) == 0

    def test_nobody_approves_their_own(self, officer):
        both = Actor(user=officer.user, grants=(*officer.grants, Grant(Role.REGION, REGION), Grant(Role.MINISTRY)))
        export = asked_for(both)
        for call in (services.approve, services.refuse):
            named = {"reason": PURPOSE} if call is services.refuse else {}
            with pytest.raises(NotAllowed):
                call(actor=both, export=export, now=NOW, **named)
        with pytest.raises(IntegrityError), transaction.atomic():
            Export.objects.filter(pk=export).update(decided_by=both.user)

    def test_nor_by_a_second_account_of_the_same_person(self):
        person = new_id()
        first = user("first", Role.OFFICER, DISTRICT, person)
        second = Actor(user=new_id(), person=person, grants=(Grant(Role.MINISTRY),))
        with pytest.raises(NotAllowed):
            services.approve(actor=second, export=asked_for(first), now=NOW)

    @pytest.mark.parametrize(
        ("role", "territory", "may"),
        [
            (Role.REGION, REGION, True), (Role.REGION, "75", False), (Role.MINISTRY, "", True),
            (Role.AUDITOR, "", True),
            (Role.OFFICER, DISTRICT, False), (Role.OPERATOR, "", False), (Role.HEAD, "", False),
        ],
    )  # fmt: skip
    def test_the_level_above_decides(self, officer, role, territory, may):
        export = asked_for(officer)
        actor = Actor(user=new_id(), grants=(Grant(role, territory),))
        if may:
            services.approve(actor=actor, export=export, now=NOW)
            assert Export.objects.get().state == "approved"
        else:
            with pytest.raises(NotAllowed):
                services.approve(actor=actor, export=export, now=NOW)

    def test_a_region_does_not_decide_on_files_of_the_country(self, officer, region):
        Export.objects.filter(pk=asked_for(officer)).update(territory="")
        assert queries.to_decide(region) == ()

    def test_a_refusal_is_told_with_its_reason(self, officer, region):
        export = asked_for(officer)
        assert code_of(services.refuse, actor=region, export=export, reason="no", now=NOW) == "exports.reason_too_short"
        services.refuse(actor=region, export=export, reason="The purpose needs one kindergarten only", now=NOW)
        assert Export.objects.get().state == "refused"
        assert Notice.objects.get(code="exports.refused").user_id == officer.user
        assert code_of(services.approve, actor=region, export=export, now=NOW) == "exports.decided"
        assert code_of(services.fetch, actor=officer, export=export, now=NOW) == "exports.not_ready"

    def test_the_same_request_twice_is_one(self, officer):
        assert asked_for(officer) == asked_for(officer)
        assert Export.objects.count() == 1

    def test_requests_do_not_pile_up(self, officer):
        for number in range(rules.WAITING_AT_MOST):
            asked_for(officer, birth_year=str(2020 + number))
        assert code_of(asked_for, actor=officer) == "exports.too_many_waiting"

    def test_a_purpose_is_needed(self, officer):
        wanted = {"actor": officer, "name": "group_list", "asked": {"kato": DISTRICT}, "lang": "en", "now": NOW}
        assert code_of(services.request, **wanted, purpose="  work   ") == "exports.purpose_too_short"

    def test_rights_that_ended_give_no_file(self, officer, region):
        export = asked_for(officer)
        services.approve(actor=region, export=export, now=NOW)
        with clock.frozen_at(NOW), pytest.MonkeyPatch.context() as patch:
            patch.setattr(making, "actor_of", lambda row, now: Actor(user=officer.user))
            jobs.run_due()
        row = Export.objects.get()
        assert (row.state, row.decision) == ("refused", "exports.rights_ended") and not ExportPart.objects.exists()

    def test_a_list_that_grew_has_to_be_asked_for_again(self, officer, region):
        export = asked_for(officer)
        services.approve(actor=region, export=export, now=NOW)
        many(50)
        with clock.frozen_at(NOW):
            jobs.run_due()
        row = Export.objects.get()
        assert (row.state, row.decision) == ("refused", "exports.grown") and not ExportPart.objects.exists()
        assert not AuditEntry.objects.filter(action="exports.read").exists()

    def test_a_job_that_runs_twice_makes_one_file(self, officer, region):
        export = asked_for(officer)
        services.approve(actor=region, export=export, now=NOW)
        with clock.frozen_at(NOW):
            jobs.run_due()
            making.make_file.func(export=str(export))
        assert Notice.objects.filter(code="exports.ready").count() == 1

    def test_a_file_expires_and_nothing_of_it_is_left(self, officer, region):
        ready, waiting = asked_for(officer), asked_for(officer, birth_year="2022")
        services.approve(actor=region, export=ready, now=NOW)
        with clock.frozen_at(NOW):
            jobs.run_due()
        late = NOW + timedelta(days=LIMITS.days_kept)
        assert code_of(services.fetch, actor=officer, export=ready, now=late) == "exports.not_ready"
        assert services.expire(actor=OPERATOR, now=late) == 2
        assert not ExportPart.objects.exists()
        assert set(Export.objects.values_list("state", flat=True)) == {ExportState.EXPIRED}
        assert services.expire(actor=OPERATOR, now=late) == 0
        assert waiting != ready

    def test_only_who_asked_fetches(self, officer, region):
        export = asked_for(officer)
        services.approve(actor=region, export=export, now=NOW)
        with clock.frozen_at(NOW):
            jobs.run_due()
        for actor in (region, user("colleague", Role.OFFICER, DISTRICT), Actor(user=officer.user)):
            with pytest.raises(NotAllowed):
                services.fetch(actor=actor, export=export, now=NOW)


class TestTrace:
    def test_a_row_leads_back_to_who_took_it(self, officer):
        code = given(officer)[3][-1]
        auditor = Actor(user=new_id(), grants=(Grant(Role.AUDITOR),))
        for written in (code, f"  {code.lower()} ", code.replace("0", "O").replace("1", "l")):
            found = queries.trace(auditor, written)
            assert (found.card.who, found.row, found.proven) == ("officer", 2, True)
        whole = queries.trace(auditor, code.split("-")[0])
        assert (whole.card.who, whole.row) == ("officer", None)

    def test_a_made_up_row_is_told_from_a_genuine_one(self, officer):
        file, _, proof = given(officer)[3][-1].split("-")
        auditor = Actor(user=new_id(), grants=(Grant(Role.AUDITOR),))
        assert not queries.trace(auditor, f"{file}-3-{proof}").proven
        for unknown in ("", "ZZZZZZZZ", "x-y-z", f"{file}-1", "-", "…", "0" * 400):
            with pytest.raises(Refusal, match=r"exports\.code_unknown"):
                queries.trace(auditor, unknown)

    def test_others_may_not_trace(self, officer):
        code = given(officer)[2][-1]
        with pytest.raises(NotAllowed):
            queries.trace(officer, code)

    def test_two_files_have_other_codes(self, officer):
        first, second = given(officer), given(officer)
        assert {row[-1] for row in first[2:-1]}.isdisjoint(row[-1] for row in second[2:-1])


class TestTrail:
    def entries(self, count: int, **more: object) -> None:
        for hour in range(count):
            at = datetime(2026, 3, 1, 19, tzinfo=NOW.tzinfo) + timedelta(hours=hour)  # midnight in Kazakhstan
            AuditEntry.objects.create(**{"at": at, "kind": "read", "action": "x.y", "child_id": new_id(), **more})

    def rows(self, **asked: str) -> list[list[str]]:
        auditor = user(f"auditor-{new_id().hex}", Role.AUDITOR)
        file = services.give(actor=auditor, name="audit_trail", asked=asked, lang="en", now=NOW)
        return table(b"".join(file.content))[2:-1]

    def test_the_days_are_those_of_kazakhstan_and_both_included(self):
        self.entries(48)
        assert len(self.rows(since="02.03.2026", until="02.03.2026", action="x.")) == 24

    def test_it_holds_what_is_listed_and_no_formula(self):
        child = new_id()
        self.entries(2, child_id=child, reason="=1+1")
        self.entries(2)
        rows = self.rows(about=str(child))
        assert [row[7] for row in rows] == [str(child)] * 2
        assert {row[10] for row in rows} == {"'=1+1"}

    def test_a_condition_that_is_none_is_refused(self):
        with pytest.raises(Refusal, match=r"page\.bad"):
            trail.filters_of({"about": "x"})


def test_the_way_out_follows_from_two_numbers():
    limits = Limits(rows_per_day=100, rows_at_once=20, days_kept=7)
    assert rules.way(20, 80, limits) is Way.AT_ONCE
    assert rules.way(20, 81, limits) is Way.OVER_QUOTA
    assert rules.way(21, 0, limits) is rules.way(21, 100, limits) is Way.TOO_BIG


def test_what_was_asked_for_tells_no_iin():
    assert rules.shown({"actor": "990101300123", "kato": "711110000", "empty": ""}) == {
        "actor": "…0123",
        "kato": "711110000",
    }
