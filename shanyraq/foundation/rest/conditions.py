"""Conditions on the state of what is asked for: ETag, If-None-Match, If-Match (RFC 9110, RFC 6585).

The tag of a thing is a digest of its whole representation, also where `fields` asked for a part of it.
"""

from hashlib import blake2b
from typing import Final

from django.http import HttpRequest
from pydantic import BaseModel

from shanyraq.foundation.refusal import Refusal

ANY: Final = "*"


def tag_of(body: bytes) -> str:
    """The ETag of a representation."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def written(value: BaseModel) -> bytes:
    """The one JSON text of a representation."""
    return value.__pydantic_serializer__.to_json(value)


def require_match(request: HttpRequest, present: BaseModel) -> None:
    """Pass when If-Match names the present state, which the caller holds until its transaction ends.

    Raises Refusal("rest.match_missing"), Refusal("rest.changed").
    """
    sent = request.META.get("HTTP_IF_MATCH", "")
    if not sent.strip():
        raise Refusal("rest.match_missing", field="header.If-Match")
    request.matched = True  # type: ignore[attr-defined]  # ours: `serving` sees that a condition was not forgotten
    if sent.strip() != ANY and tag_of(written(present)) not in _tags(sent):
        raise Refusal("rest.changed", field="header.If-Match")


def unchanged(request: HttpRequest, tag: str) -> bool:
    """Whether the caller has this representation already (If-None-Match)."""
    sent = request.META.get("HTTP_IF_NONE_MATCH", "")
    return bool(sent) and (sent.strip() == ANY or tag in _tags(sent))


def _tags(header: str) -> list[str]:
    return [one.strip().removeprefix("W/") for one in header[:4_000].split(",")]
