"""What holds for every answer, every form and every sign-in, whatever the page: headers, shapes, limits, silence."""

import json
import logging
import re
from datetime import date, timedelta

import pytest
from django.conf import settings as site
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from shanyraq.domains.placement.tests import builders
from shanyraq.domains.registry import services as registry
from shanyraq.domains.registry.queries import person_cards
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.rules.numbers import compose_iin
from shanyraq.foundation import clock, norms
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.lockout import address_of
from shanyraq.foundation.accounts.models import SignIn, User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.text import LANGS, say
from shanyraq.interfaces.cli import start as starting
from tests import test_security
from tests import world as worlds
from tests.source import PACKAGE, ROOT
from tests.test_access_matrix import address_of as place_of
from tests.test_access_matrix import addresses
from tests.test_security import PASSWORD, SECRETS, officer, plain, signed_in, start
from tests.world import DISTRICT, NOW, OPERATOR

pytestmark = pytest.mark.django_db

production, world = test_security.production, test_security.world
PROMISED = {
    "Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
    "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options",
}  # fmt: skip


def away(*arguments: object, **named: object) -> None:
    raise OperationalError("connection refused")


# ---- headers


def test_every_answer_carries_the_headers(world, monkeypatch):
    browser = world.browser("officer")
    browser.raise_request_exception = False
    queue = reverse("district:queue_file", kwargs={"kato": DISTRICT})
    answers = {
        "page": browser.get("/places/"),
        "own page": browser.get("/account/"),
        "not there": browser.get("/nothing/"),
        "no verb": browser.delete("/places/"),
        "refused": browser.get("/audit/"),
        "redirect": browser.get("/district/"),
        "bad": browser.get("/places/?%00=1"),
        "too big": browser.post("/sign-in/", {"password": "x" * 3_000_000}),
        "file": browser.post(queue),
        "API": browser.get("/api/v1/queue", {"territory": DISTRICT}),
        "API, not there": browser.get("/api/v1/nothing"),
        "API document": browser.get("/api/v1/openapi.json"),
    }
    monkeypatch.setattr("shanyraq.domains.placement.queries.public.country", away)
    answers["database away"] = browser.get("/places/")
    monkeypatch.setattr("shanyraq.domains.placement.queries.public.country", lambda *_, **__: 1 / 0)
    answers["fault"] = browser.get("/places/")
    assert (answers["database away"].status_code, answers["fault"].status_code) == (503, 500)
    for what, answer in answers.items():
        assert set(answer.headers) >= PROMISED, (what, PROMISED - set(answer.headers))
        assert "unsafe" not in answer["Content-Security-Policy"]
        if not what.startswith("API"):
            assert "no-store" in answer["Cache-Control"], what


def test_what_is_open_to_anyone_may_be_kept_and_what_is_personal_may_not(world):
    assert "no-store" not in world.browser("anonymous").get("/places/").headers.get("Cache-Control", "")
    for who in ("guardian", "head", "officer", "auditor"):
        browser = world.browser(who)
        for name in ("home", "account", "inbox", "public:places"):
            assert "no-store" in browser.get(reverse(name))["Cache-Control"], (who, name)


# ---- the shape of a bare "no"


@pytest.mark.parametrize("lang", LANGS)
def test_a_wrong_verb_and_too_much_are_told_in_our_pages(client, lang):
    client.cookies["language"] = lang
    verb, big = client.delete("/places/"), client.post("/sign-in/", {"password": "x" * 3_000_000})
    for answer, status, code in ((verb, 405, "page.method"), (big, 413, "page.too_big")):
        assert answer.status_code == status
        assert say(f"refusal.{code}.what", lang) in answer.content.decode()
    assert "GET" in verb["Allow"]


