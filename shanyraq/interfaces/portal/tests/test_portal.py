from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.registry import services as registry
from shanyraq.foundation import access, clock, norms
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.text import LANGS, known, say
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.portal import shell, views

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
SYSTEM = access.system("tests")
FIRST_PAGE = 200_000  # bytes, the chart library apart


@pytest.fixture(autouse=True)
def _world():
    with clock.frozen_at(NOW):
        registry.load_territory()
        yield


def sign_in(client, *grants: tuple[Role, str]) -> None:
    user = accounts.create_user(actor=SYSTEM, sign_in_name="somebody", now=NOW)
    for role, territory in grants:
        accounts.grant(actor=SYSTEM, user=user, role=role, territory=territory, valid_from=date(2026, 1, 1), now=NOW)
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("address", ["/", "/law/", "/help/", "/styleguide/", "/nothing/here/"])
def test_the_open_pages_speak_the_language_that_was_chosen(client, lang, address):
    client.get(f"/language/{lang}/?next=/")
    answer = client.get(address)
    html = answer.content.decode()
    assert answer.status_code == (404 if "nothing" in address else 200)
    assert f'<html lang="{lang}">' in html
    assert "UNDEFINED-VARIABLE" not in html
    assert say("ui.skip", lang) in html


def test_no_page_carries_style_or_script_of_its_own(client):
    for address in ("/", "/styleguide/", "/law/", "/help/", "/places/"):
        html = client.get(address).content.decode()
        assert " style=" not in html, address
        assert " onclick=" not in html, address
        assert "<style" not in html, address
        assert "default-src 'self'" in client.get(address)["Content-Security-Policy"]


def test_the_first_page_is_light(client):
    page = client.get("/")
    html = page.content.decode()
    static = Path(views.__file__).parents[2] / "foundation/ui/static/ui"
    files = [static / name for name in ("ui.css", "ui.js", "icons.svg", "logo.svg", "crown.svg", "ornament.svg")]
    assert all(file.name in html or file.name == "ornament.svg" for file in files)
    assert len(page.content) + sum(file.stat().st_size for file in files) < FIRST_PAGE
    assert (static / "ui.css").stat().st_size < 40_000
    assert "echarts" not in html


def test_the_style_guide_is_for_demonstrations(client, settings):
    settings.DEMO = settings.DEBUG = False
    assert client.get("/styleguide/").status_code == 404


@override_settings(DEMO=True)
def test_the_demonstration_says_that_it_is_one(client):
    assert say("ui.demo", "kk") in client.get("/", headers={"Accept-Language": "kk"}).content.decode()


@override_settings(DEMO=False)
def test_in_earnest_there_is_no_banner(client):
    assert say("ui.demo", "kk") not in client.get("/", headers={"Accept-Language": "kk"}).content.decode()


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.OFFICER, "/district/"),
        (Role.REGION, "/overview/"),
        (Role.MINISTRY, "/overview/"),
        (Role.AUDITOR, "/audit/"),
    ],
)
def test_each_role_comes_home_to_its_desk(client, role, home):
    sign_in(client, (role, "71"))
    assert client.get("/").url == home


def test_who_holds_two_roles_chooses_and_who_holds_none_is_told(client):
    sign_in(client, (Role.OFFICER, "711110000"), (Role.AUDITOR, ""))
    html = client.get("/").content.decode()
    assert 'href="/district/"' in html
    assert 'href="/audit/"' in html


def test_who_holds_no_role_is_told(client):
    sign_in(client)
    html = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert say("portal.desks.none", "en") in html


def test_the_menu_follows_the_role():
    officer = Actor(user=new_id(), grants=(Grant(Role.OFFICER),))
    assert shell.menu(officer)[0].url == "/district/"
    assert "/district/" not in [entry.url for entry in shell.menu(access.ANYONE)]
    assert shell.menu(access.ANYONE)[0].url == "/"


def test_roles_and_desks_have_words():
    assert all(known(f"portal.role.{role.value}") for role in Role)
    assert all(known(entry.about) for entry in shell.DESKS)


def test_the_overview_is_of_ones_own_territory(client):
    sign_in(client, (Role.REGION, "71"))
    html = client.get("/overview/", headers={"Accept-Language": "en"}).content.decode()
    assert 'href="/places/711110000/"' in html
    assert 'href="/places/750000000/"' not in html


def test_the_overview_of_the_ministry_is_of_the_country(client):
    sign_in(client, (Role.MINISTRY, ""))
    answer = client.get("/overview/")
    assert 'href="/places/750000000/"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_the_overview_is_not_for_everyone(client):
    assert client.get("/overview/").url.startswith("/sign-in/")
    sign_in(client, (Role.AUDITOR, ""))
    assert client.get("/overview/").status_code == 403


def test_the_shell_costs_a_stranger_nothing_and_a_user_little(client):
    with CaptureQueriesContext(connection) as counted:
        client.get("/help/")
    assert len(counted) == 0
    sign_in(client, (Role.AUDITOR, ""))
    with CaptureQueriesContext(connection) as counted:
        client.get("/help/")
    assert len(counted) <= 6


@pytest.mark.parametrize("lang", LANGS)
def test_the_law_shows_every_norm_with_its_act_and_marks_what_is_not_confirmed(client, lang):
    client.cookies["language"] = lang
    html = client.get("/law/").content.decode()
    every = norms.all_norms()
    assert html.count("<tr id=") == len(every)
    assert html.count(say("portal.law.to_confirm", lang)) == sum(not norm.confirmed for norm in every) + 1


def test_the_help_quotes_the_norms_in_force(client):
    html = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    assert "3 working days" in html
    assert "5 working days" in html
