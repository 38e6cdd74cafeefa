"""Is a receipt true? The steps of verify_receipt.py with the keys of this log, and what only the log itself can say."""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import notes, tree
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.proof import verify_receipt
from shanyraq.interfaces.proof.verify_receipt import Damage

MOST_BYTES: Final = 1_000_000
MOST_ENTRIES: Final = 300
WHOLE: Final = 0
LONG: Final = 120  # letters of a place or a value that are shown


@dataclass(frozen=True, slots=True)
class Finding:
    """One step: the entry it is about (0: the whole receipt), the damage ("" when all is well) and where."""

    step: str
    entry: int
    damage: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the receipt as it says of itself."""

    number: int
    index: int
    kind: str
    at: datetime | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, in order, and what the receipt holds."""

    findings: tuple[Finding, ...]
    code: str
    size: int
    entries: tuple[Shown, ...]

    @property
    def damages(self) -> tuple[Finding, ...]:
        """What is wrong."""
        return tuple(one for one in self.findings if one.damage)


def check(text: str) -> Report:
    """Every step of checking a receipt against this log. Nothing is kept. A few queries, whatever it holds."""
    try:
        receipt = verify_receipt.read(text)
    except Damage as damage:
        return Report((_finding("form", WHOLE, damage),), "", 0, ())
    if len(receipt["entries"]) > MOST_ENTRIES:
        return Report((Finding("form", WHOLE, "malformed", "entries"),), "", 0, ())
    keys = ledger.keys_listed()
    found = [_finding(*step) for step in verify_receipt.steps(text, [key.spelt for key in keys])]
    found += _period(receipt["checkpoint"], keys, found)
    found += _consistency(receipt)
    size = verify_receipt.parts_of(receipt["checkpoint"])[1]
    shown = tuple(_shown(number, entry) for number, entry in enumerate(receipt["entries"], 1))
    return Report(tuple(found), receipt["code"], size, shown)


def _finding(step: str, entry: int, damage: Damage | None) -> Finding:
    if damage is None:
        return Finding(step, entry)
    code, where = (*damage.args, "")[:2]
    return Finding(step, entry, str(code), str(where)[:LONG])


def _period(note: str, keys: Sequence[ledger.KeyCard], found: Sequence[Finding]) -> Iterator[Finding]:
    """A key signs from its first day to its last: a checkpoint dated outside is not the log's."""
    if any(one.step == "signature" and one.damage for one in found):
        return
    try:
        parsed = notes.Note.parse(note)
        at = notes.Checkpoint.parse(parsed.text).at
    except notes.BadNote:
        yield Finding("period", WHOLE, "malformed", "checkpoint")
        return
    signed = [key for key in keys if parsed.by(key.key)]
    late = [key.id for key in signed if not key.valid_at(at)]
    yield Finding("period", WHOLE, "key_out_of_time" if len(late) == len(signed) else "", ", ".join(late))


def _consistency(receipt: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the log of today begins with the log of the receipt."""
    if receipt["log"] != settings.LOG_NAME:
        yield Finding("consistency", WHOLE, "another_log", str(receipt["log"])[:LONG])
        return
    now = ledger.latest_checkpoint()
    size = verify_receipt.parts_of(receipt["checkpoint"])[1]
    if now is None or now.size < size:
        yield Finding("consistency", WHOLE, "log_shorter", f"{now.size if now else 0} < {size}")
        return
    try:
        path = ledger.consistency(size, now.size)
    except Refusal:
        yield Finding("consistency", WHOLE, "log_damaged", f"{size} - {now.size}")
        return
    damage = verify_receipt.damage_of(verify_receipt.check_consistency, receipt["checkpoint"], now.note, path)
    yield _finding("consistency", WHOLE, damage)


def _shown(number: int, entry: Mapping[str, Any]) -> Shown:
    leaf = _leaf(entry["leaf"])
    try:
        at = datetime.fromisoformat(str(leaf.get("at", "")))
    except ValueError:
        at = None
    kind = str(leaf.get("kind", "")).removeprefix("placement.")
    return Shown(
        number, entry["index"], kind[:LONG], at, {name: _value(value) for name, value in entry["payload"].items()}
    )


def _value(value: Any) -> str:
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:LONG]


def _leaf(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# ---- the code to scan


@dataclass(frozen=True, slots=True)
class Scanned:
    """An entry that a scanned code names: whether the log holds exactly it."""

    index: int
    damage: str  # "" when all is well
    kind: str = ""
    at: datetime | None = None


def check_scanned(code: str, told: Sequence[str]) -> tuple[Scanned, ...]:
    """The entries of a scanned code, each `index.hash`: in the log of today, of this application, unchanged.

    Raises Damage("malformed") when they cannot be read. A few queries for each.
    """
    return tuple(_scanned(code, *_split(one)) for one in told[:10])


def _split(told: str) -> tuple[int, bytes]:
    index, _, digest = told.partition(".")
    try:
        found = urlsafe_b64decode(digest + "=" * (-len(digest) % 4))
    except (binascii.Error, ValueError):
        raise Damage("malformed", told[:LONG]) from None
    if not (index.isascii() and index.isdigit() and len(index) < 16 and len(found) == 32):
        raise Damage("malformed", told[:LONG])
    return int(index), found


def _scanned(code: str, index: int, digest: bytes) -> Scanned:
    try:
        proof = ledger.inclusion(index)
    except Refusal as refusal:
        return Scanned(index, "not_in_log" if refusal.code != "ledger.damaged" else "log_damaged")
    leaf = _leaf(proof.leaf)
    shown = _shown(0, {"leaf": proof.leaf, "index": index, "payload": {}})
    if tree.leaf_hash(proof.leaf.encode()) != digest:
        return Scanned(index, "leaf_changed", shown.kind, shown.at)
    return Scanned(index, "" if leaf.get("code") == code else "other_application", shown.kind, shown.at)
