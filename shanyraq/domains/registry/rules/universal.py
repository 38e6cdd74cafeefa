"""The universal ID of a person: eleven random symbols and a check character, never reused, saying nothing of anyone.

The check is ISO/IEC 7064, MOD 37-2: the one system of the standard for letters and digits with one check character
that catches **every** wrong symbol and **every** exchange of two neighbours (the hybrid MOD 37,36 misses a few
exchanges). The symbols are the 32 of Crockford's base 32: without I, L, O and U, which are read as 1, 1, 0 and V; an
ID whose check character would be another sign is not given out. 32^11 is 3.6 * 10^16: one guess in a thousand
million hits a person of a country of twenty million, and chance repeats are caught by the table's constraint.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from shanyraq.foundation.refusal import Refusal

SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS: Final = 11
LENGTH: Final = RANDOM_SYMBOLS + 1
BITS: Final = 5 * RANDOM_SYMBOLS  # of chance that `compose` wants
_ISO_VALUES: Final = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
# What people read or type for one of our symbols: look-alikes, and the same-looking keys of a Cyrillic keyboard.
_READ_AS: Final = str.maketrans("ILOОАВЕКМНРСТХУЗ", "1100ABEKMHPCTXY3")
_GROUP: Final = 4


def compose(bits: int) -> str:
    """The ID of 55 random bits. Where the check character would be a sign we do not use, the bits are counted up to the
    next ID that may be given out: a few steps at most."""
    while True:
        body = "".join(SYMBOLS[bits >> 5 * at & 31] for at in reversed(range(RANDOM_SYMBOLS)))
        check = _check_value(body)
        if check in _SYMBOL_OF:
            return body + _SYMBOL_OF[check]
        bits = (bits + 1) % (1 << BITS)


def compose_many(bits: NDArray[np.uint64]) -> list[str]:
    """The IDs of many random numbers, in their order; each as `compose` makes it."""
    five, mask = np.uint64(5), np.uint64(31)
    values = np.array([_ISO_VALUES[sign] for sign in SYMBOLS], dtype=np.int64)
    letters = np.frombuffer(SYMBOLS.encode("ascii"), dtype=np.uint8)
    picked = np.stack([(bits >> (five * np.uint64(at))) & mask for at in reversed(range(RANDOM_SYMBOLS))], axis=1)
    weights = np.array([pow(2, RANDOM_SYMBOLS - at, 37) for at in range(RANDOM_SYMBOLS)], dtype=np.int64)
    checks = (38 - values[picked] @ weights % 37) % 37
    table = np.zeros(37, dtype=np.uint8)
    for value, sign in _SYMBOL_OF.items():
        table[value] = ord(sign)
    signs = np.concatenate([letters[picked], table[checks][:, None]], axis=1)
    spaced = np.concatenate([signs, np.full((len(signs), 1), ord(" "), dtype=np.uint8)], axis=1)
    found = spaced.tobytes().decode("ascii").split()
    for at in np.flatnonzero(table[checks] == 0):
        found[at] = compose(int(bits[at]))
    return found


def parse(typed: str) -> str:
    """The ID as it is stored, from what was typed, read aloud or scanned.

    Raises Refusal: registry.universal_id_form (not twelve of our symbols), registry.universal_id_check.
    """
    plain = typed.strip().upper().removeprefix(QR_PREFIX)
    plain = "".join(sign for sign in plain if sign not in " -–—").translate(_READ_AS)
    if len(plain) != LENGTH or any(sign not in SYMBOLS for sign in plain):
        raise Refusal("registry.universal_id_form", field="universal_id")
    if not valid(plain):
        raise Refusal("registry.universal_id_check", field="universal_id")
    return plain


def valid(universal_id: str) -> bool:
    """Whether twelve stored symbols agree with their check character."""
    total = 0
    for sign in universal_id[:-1]:
        total = (total + _ISO_VALUES[sign]) * 2 % 37
    return (total + _ISO_VALUES[universal_id[-1]]) % 37 == 1


def grouped(universal_id: str) -> str:
    """The ID as people write it: 7K3M-92XD-0RQ5."""
    return "-".join(universal_id[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def spoken_codes(universal_id: str) -> tuple[str, ...]:
    """Catalogue codes of the words by which the ID is read aloud, one a symbol."""
    return tuple(f"spoken.{sign.lower()}" for sign in universal_id)


QR_PREFIX: Final = "KZ:UID:"


def qr_content(universal_id: str) -> str:
    """What the QR code holds: capital letters, digits and colons only, so that the code stays small."""
    return f"{QR_PREFIX}{universal_id}"


def _check_value(body: str) -> int:
    total = 0
    for sign in body:
        total = (total + _ISO_VALUES[sign]) * 2 % 37
    return (38 - total) % 37


_SYMBOL_OF: Final = {_ISO_VALUES[sign]: sign for sign in SYMBOLS}
