"""Fresh keys. Needs no settings and no tables, since what it makes goes into the settings."""

import secrets

from shanyraq.foundation.ledger import notes
from shanyraq.foundation.refusal import Refusal


def new_key(name: str, kind: bytes = notes.LOG) -> notes.Signer:
    """A fresh secret key of a log or a witness. Raises Refusal("ledger.bad_name")."""
    if not notes.valid_name(name):
        raise Refusal("ledger.bad_name", name=name)
    return notes.Signer(name, kind, secrets.token_bytes(32))


def parsed_key(spelt: str) -> notes.Key:
    """A public key from its spelling. Raises Refusal("ledger.bad_key")."""
    try:
        return notes.Key.parse(spelt)
    except notes.BadNote as problem:
        raise Refusal("ledger.bad_key", problem=str(problem)) from None


def parsed_signer(spelt: str) -> notes.Signer:
    """A secret key from its spelling. Raises Refusal("ledger.bad_key")."""
    try:
        return notes.Signer.parse(spelt.strip())
    except notes.BadNote as problem:
        raise Refusal("ledger.bad_key", problem=str(problem)) from None
