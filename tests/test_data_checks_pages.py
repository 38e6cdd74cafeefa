"""The pages and commands of checks: who sees what, with how many queries, and what they say."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import OPERATOR
from shanyraq.foundation import clock, jobs
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.checks import queries, running, work
from shanyraq.foundation.checks.access import sees_territory, territories
from shanyraq.foundation.checks.check import BadCheck
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.interfaces.cli.main import root
from tests.data_checks import world
from tests.data_checks.world import DISTRICT, FAR, NOW, OTHER_DISTRICT

pytestmark = pytest.mark.django_db
CODE = "enrolment.no_order"
ONE = f"/checks/{CODE}/"
GRANTS = {
    "officer": (Role.OFFICER, DISTRICT), "stranger": (Role.OFFICER, OTHER_DISTRICT), "region": (Role.REGION, "71"),
    "ministry": (Role.MINISTRY, ""), "operator": (Role.OPERATOR, ""),
}  # fmt: skip


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def country():
    made = world.build()
    type(made.e_pupil).objects.filter(pk=made.e_pupil.pk).update(order_number="")
    far = world.group(world.organisation("school", district=FAR), "school")
    world.enrol(made.child(), far, order_number="")
    running.run_all(now=NOW)
    return made


def browser(role, territory="", organisation=None, lang="en"):
    name = f"user-{lang}-{role}-{territory}-{str(organisation)[-6:]}".lower()
    user = accounts.create_user(actor=OPERATOR, sign_in_name=name, now=NOW)
    accounts.grant(
        actor=OPERATOR, user=user, role=role, valid_from=NOW.date(), now=NOW, territory=territory,
        organisation=organisation,
    )  # fmt: skip
    client = Client()
    client.cookies["language"] = lang
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_board_says_every_check_and_what_it_found(country, lang):
    page = browser(Role.MINISTRY, lang=lang).get("/checks/")
    assert page.status_code == 200
    assert all(check.title.in_lang(lang).split("'")[0] in page.content.decode() for check in load().values())


def test_the_board_is_narrowed_and_its_file_is_what_it_shows(country):
    client = browser(Role.MINISTRY)
    shown = client.get("/checks/?theme=staff&severity=blocks").context["lines"]
    assert shown and {one["check"].theme for one in shown} == {"staff"}
    lines = client.get("/checks/file/?theme=staff&severity=blocks").content.decode().splitlines()
    assert len(lines) == len(shown) + 1


def test_the_board_asks_as_often_whatever_was_found(country, django_assert_num_queries):
    actor = builders.staff(Role.MINISTRY)
    with django_assert_num_queries(1):
        few = queries.board(actor)
    country.pupils(30)
    running.run_all(now=NOW)
    with django_assert_num_queries(1):
        many = queries.board(actor)
    assert sum(one.found for one in many) > sum(one.found for one in few)


@pytest.mark.parametrize(
    ("who", "n"), [("officer", 1), ("stranger", 0), ("region", 1), ("ministry", 2), ("operator", 2)]
)
def test_each_sees_the_findings_of_the_own_territory(country, who, n):
    assert queries.found(builders.staff(*GRANTS[who]), load()[CODE]).due == n
    assert browser(*GRANTS[who]).get(ONE).context["count"].found == n


def test_a_head_sees_those_of_the_own_organisation_and_no_district(country):
    head = builders.head_of(country.school.pk)
    assert queries.found(head, load()[CODE]).due == 1
    assert queries.trend(head, CODE) == ()
    assert (territories(head), sees_territory(head, DISTRICT)) == ((), False)
    with pytest.raises(NotAllowed):
        queries.scope_for(head, territory=DISTRICT)
    with pytest.raises(NotAllowed):
        queries.scope_for(head, organisation=country.college.pk)
    page = browser(Role.HEAD, organisation=country.school.pk).get(ONE)
    assert [row["label"] for row in page.context["rows"]] == [country.first.name]
    assert (
        browser(Role.HEAD, organisation=country.school.pk, lang="kk").get(f"{ONE}?territory={DISTRICT}").status_code
        == 403
    )


def test_rows_are_of_a_district_or_an_organisation_and_the_reading_of_a_child_is_noted(country):
    client = browser(*GRANTS["officer"])
    assert browser(*GRANTS["region"]).get(ONE).context["rows"] is None
    assert len(client.get(ONE).context["rows"]) == 1  # the one district of an office need not be chosen
    for asked in (f"territory={DISTRICT}", f"organisation={country.school.pk}"):
        page = client.get(f"{ONE}?{asked}")
        assert [row["person"].name.kk for row in page.context["rows"]] == [f"{country.pupil.surname} Адам"]
    assert AuditEntry.objects.filter(action="registry.read_person", child_id=country.pupil.pk).count() == 3
    assert client.get(f"{ONE}?territory={FAR}").status_code == 403


def test_names_stay_shut_to_whom_the_record_is_shut(country):
    page = browser(Role.MINISTRY).get(f"{ONE}?territory={DISTRICT}")
    assert [row["hidden"] for row in page.context["rows"]] == [True]
    assert country.pupil.surname not in page.content.decode()
    assert not AuditEntry.objects.filter(action="registry.read_person").exists()


def test_the_trend_counts_what_the_actor_sees(country):
    running.run(load()[CODE], now=NOW + timedelta(days=1))
    assert [one.found for one in queries.trend(builders.staff(*GRANTS["officer"]), CODE)] == [1, 1]
    assert [one.found for one in queries.trend(builders.staff(*GRANTS["ministry"]), CODE)] == [2, 2]
    assert browser(*GRANTS["ministry"]).get(ONE).context["chart"].kind == "line"


def test_rows_are_turned_page_by_page(country):
    for _ in range(60):
        world.enrol(country.child(), country.first, order_number="")
    client = browser(*GRANTS["officer"])
    first = client.get(f"{ONE}?territory={DISTRICT}").context
    last = client.get(f"{ONE}?{first['later']}").context
    assert (len(first["rows"]), len(last["rows"]), last["later"]) == (50, 11, "")
    assert client.get(f"{ONE}?territory={DISTRICT}&page=0").status_code == 200


def test_the_file_of_a_check_holds_counts_only(country):
    text = browser(Role.MINISTRY).get(f"{ONE}file/").content.decode()
    assert len(text.splitlines()) == 3
    assert country.pupil.surname not in text


def test_the_operator_runs_a_check_and_nobody_else_does(country):
    assert browser(*GRANTS["officer"]).post(f"{ONE}run/").status_code == 403
    assert browser(*GRANTS["operator"]).post(f"{ONE}run/").status_code == 303
    assert jobs.waiting(work.run_check)


@pytest.mark.parametrize("address", ["/checks/no.such/", "/checks/no.such/file/"])
def test_an_unknown_check_is_not_there(country, address):
    assert browser(Role.MINISTRY).get(address).status_code == 404


@pytest.mark.parametrize("asked", ["territory=7'", "organisation=x", "page=x", "page=99999999999", "owner=x"])
def test_bad_input_does_no_harm(country, asked):
    assert browser(*GRANTS["officer"]).get(f"{ONE}?{asked}").status_code == 200
    assert browser(*GRANTS["officer"], lang="ru").get(f"/checks/?{asked}").status_code == 200


def test_a_teacher_and_a_stranger_stay_outside(country):
    assert browser(Role.TEACHER, organisation=country.school.pk).get("/checks/").status_code == 403
    assert Client().get("/checks/").status_code == 302
    assert reverse("checks:board") == "/checks/"


def test_the_commands_list_show_and_run(country):
    runner = CliRunner()
    listed = runner.invoke(root, ["checks", "list", "--lang", "en"])
    assert listed.exit_code == 0 and CODE in listed.output
    shown = runner.invoke(root, ["checks", "show", CODE, "--lang", "ru"])
    assert load()[CODE].todo.ru in shown.output
    ran = runner.invoke(root, ["checks", "run", "--check", CODE, "--lang", "en"])
    assert ran.exit_code == 0 and " 2 " in ran.output
    assert runner.invoke(root, ["checks", "show", "no.such", "--lang", "en"]).exit_code == 2


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("query", "query: DELETE FROM x {only}"),
        ("query", "query: SELECT 1"),
        ("query", "query: SELECT 1; SELECT 2 {only}"),
        ("parameter", "query: SELECT %(nobody)s {only}"),
        ("percent", "query: SELECT '5%' {only}"),
        ("act", "act: nowhere"),
        ("severity", "severity: dreadful"),
        ("unknown field", "colour: red"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path, field, line):
    good = (load.__wrapped__.__globals__["FOLDER"] / "enrolment" / "no_order.yaml").read_text("utf-8")
    name = line.split(":")[0]
    kept = good.split("query: |")[0] if name == "query" else good
    text = "\n".join(one for one in kept.splitlines() if not one.startswith(f"{name}:")) + f"\n{line}\n"
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme" / "wrong.yaml").write_text(text, "utf-8")
    (tmp_path / "acts.yaml").write_text(
        (load.__wrapped__.__globals__["FOLDER"] / "acts.yaml").read_text("utf-8"), "utf-8"
    )
    with pytest.raises(BadCheck, match=r"wrong\.yaml"):
        load(tmp_path)
