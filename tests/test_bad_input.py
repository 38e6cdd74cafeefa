"""Whatever is typed, posted or put into an address: an answer in words, never a fault of ours, nothing half written."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.domains.placement.models import Application
from shanyraq.domains.registry.models import Group
from shanyraq.foundation import clock
from shanyraq.foundation.audit.models import AuditEntry, BreakGlass
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.uid import new_id
from tests import world as worlds
from tests.world import NOW, World

pytestmark = pytest.mark.django_db

DISTRICT = worlds.DISTRICT
LONG = "ы" * 10_000
JUNK = (
    "", " ", "0", "-1", "1", "١٢٣", "²", "99999999999999999999", "-99999999999", "1e999", "nan", "3.5", "\x00",
    "a\x00b", "\u202eabc", "👶🏽", "'; drop table x; --", "<script>alert(1)</script>", "{{ 7|add:7 }}", "%s%n", "=1+1",
    "../../etc", "00000000-0000-0000-0000-000000000000", "not-a-uuid", "0001-01-01", "01.01.0001", "9999-12-31",
    "31.12.9999",
    "0001-01-01T00:00:00_00000000-0000-0000-0000-000000000000", "31.02.2026", "[]", "null", "\uffff", LONG,
)  # fmt: skip


@pytest.fixture
def world():
    with clock.frozen_at(NOW):
        yield worlds.build()


# ---- forms: each field wrong in every way, the others right


def papers(world: World) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Name of a form -> who fills it in, where it is posted, and values that would be accepted."""
    key, ids = str(new_id()), world.ids
    home, other = str(world.home.id), str(ids["organisation"])

    def family(name: str, **row: object) -> str:
        return reverse(f"family:{name}", kwargs=row)

    def head(name: str, **row: object) -> str:
        return reverse(f"kindergarten:{name}", kwargs={"organisation": home, **row})

    def officer(name: str, **row: object) -> str:
        return reverse(f"district:{name}", kwargs={"kato": DISTRICT, **row})

    draft, waiting, offer, taken = (ids[name] for name in ("draft", "application", "offer", "offer taken"))
    group = {
        "name": "Топ", "kind": "general", "language": "kk", "born_from": "2022", "born_to": "2023", "places": "9",
        "key": key,
    }  # fmt: skip
    return {
        "child": ("guardian", family("apply"), {"child": str(ids["child"])}),
        "right": ("guardian", family("draft_right", application=draft), {"benefit": "large_family"}),
        "group": ("guardian", family("draft_group", application=draft), {"language": "kk", "kind": "general"}),
        "wish": ("guardian", family("draft_kindergartens", application=draft), {"add": other, "up": "", "down": ""}),
        "more": ("guardian", family("draft_more", application=draft), {"radius_km": "3", "together": "on"}),
        "wishes": ("guardian", family("save_wishes", application=waiting), {"w": other, "radius_km": "2"}),
        "claim": (
            "guardian",
            family("claim_right", application=waiting),
            {"benefit": "orphan", "number": "12", "issued_on": "01.03.2026"},
        ),
        "open place": ("guardian", family("open_places", application=waiting), {"organisation": other, "key": key}),
        "decline": ("guardian", family("decline", offer=offer), {"reason": "far", "key": key}),
        "accept": ("guardian", family("accept", offer=offer), {"signature": "", "key": key}),
        "extend": (
            "guardian",
            family("extend", offer=taken),
            {"reason": "Бала ауырып қалды", "until": "20.03.2026", "key": key},
        ),
        "swap": ("guardian", family("swap_find", child=ids["enrolled child"]), {"second": other, "key": key}),
        "places": ("head", head("places", group=world.home.group), {"places": "12", "key": key}),
        "new group": ("head", head("new_group"), group),
        "enrol": ("head", head("enrol", offer=taken), {"order_number": "7-Б", "key": key}),
        "refuse": ("head", head("refuse", offer=taken), {"reason": "incomplete_documents", "key": key}),
        "leave": ("head", head("leave", enrolment=ids["enrolment"]), {"reason": "moved", "key": key}),
        "paper": ("officer", officer("paper", document=ids["document"]), {"decision": "confirm", "key": key}),
        "find": ("officer", officer("find"), {"number": "990101300123"}),
        "round": ("officer", officer("new_round"), {"fingerprint": "0" * 64, "key": key}),
        "language": ("officer", "/account/", {"language": "ru"}),
        "password": ("officer", "/account/password/", {"present": "x", "password": "y" * 12, "again": "y" * 12}),
        "sign in": ("anonymous", "/sign-in/", {"sign_in_name": "nobody", "password": "wrong", "next": "/"}),
        "demo": ("anonymous", "/demo/", {"persona": "demo-parent"}),
        "egov": ("anonymous", "/demo/egov/", {"iin": "990101300123"}),
    }


