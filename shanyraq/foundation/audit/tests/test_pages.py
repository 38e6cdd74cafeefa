import csv
import io
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from shanyraq.foundation import audit, text
from shanyraq.foundation.access import ANYONE, Actor, Grant, Role
from shanyraq.foundation.audit.views import Trail
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.uid import new_id

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
AUDITOR = Actor(new_id(), None, (Grant(Role.AUDITOR),))
pytestmark = [pytest.mark.django_db, pytest.mark.urls("shanyraq.foundation.audit.tests.urls")]


def open_trail(actor=AUDITOR, lang="kk", **query):
    request: Any = RequestFactory().get("/audit/", query)
    request.actor, request.user = actor, AnonymousUser()
    with translation.override(lang):
        return Trail.as_view()(request)


def a_trail(n, child=None):
    reader = Actor(new_id(), new_id(), (Grant(Role.OFFICER, "71"),))
    for hour in range(n):
        audit.read(reader, "audit.open_record", at=AT + timedelta(hours=hour), child=child or new_id())


def table(response):
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


@pytest.mark.parametrize("lang", text.LANGS)
def test_the_page_speaks_each_language(lang):
    a_trail(2)
    page = unescape(open_trail(lang=lang).content.decode())
    assert text.say("audit.title", lang) in page
    assert text.say("action.audit.open_record", lang) in page
    assert text.say("role.officer", lang) in page


def test_an_empty_trail_says_so():
    assert text.say("audit.none", "kk") in open_trail().content.decode()


def test_only_auditors_and_operators_see_it():
    assert open_trail(ANYONE).status_code == 302
    for role in Role:
        actor = Actor(new_id(), new_id(), (Grant(role),))
        if role in (Role.AUDITOR, Role.OPERATOR):
            assert open_trail(actor).status_code == 200
        else:
            with pytest.raises(NotAllowed):
                open_trail(actor)


def test_pages_follow_one_another():
    a_trail(60)
    first = open_trail().content.decode()
    assert first.count("<tr>") == 51
    assert 'rel="next"' in first


def test_a_wrong_condition_is_shown_at_its_field():
    answer = open_trail(about="x", since="31.02.2026")
    assert answer.status_code == 422
    assert answer.content.decode().count('aria-invalid="true"') == 2


def test_the_number_of_queries_does_not_grow():
    counts = []
    for n in (1, 29):
        a_trail(n)
        with CaptureQueriesContext(connection) as captured:
            open_trail()
        counts.append(len(captured))
    assert counts[0] == counts[1]
