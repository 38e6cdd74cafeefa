"""The public log over HTTP: pages for people, files for programs, and the door for witnesses."""

import json
import re
from base64 import b64decode
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shanyraq.foundation import ledger
from shanyraq.foundation.clients import limits
from shanyraq.foundation.ledger import notes, tiles, tree
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.proof import files, verify_receipt
from shanyraq.interfaces.proof.tests import world

pytestmark = pytest.mark.django_db
WITNESS = notes.Signer("witness.example", notes.WITNESS, b"w" * 32)
PAGES = ("", "checkpoints/", "entries/", "consistency/", "check/")


@pytest.fixture(autouse=True)
def _at():
    limits.BUCKETS.forget()
    with world.then():
        yield


@pytest.fixture
def grown():
    """A log that was signed twice; the sizes."""
    world.more_entries(300)
    first = ledger.size()
    world.more_entries(7, world.AFTER)
    return first, ledger.size()


def get(client, path, status=200, **query):
    answer = client.get(f"/log/{path}", query)
    assert answer.status_code == status, (path, answer.status_code, answer.content[:200])
    return answer


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_speaks_each_language(client, grown, lang):
    client.cookies["language"] = lang
    for path in (*PAGES, f"checkpoints/{grown[0]}/", "entries/3/"):
        page = get(client, path).content.decode()
        assert f'<html lang="{lang}">' in page
        assert " style=" not in page and " onclick=" not in page
    assert say("proof.about.1", lang) in get(client, "").content.decode()


def test_a_log_without_entries_says_so(client):
    for path in ("", "checkpoints/", "entries/"):
        assert say("proof.none", "kk") in get(client, path).content.decode()
    for path in ("checkpoint", "entries/0/", "entries/0.json", "checkpoints/1", "checkpoints/1/", "tile/0/000"):
        get(client, path, 404)


def test_pages_follow_one_another(client, grown):
    page = get(client, "entries/").content.decode()
    assert page.count('<th scope="row">') == 50
    (below,) = re.findall(r"\?below=(\d+)", page)
    assert int(below) == grown[1] - 50
    assert get(client, "entries/", below=below).content.decode().count('<th scope="row">') == 50
    assert 'href="/log/checkpoints/' in get(client, "checkpoints/").content.decode()


def test_the_entries_of_one_code_are_found_and_nothing_else(client):
    one = world.logged()
    world.more_entries(60)
    page = get(client, "entries/", code=one.code).content.decode()
    assert page.count('<th scope="row">') == 1
    assert say("proof.find.none", "kk") in get(client, "entries/", code="0" * 32).content.decode()
    get(client, "entries/", 422, code="Сынақова")


def test_a_round_is_found_by_its_code_and_an_application_by_no_other_than_its_own(client):
    one, happened = world.logged(), new_id()
    ledger.record("tests.Round", happened, {"n": 1}, at=world.NOW, code=happened.hex, open=("n",))
    ledger.sequence(world.AFTER)
    page = get(client, "entries/", code=happened.hex).content.decode()
    assert page.count('<th scope="row">') == 1
    assert say("proof.find.none", "kk") in get(client, "entries/", code=one.application.hex).content.decode()


def test_no_page_names_a_person_a_subject_or_a_salt(client):
    one = world.logged()
    secrets = [str(one.application), str(one.family.child), "Сынақова"]
    secrets += [ledger.opening(entry.id).salt for entry in ledger.entries(one.application)]
    index = ledger.leaf_of(ledger.entries(one.application)[0].id)
    pages = ("", "entries/", f"entries/{index}/", f"entries/{index}.json", "checkpoint", "tile/entries/000.p/1")
    for path in pages:
        content = get(client, path).content.decode(errors="replace")
        assert not [secret for secret in secrets if secret in content], path


# ---- files


