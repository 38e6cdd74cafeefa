"""A family takes its receipt: what it holds, who gets it, that each look is noted, and that it comes out the same."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.queries import receipts
from shanyraq.domains.placement.services import offers, rounds
from shanyraq.domains.placement.tests import builders, web_family
from shanyraq.foundation import ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import LANGS, say
from shanyraq.interfaces.proof import verify_receipt
from shanyraq.interfaces.proof.tests import world

pytestmark = pytest.mark.django_db
FILES = (".json", ".pdf", ".svg")


@pytest.fixture(autouse=True)
def _at():
    with world.then():
        yield


def wrong(receipt):
    return [damage for *_, damage in verify_receipt.steps(json.dumps(receipt)) if damage]


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_shows_every_entry_in_words(lang):
    one = world.logged(lang)
    page = one.browser.get(one.page).content.decode()
    assert say("family.event.ApplicationFiled", lang, number="1").split("1")[0] in page
    assert one.code in page
    assert say("receipt.waits", lang) not in page
    assert "<svg" in page and " style=" not in page


def test_the_file_is_whole_and_names_nobody():
    one = world.logged()
    world.more_entries(5)
    receipt = one.receipt()
    assert wrong(receipt) == []
    assert [entry["index"] for entry in receipt["entries"]] == [
        ledger.leaf_of(e.id) for e in ledger.entries(one.application)
    ]
    text = json.dumps(receipt, ensure_ascii=False)
    assert "Сынақова" not in text
    assert not re.search(r"\b\d{12}\b", text)


def test_the_same_state_gives_the_same_bytes():
    one = world.logged()
    for ending in FILES:
        address = one.page.rstrip("/") + ending
        first = one.browser.get(address)
        with world.then(world.AFTER + timedelta(days=2)):
            assert one.browser.get(address).content == first.content, ending
    assert one.browser.get(one.page.rstrip("/") + ".pdf").content.startswith(b"%PDF")


def test_the_whole_life_is_on_it():
    home = builders.kindergarten(3)
    family, browser = web_family.parent()
    offer = web_family.offered(home, family)
    offers.accept_offer(actor=family.actor, offer=offer.pk, now=world.NOW)
    ledger.sequence(world.NOW)
    receipt = world.Logged(family, offer.application_id, browser).receipt()
    kinds = [json.loads(entry["leaf"])["kind"].removeprefix("placement.") for entry in receipt["entries"]]
    assert kinds[0] == "ApplicationFiled"
    assert {"OfferMade", "OfferAccepted"} <= set(kinds)
    assert wrong(receipt) == []


def test_what_waits_for_the_log_is_said_and_when_to_come_back():
    one = world.logged(sequenced=False)
    page = one.browser.get(one.page).content.decode()
    assert say("receipt.wait", "en") in page
    assert say("receipt.not_yet", "en") in page
    assert [one.browser.get(one.page.rstrip("/") + ending).status_code for ending in FILES] == [404] * 3
    with world.then(world.NOW + timedelta(hours=1)):
        assert say("receipt.slow", "en") in one.browser.get(one.page).content.decode()


def test_an_entry_after_the_checkpoint_is_named_as_waiting():
    one = world.logged()
    ledger.record("placement.WishesChanged", one.application, {"wishes": [], "radius_km": None}, at=world.NOW)
    receipt = one.receipt()
    assert [waiting["kind"] for waiting in receipt["waiting"]] == ["WishesChanged"]
    assert wrong(receipt) == []
    assert say("receipt.waits", "en") in one.browser.get(one.page).content.decode()


def test_a_round_that_is_not_published_is_not_told():
    home = builders.kindergarten(1)
    family, browser = web_family.parent()
    application = builders.application(home.id, of=family)
    officer = builders.officer_of()
    preview = rounds.preview_round(actor=officer, district=builders.DISTRICT, now=world.NOW)
    held = rounds.confirm_round(
        actor=officer, district=builders.DISTRICT, fingerprint=preview.fingerprint, now=world.NOW
    )
    ledger.sequence(world.NOW)
    one = world.Logged(family, application, browser)
    assert len(one.receipt()["entries"]) == 1
    rounds.publish_round(actor=officer, round=held, now=world.NOW)
    ledger.sequence(world.AFTER)
    assert len(one.receipt()["entries"]) > 1


def test_each_look_stands_in_the_record_of_the_child():
    one = world.logged()
    one.browser.get(one.page)
    one.receipt()
    noted = AuditEntry.objects.filter(child_id=one.family.child, kind="read").values_list("action", flat=True)
    assert sorted(noted) == ["family.read_receipt", "family.take_receipt"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.GUARDIAN])
def test_no_role_of_the_staff_gets_a_receipt(role):
    one = world.logged()
    actor = builders.staff(role, builders.DISTRICT if role is Role.OFFICER else "")
    with pytest.raises(NotAllowed):
        receipts.receipt(actor, one.application)


def test_another_family_and_a_stranger_get_nothing():
    one = world.logged()
    other = web_family.client_of(builders.person())
    for ending in ("/", *FILES):
        address = one.page.rstrip("/") + ending
        assert other.get(address).status_code == 404
        assert Client().get(address).status_code == 302


def test_the_number_of_queries_does_not_grow_with_the_entries():
    counts = []
    one = world.logged()
    code = one.code
    for more in (0, 29):
        for _ in range(more):
            ledger.record(
                "placement.ApplicationResumed", one.application, {"status_before": "x"}, at=world.NOW, code=code
            )
        ledger.sequence(world.NOW)
        with CaptureQueriesContext(connection) as captured:
            assert one.browser.get(one.page).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1], counts