def test_programs_are_told_in_problem_details(client):
    big = "x" * 3_000_000
    answers = (
        (client.get("/api/v1/nothing"), 404),
        (client.delete("/api/v1/queue"), 405),
        (client.get("/api/v1/queue?territory=%00"), 400),
        (client.post("/api/v1/queue", big, content_type="application/json"), 413),
    )
    for answer, status in answers:
        assert answer.status_code == status
        assert answer["Content-Type"].startswith("application/problem+json"), status
        assert json.loads(answer.content)["code"]


# ---- signing in


def tries(count: int, *, names: str = "someone", addresses: str = "10.0.0.1", **headers: str) -> list[int]:
    """Statuses of wrong passwords; {n} in the name or the address counts them."""
    statuses = []
    for n in range(count):
        posted = {"sign_in_name": names.format(n=n), "password": "wrong-wrong"}
        browser = Client(headers={"Accept-Language": "en", **{k: v.format(n=n) for k, v in headers.items()}})
        page = browser.post("/sign-in/", posted, REMOTE_ADDR=addresses.format(n=n))
        statuses.append(say("refusal.accounts.locked.what", "en").split("{")[0] in page.content.decode())
    return statuses


def test_a_name_is_shut_whatever_the_address(production, settings):
    settings.LOCK_NAME_AFTER = 6
    builders.territory()
    user = officer()
    shut = tries(8, names=user.sign_in_name, addresses="10.0.0.{n}")
    assert shut == [False] * 6 + [True] * 2
    page = Client().post("/sign-in/", {"sign_in_name": user.sign_in_name, "password": PASSWORD}, REMOTE_ADDR="10.1.1.1")
    assert page.status_code == 422
    with clock.frozen_at(clock.now() + timedelta(minutes=16)):
        late = {"sign_in_name": user.sign_in_name, "password": PASSWORD}
        assert Client().post("/sign-in/", late, REMOTE_ADDR="10.1.1.1").status_code == 303


def test_an_address_is_shut_whatever_the_name_but_later(production, settings):
    settings.LOCK_ADDRESS_AFTER = 8
    assert site.LOCK_ADDRESS_AFTER < 200 and settings.LOCK_NAME_AFTER > site.AXES_FAILURE_LIMIT
    assert tries(10, names="name-{n}") == [False] * 8 + [True] * 2
    assert tries(1, names="other", addresses="10.0.0.2") == [False]


def test_behind_a_proxy_only_its_own_word_counts(rf, settings):
    settings.BEHIND_PROXY = True
    forwarded = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.7"}, REMOTE_ADDR="127.0.0.1")
    assert address_of(forwarded) == "10.0.0.7"
    assert address_of(rf.get("/", REMOTE_ADDR="127.0.0.1")) is None
    settings.BEHIND_PROXY = False
    assert address_of(forwarded) == "127.0.0.1"


def test_unknown_closed_and_wrong_take_the_same_work(monkeypatch):
    known = {"actor": OPERATOR, "now": NOW}
    accounts.create_user(**known, sign_in_name="known", password=PASSWORD)
    accounts.create_user(**known, sign_in_name="only-egov")
    closed = accounts.create_user(**known, sign_in_name="closed", password=PASSWORD)
    User.objects.filter(pk=closed).update(is_active=False)
    worked, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *got: worked.append(1) or encode(*got))
    costs = {}
    for name in ("known", "only-egov", "closed", "nobody-here"):
        worked.clear()
        Client().post("/sign-in/", {"sign_in_name": name, "password": "wrong-wrong"})
        costs[name] = len(worked)
    assert set(costs.values()) == {1}, costs


