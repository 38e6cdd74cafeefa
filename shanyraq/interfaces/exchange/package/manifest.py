"""The signed statement that closes a package: what it holds and whose it is. A note under a key of the log."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shanyraq.domains.registry.queries.packed import YearScope
from shanyraq.foundation.ledger.keys import signers
from shanyraq.foundation.ledger.notes import BadNote, Key, Note, Signer
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces.exchange.package.content import Counted

FORM: Final = 1
YEARS: Final = range(1990, 2200)
NAMES: Final = ("made_at", "origin", "version", "taken")
KATO, SHA256, LONGEST_NAME = 9, 64, 200  # signs at most
HEAD: Final = "shanyraq school-year package 1"  # first line of what is signed: it can be no checkpoint of a log


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package holds."""

    scope: YearScope
    made_at: str
    origin: str  # name of the log of the installation
    version: str  # of the platform
    tables: Mapping[str, Counted]
    beside: Mapping[str, str]  # SHA-256 of the other files
    taken: str = ""  # code of the export under which it left

    @property
    def rows(self) -> int:
        """Rows that stand, in all tables."""
        return sum(one.rows for one in self.tables.values())

    @property
    def former(self) -> int:
        """Versions that stood before, in all tables."""
        return sum(one.former for one in self.tables.values())

    def text(self) -> str:
        """What is signed."""
        told = {
            "form": FORM,
            "scope": {
                "year": self.scope.year,
                "territory": self.scope.territory,
                "organisation": str(self.scope.organisation or ""),
            },
            "made_at": self.made_at,
            "origin": self.origin,
            "version": self.version,
            "tables": {name: _table(one) for name, one in self.tables.items()},
            "beside": dict(self.beside),
        } | ({"taken": self.taken} if self.taken else {})
        return f"{HEAD}\n{json.dumps(told, ensure_ascii=False, sort_keys=True)}\n"

    @classmethod
    def parse(cls, text: str) -> "Manifest":
        """The manifest from what was signed. Raises Refusal("exchange.package_form")."""
        head, _, rest = text.partition("\n")
        try:
            told = json.loads(rest)
            if head != HEAD or told["form"] != FORM:
                raise Refusal("exchange.package_form")
            where = told["scope"]
            home = UUID(where["organisation"]) if where["organisation"] else None
            scope = YearScope(int(where["year"]), _word(where["territory"], KATO), home)
            tables = {name: _counted(one) for name, one in told["tables"].items()}
            beside = {name: _word(one, SHA256) for name, one in told["beside"].items()}
            names = {name: _word(told.get(name, ""), LONGEST_NAME) for name in NAMES}
            made = cls(scope=scope, tables=tables, beside=beside, **names)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Refusal("exchange.package_form") from None
        if scope.year not in YEARS or made.text() != text:
            raise Refusal("exchange.package_form")
        return made


def signed(manifest: Manifest) -> str:
    """The note. Raises Refusal("exchange.package_no_key") where the installation has no key."""
    own: Sequence[Signer] = signers()
    if not own:
        raise Refusal("exchange.package_no_key")
    text = manifest.text()
    return str(Note(text, (own[0].sign(text),)))


def opened(note: str, trusted: Sequence[Key]) -> tuple[Manifest, Key]:
    """The manifest and the key that signed it.

    Raises Refusal("exchange.package_form"), ("exchange.package_not_signed").
    """
    try:
        parsed = Note.parse(note)
    except BadNote:
        raise Refusal("exchange.package_form") from None
    signer = next((key for key in trusted if parsed.by(key)), None)
    if signer is None:
        raise Refusal("exchange.package_not_signed")
    return Manifest.parse(parsed.text), signer


def instant(at: datetime) -> str:
    """An instant as the manifest spells it."""
    return at.isoformat(timespec="seconds")


def _counted(told: Mapping[str, Any]) -> Counted:
    rows, former = told["rows"], told["former"]
    if type(rows) is not int or type(former) is not int or min(rows, former) < 0:
        raise ValueError
    return Counted(rows, former, _word(told["sha256"], SHA256), tuple(str(name) for name in told["columns"]))


def _word(told: Any, longest: int) -> str:
    if not isinstance(told, str) or len(told) > longest or not told.isprintable():
        raise ValueError
    return told


def _table(one: Counted) -> dict[str, Any]:
    return {"rows": one.rows, "former": one.former, "sha256": one.sha256, "columns": list(one.columns)}
