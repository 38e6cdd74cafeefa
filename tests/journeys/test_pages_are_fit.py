"""The main pages as people meet them: no barrier that axe-core knows, light, whole on a phone, usable by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from shanyraq.foundation import text
from tests.journeys.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser

LOG = ("/log/", "/log/checkpoints/", "/log/entries/", "/log/entries/0/", "/log/consistency/", "/log/check/")
PAGES = {
    "": (
        "/",
        "/places/",
        "/places/710000000/",
        "/rounds/",
        "/law/",
        "/help/",
        "/sign-in/",
        "/demo/",
        "/what-if/",
        "/nation/",
        "/nation/710000000/",
        "/nation/indicators/1/",
        "/nation/indicators/4/?component=reading",
        "/nation/plan/",
        "/nation/plan/1/",
        *LOG,
    ),
    "demo-parent": ("/family/", "/family/apply/", "/inbox/", "/account/"),
    "demo-parent-voucher": ("/family/",),
    "demo-head": ("/kindergarten/",),
    "demo-officer": (
        "/district/",
        "{district}papers/",
        "{district}queue/",
        "{district}rounds/new/",
        "{district}find/",
        "/record/organisations/",
    ),
    "demo-school-head": ("/record/", "/record/pupils/", "/record/staff/?column=name&column=post", "/record/classes/"),
    "demo-teacher": ("/record/", "/record/pupils/?known=2026-11-01"),
    "demo-region": ("/overview/", "/comparisons/", "/comparisons/new/"),
    "demo-ministry": (
        "/overview/",
        "/checks/",
        "/checks/class.over_size/",
        "/reconciliation/",
        "/reconciliation/published/",
    ),
    "demo-auditor": (
        "/audit/",
        "/audit/readers/",
        "/audit/log/",
        "/audit/log/entries/0/",
        "/audit/log/time/",
        "/audit/log/verify/",
    ),
}
LIGHT = 200 * 1024


def pages(visitor, who):
    for path in PAGES[who]:
        yield path.format(district=f"/district/{visitor.house.district}/")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_no_violation_and_nothing_overflows(visit, who, size):
    lang = text.LANGS[list(PAGES).index(who) % len(text.LANGS)]
    visitor = visit(who, lang, size=size)
    for path in pages(visitor, who):
        visitor.go(path)
        found = Axe().run(visitor.page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        over = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{path} is {over} px wider than the screen"


def test_the_first_page_weighs_little(visit):
    visitor = visit("", "kk")
    weights = {}
    visitor.page.on("response", lambda answer: weights.__setitem__(answer.url, len(answer.body())))
    visitor.go("/")
    visitor.page.wait_for_load_state("networkidle")
    own = {url: weight for url, weight in weights.items() if "echarts" not in url}
    assert sum(own.values()) <= LIGHT, own


def test_the_page_says_its_language_and_the_switch_keeps_the_place(visit):
    visitor = visit("", "kk")
    visitor.go("/places/")
    for lang in ("ru", "en", "kk"):
        visitor.page.locator(f'nav.languages a[hreflang="{lang}"]').click()
        assert visitor.page.get_attribute("html", "lang") == lang
        assert visitor.page.url.endswith("/places/")


def test_the_keyboard_alone_reaches_the_content(visit):
    visitor = visit("", "ru")
    visitor.go("/")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.getAttribute('href')").startswith("#")
    visitor.page.keyboard.press("Enter")
    assert "#" in visitor.page.url


def test_a_family_answers_an_offer_without_javascript(visit):
    visitor = visit("demo-parent", "kk", size=PHONE, script=False)
    visitor.go("/family/")
    visitor.page.locator('a[href*="/family/offers/"]').first.click()
    visitor.press("family.offer.no")
    visitor.page.locator('input[name="reason"]').first.check()
    visitor.page.locator("main form button").first.click()
    visitor.go("/family/")
    visitor.sees(visitor.say("status.waiting"))


def test_a_family_sees_its_place_the_reasons_and_who_looked(visit):
    parent = visit("demo-parent", "ru")
    parent.go("/family/")
    parent.page.locator('a[href*="/family/applications/"]').last.click()
    parent.sees(parent.say("family.reason.label"))
    application = parent.page.url.rstrip("/").rsplit("/", 1)[-1]
    visit("demo-officer", "ru").go(f"/district/{parent.house.district}/applications/{application}/")
    parent.go("/family/")
    parent.page.locator('a[href*="/family/children/"]').last.click()
    parent.page.locator('a[href$="/readers/"]').first.click()
    parent.sees(parent.say("action.placement.read_application"))
    parent.sees(parent.say("role.officer"))


def test_a_stranger_sees_no_name_on_public_pages(visit):
    visitor = visit("", "ru")
    visitor.go(f"/kindergartens/{visitor.house.kindergarten}/")
    assert "Сапаров" not in visitor.page.inner_text("body")