def test_a_role_that_was_given_or_taken_changes_the_key_of_the_session(production):
    builders.territory()
    user = officer()
    browser = signed_in(user)
    assert browser.get("/account/").status_code == 200
    before = browser.cookies[site.SESSION_COOKIE_NAME].value
    given = accounts.grant(
        actor=OPERATOR, user=user.pk, role=worlds.Role.AUDITOR, valid_from=NOW.date() - timedelta(days=1), now=NOW
    )
    assert browser.get("/account/").status_code == 200
    during = browser.cookies[site.SESSION_COOKIE_NAME].value
    accounts.revoke(actor=OPERATOR, grant=given, on=NOW.date() - timedelta(days=1), now=NOW)
    browser.get("/account/")
    after = browser.cookies[site.SESSION_COOKIE_NAME].value
    assert len({before, during, after}) == 3
    assert not Session.objects.filter(session_key__in=(before, during)).exists()
    assert SignIn.objects.get(user=user).session_key == after


# ---- searching by a number


def test_whether_a_number_belongs_to_anyone_is_not_told(world):
    """The same page, and the same rows of the audit, for someone without an application and for nobody."""
    browser, find = world.browser("officer"), reverse("district:find", kwargs={"kato": DISTRICT})
    someone = builders.person(born_on=date(1988, 3, 8))
    numbers = [number for n in range(1000, 1100) if (number := compose_iin(date(1988, 3, 8), Sex.FEMALE, n))]
    registry.give_iin(actor=OPERATOR, person=someone, iin=numbers[0], now=NOW)
    pages = [browser.post(find, {"number": number}) for number in numbers[:2]]
    assert [page.status_code for page in pages] == [422, 422]
    assert say("refusal.placement.no_open_application.what", "en") in pages[0].content.decode()
    assert plain(pages[0].content, numbers[0]) == plain(pages[1].content, numbers[1])


def test_numbers_cannot_be_tried_out_in_a_row(world):
    browser, find = world.browser("other officer"), reverse("district:find", kwargs={"kato": worlds.OTHER_DISTRICT})
    limit = norms.in_force("access/lookups_per_hour", on=NOW.date()).integer()
    for n in range(limit):
        browser.post(find, {"number": f"ABCD-{n:04}-0000"})
    child = world.ids["child"]
    page = browser.post(find, {"number": person_cards((child,))[child].universal_id})
    assert page.status_code == 422
    assert say("refusal.accounts.too_many_lookups.what", "en") in page.content.decode()
    assert AuditEntry.objects.filter(action="accounts.look_up").count() == limit


# ---- forms and files


def test_every_form_that_changes_something_carries_the_token():
    wrong = []
    for path in PACKAGE.rglob("templates/**/*.html"):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text("utf-8"), re.DOTALL):
            if "csrf_token" not in form and path.name != "styleguide.html":  # its samples are sent nowhere
                wrong.append(str(path.relative_to(ROOT)))
    assert not wrong, wrong


WITHOUT_PEOPLE = {  # modules that send files without data of others: each with its reason
    "shanyraq/interfaces/nation/pages.py": "counts by territory, small ones hidden",
    "shanyraq/interfaces/nation/rows_pages.py": "organisations and what their passports say, to offices",
    "shanyraq/interfaces/nation/plan_pages.py": "measures of the action plan",
    "shanyraq/foundation/ui/export.py": "tables without people: the free places",
    "shanyraq/foundation/exports/pages.py": "the one way for data of people",
    "shanyraq/foundation/ui/pdf.py": "papers of the family itself, and of what is public",
    "shanyraq/domains/registry/web/views_lists.py": "classes and organisations; learners and staff go the one way",
    "shanyraq/domains/placement/web/receipts.py": "the family's own receipt",
    "shanyraq/domains/placement/web/views_packages.py": "published rounds: codes, no people",
    "shanyraq/domains/placement/web/views_whatif.py": "comparisons: sums",
    "shanyraq/domains/placement/web/views_whatif_public.py": "published comparisons: sums and codes",
    "shanyraq/domains/placement/web/views_public.py": "published rounds and the free places",
    "shanyraq/domains/placement/web/views_ceremony.py": "the ceremony: messages of its parties, which are public",
    "shanyraq/foundation/checks/pages.py": "counts, and rows by id without names; noted in the trail",
    "shanyraq/interfaces/exchange/pages.py": "signed packages for the operator; noted in the trail",
    "shanyraq/interfaces/dictionary/views.py": "what tables hold, and codebooks",
    "shanyraq/domains/accuracy/web/reconciliation.py": "figures: sums",
    "shanyraq/foundation/imports/pages.py": "templates, and rows of a file back to whom it belongs; noted in the trail",
    "shanyraq/interfaces/proof/files.py": "the public log",
    "shanyraq/interfaces/opendata/views.py": "open data: sums, small ones hidden",
}


