from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from shanyraq.foundation import notices, text
from shanyraq.foundation.access import ANYONE, Actor, Grant, Role
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.notices.views import Inbox
from shanyraq.foundation.uid import new_id

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
CODE = "audit.record_opened"
PERSON = new_id()
PARENT = Actor(new_id(), PERSON, (Grant(Role.GUARDIAN),))
pytestmark = [pytest.mark.django_db, pytest.mark.urls("shanyraq.foundation.notices.tests.urls")]


def ask(actor=PARENT, lang="kk", method="get", **fields):
    request: Any = getattr(RequestFactory(), method)("/inbox/", fields)
    request.actor, request.user = actor, AnonymousUser()
    with translation.override(lang):
        return Inbox.as_view()(request)


def tell(n=1):
    facts: dict[str, Any] = {"role": Role.OFFICER, "reason": "шұғыл <b>орын</b>", "until": AT}
    notices.tell_many([notices.NewNotice(PERSON, CODE, facts, "/family/") for _ in range(n)], at=AT)


@pytest.mark.parametrize("lang", text.LANGS)
def test_the_inbox_speaks_each_language(lang):
    tell(3)
    page = unescape(ask(lang=lang).content.decode())
    assert text.say("notices.inbox.waiting", lang, n=3) in page
    assert text.say(f"notice.{CODE}.title", lang) in page
    assert 'href="/family/"' in page
    assert "<b>орын" not in ask().content.decode()


def test_an_empty_inbox_says_what_will_come():
    assert text.say("notices.inbox.none.body", "kk") in ask().content.decode()


def test_one_is_marked_read_or_all():
    tell(3)
    assert ask(method="post", notice=str(Notice.objects.values_list("id", flat=True)[0])).status_code == 303
    assert Notice.objects.filter(read_at__isnull=True).count() == 2
    ask(method="post")
    assert not Notice.objects.filter(read_at__isnull=True).exists()


def test_a_stranger_is_sent_to_sign_in():
    assert ask(ANYONE).status_code == 302
    tell()
    assert ask(ANYONE, method="post").status_code == 302
    assert Notice.objects.get().read_at is None


def test_the_number_of_queries_does_not_grow():
    counts = []
    for n in (1, 29):
        tell(n)
        with CaptureQueriesContext(connection) as captured:
            ask()
        counts.append(len(captured))
    assert counts[0] == counts[1]
