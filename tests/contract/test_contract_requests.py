"""How any request is treated: tokens, problems, conditions, keys, paging, fields."""

import uuid

import pytest
from contract_client import Api, done


def test_a_wrong_secret_gets_no_token(api):
    stranger = Api(api.url, api.client, "wrong")
    form = f"grant_type=client_credentials&client_id={api.client}&client_secret=wrong".encode()
    answer = stranger.plain("POST", "/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 401
    assert answer.json["error"] == "invalid_client"


@pytest.mark.parametrize("token", ["", "Bearer nonsense", "Basic eDp5"])
def test_without_a_token_that_counts_nothing_opens(api, token):
    answer = api.plain("GET", "/applications", headers={"Authorization": token} if token else {})
    assert answer.status == 401
    assert answer.code in ("rest.token_missing", "rest.token_invalid")


def test_a_refusal_is_a_problem_with_a_stable_code(api):
    answer = api.get(f"/applications/{uuid.uuid4()}")
    assert answer.status == 404
    assert {"type", "title", "status", "detail", "code", "instance"} <= set(answer.json)
    assert answer.json["status"] == 404


def test_an_unknown_property_and_an_unknown_parameter_are_refused(api, town):
    body = {"given": "Алихан", "sex": "male", "born_on": "2022-05-10", "nickname": "x"}
    answer = api.post(
        "/people", {**body, "residence": {"district": town.district, "address": "x", "lon": 71, "lat": 51}}
    )
    assert answer.status == 422
    assert answer.code == "rest.invalid"
    assert any("nickname" in fault["where"] for fault in answer.json["faults"])
    assert api.get("/organisations", colour="red").status == 422


def test_a_write_needs_a_key(api):
    answer = api.plain(
        "POST", "/people", b"{}", {"Authorization": f"Bearer {api.token()}", "Content-Type": "application/json"}
    )
    assert answer.code in ("rest.key_missing", "rest.invalid")


def test_pages_join_without_a_gap(api, garden, town):
    whole = {one["id"] for one in api.every("/groups", territory=town.district, limit=1000)}
    small = [one["id"] for one in api.every("/groups", territory=town.district, limit=2)]
    assert len(small) == len(set(small))
    assert garden["group"] in small
    assert whole <= set(small)


def test_only_the_fields_that_are_asked_for(api, garden):
    told = done(api.get(f"/groups/{garden['group']}", fields="id,places"))
    assert set(told) == {"id", "places"}


def test_what_has_not_changed_is_not_sent_again(api, garden):
    first = api.get(f"/groups/{garden['group']}")
    again = api.ask("GET", f"/groups/{garden['group']}", If_None_Match=first.headers["etag"])
    assert again.status == 304
    assert again.body == b""


def test_how_often_one_may_ask_is_said(api):
    assert "ratelimit" in api.get("/organisations", limit=1).headers
