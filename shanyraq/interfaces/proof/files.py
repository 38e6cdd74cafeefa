"""The log as files, by their C2SP names (tlog-tiles), and what programs ask of it. Anyone may read; nobody is noted."""

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from shanyraq.foundation import clock, ledger
from shanyraq.foundation.clients import limits
from shanyraq.foundation.ledger import notes, publication
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import as_lang
from shanyraq.foundation.ui.refusals import explain

VERIFIER: Final = Path(__file__).with_name("verify_receipt.py")
FOR_EVER: Final = (
    "public, max-age=31536000, immutable"  # a tile never changes: a partial one is the start of a full one
)
SOON: Final = "public, max-age=60"  # witnesses may still sign
NOW: Final = "no-cache"
LONGEST: Final = 100  # of a tile's path
COSIGNATURES_A_MINUTE: Final = 60  # from one address
PLAIN, BINARY, JSON = "text/plain; charset=utf-8", "application/octet-stream", "application/json"

View = Callable[..., HttpResponse]


def plainly(view: View) -> View:
    """Refusals of the log as one line of text, for programs."""

    @wraps(view)
    def answered(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            return view(request, **parts)
        except Refusal as refusal:
            explained = explain(refusal, as_lang(get_language()))
            said = f"{refusal.code}: {explained.what}\n"
            return HttpResponse(said, content_type=PLAIN, status=STATUSES.get(refusal.code, 404))

    return answered


STATUSES: Final[Mapping[str, int]] = {
    "ledger.bad_note": 403,  # what is no cosignature of a known witness stays outside
    "ledger.no_cosignature": 403,
    "ledger.unknown_checkpoint": 409,
    "proof.too_big": 413,
    "proof.too_often": 429,
    "proof.bad_number": 400,
    "ledger.damaged": 500,
    "ledger.damaged_tile": 500,
}


@require_safe
@plainly
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint, with the signatures of witnesses so far."""
    found = ledger.latest_checkpoint()
    if found is None:
        raise Refusal("ledger.no_checkpoint")
    return _answer(found.note, PLAIN, NOW)


@require_safe
@plainly
def checkpoint_at(request: HttpRequest, size: int) -> HttpResponse:
    """The checkpoint of one size."""
    found = ledger.checkpoint_at(_small(size))
    if found is None:
        raise Refusal("ledger.no_such_size", size=size)
    return _answer(found.note, PLAIN, SOON)


@require_safe
@plainly
def tile(request: HttpRequest, tile: str) -> HttpResponse:
    """A tile of hashes, or a bundle of public leaves."""
    content = publication.published(f"tile/{tile}") if len(tile) < LONGEST else None
    if content is None:
        raise Refusal("proof.no_tile", path=tile[:LONGEST])
    return _answer(content, BINARY, FOR_EVER)


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Every key that signs or has signed, with its days."""
    return _answer(publication.published("keys.json") or b"", JSON, NOW)


@require_safe
def witnesses(request: HttpRequest) -> HttpResponse:
    """The witnesses whose signatures count."""
    return _answer(publication.published("witnesses.json") or b"", JSON, NOW)


@require_safe
@plainly
def proof(request: HttpRequest, index: int) -> JsonResponse:
    """One entry: its public leaf and the path to the root of a checkpoint (`?size=`, else the newest)."""
    size = _number(request, "size")
    found = ledger.inclusion(_small(index), size)
    note = ledger.checkpoint_at(found.size)
    return _json(
        {
            "log": settings.LOG_NAME,
            "index": found.index,
            "size": found.size,
            "leaf": found.leaf,
            "path": list(found.path),
            "checkpoint": note.note if note else None,
        }
    )


@require_safe
@plainly
def consistency(request: HttpRequest) -> JsonResponse:
    """That the log of `first` leaves is the beginning of that of `second` (else of the newest checkpoint)."""
    first, second = _number(request, "first"), _number(request, "second")
    if first is None:
        raise Refusal("proof.bad_number", name="first")
    newer = ledger.latest_checkpoint() if second is None else ledger.checkpoint_at(second)
    if newer is None:
        raise Refusal("ledger.no_such_size", size=second or first)
    older = ledger.checkpoint_at(first)
    return _json(
        {
            "log": settings.LOG_NAME,
            "first": first,
            "second": newer.size,
            "path": list(ledger.consistency(first, newer.size)),
            "older": older.note if older else None,
            "checkpoint": newer.note,
        }
    )


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The program that checks a receipt without us."""
    response = _answer(VERIFIER.read_bytes(), "text/x-python; charset=utf-8", "public, max-age=3600")
    response["Content-Disposition"] = 'attachment; filename="verify_receipt.py"'
    return response


@csrf_exempt  # no browser and no session stands behind it: what counts is the signature of a known witness
@require_POST
@plainly
def cosignatures(request: HttpRequest) -> HttpResponse:
    """Take the signature of a witness under a checkpoint: the note as text, as the witness returned it."""
    allowance = limits.take(f"cosignatures {request.META.get('REMOTE_ADDR', '')}", COSIGNATURES_A_MINUTE)
    if allowance and not allowance.passes:
        raise Refusal("proof.too_often", n=allowance.wait)
    if int(request.META.get("CONTENT_LENGTH") or 0) > notes.MOST_BYTES:
        raise Refusal("proof.too_big", n=notes.MOST_BYTES // 1000)
    try:
        note = request.read(notes.MOST_BYTES).decode()
    except UnicodeDecodeError as problem:
        raise Refusal("ledger.bad_note", problem=str(problem.reason)) from None
    new = ledger.add_cosignature(note, clock.now())
    return HttpResponse(f"{new}\n", content_type=PLAIN, status=201 if new else 200)


def _number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the query, or None. Raises Refusal("proof.bad_number")."""
    told = request.GET.get(name, "")
    if not told:
        return None
    if not (told.isascii() and told.isdigit() and len(told) < 16):
        raise Refusal("proof.bad_number", name=name)
    return int(told)


def _small(number: int) -> int:
    """A number that a database can hold; larger ones are not in the log either."""
    return min(number, 2**62)


def _answer(content: str | bytes, kind: str, kept: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": kept})


def _json(told: Mapping[str, Any]) -> JsonResponse:
    response = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Cache-Control"] = NOW
    return response
