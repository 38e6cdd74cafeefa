import json
from uuid import uuid4

import pytest
from django.test import RequestFactory

from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.rest import keys, paging, problems
from shanyraq.foundation.text import LANGS, say

ROWS = [f"{n:03d}" for n in range(25)]


def pages(rows, limit):
    cursor, found = "", []
    while True:
        page, cursor = paging.cut(rows, key=str, after=cursor, limit=limit)
        found.append(page)
        if not cursor:
            return found


@pytest.mark.parametrize("limit", [1, 7, 25, 100])
def test_pages_put_together_are_the_whole(limit):
    assert [row for page in pages(ROWS, limit) for row in page] == ROWS


def test_a_row_added_between_two_pages_shifts_nothing():
    first, cursor = paging.cut(ROWS, key=str, limit=10)
    second, _ = paging.cut(["000-new", *ROWS], key=str, after=cursor, limit=10)
    assert second[0] == ROWS[10]
    assert not set(first) & set(second)


def test_of_nothing_there_is_one_empty_page():
    assert paging.cut([], key=str) == ([], "")


@pytest.mark.parametrize("cursor", ["ы", "a", "////", "🙂"])
def test_a_cursor_that_is_none_is_refused(cursor):
    with pytest.raises(Refusal) as caught:
        paging.cut(ROWS, key=str, after=cursor)
    assert caught.value.code == "rest.cursor_malformed"


def test_a_key_is_a_uuid_in_its_header():
    key = uuid4()
    assert keys.key_of(RequestFactory().post("/", headers={"Idempotency-Key": str(key)})) == key
    for headers, code in (({}, "rest.key_missing"), ({"Idempotency-Key": "7"}, "rest.key_malformed")):
        with pytest.raises(Refusal) as caught:
            keys.key_of(RequestFactory().post("/", headers=headers))
        assert caught.value.code == code


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("refusal", "status"), [(Refusal("page.stale"), 409), (NotAllowed("page.stale"), 403)])
def test_a_refusal_is_told_as_problem_details(lang, refusal, status):
    answer = problems.problem(RequestFactory().get("/api/v1/x", headers={"Accept-Language": lang}), refusal)
    told = json.loads(answer.content)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert told["title"] == say("refusal.page.stale.what", lang)
    assert (told["code"], told["status"], told["instance"]) == ("page.stale", status, "/api/v1/x")
