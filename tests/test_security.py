"""Attacks on the portal as production runs it: outside the demonstration."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from shanyraq.domains.placement.tests import builders
from shanyraq.domains.registry import services as registry
from shanyraq.domains.registry.models import Guardianship, Person
from shanyraq.domains.registry.queries import person_cards
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.rules.numbers import compose_iin
from shanyraq.foundation import audit, clock
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import GrantRow, User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.text import say
from shanyraq.foundation.uid import new_id
from tests import world as worlds
from tests.test_access_matrix import ALLOWED, address_of, addresses, sent_to_sign_in
from tests.world import DISTRICT, NOW, OPERATOR, OTHER_DISTRICT, PEOPLE, World

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent
SECRETS = {"SHANYRAQ_SECRET_KEY": "k3" * 25, "SHANYRAQ_IDENTITY_KEY": "q7" * 25}
STAFF = ("officer", "head", "region", "ministry", "auditor", "operator")
PASSWORD = "тұлпар-қанат-47"


@pytest.fixture
def production(settings):
    settings.DEMO, settings.DEMO_PEOPLE = False, ""


@pytest.fixture
def world() -> Iterator[World]:
    with clock.frozen_at(NOW):
        yield worlds.build()


def start(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHANYRAQ_", "DATABASE_URL"))}
    told = {**kept, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": "sqlite://:memory:", **environment}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=told, capture_output=True, text=True, timeout=60, check=False
    )


# ---- the start


@pytest.mark.slow
@pytest.mark.parametrize(
    "secrets",
    [
        {},
        {"SHANYRAQ_SECRET_KEY": "k3" * 25},
        {**SECRETS, "SHANYRAQ_IDENTITY_KEY": "demo-only-never-in-production"},
        {**SECRETS, "SHANYRAQ_IDENTITY_KEY": SECRETS["SHANYRAQ_SECRET_KEY"]},
        {**SECRETS, "SHANYRAQ_SECRET_KEY": "short"},
    ],
)
def test_production_does_not_start_without_two_secrets(secrets):
    got = start("import django; django.setup()", **secrets)
    assert got.returncode != 0
    assert "SHANYRAQ_SECRET_KEY and SHANYRAQ_IDENTITY_KEY must be two secrets" in got.stderr


PAGE = """
import json, django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("collectstatic", verbosity=0, interactive=False)
client = Client(headers={"host": "localhost"})
plain, page = client.get("/sign-in/"), client.get("/sign-in/", secure=True)
flags = ("secure", "samesite", "httponly")
cookies = {name: {flag: str(morsel[flag]) for flag in flags} for name, morsel in page.cookies.items()}
from django.conf import settings as used
from django.templatetags.static import static
style = client.get(static("ui/ui.css"), secure=True)
demo = [client.get(one, secure=True).status_code for one in ("/demo/", "/demo/egov/", "/styleguide/")]
given = {"persona": "demo-officer", "iin": "990101300123"}
demo += [client.post(one, given, secure=True).status_code for one in ("/demo/", "/demo/egov/")]
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location", "")], "headers": dict(page.headers), "cookies": cookies,
    "session": [used.SESSION_COOKIE_SECURE, used.SESSION_COOKIE_HTTPONLY, used.SESSION_COOKIE_SAMESITE],
    "debug": used.DEBUG, "demo": demo, "static": [style.status_code, dict(style.headers)],
}))
"""


@pytest.mark.slow
def test_production_speaks_https_only_and_has_no_demonstration(tmp_path):
    got = start(PAGE, **SECRETS, SHANYRAQ_HOSTS="localhost", SHANYRAQ_VAR_DIR=str(tmp_path))
    assert got.returncode == 0, got.stderr[-800:]
    told = json.loads(got.stdout)
    headers = told["headers"]
    assert told["plain"] == [301, "https://localhost/sign-in/"]
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert told["cookies"]["csrftoken"]["secure"] == "True" and told["cookies"]["csrftoken"]["samesite"] in (
        "Lax",
        "Strict",
    )
    assert (told["session"], told["debug"]) == ([True, True, "Lax"], False)
    assert told["demo"] == [404] * 5
    status, own = told["static"]
    assert status == 200 and "immutable" in own["Cache-Control"]
    for name in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Permissions-Policy"):
        assert own[name] == headers[name], name


# ---- the second factor


def test_staff_see_nothing_before_the_second_factor(world, production):
    for who in STAFF:
        browser = world.browser(who)
        for name, parameters in addresses():
            address = address_of(world, name, parameters)
            if address.startswith(("/api/", "/sign-in/", "/sign-out/", "/account/second-factor/", "/language/")):
                continue
            for got in (browser.get(address), browser.post(address, {"key": str(new_id())})):
                assert got.status_code == 302 and got["Location"].startswith("/sign-in/second/"), (who, name)


def test_a_set_up_second_factor_cannot_be_replaced_without_it(world, production):
    browser = world.browser("officer")
    user = User.objects.get(sign_in_name="officer")
    TOTPDevice.objects.create(user=user, confirmed=True)
    for got in (browser.get("/account/second-factor/"), browser.post("/account/second-factor/", {"code": "123456"})):
        assert got.status_code == 302 and got["Location"].startswith("/sign-in/second/")
    assert TOTPDevice.objects.filter(user=user).count() == 1


def officer(name: str = "officer-n") -> User:
    user = accounts.create_user(actor=OPERATOR, sign_in_name=name, now=NOW, password=PASSWORD)
    accounts.grant(
        actor=OPERATOR, user=user, role=worlds.Role.OFFICER, valid_from=NOW.date(), now=NOW, territory=DISTRICT
    )
    return User.objects.get(pk=user)


def signed_in(user: User, browser: Client | None = None) -> Client:
    """Through both steps, as a person does."""
    browser = browser or Client(headers={"Accept-Language": "en"})
    browser.post("/sign-in/", {"sign_in_name": user.sign_in_name, "password": PASSWORD})
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=True)
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1)
    code = totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits, drift=device.drift)
    assert browser.post("/sign-in/second/", {"code": f"{code:06d}"}).status_code == 303
    return browser


def test_a_session_has_a_new_key_after_each_step(production):
    builders.territory()
    user, browser = officer(), Client()
    TOTPDevice.objects.create(user=user, confirmed=True)
    session = browser.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted
    browser.post("/sign-in/", {"sign_in_name": user.sign_in_name, "password": PASSWORD})
    after_password = browser.cookies[settings.SESSION_COOKIE_NAME].value
    signed_in(user, browser)
    after_code = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert len({planted, after_password, after_code}) == 3
    assert not Session.objects.filter(session_key__in=(planted, after_password)).exists()


def test_signing_out_everywhere_ends_the_other_sessions(production):
    builders.territory()
    user = officer()
    here, there = signed_in(user), signed_in(user)
    assert there.get("/account/").status_code == 200
    assert here.post("/account/sessions/end/").status_code == 303
    assert here.get("/account/").status_code == 200
    assert sent_to_sign_in(there.get("/account/"))


def test_five_wrong_passwords_lock_the_door_and_say_for_how_long(production):
    builders.territory()
    user, other = officer(), officer("officer-m")
    browser = Client(headers={"Accept-Language": "en"})
    for _ in range(5):
        got = browser.post("/sign-in/", {"sign_in_name": user.sign_in_name, "password": "wrong"})
    got = browser.post("/sign-in/", {"sign_in_name": user.sign_in_name, "password": PASSWORD})
    assert got.status_code == 422
    assert say("refusal.accounts.locked.what", "en").split("{")[0] in got.content.decode()
    assert "15" in got.content.decode()
    signed_in(other)


def test_an_unknown_name_and_a_wrong_password_are_told_alike(production):
    builders.territory()
    user = officer()
    pages = [
        Client(headers={"Accept-Language": "en"}).post("/sign-in/", {"sign_in_name": name, "password": "wrong-wrong"})
        for name in (user.sign_in_name, "nobody-here")
    ]
    assert plain(pages[0].content, user.sign_in_name) == plain(pages[1].content, "nobody-here")


# ---- requests from elsewhere


def test_no_post_counts_without_the_token_of_the_page(world):
    wrong = []
    for who in PEOPLE:
        browser = world.browser(who)
        browser.handler.enforce_csrf_checks = True
        for name, parameters in addresses():
            if name.startswith(
                ("api", "oneroster:")
            ):  # programs have neither session nor form: tests/test_api_matrix.py
                continue
            status = browser.post(address_of(world, name, parameters), {"key": str(new_id())}).status_code
            signed = name == "proof:cosignatures" and status in (400, 404, 409, 422)  # a witness signs what it sends
            if status not in (403, 405) and not signed:
                wrong.append(f"{who} {name}: {status}")
    assert not wrong, "\n".join(wrong)


def plain(page: bytes, *ids: object) -> str:
    """A page without what differs from one request to the next."""
    text = re.sub(r'(csrfmiddlewaretoken|name="key")[^>]*value="[^"]*"', "", page.decode())
    for one in ids:
        text = text.replace(str(one), "ID")
    return text


def test_what_is_foreign_looks_as_if_it_did_not_exist(world):
    strangers = {"family:": "other guardian", "kindergarten:": "other head", "district:": "other officer"}
    for space, who in strangers.items():
        browser = world.browser(who)
        for name, parameters in addresses():
            row = next((one for one in parameters if one not in ("kato", "code")), None)
            if not name.startswith(space) or row is None or name == "district:open_record":
                continue  # an officer may open the record of any child, with a reason
            foreign = address_of(world, name, parameters)
            missing = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", str(new_id()), foreign)
            for method in ("get", "post"):
                first, second = getattr(browser, method)(foreign), getattr(browser, method)(missing)
                assert first.status_code == second.status_code != 200, (name, first.status_code, second.status_code)
                assert plain(first.content, foreign) == plain(second.content, missing), name


# ---- rights that have ended


def pages_of(world: World, browser: Client, who: str, space: str) -> Iterator[tuple[str, int]]:
    for name, parameters in addresses():
        if who in ALLOWED.get(name, ()) and name.startswith(space) and parameters:
            yield name, browser.get(address_of(world, name, parameters)).status_code


def test_a_guardian_of_yesterday_sees_nothing_today(world):
    browser = world.browser("guardian")
    Guardianship.objects.filter(guardian=world.guardian).update(
        valid_from=NOW.date() - timedelta(days=9), valid_to=NOW.date()
    )
    for name, status in pages_of(world, browser, "guardian", "family:"):
        assert status == 404, (name, status)


@pytest.mark.parametrize(("who", "space"), [("officer", "district:"), ("head", "kindergarten:")])
def test_a_grant_that_ended_opens_nothing(world, who, space):
    browser = world.browser(who)
    GrantRow.objects.update(valid_from=NOW.date() - timedelta(days=9), valid_to=NOW.date())
    for name, status in pages_of(world, browser, who, space):
        assert status in (403, 404), (name, status)


def test_an_opened_record_closes_by_itself(world):
    browser = world.browser("other officer")
    page = reverse("district:application", kwargs={"kato": OTHER_DISTRICT, "application": world.ids["application"]})
    opening = reverse("district:open_record", kwargs={"kato": OTHER_DISTRICT, "child": world.ids["child"]})
    assert browser.get(page).status_code == 404
    posted = {"reason": "Отбасы телефонмен көмек сұрады", "key": str(new_id())}
    assert browser.post(opening, posted).status_code == 303
    assert browser.get(page).status_code == 200
    with clock.frozen_at(NOW + timedelta(days=8)):
        assert browser.get(page).status_code == 404


def test_whoever_looks_for_a_number_leaves_a_trace(world):
    """Else numbers could be tried out in silence: the answer tells whether a child is in a queue, and where."""
    browser, child = world.browser("other officer"), world.ids["child"]
    number = person_cards((child,))[child].universal_id
    find = reverse("district:find", kwargs={"kato": OTHER_DISTRICT})
    assert browser.post(find, {"number": number}).status_code == 303
    assert AuditEntry.objects.filter(kind="read", child_id=child, role="officer").exists()


# ---- what is written once


def test_the_ledger_and_the_trail_take_new_rows_only(world):
    with connection.cursor() as cursor:
        for table, key in (("ledger_ledgerentry", "seq"), ("audit_auditentry", "id"), ("audit_breakglass", "id")):
            if table == "audit_breakglass":
                audit.services.open_record(
                    actor=builders.officer_of(), child=world.ids["child"], reason="Себебі " * 5, now=NOW
                )
            cursor.execute(f"SELECT * FROM {table}")
            before = sorted(map(str, cursor.fetchall()))
            wrong = [f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"]
            wrong += [f"TRUNCATE {table} CASCADE"] if connection.vendor == "postgresql" else [
                f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
                f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            ]  # fmt: skip
            for statement in wrong:
                with pytest.raises(DatabaseError), transaction.atomic():
                    cursor.execute(statement)
            cursor.execute(f"SELECT * FROM {table}")
            assert sorted(map(str, cursor.fetchall())) == before


# ---- the IIN


def with_numbers(world: World) -> list[str]:
    """Give everyone of the world an IIN."""
    given = []
    for at, row in enumerate(Person.objects.order_by("id")):
        made = (compose_iin(row.born_on, Sex(row.sex), 1000 + at * 10 + more) for more in range(10))
        given.append(next(number for number in made if number))
        registry.give_iin(actor=OPERATOR, person=row.id, iin=given[-1], now=NOW)
    return given


def test_no_page_table_or_log_holds_an_iin(world, caplog):
    caplog.set_level(logging.DEBUG)
    numbers = with_numbers(world)
    seen = re.compile("|".join(numbers))
    find = reverse("district:find", kwargs={"kato": DISTRICT})
    for who in PEOPLE:
        browser = world.browser(who)
        for name, parameters in addresses():
            if who in ALLOWED.get(name, ()) and name not in ("sign_out", "account_sessions_end", "fake_egov"):
                page = browser.get(address_of(world, name, parameters))
                content = b"".join(page) if page.streaming else page.content
                text = content.decode(errors="replace")  # tiles of the log and papers are no text
                assert not seen.search(text) and not seen.search(page.headers.get("Location", "")), (who, name)
        if who == "officer":
            answers = [browser.post(find, {"number": number}) for number in numbers]
            assert not any(seen.search(one.headers.get("Location", "")) for one in answers)
    for number in numbers[:3]:  # people take the IIN for their sign-in name
        Client().post("/sign-in/", {"sign_in_name": number, "password": "x" * 12})
    assert not seen.search(
        "\n".join(record.getMessage() for record in caplog.records if "django.db" not in record.name)
    )
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                assert not seen.search(" ".join(map(str, row))), table
