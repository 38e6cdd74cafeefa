#!/usr/bin/env python3
"""Checks a receipt of Shanyraq without a network and without us: one file, nothing but Python's own library.

    python3 verify_receipt.py receipt.json [keys.json [consistency.json]]
keys.json: the log's list (/log/keys.json), kept from a calm day; without it the keys inside the receipt are believed.
consistency.json: /log/consistency.json?first=SIZE of the receipt's checkpoint: the log has only grown since.
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

FORM = "shanyraq-receipt/1"
TOP = {"form": str, "log": str, "code": str, "checkpoint": str, "keys": list, "entries": list}
HEX, HEX_WORD = {"leaf_hash", "salt", "digest", "path"}, re.compile("([0-9a-f]{2})+")
ENTRY: dict[str, type] = {"index": int, "payload": dict, "path": list}
ENTRY |= dict.fromkeys(("leaf", "leaf_hash", "salt", "subject", "digest"), str)


class Damage(ValueError):
    """What is wrong: a code, and where."""


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root (RFC 9162) that a leaf hash and its path lead to; None when the path has another length."""
    if size <= 1 or not path:
        return leaf if size == 1 and not path else None
    left = 1 << (size - 1).bit_length() - 1
    where = (index, left) if index < left else (index - left, size - left)
    below = root_of(leaf, *where, path[:-1])
    return below and (sha(b"\x01", below, path[-1]) if index < left else sha(b"\x01", path[-1], below))


def roots_of(known: bytes, m: int, n: int, path: Sequence[bytes], whole: bool = True) -> tuple[bytes, bytes] | None:
    """The roots of the tree of m leaves and of the later one of n that a consistency proof leads to."""
    if m == n or not path:
        same = (known, *path) if whole else path
        return (same[0], same[0]) if m == n and len(same) == 1 else None
    left = 1 << (n - 1).bit_length() - 1
    if m <= left:
        found = roots_of(known, m, left, path[:-1], whole)
        return found and (found[0], sha(b"\x01", found[1], path[-1]))
    found = roots_of(known, m - left, n - left, path[:-1], False)
    return found and (sha(b"\x01", path[-1], found[0]), sha(b"\x01", path[-1], found[1]))


