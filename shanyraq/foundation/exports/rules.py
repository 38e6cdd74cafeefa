"""When a file leaves at once and when a second person decides, and the codes that lead back to it. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shanyraq.foundation import norms

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no letter that looks like a digit
LIKE_DIGITS: Final = str.maketrans("OIL", "011", " -")
CODE, PROOF = 8, 4  # letters of the code of a file, and of the proof of a row
LETTERS_OF_A_PURPOSE: Final = 20
PURPOSE_AT_MOST: Final = 300
WAITING_AT_MOST: Final = 5  # requests of one person that nobody has decided


class ExportState(StrEnum):
    """Where a file of people's data stands."""

    GIVEN = "given"  # small, and given at once
    REQUESTED = "requested"
    APPROVED = "approved"  # its job has not finished yet
    REFUSED = "refused"
    READY = "ready"
    EXPIRED = "expired"


class Way(StrEnum):
    """How a file may leave."""

    AT_ONCE = "at_once"
    TOO_BIG = "too_big"  # a second person decides
    OVER_QUOTA = "over_quota"  # the same, and the auditor is told


@dataclass(frozen=True, slots=True)
class Limits:
    """What the norms of the day allow."""

    rows_per_day: int  # of one person, at once
    rows_at_once: int
    days_kept: int

    @classmethod
    def on(cls, day: date) -> "Limits":
        """The limits in force. Sources: norms/access/export_*.yaml"""
        names = ("export_rows_per_day", "export_rows_at_once", "export_kept")
        return cls(*(norms.in_force(f"access/{name}", on=day).integer() for name in names))


def way(rows: int, used: int, limits: Limits) -> Way:
    """How a file of so many rows may leave, when its taker has had `used` rows today."""
    if rows > limits.rows_at_once:
        return Way.TOO_BIG
    return Way.OVER_QUOTA if used + rows > limits.rows_per_day else Way.AT_ONCE


def row_code(code: str, number: int, salt: bytes) -> str:
    """The mark of a row: the code of the file, the number of the row, and a proof that nobody made it up."""
    return f"{code}-{number}-{_proof(number, salt)}"


def parsed(written: str) -> tuple[str, int | None, str]:
    """Code of a file, number of a row and proof, as someone copied them: small letters and O for 0 are understood."""
    parts = [part for part in written.strip().upper().replace("–", "-").split("-") if part.strip()]
    clean = [part.strip().translate(LIKE_DIGITS) for part in parts]
    if len(clean) == 3 and clean[1].isascii() and clean[1].isdigit() and len(clean[1]) < 10:
        return clean[0], int(clean[1]), clean[2]
    return (clean[0] if len(clean) == 1 else ""), None, ""


def proven(number: int, proof: str, salt: bytes) -> bool:
    """Whether a row of that number really left with the file."""
    return hmac.compare_digest(_proof(number, salt), proof)


def lettered(chance: bytes) -> str:
    """A code of random bytes."""
    return "".join(ALPHABET[byte % 32] for byte in chance)


def shown(asked: Mapping[str, str]) -> dict[str, str]:
    """What was asked for, fit for the audit: a number that may be someone's IIN keeps its last four digits."""
    return {name: _masked(value) for name, value in sorted(asked.items()) if value}


def _masked(value: str) -> str:
    return f"…{value[-4:]}" if sum(sign.isdigit() for sign in value) == 12 and "-" not in value else value


def _proof(number: int, salt: bytes) -> str:
    return lettered(hmac.digest(salt, str(number).encode(), hashlib.sha256)[:PROOF])
