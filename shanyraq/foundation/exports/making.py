"""The content of a file: its lines with their marks; made by a job for big ones and kept sealed in pieces."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from shanyraq.foundation import audit, clock, jobs, notices
from shanyraq.foundation.access import Actor
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.accounts.services import actor_of
from shanyraq.foundation.backup import pieces, sealed
from shanyraq.foundation.exports import marked
from shanyraq.foundation.exports.kinds import Asked, Row, kind
from shanyraq.foundation.exports.models import Export, ExportPart
from shanyraq.foundation.exports.rules import ExportState, Limits
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import Lang, as_lang, say
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.ui.export import FORMS

TOLERANCE: Final = 1.1  # rows at the making against rows at the request; more has to be asked for again


class _Grown(Exception):
    pass


@jobs.task(attempts=3)
def make_file(*, export: str) -> None:
    """Make an approved file with the rights its taker has now. Run twice, it makes one file."""
    now = clock.now()
    with transaction.atomic():
        row = Export.objects.select_for_update().filter(pk=UUID(export), state=ExportState.APPROVED).first()
        if row is None:
            return
        actor = actor_of(User.objects.get(pk=row.user_id), now)
        try:
            with transaction.atomic():
                _made(row, actor, now)
        except NotAllowed:
            row.state, row.decision = ExportState.REFUSED, "exports.rights_ended"
        except _Grown:
            row.state, row.decision = ExportState.REFUSED, "exports.grown"
        row.save(update_fields=["state", "decision", "rows", "ready_at", "expires_at"])
        if row.state == ExportState.READY:
            notices.tell_user(row.user_id, "exports.ready", at=now, link=f"/exports/{row.id}/", rows=row.rows)
        else:
            notices.tell_user(row.user_id, "exports.not_made", at=now, link=f"/exports/{row.id}/", rows=row.rows)


def content(row: Export, rows: Iterable[Row], now: datetime, actor: Actor) -> Iterator[bytes]:
    """The content of a file with the marks of its taker, in the form asked for."""
    lang = as_lang(row.language)
    who = str(User.objects.get(pk=row.user_id))
    head = say("exports.head", lang, file=row.code, who=who, at=now, purpose=row.purpose)

    def foot(number: int) -> str:
        return say("exports.foot", lang, file=row.code, who=who, n=number)

    mark = marked.Mark(row.code, bytes(row.salt), head, say("exports.column.row_code", lang), foot)
    names, form = columns(row.kind, row.asked, lang), form_of(row)
    if form == "xlsx":
        yield from marked.workbook(names, rows, mark)
        return
    lines = marked.objects if form == "json" else marked.lines
    for line in lines(names, rows, mark):
        yield line.encode()


def columns(name: str, asked: Asked, lang: Lang) -> list[str]:
    """The headings of a kind, as far as they were chosen."""
    wanted = kind(name)
    return [say(code, lang) for code in (wanted.chosen(asked) if wanted.chosen else wanted.columns)]


def form_of(row: Export) -> str:
    """The form of a file: csv, xlsx or json."""
    asked = str(row.asked.get("format", ""))
    return asked if asked in FORMS else "csv"


def file_name(row: Export) -> str:
    """The name under which the file is saved."""
    return f"{row.kind.replace('_', '-')}-{row.code}.{form_of(row)}"


def opened(row: Export) -> Iterator[bytes]:
    """The content of a file that was made, piece by piece."""
    return pieces.opened(_secret(row), ExportPart, export=row)


def _made(row: Export, actor: Actor, now: datetime) -> None:
    wanted, children, number = kind(row.kind), [], 0
    chance = bytes(row.salt) + row.id.bytes[: sealed.PREFIX]

    def counted() -> Iterator[Row]:
        nonlocal number
        for one in wanted.rows(actor, row.asked, as_lang(row.language), now):
            number += 1
            if number > row.rows * TOLERANCE:
                raise _Grown
            if one.child:
                children.append(one.child)
            yield one

    pieces.keep(content(row, counted(), now, actor), _secret(row), chance, ExportPart, export=row)
    audit.read_many(actor, "exports.read", at=now, children=children, subject=row.kind)
    days = Limits.on(day_of(now)).days_kept
    row.state, row.rows, row.ready_at, row.expires_at = ExportState.READY, number, now, now + timedelta(days=days)


def _secret(row: Export) -> str:
    return f"exports:{row.id}:{settings.SECRET_KEY}"
