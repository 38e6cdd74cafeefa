"""Every damage that can be done to a receipt is planted, found and named: by the file, and by its own name."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.foundation.ledger import leaf, notes, tree
from shanyraq.foundation.ledger.canonical import canonical, digest
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.proof import verify_receipt
from shanyraq.interfaces.proof.tests.world import NOW

LOG = "tests.invalid/log"
SIGNER = notes.Signer(LOG, notes.LOG, b"s" * 32)
STRANGER = notes.Signer(LOG, notes.LOG, b"x" * 32)
CODE = "0123456789abcdef" * 2
FILE = Path(verify_receipt.__file__)


def receipt(size=7, place=4, entries=1, signer=SIGNER, log=LOG):
    """A receipt of entries at `place` and after it, among other leaves."""
    subject = new_id()
    payloads: dict[int, Any] = {
        place + at: {"number": at, "wishes": ["ә", "б"], "right": "general"} for at in range(entries)
    }
    leaves = [
        leaf.text(
            at=NOW, code=CODE if index in payloads else "", kind="placement.ApplicationFiled",
            opened="right" if index in payloads else "", payload=canonical(payloads.get(index, {"n": index})),
            salt=bytes([index % 256]) * 16, subject=subject,
        )
        for index in range(size)
    ]  # fmt: skip
    hashes = [tree.leaf_hash(one.encode()) for one in leaves]
    note = str(notes.sign(notes.Checkpoint(log, size, tree.root(hashes), NOW), [signer]))
    return {
        "form": verify_receipt.FORM,
        "log": log,
        "code": CODE,
        "checkpoint": note,
        "keys": [str(signer.key)],
        "entries": [
            {
                "index": index,
                "leaf": leaves[index],
                "leaf_hash": hashes[index].hex(),
                "salt": (bytes([index % 256]) * 16).hex(),
                "subject": str(subject),
                "payload": payload,
                "digest": digest(canonical({"payload": payload, "subject": str(subject)})).hex(),
                "path": [step.hex() for step in path_of(hashes, index)],
            }
            for index, payload in payloads.items()
        ],
    }


def path_of(hashes, index):
    if len(hashes) == 1:
        return []
    left = 1 << (len(hashes) - 1).bit_length() - 1
    if index < left:
        return [*path_of(hashes[:left], index), tree.root(hashes[left:])]
    return [*path_of(hashes[left:], index - left), tree.root(hashes[:left])]


def proof_of(hashes, first, whole=True):
    if first == len(hashes):
        return [] if whole else [tree.root(hashes)]
    left = 1 << (len(hashes) - 1).bit_length() - 1
    if first <= left:
        return [*proof_of(hashes[:left], first, whole), tree.root(hashes[left:])]
    return [*proof_of(hashes[left:], first - left, False), tree.root(hashes[:left])]


def damages(told, keys=(str(SIGNER.key),), newer=None):
    found = verify_receipt.steps(json.dumps(told), keys, newer)
    return [(step, entry, damage.args[0]) for step, entry, damage in found if damage]


@pytest.mark.parametrize(("size", "place", "entries"), [(1, 0, 1), (2, 1, 1), (7, 4, 3), (8, 0, 1), (257, 255, 2)])
def test_a_true_receipt_passes_every_step(size, place, entries):
    told = receipt(size, place, entries)
    steps = [step for step, _, _ in verify_receipt.steps(json.dumps(told), [str(SIGNER.key)])]
    assert damages(told) == []
    assert steps == ["form", *["leaf", "seal", "inclusion"] * entries, "signature"]


def changed(told, **parts):
    told["entries"][0] |= parts
    return told


DAMAGES = {
    "value_changed": lambda told: changed(told, payload={**told["entries"][0]["payload"], "number": 99}),
    "value_changed too": lambda told: changed(told, subject=str(new_id())),
    "wrong_salt": lambda told: changed(told, salt="ab" * 16),
    "leaf_changed": lambda told: changed(told, leaf=told["entries"][0]["leaf"].replace("general", "priority")),
    "leaf_changed too": lambda told: changed(told, leaf_hash="00" * 32),
    "not_in_log": lambda told: changed(told, index=told["entries"][0]["index"] - 1),
    "not_in_log too": lambda told: changed(told, path=told["entries"][0]["path"][1:]),
    "not_in_log far": lambda told: changed(told, index=10**30),
    "not_in_log long": lambda told: changed(told, path=["00" * 32] * 5_000),
    "other_application": lambda told: {**told, "code": "f" * 32},
    "another_log": lambda told: {**told, "log": "elsewhere.invalid/log"},
    "bad_signature": lambda told: {**told, "checkpoint": told["checkpoint"].replace("2026-03-02", "2026-03-03")},
    "malformed checkpoint": lambda told: {**told, "checkpoint": "nothing"},
    "malformed form": lambda told: {**told, "form": "shanyraq-receipt/2"},
    "malformed entries": lambda told: {**told, "entries": []},
    "malformed keys": lambda told: {**told, "keys": [7]},
    "malformed code": lambda told: {name: value for name, value in told.items() if name != "code"},
    "malformed entries[0].salt": lambda told: changed(told, salt="AB"),
    "malformed entries[0].index": lambda told: changed(told, index=True),
    "malformed entries[0].payload": lambda told: changed(told, payload=[]),
    "malformed entries[0].path": lambda told: changed(told, path=["zz"]),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_named(name):
    code, _, where = name.partition(" ")
    found = damages(DAMAGES[name](receipt()))
    assert code in [damage for _, _, damage in found], found
    if code == "malformed":
        ((_, _, damage),) = verify_receipt.steps(json.dumps(DAMAGES[name](receipt())))
        assert damage is not None and damage.args[1] == where


def test_a_damage_of_one_entry_leaves_the_others_whole():
    told = receipt(entries=3)
    told["entries"][1]["salt"] = "ab" * 16
    assert damages(told) == [("seal", 2, "wrong_salt")]


def test_a_stranger_who_signs_is_unknown_to_those_who_hold_the_keys():
    told = receipt(signer=STRANGER)
    assert damages(told) == [("signature", 0, "unknown_key")]
    assert damages(told, keys=()) == []  # whoever believes the keys in the receipt believes them


def test_a_log_that_lies_in_public_is_caught_by_the_seal():
    told = receipt(size=1, place=0)
    entry = told["entries"][0]
    entry["leaf"] = entry["leaf"].replace("general", "priority")
    root = tree.leaf_hash(entry["leaf"].encode())
    entry["leaf_hash"] = root.hex()
    told["checkpoint"] = str(notes.sign(notes.Checkpoint(LOG, 1, root, NOW), [SIGNER]))
    assert damages(told) == [("seal", 1, "public_differs")]


@given(st.integers(1, 40), st.integers(0, 40), st.data())
def test_proofs_hold_for_their_place_and_for_no_other(size, more, data):
    hashes = [sha256(bytes([at])).digest() for at in range(size + more)]
    index = data.draw(st.integers(0, size - 1))
    path = path_of(hashes[:size], index)
    root = tree.root(hashes[:size])
    assert verify_receipt.root_of(hashes[index], index, size, path) == root
    assert verify_receipt.root_of(hashes[index], index, size, [*path, root]) != root
    proof = proof_of(hashes, size)
    assert verify_receipt.roots_of(root, size, size + more, proof) == (root, tree.root(hashes))
    if more:
        assert verify_receipt.roots_of(root, size, size + more, proof[1:]) != (root, tree.root(hashes))
        assert verify_receipt.roots_of(b"\0" * 32, size, size + more, proof) != (b"\0" * 32, tree.root(hashes))


def test_a_log_that_grew_is_told_from_one_that_was_rewritten():
    told = receipt(7)
    hashes = [tree.leaf_hash(bytes([at])) for at in range(12)]
    for rewritten in (False, True):
        old = [hashes[0], *hashes[1:7]] if not rewritten else [sha256(b"else").digest(), *hashes[1:7]]
        told["checkpoint"] = str(notes.sign(notes.Checkpoint(LOG, 7, tree.root(old), NOW), [SIGNER]))
        newer = {
            "checkpoint": str(notes.sign(notes.Checkpoint(LOG, 12, tree.root(hashes), NOW), [SIGNER])),
            "path": [step.hex() for step in proof_of(hashes, 7)],
        }
        found = [one for one in damages(told, newer=newer) if one[0] != "inclusion"]
        assert found == ([("consistency", 0, "rewritten")] if rewritten else [])


@given(st.binary(max_size=64), st.binary(min_size=32, max_size=32))
def test_signatures_are_those_of_the_standard(text, seed):
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = secret.public_key().public_bytes_raw(), secret.sign(text)
    assert verify_receipt.signed_by(public, text, signature)
    for wrong in (signature[:-1], bytes(64), b"\xff" * 64, signature[:32] + bytes(32), signature[32:] + signature[:32]):
        assert not verify_receipt.signed_by(public, text, wrong)
    assert not verify_receipt.signed_by(public, text + b".", signature)
    assert not verify_receipt.signed_by(b"\xff" * 32, text, signature)
    higher = int.from_bytes(signature[32:], "little") + verify_receipt.ORDER
    assert not verify_receipt.signed_by(public, text, signature[:32] + higher.to_bytes(32, "little"))


@given(st.text(max_size=200))
def test_any_text_is_answered(text):
    ((step, _, damage),) = verify_receipt.steps(text)
    assert damage is not None and (step, damage.args[0]) == ("form", "malformed")


@given(st.data())
def test_any_part_may_be_anything(data):
    told = receipt()
    anything = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9), st.lists(st.text(max_size=3)))
    part = data.draw(st.sampled_from([*verify_receipt.TOP, *verify_receipt.ENTRY]))
    spoilt = data.draw(anything)
    target = told if part in verify_receipt.TOP else told["entries"][0]
    before, target[part] = target[part], spoilt
    assert spoilt == before or part == "keys" or damages(told)


# ---- the file by itself


def run(folder, *names, program=FILE):
    """The program alone: an empty folder, no packages, no environment."""
    command = [sys.executable, "-I", "-S", str(program), *map(str, names)]
    return subprocess.run(
        command, cwd=folder, env={"PATH": os.defpath}, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def test_the_file_is_short_and_needs_nothing():
    text = FILE.read_text("utf-8")
    assert len(text.splitlines()) <= 200
    imported = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names


@pytest.mark.slow
def test_the_file_says_yes_and_no(tmp_path):
    told = receipt(entries=2)
    (tmp_path / "receipt.json").write_text(json.dumps(told), "utf-8")
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{"vkey": str(SIGNER.key)}]}), "utf-8")
    good = run(tmp_path, "receipt.json", "keys.json")
    assert (good.returncode, good.stderr) == (0, "")
    told["entries"][1]["payload"]["number"] = 2
    (tmp_path / "receipt.json").write_text(json.dumps(told), "utf-8")
    bad = run(tmp_path, "receipt.json", "keys.json")
    assert bad.returncode == 1
    assert "entry 2  seal  value_changed" in bad.stdout
    assert run(tmp_path).returncode == 1


def test_the_keys_are_spelt_as_the_standard_says():
    raw = b"\x01" + SIGNER.key.public
    key_id = sha256(LOG.encode() + b"\n" + raw).hexdigest()[:8]
    assert str(SIGNER.key) == f"{LOG}+{key_id}+{b64encode(raw).decode()}"
