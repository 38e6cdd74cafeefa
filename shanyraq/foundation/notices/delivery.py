"""Delivery by e-mail and SMS, outside the transaction that told: a job, tried again until each notice has gone out."""

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db.models import Q

from shanyraq.foundation import clock, jobs
from shanyraq.foundation.notices import wording
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.notices.sms import Sms, gateway
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import as_lang, say

log = logging.getLogger(__name__)


@jobs.task(attempts=8)
def deliver(*, notices: list[str]) -> None:
    """Send notices to the e-mail and the phone of their readers, in the reader's language; never twice on purpose.

    One that cannot go out does not hold the others; the job then fails and comes back for the rest.
    """
    rows = list(Notice.objects.filter(id__in=notices, read_at__isnull=True).order_by("id"))
    readers = _readers(rows)
    stuck = [row.id for row in rows if not _delivered(row, readers.get(row.user_id or row.person_id))]
    if stuck:
        raise Undelivered(f"{len(stuck)} of {len(rows)} notices")


class Undelivered(RuntimeError):
    """Some notices did not go out: the job is tried again."""


def _delivered(notice: Notice, reader: Any) -> bool:
    if reader is None or not reader.is_active:
        return True
    try:
        if reader.email and notice.emailed_at is None:
            _email(notice, reader)
        if reader.phone and notice.texted_at is None:
            _text(notice, reader)
    except OSError:  # SMTP and sockets: the network is away
        log.warning("notice %s did not go out", notice.id, exc_info=True)
        return False
    return True


def _email(notice: Notice, reader: Any) -> None:
    lang = as_lang(reader.language)
    text = wording.words(notice.code, notice.facts, lang)
    body = "\n\n".join(part for part in (text.body, _address(notice.link), say("notices.mail.foot", lang)) if part)
    EmailMessage(
        subject=text.title, body=body, to=[reader.email], headers={"Message-ID": f"<{notice.id}@shanyraq>"}
    ).send()
    notice.emailed_at = clock.now()
    notice.save(update_fields=["emailed_at"])


def _text(notice: Notice, reader: Any) -> None:
    message = Sms(reader.phone, wording.short(notice.code, as_lang(reader.language)), str(notice.id))
    try:
        gateway().send(message)
    except Refusal:
        log.warning("the phone of user %s cannot take an SMS", reader.pk)
    notice.texted_at = clock.now()
    notice.save(update_fields=["texted_at"])


def _address(link: str) -> str:
    base = str(getattr(settings, "PUBLIC_ADDRESS", "")).rstrip("/")
    return f"{base}{link}" if base and link.startswith("/") else ""


def _readers(rows: Iterable[Notice]) -> dict[Any, Any]:
    ids = {row.user_id or row.person_id for row in rows}
    found = get_user_model().objects.filter(Q(pk__in=ids) | Q(person_id__in=ids))
    return {key: user for user in found for key in (user.pk, user.person_id) if key}