def answer(browser: Client, method: str, address: str, values: Mapping[str, Any]) -> HttpResponseBase:
    """The answer to a request, whose changes are taken back."""
    with transaction.atomic():
        query = f"{address}?{urlencode(values)}"
        got = browser.get(query) if method == "GET" else getattr(browser, method.lower())(address, dict(values))
        if getattr(got, "streaming", False):
            b"".join(got)
        transaction.set_rollback(True)
    return got


@pytest.mark.slow
def test_each_field_wrong_in_every_way_is_answered(world):
    browsers = {who: world.browser(who) for who in ("anonymous", "guardian", "head", "officer")}
    for name, (who, address, right) in papers(world).items():
        for field in right:
            for wrong in JUNK:
                got = answer(browsers[who], "POST", address, {**right, field: wrong})
                assert got.status_code < 500, (name, field, wrong[:40])
            got = answer(browsers[who], "POST", address, {one: right[one] for one in right if one != field})
            assert got.status_code < 500, (name, field, "missing")


@pytest.mark.slow
def test_what_is_posted_by_chance_is_answered(world):
    forms = papers(world)
    browsers = {who: world.browser(who) for who in ("anonymous", "guardian", "head", "officer")}
    values = st.one_of(st.sampled_from(JUNK), st.text(max_size=60), st.integers().map(str), st.dates().map(str))

    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    @given(name=st.sampled_from(sorted(forms)), chance=st.data())
    def check(name, chance):
        who, address, right = forms[name]
        posted = {field: chance.draw(st.one_of(st.just(value), values)) for field, value in right.items()}
        assert answer(browsers[who], "POST", address, posted).status_code < 500

    check()


# ---- addresses


QUERIES = {
    ("auditor", "/audit/"): ("since", "until", "actor", "action", "kind", "about", "person", "after", "format", "page"),
    ("auditor", "/audit/readers/"): ("days", "families", "page"),
    ("auditor", "/audit/log/"): ("below",),
    ("auditor", "/audit/log/time/"): ("days",),
    ("anonymous", "/log/checkpoints/"): ("below",),
    ("anonymous", "/log/entries/"): ("below", "code"),
    ("anonymous", "/log/entries/0/"): ("size",),
    ("anonymous", "/log/entries/0.json"): ("size",),
    ("anonymous", "/log/consistency/"): ("first", "second"),
    ("anonymous", "/log/consistency.json"): ("first", "second"),
    ("anonymous", "/log/check/"): ("code", "e"),
    ("officer", f"/district/{DISTRICT}/queue/"): ("page", "number", "birth_year", "kind", "right", "status"),
    ("officer", f"/district/{DISTRICT}/queue/list.csv"): ("page", "number", "birth_year"),
    ("officer", f"/district/{DISTRICT}/papers/"): ("page", "status"),
    ("anonymous", f"/places/{DISTRICT}/"): ("page", "birth_year", "kind", "language"),
    ("anonymous", "/places/"): ("by",),
    ("anonymous", "/language/ru/"): ("next",),
    ("anonymous", "/sign-in/"): ("next",),
    ("anonymous", "/sign-in/egov/return/"): ("state", "code"),
    ("anonymous", "/demo/egov/"): ("state", "redirect_uri"),
    ("anonymous", "/api/v1/territories"): ("region", "cursor", "limit"),
    ("anonymous", "/api/v1/places"): ("territory", "birth_year", "kind", "language", "cursor", "limit"),
    ("anonymous", "/api/v1/queue"): ("territory", "cursor", "limit"),
    ("guardian", "/inbox/"): ("page",),
}


@pytest.mark.slow
def test_each_part_of_a_query_may_be_anything(world):
    browsers = {who: world.browser(who) for who in ("anonymous", "guardian", "auditor", "officer")}
    wishes = reverse("family:wishes", kwargs={"application": world.ids["application"]})
    looks = reverse("record:readers", kwargs={"person": world.ids["child"]})
    own = {("guardian", looks): ("page", "since", "until", "role"), ("guardian", wishes): ("w", "q", "page")}
    for (who, address), names in {**QUERIES, **own}.items():
        for name in names:
            for wrong in JUNK:
                values = {"territory": DISTRICT, name: wrong} if "/api/" in address else {name: wrong}
                got = answer(browsers[who], "GET", address, values)
                assert got.status_code < 500, (address, name, wrong[:40])


NOBODY = "00000000-0000-7000-8000-000000000000"  # fixed: the workers of a run must collect the same tests


@pytest.mark.parametrize(
    "address",
    [
        "/places/٧١١١١٠٠٠٠/", "/places/%00/", "/places/²/", f"/places/{'7' * 5000}/", "/language/xx/", "/language/%00/",
        "/kindergartens/not-a-uuid/", f"/kindergartens/{NOBODY}/", f"/rounds/{NOBODY}/", "/family/drafts/%2e%2e/",
        "/api/v1/nothing", "/district/%00/", "/%ff%fe", "/rounds/00000000-0000-0000-0000-000000000000/",
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_says_so(address, client):
    assert client.get(address).status_code in (302, 400, 404)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "options"])