P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, RFC 8032
D, QUARTER = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def plus(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    t = D * a[0] * b[0] * a[1] * b[1] % P
    x, y = a[0] * b[1] + b[0] * a[1], a[1] * b[1] + a[0] * b[0]
    return x * pow(1 + t, -1, P) % P, y * pow(1 - t, -1, P) % P


def times(n: int, point: tuple[int, int]) -> tuple[int, int]:
    found = (0, 1)
    for bit in f"{n:b}":
        found = plus(plus(found, found), point) if bit == "1" else plus(found, found)
    return found


def point_of(raw: bytes) -> tuple[int, int]:
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * QUARTER % P
    if len(raw) != 32 or y >= P or (x * x - square) % P or (x == 0 and raw[31] >> 7):
        raise ValueError("not a point of the curve")
    return (P - x if x & 1 != raw[31] >> 7 else x), y


def signed_by(public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        key, r, base = map(point_of, (public, signature[:32], (4 * pow(5, -1, P) % P).to_bytes(32, "little")))
    except ValueError:
        return False
    s, h = int.from_bytes(signature[32:], "little"), hashlib.sha512(signature[:32] + public + text).digest()
    known = plus(r, times(int.from_bytes(h, "little") % ORDER, key))
    return len(signature) == 64 and s < ORDER and times(s, base) == known


def parts_of(note: str) -> tuple[str, int, bytes, bytes, list[bytes]]:
    """Origin, size, root, signed text and signatures (each after its key id) of a checkpoint: a signed note of C2SP."""
    try:
        text, _, tail = note.partition("\n\n")
        origin, size, root = text.split("\n")[:3]
        lines = [line.split(" ") for line in tail.splitlines()]
        raw = [base64.b64decode(told, validate=True) for dash, name, told in lines if (dash, name) == ("—", origin)]
        return origin, int(size), base64.b64decode(root, validate=True), f"{text}\n".encode(), raw
    except ValueError:
        raise Damage("malformed", "checkpoint") from None


def check_signature(note: str, log: str, keys: Sequence[str]) -> None:
    origin, _, _, text, raw = parts_of(note)
    if origin != log:
        raise Damage("another_log", origin)
    known = [base64.b64decode(key[-44:]) for key in keys if re.fullmatch(r"[^+]+\+[0-9a-f]{8}\+[\w+/]{44}", key, re.A)]
    ids = {sha(f"{log}\n".encode(), key)[:4]: key[1:] for key in known if key[0] == 1}
    ours = [one for one in raw if one[:4] in ids]
    if not ours:
        raise Damage("unknown_key", ", ".join(one[:4].hex() for one in raw))
    if not all(signed_by(ids[one[:4]], text, one[4:]) for one in ours):
        raise Damage("bad_signature", ", ".join(one[:4].hex() for one in ours))


def check_consistency(older: str, newer: str, path: Sequence[str]) -> None:
    (_, m, root, *_), (_, n, later, *_) = parts_of(older), parts_of(newer)
    if m > n or roots_of(root, m, n, [bytes.fromhex(one) for one in path]) != (root, later):
        raise Damage("rewritten", f"{m} - {n}")


def check_leaf(entry: dict[str, Any], code: str) -> None:
    if sha(b"\0", entry["leaf"].encode()).hex() != entry["leaf_hash"]:
        raise Damage("leaf_changed", entry["leaf"][:80])
    if json.loads(entry["leaf"])["code"] != code:
        raise Damage("other_application", code)


def check_seal(entry: dict[str, Any]) -> None:
    told, sealed = json.loads(entry["leaf"]), {name: entry[name] for name in ("payload", "subject")}
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    differs = ", ".join(name for name, value in told["open"].items() if entry["payload"].get(name) != value)
    if sha(text).hex() != entry["digest"]:
        raise Damage("value_changed", differs)
    if sha(bytes.fromhex(entry["salt"]), text).hex() != told["seal"]:
        raise Damage("wrong_salt", entry["salt"])
    if differs:
        raise Damage("public_differs", differs)


def check_inclusion(entry: dict[str, Any], size: int, root: bytes) -> None:
    leaf_hash, path = bytes.fromhex(entry["leaf_hash"]), [bytes.fromhex(one) for one in entry["path"]]
    if not 0 <= entry["index"] < size or root_of(leaf_hash, entry["index"], size, path) != root:
        raise Damage("not_in_log", str(entry["index"]))


def read(text: str) -> dict[str, Any]:
    """A receipt whose every part is there and of its kind."""
    try:
        receipt = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Damage("malformed", f"line {getattr(problem, 'lineno', 1)}") from None
    entries = receipt.get("entries") if isinstance(receipt, dict) else None
    for at, one in enumerate([receipt, *(entries if isinstance(entries, list) else ())]):
        for name, kind in (ENTRY if at else TOP).items():
            value = one.get(name) if isinstance(one, dict) else None
            words = value if isinstance(value, list) and name != "entries" else [value if name in HEX else "00"]
            right = (type(word) is str and (name not in HEX or HEX_WORD.fullmatch(word)) for word in words)
            if type(value) is not kind or not all(right):
                raise Damage("malformed", f"entries[{at - 1}].{name}" if at else name)
    if receipt["form"] != FORM or not entries:
        raise Damage("malformed", "entries" if receipt["form"] == FORM else "form")
    parts_of(receipt["checkpoint"])
    return dict(receipt)


def damage_of(check: Callable[..., Any], *about: Any) -> Damage | None:
    try:
        check(*about)
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        return problem if isinstance(problem, Damage) else Damage("malformed", str(problem))


def steps(text: str, keys: Sequence[str] = (), newer: Any = None) -> Iterator[tuple[str, int, Damage | None]]:
    """Every step: its name, the number of the entry (0: the whole receipt), what is wrong."""
    yield "form", 0, (damaged := damage_of(read, text))
    if damaged:
        return
    receipt = read(text)
    (_, size, root, *_), by = parts_of(receipt["checkpoint"]), keys or receipt["keys"]
    for at, entry in enumerate(receipt["entries"], 1):
        yield "leaf", at, (damaged := damage_of(check_leaf, entry, receipt["code"]))
        yield from () if damaged and damaged.args[0] == "leaf_changed" else [("seal", at, damage_of(check_seal, entry))]
        yield "inclusion", at, damage_of(check_inclusion, entry, size, root)
    yield "signature", 0, damage_of(check_signature, receipt["checkpoint"], receipt["log"], by)
    if newer:
        yield "signature", 0, damage_of(check_signature, newer["checkpoint"], receipt["log"], by)
        yield "consistency", 0, damage_of(check_consistency, receipt["checkpoint"], newer["checkpoint"], newer["path"])


if __name__ == "__main__":
    told = [Path(name).read_text("utf-8") for name in sys.argv[1:4]] or sys.exit(__doc__)
    trusted = [one["vkey"] for one in json.loads(told[1])["keys"]] if len(told) > 1 else ()
    found = list(steps(told[0], trusted, json.loads(told[2]) if len(told) > 2 else None))
    for step, entry, damage in found:
        print(f"entry {entry}" if entry else "receipt", step, *(damage.args if damage else ("ok",)), sep="  ")  # noqa: T201
    sys.exit(any(damage for *_, damage in found))