def test_the_files_lead_from_the_leaves_to_the_signed_root(client, grown):
    """Given nothing but files, when a stranger computes the tree, then it has the root that is signed."""
    note = get(client, "checkpoint").content.decode()
    _, size, root, _, _ = verify_receipt.parts_of(note)
    leaves = []
    for index in range(size // 256 + 1):
        width = min(256, size - index * 256)
        leaves += tiles.unbundle(get(client, tiles.path("entries", index, width)).content)
    hashes = [tree.leaf_hash(one) for one in leaves]
    assert (len(hashes), tree.root(hashes)) == (size, root)
    assert get(client, tiles.path(0, 0)).content == b"".join(hashes[:256])
    keys = [key["vkey"] for key in get(client, "keys.json").json()["keys"]]
    verify_receipt.check_signature(note, get(client, "keys.json").json()["log"], keys)


def test_a_proof_as_json_is_true(client, grown):
    told = get(client, "entries/5.json").json()
    path = [bytes.fromhex(step) for step in told["path"]]
    found = verify_receipt.root_of(tree.leaf_hash(told["leaf"].encode()), 5, told["size"], path)
    assert found == verify_receipt.parts_of(told["checkpoint"])[2]
    assert get(client, "entries/5.json", size=grown[0]).json()["size"] == grown[0]


def test_consistency_as_json_is_true_and_on_the_page_in_words(client, grown):
    told = get(client, "consistency.json", first=grown[0]).json()
    verify_receipt.check_consistency(told["older"], told["checkpoint"], told["path"])
    page = get(client, "consistency/", first=grown[0], second=grown[1]).content.decode()
    assert say("proof.consistency.good", "kk") in page
    swapped = get(client, "consistency/", first=grown[1], second=grown[0]).content.decode()
    assert say("proof.consistency.good", "kk") in swapped
    get(client, "consistency/", 422, first=grown[0] + 1)
    for wrong in ({}, {"first": "x"}, {"first": "-1"}, {"first": "1", "second": "²"}):
        get(client, "consistency.json", 400, **wrong)


def test_what_never_changes_may_be_kept_for_ever(client, grown):
    assert "immutable" in get(client, tiles.path(0, 0))["Cache-Control"]
    assert get(client, "checkpoint")["Cache-Control"] == "no-cache"
    assert get(client, "checkpoint")["Content-Type"].startswith("text/plain")
    assert get(client, f"checkpoints/{grown[0]}").content.decode().split("\n")[1] == str(grown[0])
    for path in ("checkpoint", "keys.json", "tile/0/000"):
        assert "Set-Cookie" not in get(client, path).headers


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/999", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/x", "tile/../0/000", "tile/-1/000", "tile/99/000",
        "tile/entries/x999/x999/x999/999", "tile/0/" + "x" * 500, "tile/0/٠٠٠", "checkpoints/99999999999999999999",
        "entries/99999999999999999999.json", "entries/99999999999999999999/", "checkpoints/99999999999999999999/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_in_plain_text(client, grown, path):
    answer = get(client, path, 404)
    assert path.endswith("/") or answer["Content-Type"].startswith("text/plain")


def test_the_program_is_the_one_that_we_test(client):
    assert get(client, "verify_receipt.py").content == files.VERIFIER.read_bytes()


# ---- witnesses


def cosigned(at=world.AFTER, signer=WITNESS):
    newest = ledger.latest_checkpoint()
    assert newest is not None
    note = notes.Note.parse(newest.note)
    return str(note.with_signatures([signer.cosign(note.text, at)]))


def send(note):
    return Client(enforce_csrf_checks=True).post("/log/cosignatures", note, content_type="text/plain")


def test_a_witness_signs_and_everyone_sees_it(client, grown):
    ledger.add_witness(WITNESS.key, world.NOW)
    assert send(cosigned()).status_code == 201
    assert send(cosigned()).status_code == 200  # the same again is nothing new
    note = get(client, "checkpoint").content.decode()
    assert notes.Note.parse(note).by(WITNESS.key) is not None
    assert WITNESS.name in get(client, "").content.decode()
    assert say("proof.witness.signed", "kk") in get(client, "").content.decode()
    assert get(client, "witnesses.json").json()["witnesses"][0]["vkey"] == str(WITNESS.key)


def test_nobody_else_gets_in(grown):
    stranger = notes.Signer("stranger.example", notes.WITNESS, b"s" * 32)
    assert send(cosigned(signer=stranger)).status_code == 403
    ledger.add_witness(WITNESS.key, world.NOW)
    forged = cosigned().replace(str(grown[1]), str(grown[1] + 1), 1)
    assert send(forged).status_code in (403, 409)
    for junk in ("", "x", "\n\n", "— x y", b"\xff\xfe"):
        assert send(junk).status_code == 403, junk
    assert send("x" * (notes.MOST_BYTES + 1)).status_code == 413
    assert Client().get("/log/cosignatures").status_code == 405


def test_whoever_knocks_too_often_waits(grown):
    codes = {send("x").status_code for _ in range(files.COSIGNATURES_A_MINUTE + 2)}
    assert codes == {403, 429}


# ---- queries


@pytest.mark.parametrize("path", ["", "checkpoints/", "entries/", "entries/0/", "keys.json", "checkpoint"])
def test_the_number_of_queries_does_not_grow(client, path):
    counts = []
    for more in (1, 30):
        for number in range(more):
            world.more_entries(1, world.NOW + timedelta(seconds=number))
        get(client, path)
        with CaptureQueriesContext(connection) as captured:
            get(client, path)
        counts.append(len(captured))
    assert counts[0] == counts[1], counts


def test_a_key_is_spelt_so_that_anyone_can_read_it(client, grown):
    told = json.loads(get(client, "keys.json").content)["keys"]
    assert told
    for key in told:
        assert len(b64decode(key["vkey"].rsplit("+", 1)[1])) == 33
    assert told[0]["valid_to"] is None
