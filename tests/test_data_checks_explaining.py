"""Findings that somebody has explained: who may, until when, what then counts; on both databases."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from shanyraq.domains.placement.tests import builders
from shanyraq.foundation import access, clock
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.checks import asking, explaining, queries, running
from shanyraq.foundation.checks.access import EXPLANATION_RULES, Do, explains_as
from shanyraq.foundation.checks.check import CheckShow, ExplanationReason, Key, Scope
from shanyraq.foundation.checks.explaining import Why
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.checks.models import CheckExplanation, CheckRun, CheckTally
from shanyraq.foundation.checks.standing import standing
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.cli.main import root
from tests.data_checks import world
from tests.data_checks.plants import PLANTS
from tests.data_checks.world import DISTRICT, FAR, NOW, OTHER_DISTRICT, TODAY
from tests.test_data_checks_pages import browser

pytestmark = pytest.mark.django_db
CODE = "class.over_room"  # its facts: learners and seats
CHECK = load()[CODE]
WORDS = "The room is being enlarged, the works end in May."
LATER = TODAY + timedelta(days=30)


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def country():
    made = world.build()
    made.crowded = crowd(made.school)
    running.run_all(now=NOW)
    return made


def crowd(home, n=1):
    """So many classes of an organisation with two pupils and one seat."""
    rows = []
    for _ in range(n):
        rows.append(world.group(home, "school", room=world.room(home, seats=1)))
        for _ in range(2):
            world.enrol(world.person(world.date(2018, 5, 1)), rows[-1])
    return rows[0]


def only(scope=Scope()):  # noqa: B008 - a frozen value
    return asking.findings(CHECK, scope, TODAY, limit=10)[0].key


def why(**changes):
    return Why(**({"reason": ExplanationReason.MENDING, "words": WORDS, "until": LATER} | changes))


def explain(country, actor=None, key=None, now=NOW, **changes):
    actor = actor or builders.head_of(country.school.pk)
    return explaining.explain(actor=actor, check=CHECK, key=key or only(), why=why(**changes), now=now)


def due(actor=None):
    line = queries.found(actor or builders.staff(Role.MINISTRY), CHECK)
    return line.due, line.explained


class TestExplaining:
    def test_an_explained_finding_is_not_due_and_is_counted_apart(self, country):
        assert due() == (1, 0)
        explain(country)
        assert due() == (0, 1)
        board = {one.check.code: one for one in queries.board(builders.head_of(country.school.pk))}
        assert (board[CODE].found, board[CODE].due, board[CODE].explained) == (1, 0, 1)
        assert [(one.due, one.explained) for one in queries.places(builders.staff(Role.MINISTRY), CODE)] == [(0, 1)]
        assert [(one.due, one.explained) for one in queries.organisations(builders.staff(Role.MINISTRY), CODE)] == [
            (0, 1)
        ]

    def test_it_outlives_the_nightly_run_and_the_trend_shows_both(self, country):
        explain(country)
        outcome = running.run(CHECK, now=NOW + timedelta(days=1))
        assert (outcome.found, outcome.explained) == (1, 1)
        assert due() == (0, 1)
        trend = queries.trend(builders.staff(Role.MINISTRY), CODE)
        assert [(one.due, one.explained) for one in trend] == [(1, 0), (0, 1)]
        assert CheckRun.objects.filter(code=CODE).latest("ran_at").explained_places == {DISTRICT: 1}

    def test_it_lapses_when_the_facts_change_and_holds_again_when_they_are_back(self, country):
        explain(country)
        third = world.enrol(country.child(), country.crowded)
        assert standing(CHECK, Scope(), TODAY) == {}
        running.run(CHECK, now=NOW + timedelta(days=1))
        assert due() == (1, 0)
        third.delete()
        assert list(standing(CHECK, Scope(), TODAY)) == [only()]

    def test_it_counts_again_after_its_day(self, country):
        explain(country, until=TODAY)
        assert len(standing(CHECK, Scope(), TODAY)) == 1
        assert standing(CHECK, Scope(), TODAY + timedelta(days=1)) == {}
        running.run(CHECK, now=NOW + timedelta(days=1))
        assert due() == (1, 0)

    def test_the_last_explanation_counts_and_all_are_kept(self, country):
        explain(country)
        explain(country, words="The parents agreed, and the room is measured anew.", actor=region())
        assert CheckExplanation.objects.filter(ended_at=None).count() == 1
        assert [one.by for one in standing(CHECK, Scope(), TODAY).values()] == [Role.REGION]
        assert CheckExplanation.objects.count() == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            CheckExplanation.objects.update(ended_at=None, ended_by=None)

    def test_who_when_why_and_the_ledger(self, country):
        head = builders.head_of(country.school.pk)
        pk = explain(country, actor=head, words=f"  {WORDS}  ")
        row = CheckExplanation.objects.get(pk=pk)
        assert (row.explained_by, row.explained_as, row.explained_at) == (head.user, "head", NOW)
        assert (row.reason, row.words, row.until_on) == ("mending", WORDS, LATER)
        entry = LedgerEntry.objects.get(kind="checks.FindingExplained", subject_id=pk)
        assert WORDS not in str(entry.payload)
        assert AuditEntry.objects.filter(action="checks.explain", subject_id=pk).count() == 1

    def test_it_is_withdrawn_once(self, country):
        pk, head = explain(country), builders.head_of(country.school.pk)
        explaining.withdraw(actor=head, explanation=pk, now=NOW)
        assert due() == (1, 0)
        assert LedgerEntry.objects.filter(kind="checks.ExplanationWithdrawn", subject_id=pk).count() == 1
        with pytest.raises(Refusal, match=r"checks\.explanation_over"):
            explaining.withdraw(actor=head, explanation=pk, now=NOW)
        explain(country)
        assert due() == (0, 1)

    def test_two_in_the_same_moment_leave_one(self, country, monkeypatch):
        explain(country)
        monkeypatch.setattr(QuerySet, "update", lambda rows, **changes: 0)  # the other one was not there yet
        with pytest.raises(Refusal, match=r"checks\.explained_meanwhile"):
            explain(country)
        assert CheckExplanation.objects.count() == 1

    def test_one_of_two_findings_is_explained(self, country):
        crowd(country.school)
        running.run(CHECK, now=NOW)
        explain(country)
        assert due() == (1, 1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("checks.explained_without_reason", {"reason": None}),
            ("checks.explained_without_reason", {"words": "  so "}),
            ("checks.explained_without_reason", {"words": "x" * 501}),
            ("checks.explained_until_past", {"until": TODAY - timedelta(days=1)}),
            ("checks.explained_until_too_far", {"until": TODAY + timedelta(days=366)}),
        ],
    )
    def test_what_is_wrong_is_refused_and_nothing_is_kept(self, country, code, changes):
        with pytest.raises(Refusal, match=code):
            explain(country, **changes)
        assert not CheckExplanation.objects.exists()

    def test_a_year_is_the_longest(self, country):
        explain(country, until=TODAY.replace(year=TODAY.year + 1))

    def test_an_unknown_finding_is_refused(self, country):
        strange = Key(country.first.pk, DISTRICT, country.school.pk)
        with pytest.raises(Refusal, match=r"checks\.finding_unknown"):
            explain(country, key=strange)

    @pytest.mark.parametrize("text", ["", "x", "a.b.c", f"{'0' * 32}.7'.", f"{'0' * 32}.7111100000."])
    def test_what_is_no_key_is_refused(self, text):
        with pytest.raises(ValueError, match=r".*"):
            Key.parse(text)

    @pytest.mark.parametrize(
        "code",
        [
            "finding_unknown", "beyond_scope", "explained_without_reason", "explained_until_past",
            "explained_until_too_far", "explained_meanwhile", "explanation_over",
        ],
    )  # fmt: skip
    def test_each_is_told_in_three_languages(self, code):
        facts = {"least": 10, "most": 500, "day": TODAY, "last": LATER}
        for part in ("what", "why", "todo"):
            assert len({say(f"refusal.checks.{code}.{part}", lang, **facts) for lang in LANGS}) == 3


def region(territory=DISTRICT[:2]):
    return builders.staff(Role.REGION, territory)


WHO = {
    "the head": lambda w: builders.head_of(w.school.pk),
    "another head": lambda w: builders.head_of(w.college.pk),
    "the region": lambda w: region(),
    "another region": lambda w: region(FAR[:2]),
    "the officer": lambda w: builders.officer_of(),
    "another officer": lambda w: builders.officer_of(OTHER_DISTRICT),
    "the ministry": lambda w: builders.staff(Role.MINISTRY),
    "the auditor": lambda w: builders.staff(Role.AUDITOR),
    "the operator": lambda w: builders.OPERATOR,
    "the teacher": lambda w: Actor(new_id(), grants=(Grant(Role.TEACHER, organisation=w.school.pk),)),
}


@pytest.mark.parametrize("who", WHO)
def test_the_head_and_the_region_explain_and_nobody_else(country, who):
    actor, allowed = WHO[who](country), who in ("the head", "the region")
    pk = explain(country)
    rows = CheckExplanation.objects.filter(access.rows(EXPLANATION_RULES, Do.EXPLAIN, actor))
    assert rows.exists() is allowed is (explains_as(actor, DISTRICT, country.school.pk) is not None)
    if allowed:
        explaining.withdraw(actor=actor, explanation=pk, now=NOW)
        explain(country, actor=actor)
        return
    with pytest.raises(NotAllowed, match=r"access\.denied"):
        explaining.withdraw(actor=actor, explanation=pk, now=NOW)
    with pytest.raises(NotAllowed, match=r"checks\.beyond_scope"):
        explain(country, actor=actor)


def test_a_finding_outside_of_organisations_is_of_the_region(country):
    assert explains_as(builders.head_of(country.school.pk), DISTRICT, None) is None
    assert explains_as(region(), DISTRICT, None) is Role.REGION
    assert explains_as(region(), "", None) is None


@pytest.mark.parametrize("code", sorted(load()))
def test_the_fingerprint_of_a_finding_is_the_same_tomorrow_and_wherever_one_looks(code):
    check, country = load()[code], world.build()
    PLANTS[code](country)
    prints = [by_key(check, Scope(), TODAY), by_key(check, Scope(), TODAY + timedelta(days=1))]
    assert prints[0]
    assert all(prints[0][key] == said for key, said in prints[1].items() if key in prints[0])
    for key, said in prints[0].items():
        assert by_key(check, key.scope, TODAY)[key] == said
        assert Key.parse(str(key)) == key
        found = asking.findings(check, key.scope, TODAY, limit=100, within=(key,))
        assert (asking.fingerprint(found), {one.key for one in found}) == (said, {key})
        rest = asking.findings(check, Scope(), TODAY, limit=100, without=(key,))
        assert {one.key for one in rest} == set(prints[0]) - {key}


def by_key(check, scope, today):
    found = asking.findings(check, scope, today, limit=100)
    return {key: asking.fingerprint([one for one in found if one.key == key]) for key in {one.key for one in found}}


class TestPages:
    def test_the_list_is_of_the_due_the_explained_or_all(self, country):
        other = crowd(country.school)
        explain(country, key=Key(country.crowded.pk, DISTRICT, country.school.pk))
        client = browser(Role.HEAD, organisation=country.school.pk)
        labels = {
            one.value: [row["label"] for row in client.get(f"/checks/{CODE}/?show={one.value}").context["rows"]]
            for one in CheckShow
        }
        assert labels["due"] == [other.name]
        assert labels["explained"] == [country.crowded.name]
        assert sorted(labels["all"]) == sorted([other.name, country.crowded.name])
        assert [row["label"] for row in client.get(f"/checks/{CODE}/?show=x").context["rows"]] == [other.name]

    @pytest.mark.parametrize("show", list(CheckShow))
    def test_a_list_asks_as_often_for_one_and_for_thirty(self, country, show, django_assert_max_num_queries):
        scope, head = Scope(organisation=country.school.pk), builders.head_of(country.school.pk)
        explain(country)
        listed(scope, show)
        with django_assert_max_num_queries(counted(scope, show)):
            assert len(listed(scope, show).findings) == (0 if show is CheckShow.DUE else 1)
        few = counted(scope, show)
        crowd(country.school, 60)
        for one in asking.findings(CHECK, scope, TODAY, limit=30):
            explaining.explain(actor=head, check=CHECK, key=one.key, why=why(), now=NOW)
        with django_assert_max_num_queries(few):
            assert len(listed(scope, show).findings) >= 30

    @pytest.mark.parametrize("lang", LANGS)
    def test_it_is_explained_and_withdrawn_on_a_page(self, country, lang):
        client = browser(Role.HEAD, organisation=country.school.pk, lang=lang)
        row = client.get(f"/checks/{CODE}/").context["rows"][0]
        page = client.get(row["explain"])
        assert escape(CHECK.title.in_lang(lang)) in page.content.decode()
        given = {"reason": "mending", "words": WORDS, "until": LATER.isoformat()}
        done = client.post(row["explain"], given)
        assert (done.status_code, done["Location"]) == (303, f"/checks/{CODE}/?organisation={country.school.pk}")
        said = client.get(f"{done['Location']}&show=explained")
        assert WORDS in said.content.decode()
        away = said.context["rows"][0]["withdraw"]
        assert escape(WORDS) in client.get(away).content.decode()
        assert client.post(away, {"key": new_id()}).status_code == 303
        assert len(client.get(done["Location"]).context["rows"]) == 1
        assert client.post(away, {"key": new_id()}).status_code == 422

    @pytest.mark.parametrize("lang", LANGS)
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"until": "2020-01-01"}, "explained_until_past"),
            ({"until": "2099-01-01"}, "explained_until_too_far"),
            ({"words": "so"}, "explained_without_reason"),
        ],
    )
    def test_the_form_says_what_is_wrong(self, country, lang, changes, code):
        client = browser(Role.HEAD, organisation=country.school.pk, lang=lang)
        address = client.get(f"/checks/{CODE}/").context["rows"][0]["explain"]
        given = {"reason": "mending", "words": WORDS, "until": LATER.isoformat()}
        answer = client.post(address, given | changes)
        assert answer.status_code == 422
        assert answer.context["form"].refusal.code == f"checks.{code}"
        assert client.post(address, {}).status_code == 422
        assert not CheckExplanation.objects.exists()

    def test_the_reading_of_a_child_is_noted(self, country):
        type(country.e_pupil).objects.filter(pk=country.e_pupil.pk).update(order_number="")
        key = Key(country.e_pupil.pk, DISTRICT, country.school.pk)
        page = browser(Role.REGION, DISTRICT[:2], lang="kk").get(f"/checks/enrolment.no_order/explain/?finding={key}")
        assert country.pupil.surname in page.content.decode()
        assert AuditEntry.objects.filter(action="registry.read_person", child_id=country.pupil.pk).count() == 1

    def test_a_head_who_also_teaches_sees_the_rows_at_once(self, country):
        client = browser(Role.HEAD, organisation=country.school.pk)
        accounts.grant(
            actor=builders.OPERATOR, user=User.objects.get().pk, role=Role.TEACHER, valid_from=TODAY, now=NOW,
            organisation=country.school.pk,
        )  # fmt: skip
        assert len(client.get(f"/checks/{CODE}/").context["rows"]) == 1

    def test_the_page_of_a_strange_finding_is_shut(self, country):
        client = browser(Role.HEAD, organisation=country.college.pk)
        assert client.get(f"/checks/{CODE}/explain/?finding={only()}").status_code == 403
        assert client.get(f"/checks/{CODE}/explain/?finding=x").status_code == 409
        assert client.get("/checks/no.such/explain/").status_code == 404
        assert browser(Role.OFFICER, DISTRICT).get(f"/checks/{CODE}/explain/").status_code == 403

    def test_who_only_looks_reads_the_explanation_and_has_no_button(self, country):
        explain(country)
        page = browser(Role.OFFICER, DISTRICT).get(f"/checks/{CODE}/?show=all")
        assert WORDS in page.content.decode()
        assert (page.context["rows"][0]["explain"], page.context["rows"][0]["withdraw"]) == ("", "")

    def test_the_files_carry_the_columns(self, country):
        explain(country)
        client = browser(Role.MINISTRY)
        assert client.get(f"/checks/{CODE}/file/").content.decode().splitlines()[1].endswith(",0,1,1")
        lines = client.get("/checks/file/").content.decode().splitlines()
        assert lines[0].strip().endswith("Due,Explained,Found")
        assert next(one for one in lines if CHECK.title.en in one).endswith(",0,1,1")

    def test_the_chart_draws_both(self, country):
        explain(country)
        running.run(CHECK, now=NOW + timedelta(days=1))
        chart = browser(Role.MINISTRY).get(f"/checks/{CODE}/").context["chart"]
        assert [list(one.values) for one in chart.series] == [[1, 0], [0, 1]]


def listed(scope, show):
    return queries.findings(CHECK, scope, TODAY, show=show, limit=50)


def counted(scope, show):
    with CaptureQueriesContext(connection) as asked:
        listed(scope, show)
    return len(asked)


class TestCommands:
    def run(self, *words):
        return CliRunner().invoke(root, ["checks", *words, "--lang", "en"])

    def test_a_finding_is_listed_explained_and_withdrawn(self, country):
        browser(Role.HEAD, organisation=country.school.pk)
        head = User.objects.get().sign_in_name
        where = ("--organisation", str(country.school.pk), "--as", head)
        listed = self.run("findings", CODE, *where)
        assert str(only()) in listed.output
        given = ("--reason", "waiting", "--words", WORDS, "--until", LATER.isoformat(), "--as", head)
        tried = self.run("explain", CODE, str(only()), *given, "--dry-run")
        assert tried.exit_code == 0, tried.output
        assert not CheckExplanation.objects.exists()
        assert self.run("explain", CODE, str(only()), *given).exit_code == 0
        row = CheckExplanation.objects.get()
        shown = self.run("findings", CODE, *where, "--show", "explained")
        assert str(row.pk) in shown.output
        assert str(only()) not in self.run("findings", CODE, *where).output
        assert self.run("withdraw", str(row.pk), "--as", head).exit_code == 0
        assert CheckTally.objects.get(code=CODE).explained == 0

    def test_what_cannot_be_is_refused(self, country):
        given = ("--words", WORDS, "--until", LATER.isoformat())
        assert self.run("explain", CODE, str(only()), *given).exit_code == 2  # the operator explains nothing
        browser(Role.HEAD, organisation=country.school.pk)
        head = ("--as", User.objects.get().sign_in_name)
        for words, code in (
            ((CODE, str(only()), *given), "checks.explained_without_reason"),
            ((CODE, "x", *given), "checks.finding_unknown"),
            (("no.such", str(only()), *given), "checks.unknown"),
        ):
            told = self.run("explain", *words, *head)
            assert told.exit_code == 2
            assert code in told.output
