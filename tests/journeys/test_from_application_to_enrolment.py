"""The way of a family, in each language: apply, be given a place by a round, accept it, be enrolled."""

import re

import pytest

from shanyraq.foundation import text
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", text.LANGS)
def test_a_family_gets_a_place(visit, house, lang):
    parent = visit("demo-parent", lang, size=PHONE)
    application = apply(parent, house.children[lang], house.kindergarten)
    hold_a_round(visit("demo-officer", lang))
    accept(parent, application)
    enrol(visit("demo-head", lang), house)
    parent.go(f"/family/applications/{application}/")
    parent.sees(parent.say("status.enrolled"))
    parent.go(f"/family/children/{house.children[lang]}/")
    parent.sees(house.names[lang])


def apply(parent, child, kindergarten):
    """Given a child without an application, when the family answers page by page, then it stands in the queue."""
    page = parent.page
    parent.go("/family/apply/")
    page.locator(f'button[name="child"][value="{child}"]').click()
    page.locator('input[name="benefit"][value="none"]').check()
    parent.press("family.apply.next")
    page.locator('input[name="language"][value="kk"]').check()
    page.locator('input[name="kind"][value="general"]').check()
    parent.press("family.apply.next")
    page.locator(f'button[name="add"][value="{kindergarten}"]').click()
    parent.press("family.apply.next")
    parent.press("family.apply.next")
    page.locator('input[name="correct"]').check()
    page.locator('input[name="consent"]').check()
    parent.press("family.sign.submit")
    parent.sees(parent.say("family.filed.title"))
    return re.search(r"applications/([0-9a-f-]+)/", page.url).group(1)


def hold_a_round(officer):
    """Given a queue and free places, when the officer has seen the preview, confirms and publishes, families know."""
    page = officer.page
    officer.go("/district/")
    district = page.url.rstrip("/").rsplit("/", 1)[-1]
    officer.go(f"/district/{district}/rounds/new/")
    officer.press("district.round.confirm")
    officer.sees(officer.say("district.round.confirmed"))
    officer.press("district.publish.button")
    officer.press("district.publish.yes")
    officer.sees(officer.say("district.publish.done"))


def accept(parent, application):
    """Given an offer, when the family accepts it, then it holds a referral."""
    parent.go(f"/family/applications/{application}/")
    parent.page.locator('a[href*="/family/offers/"]').first.click()
    parent.press("family.offer.yes")
    parent.press("family.accept.yes")
    parent.go(f"/family/applications/{application}/")
    parent.sees(parent.say("status.referred"))


def enrol(head, house):
    """Given a referral, when the head writes the order, then the child is enrolled."""
    page = head.page
    head.go(f"/kindergarten/{house.kindergarten}/")
    row = page.locator("tr", has_text=re.compile("Сапаров|Saparov"))
    row.locator('a[href$="/enrol/"]').first.click()
    page.locator('input[name="order_number"]').fill("21-Ж")
    head.press("kindergarten.enrol.submit")
    head.sees(head.say("kindergarten.enrol.done"))
