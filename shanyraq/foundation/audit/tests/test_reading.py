"""Who read what: by child, by reader, and the days that stand out. Each of these pages is noted itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import Http404
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from shanyraq.foundation import audit, clock, text
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.audit import reading, views_reading
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.audit.unusual import AT_LEAST, ReadingDay, unusual, usual
from shanyraq.foundation.audit.views import Trail
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.uid import new_id

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
NOW = AT + timedelta(days=2)
AUDITOR = Actor(new_id(), None, (Grant(Role.AUDITOR),))
pytestmark = [pytest.mark.django_db, pytest.mark.urls("shanyraq.foundation.audit.tests.urls")]


@pytest.fixture(autouse=True)
def _at():
    with clock.frozen_at(NOW):
        yield


def opened(page, actor=AUDITOR, lang="en", query=None, **parts):
    request: Any = RequestFactory().get("/audit/", query or {})
    request.actor, request.user = actor, AnonymousUser()
    with translation.override(lang):
        return page.as_view()(request, **parts)


def reader(role=Role.OFFICER):
    return Actor(new_id(), new_id(), (Grant(role, "71"),))


def looks(who, children, at=AT, action="placement.read_application"):
    for child in children:
        audit.read(who, action, at=at, child=child)


@pytest.mark.parametrize("lang", text.LANGS)
def test_the_pages_speak_each_language(lang):
    officer, child = reader(), new_id()
    looks(officer, [child])
    for page, parts in (
        (views_reading.Readers, {}),
        (views_reading.Reader, {"user": officer.user}),
        (views_reading.ChildReaders, {"child": child}),
    ):
        answer = opened(page, lang=lang, **parts)
        assert answer.status_code == 200
        assert text.say("role.officer", lang) in answer.content.decode()


def test_only_auditors_and_operators_enter():
    looks(reader(), [new_id()])
    for role in Role:
        actor = Actor(new_id(), new_id(), (Grant(role),))
        if role in (Role.AUDITOR, Role.OPERATOR):
            assert opened(views_reading.Readers, actor).status_code == 200
        else:
            with pytest.raises(NotAllowed):
                opened(views_reading.Readers, actor)


def test_the_readers_of_a_child_are_counted_with_looks_and_changes():
    child, officer, head = new_id(), reader(), reader(Role.HEAD)
    looks(officer, [child] * 3)
    looks(head, [child], at=AT + timedelta(hours=1))
    audit.wrote(officer, "placement.check", at=AT, subject="x", subject_id=new_id(), child=child)
    first, second = reading.readers_of(child)
    assert (first.reader, first.looks, first.changes) == (head.user, 1, 0)
    assert (second.reader, second.looks, second.changes, second.first_at) == (officer.user, 3, 1, AT)


def test_to_see_who_read_is_a_look_too():
    child, officer = new_id(), reader()
    looks(officer, [child])
    opened(views_reading.ChildReaders, child=child)
    opened(views_reading.Reader, user=officer.user)
    opened(views_reading.Readers)
    noted = AuditEntry.objects.filter(actor_id=AUDITOR.user).order_by("id").values_list("action", "child_id")
    assert list(noted) == [("audit.read_child", child), ("audit.read_reader", child), ("audit.read_readers", None)]


def test_a_reader_is_counted_by_day_and_child():
    officer = reader()
    first, second = new_id(), new_id()
    looks(officer, [first, first, second])
    looks(officer, [first], at=AT + timedelta(days=1))
    days = reading.reading_days(AT - timedelta(days=1), NOW, reader=officer.user)
    assert [(one.looks, one.children) for one in days] == [(3, 2), (1, 1)]
    page = reading.children_read(officer.user, AT - timedelta(days=1), NOW, page=None)
    assert [(one.child, one.looks, one.actions) for one in page.object_list] == [
        (first, 3, ("placement.read_application",)),
        (second, 1, ("placement.read_application",)),
    ]


def test_families_are_listed_only_when_asked_for():
    parent, officer = reader(Role.GUARDIAN), reader()
    looks(parent, [new_id()])
    looks(officer, [new_id()])
    staff = opened(views_reading.Readers).content.decode()
    everyone = opened(views_reading.Readers, query={"families": "1"}).content.decode()
    assert str(officer.user) in staff and str(parent.user) not in staff
    assert str(parent.user) in everyone


def test_whom_nobody_read_and_who_never_read_are_not_found():
    for page, parts in ((views_reading.Reader, {"user": new_id()}), (views_reading.ChildReaders, {"child": new_id()})):
        with pytest.raises(Http404):
            opened(page, **parts)


def day(children, role="officer", number=1):
    return ReadingDay(new_id(), role, date(2026, 11, number), children, children)


def test_a_day_stands_out_against_others_of_the_same_role():
    ordinary = [day(6, number=number) for number in range(1, 20)]
    busy, heads = day(60), [day(60, "head", number) for number in range(1, 20)]
    assert unusual([*ordinary, busy, *heads]) == (busy,)
    assert usual(heads) == {"head": 60.0}
    assert unusual([*[day(1) for _ in range(9)], day(AT_LEAST - 1)]) == ()
    assert unusual([]) == ()


def test_an_unusual_day_is_shown_on_top():
    spy = reader()
    for _ in range(6):
        looks(reader(), [new_id()])
    assert text.say("audit.odd.none", "en") in opened(views_reading.Readers).content.decode()
    looks(spy, [new_id() for _ in range(AT_LEAST)])
    page = opened(views_reading.Readers).content.decode()
    assert text.say("audit.odd.none", "en") not in page
    assert page.index(str(spy.user)) < page.index(text.say("audit.readers.all", "en"))


def test_the_trail_is_searched_by_who_acted():
    officer = reader()
    looks(officer, [new_id()])
    looks(reader(), [new_id()])
    for who in (officer.user, officer.person):
        page = opened(Trail, query={"person": str(who)}).content.decode()
        assert page.count("<tr>") == 2
    assert opened(Trail, query={"person": "x"}).status_code == 422


def test_a_click_chooses_a_stretch_of_days():
    page = opened(Trail).content.decode()
    assert "since=04.11.2026&amp;until=04.11.2026" in page
    assert "since=29.10.2026&amp;until=04.11.2026" in page


@pytest.mark.parametrize("page", ["readers", "reader", "child"])
def test_the_number_of_queries_does_not_grow(page):
    officer, child = reader(), new_id()
    asked = {
        "readers": (views_reading.Readers, {}),
        "reader": (views_reading.Reader, {"user": officer.user}),
        "child": (views_reading.ChildReaders, {"child": child}),
    }[page]
    counts = []
    for more in (1, 29):
        for _ in range(more):
            looks(officer, [new_id(), child])
            looks(reader(), [child])
        with CaptureQueriesContext(connection) as captured:
            opened(asked[0], **asked[1])
        counts.append(len(captured))
    assert counts[0] == counts[1], counts
