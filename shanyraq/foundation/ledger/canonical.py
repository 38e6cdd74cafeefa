"""One spelling of a payload, so that its hash can be computed again by anyone. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

Json: TypeAlias = str | int | bool | Sequence["Json"] | Mapping[str, "Json"] | None

# Keys that name a person or say where to find them. The log outlives consent, so none may enter it.
OF_PEOPLE: Final = frozenset(
    (
        "surname",
        "given",
        "patronymic",
        "name_latin",
        "iin",
        "address",
        "email",
        "phone",
        "born_on",
        "password",
        "secret",
    )
)
PERSONAL: Final = OF_PEOPLE | {"name", "names", "name_kk", "name_ru", "name_en", "birth_date", "lon", "lat"}
# Year, month 01-12, day 01-31, century digit 1-6: an IIN. A BIN has 4, 5 or 6 as its fifth digit.
IIN_DIGITS: Final = 12
_IIN: Final = re.compile(r"\d{2}(0[1-9]|1[0-2])[0-3]\d[1-6]\d{5}")


class PersonalContent(ValueError):
    """A payload would carry a person's name, number or address: a fault of ours, never of the user."""


def canonical(payload: Mapping[str, Json]) -> str:
    """The one JSON text of a payload: keys sorted, no spaces, letters as they are.

    Raises TypeError on a float (its text differs between languages) and on anything that is not JSON;
    PersonalContent when a key or a value tells of a person.
    """
    check(payload)
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> bytes:
    """SHA-256 of a canonical text."""
    return hashlib.sha256(text.encode("utf-8")).digest()


def check(value: Json, path: str = "", personal: frozenset[str] = PERSONAL) -> None:
    """Pass when the value is plain JSON without floats and personal content. Raises TypeError, PersonalContent."""
    if isinstance(value, str):
        _check_word(value, path)
    elif isinstance(value, Mapping):
        _check_mapping(value, path, personal)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            check(item, f"{path}[{at}]", personal)
    elif not (value is None or isinstance(value, bool | int)):
        raise TypeError(f"{path}: {type(value).__name__} has no canonical form; write a string or a whole number")


def _check_word(value: str, path: str) -> None:
    if len(value) == IIN_DIGITS and _IIN.fullmatch(value):
        raise PersonalContent(f"{path} looks like an IIN")


def _check_mapping(value: Mapping[str, Json], path: str, personal: frozenset[str]) -> None:
    for key, item in value.items():
        if not isinstance(key, str):
            raise TypeError(f"{path}: a key is {type(key).__name__}, not text")
        if key.lower() in personal:
            raise PersonalContent(f"{path}.{key} is personal")
        if type(item) is not int:  # most often; spares a call
            check(item, f"{path}.{key}", personal)
