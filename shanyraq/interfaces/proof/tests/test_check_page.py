"""Anyone checks a receipt on the page: damages are named in words, nothing is kept; and the scanned code."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.queries import receipts
from shanyraq.domains.placement.web.receipts import scanned
from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import append_only, keys, nodes, notes, tiles, tree
from shanyraq.foundation.ledger.models import Checkpoint, Leaf, LedgerEntry, LogKey, Tile
from shanyraq.foundation.text import LANGS, say
from shanyraq.interfaces.proof import checking
from shanyraq.interfaces.proof.tests import world

pytestmark = pytest.mark.django_db
PAGE = "/log/check/"


@pytest.fixture(autouse=True)
def _at():
    with world.then():
        yield


@pytest.fixture
def receipt():
    one = world.logged()
    world.more_entries(4)
    return one.receipt()


def posted(told, lang="en"):
    browser = Client()
    browser.cookies["language"] = lang
    answer = browser.post(PAGE, {"told": told if isinstance(told, str) else json.dumps(told)})
    assert answer.status_code == 200
    return answer.content.decode()


def found(told):
    return [(one.step, one.damage) for one in checking.check(json.dumps(told)).damages]


@pytest.mark.parametrize("lang", LANGS)
def test_a_true_receipt_is_said_to_be_true(receipt, lang):
    page = posted(receipt, lang)
    assert say("proof.report.good", lang) in page
    for step in ("form", "leaf", "seal", "inclusion", "signature", "period", "consistency"):
        assert say(f"proof.step.{step}.ok", lang) in page


def test_it_may_come_as_a_file_with_a_mark_before_it(receipt):
    content = "\ufeff" + json.dumps(receipt)
    file = SimpleUploadedFile("receipt.json", content.encode(), "application/json")
    page = Client(headers={"Accept-Language": "en"}).post(PAGE, {"file": file})
    assert say("proof.report.good", "en") in page.content.decode()


def test_it_is_still_true_when_the_log_has_grown(receipt):
    world.more_entries(300)
    assert found(receipt) == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_changed_value_is_named_in_words(receipt, lang):
    receipt["entries"][0]["payload"]["number"] = 999
    page = posted(receipt, lang)
    assert say("proof.report.bad", lang) in page
    assert say("proof.damage.value_changed", lang) in page


def test_a_damage_that_only_the_log_can_see_is_named(receipt):
    receipt["checkpoint"] = _signed(7_000, b"\1" * 32)
    assert ("consistency", "log_shorter") in found(receipt)
    receipt["checkpoint"] = _signed(int(ledger.size()) - 1, b"\1" * 32)
    assert ("consistency", "rewritten") in found(receipt)


def test_a_receipt_of_another_log_is_named(receipt):
    elsewhere = notes.Signer("elsewhere.invalid/log", notes.LOG, b"e" * 32)
    receipt["log"] = elsewhere.name
    parsed = notes.Checkpoint.parse(notes.Note.parse(receipt["checkpoint"]).text)
    other = notes.Checkpoint(elsewhere.name, parsed.size, parsed.root, parsed.at)
    receipt["checkpoint"] = str(notes.sign(other, [elsewhere]))
    receipt["keys"] = [str(elsewhere.key)]
    assert found(receipt) == [("signature", "unknown_key"), ("consistency", "another_log")]
    receipt["log"] = "nobody.invalid/log"
    assert ("signature", "another_log") in found(receipt)


def test_a_forged_signature_and_a_strange_key_are_told_apart(receipt):
    parsed = notes.Checkpoint.parse(notes.Note.parse(receipt["checkpoint"]).text)
    stranger = notes.Signer(receipt["log"], notes.LOG, b"y" * 32)
    forged = {**receipt, "checkpoint": str(notes.sign(parsed, [stranger])), "keys": [str(stranger.key)]}
    assert found(forged) == [("signature", "unknown_key")]
    later = receipt["checkpoint"].replace("T05:00", "T06:00")
    assert found({**receipt, "checkpoint": later}) == [("signature", "bad_signature")]


def test_a_key_that_signs_outside_its_days_is_named(receipt):
    LogKey.objects.update(added_at=world.AFTER)
    assert found(receipt) == [("period", "key_out_of_time")]


def test_a_log_that_was_rewritten_behind_our_back_is_named(receipt):
    """Given a receipt, when the operator builds another log from the same entries in another order, it is found."""
    for table in ("ledger_leaf", "ledger_tile", "ledger_checkpoint"):
        append_only.release(connection, table)
    entries = list(LedgerEntry.objects.order_by("-seq").values_list("seq", "leaf_hash"))
    hashes = b"".join(bytes(leaf_hash) for _, leaf_hash in entries)
    Leaf.objects.all().delete()
    Leaf.objects.bulk_create(Leaf(index=at, entry=seq) for at, (seq, _) in enumerate(entries))
    Tile.objects.filter(level=0, index=0).update(hashes=hashes)
    nodes.forget()
    peaks = tiles.peaks(len(entries), {(0, 0): hashes})
    note = _signed(len(entries), tree.fold(peaks))
    Checkpoint.objects.filter(size=len(entries)).update(root=tree.fold(peaks), peaks=b"".join(peaks), note=note)
    assert ("consistency", "rewritten") in found(receipt)


@pytest.mark.parametrize(
    "told",
    ["{", "[]", "null", '{"form": 1}', "[" * 100_000, '{"a": ' * 5_000, "Құжат", '"' + "я" * 9_999 + '"'],
)
def test_what_is_no_receipt_is_said_to_be_none(told):
    page = posted(told)
    assert say("proof.damage.malformed", "en") in page or say("proof.receipt.file.required", "en") in page


def test_nothing_and_too_much_are_refused_at_the_field():
    browser = Client(headers={"Accept-Language": "en"})
    assert browser.post(PAGE, {}).status_code == 422
    huge = SimpleUploadedFile("receipt.json", b"x" * (checking.MOST_BYTES + 1))
    answer = browser.post(PAGE, {"file": huge})
    assert answer.status_code == 422
    assert say("proof.receipt.file.invalid", "en") in answer.content.decode()


def test_a_receipt_with_a_script_in_it_stays_text(receipt):
    receipt["entries"][0]["payload"]["number"] = "<script>alert(1)</script>"
    assert "<script>alert" not in posted(receipt)


def test_nothing_is_kept(receipt):
    with CaptureQueriesContext(connection) as captured:
        posted(receipt)
    assert not [one["sql"] for one in captured if one["sql"].lstrip().upper().startswith(("INSERT", "UPDATE"))]


def test_the_number_of_queries_does_not_grow(receipt):
    counts = []
    for times in (1, 30):
        many = {**receipt, "entries": receipt["entries"] * times}
        with CaptureQueriesContext(connection) as captured:
            checking.check(json.dumps(many))
        counts.append(len(captured))
    assert counts[0] == counts[1]


# ---- the code to scan


def address_of(one):
    told = receipts.receipt(one.family.actor, one.application)
    return urlsplit(scanned(told, RequestFactory().get("/")))


@pytest.mark.parametrize("lang", LANGS)
def test_the_scanned_code_says_that_the_entries_stand(lang):
    one = world.logged()
    world.more_entries(3)
    browser = Client()
    browser.cookies["language"] = lang
    there = address_of(one)
    page = browser.get(f"{there.path}?{there.query}").content.decode()
    assert say("proof.scanned.good", lang) in page


def test_the_code_holds_no_secret():
    one = world.logged()
    salts = [ledger.opening(entry.id).salt for entry in ledger.entries(one.application)]
    assert not [salt for salt in salts if salt in address_of(one).query]


@pytest.mark.parametrize("damage", ["leaf_changed", "other_application", "not_in_log", "malformed"])
def test_a_wrong_code_is_named(damage):
    one = world.logged()
    asked = parse_qs(address_of(one).query)
    index, _, digest = asked["e"][0].partition(".")
    asked |= {
        "leaf_changed": {"e": [f"{index}.{'A' * 43}"]},
        "other_application": {"code": ["f" * 32]},
        "not_in_log": {"e": [f"999999.{digest}"]},
        "malformed": {"e": ["x.y"]},
    }[damage]
    page = Client(headers={"Accept-Language": "en"}).get(PAGE, {name: values for name, values in asked.items()})
    text = page.content.decode()
    assert say("proof.scanned.bad", "en") in text
    assert damage == "malformed" or say(f"proof.damage.{damage}", "en") in text


def _signed(size, root):
    return str(notes.sign(notes.Checkpoint(settings.LOG_NAME, size, root, world.NOW), keys.signers()))
