"""Reading the inbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from shanyraq.foundation.access import Actor
from shanyraq.foundation.notices import wording
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.text import Lang

PAGE = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as its reader sees it."""

    id: UUID
    at: datetime
    title: str
    body: str
    link: str
    read: bool


def unread_count(actor: Actor) -> int:
    """How many notices the actor has not read. 1 query; none for a stranger."""
    return 0 if actor.user is None else own(actor).filter(read_at__isnull=True).count()


def inbox(actor: Actor, lang: Lang, *, page: int = 1) -> Page[Letter]:
    """A page of the actor's notices, newest first, in a language; the nearest page there is. 2 queries."""
    rows = own(actor).order_by("-created_at", "-id")
    found = Paginator(rows, PAGE).get_page(page)
    letters = tuple(_letter(row, lang) for row in found.object_list)
    return Page(letters, found.number, cast("Paginator[Letter]", found.paginator))


def own(actor: Actor) -> QuerySet[Notice]:
    """The rows whose reader is the actor."""
    mine = Q(user_id=actor.user) if actor.user else Q(pk__in=())
    return Notice.objects.filter(mine | Q(person_id=actor.person) if actor.person else mine)


def _letter(row: Notice, lang: Lang) -> Letter:
    text = wording.words(row.code, row.facts, lang)
    return Letter(row.id, row.created_at, text.title, text.body, row.link, row.read_at is not None)