def test_other_methods_are_not_ours(method, client):
    for address in ("/", "/places/", "/sign-in/", "/sign-out/", "/api/v1/queue", "/demo/"):
        assert getattr(client, method)(address).status_code in (200, 302, 303, 405), address


@pytest.mark.parametrize(
    "evil",
    ["//evil.kz/",
     "https://evil.kz/", "/\\evil.kz", "/\t/evil.kz", "javascript:alert(1)", "http:///evil.kz", "\r\nX: y"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(evil, world):
    browser = world.browser("officer")
    for address in ("/language/ru/", "/sign-in/"):
        got = browser.get(address, {"next": evil})
        assert got.status_code in (302, 303) and got["Location"].startswith("/"), address
        assert "evil" not in got["Location"][:12] or not got["Location"].startswith(("//", "/\\"))
        assert "X" not in got.headers


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "language"])
def test_a_cookie_may_hold_anything(cookie, client):
    for wrong in ("\\000\\000\\000\\000\\000\\000\\000\\000\\000", "\xd1" * 50, "'", "x" * 4_000):
        client.cookies.clear()
        got = client.get("/account/", headers={"cookie": f'{cookie}="{wrong}"'})
        assert got.status_code in (302, 400), wrong[:20]


def test_a_browser_may_call_itself_anything(client):
    for agent in ("x" * 10_000, "a\x00b", "👶"):
        got = client.post("/sign-in/", {"sign_in_name": "x", "password": "y"}, headers={"user-agent": agent})
        assert got.status_code in (400, 422)


# ---- the same request again


def test_a_group_asked_for_twice_with_one_key_is_opened_once(world):
    browser, (_, address, posted) = world.browser("head"), papers(world)["new group"]
    before = Group.objects.count()
    assert [browser.post(address, posted).status_code for _ in range(2)] == [303, 303]
    assert Group.objects.count() == before + 1
    assert browser.post(address, {**posted, "key": str(new_id())}).status_code == 303
    assert Group.objects.count() == before + 2


def test_a_record_opened_twice_with_one_key_is_opened_once(world):
    browser = world.browser("other officer")
    address = reverse("district:open_record", kwargs={"kato": worlds.OTHER_DISTRICT, "child": world.ids["child"]})
    posted = {"reason": "Баланың өтінішін тексеру керек", "key": str(new_id())}
    assert [browser.post(address, posted).status_code for _ in range(2)] == [303, 303]
    assert BreakGlass.objects.count() == 1


def test_a_draft_sent_from_two_tabs_is_filed_once(world):
    browser, draft = world.browser("guardian"), world.ids["draft"]
    browser.post(reverse("family:draft_kindergartens", kwargs={"application": draft}), {"add": str(world.home.id)})
    check = reverse("family:draft_check", kwargs={"application": draft})
    posted = {"correct": "on", "consent": "on", "signature": ""}
    got = [browser.post(check, {**posted, "key": str(new_id())}) for _ in range(2)]
    assert [one.status_code for one in got] == [303, 303]
    assert Application.objects.get(pk=draft).status == "waiting"
    assert AuditEntry.objects.filter(action="placement.file", subject_id=draft).count() == 1


# ---- refusals in words


REFUSED = {  # form, wrong values -> code of the refusal that the page shows
    "places": ({"places": "-1"}, "registry.places_negative"),
    "new group": ({"born_from": "-99999999999"}, "registry.birth_years_long_ago"),
    "wishes": ({"w": str(new_id())}, "placement.wish_unknown"),
    "claim": ({"issued_on": "01.01.2031"}, "placement.document_future"),
    "find": ({"number": "990101300120"}, "registry.iin_check_digit"),
    "round": ({"fingerprint": "0"}, "placement.ceremony_open"),  # three parties draw lots there
}


@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_says_what_why_and_what_to_do(world, lang):
    browsers = {who: world.browser(who) for who in ("guardian", "head", "officer")}
    for name, (wrong, code) in REFUSED.items():
        who, address, right = papers(world)[name]
        browsers[who].cookies["language"] = lang
        page = browsers[who].post(address, {**right, **wrong})
        assert page.status_code == 422, (name, page.status_code)
        for part in ("what", "why", "todo"):
            start = say(f"refusal.{code}.{part}", lang).split("{")[0][:30]
            assert start.split("'")[0].split('"')[0] in page.content.decode(), (name, code, part)


def test_a_table_for_download_holds_no_formula(world):
    browser = world.browser("head")
    browser.cookies["language"] = "kk"  # names as they are written, not in Latin letters
    url = reverse("kindergarten:group_file", kwargs={"organisation": world.home.id, "group": world.home.group})
    with_formula = worlds.builders.person(born_on=worlds.builders.BORN, given="-Алия")
    worlds.builders.enrolled(with_formula, world.home.group)
    lines = b"".join(browser.post(url).streaming_content).decode().removeprefix("\ufeff").splitlines()
    assert any("Алия" in line for line in lines)
    assert not [line for line in lines if line.lstrip('"').startswith(("=", "+", "-", "@"))]