SENT = re.compile(r"attachment;|csv_response\(|file_response\(|FileResponse\(")


def test_data_of_people_leave_in_one_way_only():
    found = {
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.parts
        and re.search(r"attachment;|csv_response\(|file_response\(|FileResponse\(", path.read_text("utf-8"))
    }
    assert found <= set(WITHOUT_PEOPLE), "files with data of people go through foundation/exports"


NEVER_DONE = (302, 400, 401, 403, 404, 405, 415, 422, 428)


@pytest.mark.parametrize("verb", ["put", "patch", "delete"])
def test_pages_know_two_verbs(world, verb):
    browsers = {person: world.browser(person) for person in ("officer", "head", "guardian", "auditor")}
    wrong = [
        f"{person} {verb} {name}: {answer.status_code}"
        for name, parameters in addresses()
        if not name.startswith("api-")  # its verbs are tried with the API
        for person, browser in browsers.items()
        if (answer := getattr(browser, verb)(place_of(world, name, parameters))).status_code not in NEVER_DONE
    ]
    assert not wrong, "\n".join(wrong)


# ---- silence


def test_no_log_holds_a_secret(production, caplog):
    """A wrong password, a right one, a wrong code and a right one, a page, a file, a way out; all said aloud."""
    caplog.set_level(logging.DEBUG)
    builders.territory()
    user, browser = officer(), Client(headers={"Accept-Language": "en"})
    browser.post("/sign-in/", {"sign_in_name": user.sign_in_name, "password": f"{PASSWORD}-wrong"})
    signed_in(user, browser)
    browser.post("/sign-in/second/", {"code": "918273"})
    browser.get(reverse("district:home", kwargs={"kato": DISTRICT}))
    browser.post(reverse("district:queue_file", kwargs={"kato": DISTRICT}))
    browser.raise_request_exception = False
    browser.get("/nothing/?token=s3cr3t-t0ken")
    device = TOTPDevice.objects.get(user=user)
    secrets = [PASSWORD, "918273", device.key, browser.cookies[site.SESSION_COOKIE_NAME].value, site.SECRET_KEY]
    secrets += [browser.cookies["csrftoken"].value] if "csrftoken" in browser.cookies else []
    said = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    for secret in secrets:
        assert not [line for line in said if secret in line], secret[:4]


@pytest.mark.slow
def test_production_passes_the_checks_of_deployment():
    script = """
import django
django.setup()
from django.core import checks
print([f"{one.id}: {one.msg}" for one in checks.run_checks(include_deployment_checks=True)])
"""
    made = {name: f"{name}-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789" for name in SECRETS}
    got = start(script, **made, SHANYRAQ_HOSTS="portal.example", DATABASE_URL="postgres://p@127.0.0.1/p")
    assert got.returncode == 0, got.stderr[-800:]
    assert got.stdout.strip() == "[]"


def test_a_demonstration_that_is_open_to_a_network_warns(capsys, settings, monkeypatch):
    settings.DEMO = True
    monkeypatch.setenv("SHANYRAQ_LANG", "en")
    starting._warn("127.0.0.1")
    assert capsys.readouterr().err == ""
    starting._warn("0.0.0.0")
    assert "WARNING" in capsys.readouterr().err
    settings.DEMO = False
    starting._warn("0.0.0.0")
    assert capsys.readouterr().err == ""
