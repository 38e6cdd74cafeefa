"""What every endpoint shares, over HTTP: tokens, limits, conditions, keys, fields, paging, refusals."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.placement.tests.races import at_once
from shanyraq.domains.registry.models import Group, Person
from shanyraq.foundation import clock
from shanyraq.foundation.access import system
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.clients import queries, services, tokens
from shanyraq.foundation.clients.models import Client, KeptAnswer
from shanyraq.foundation.clients.scopes import Resource, Verb
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.uid import new_id
from tests.systems import OPERATOR, afresh, code_of, connected, ids, scoped, told

pytestmark = pytest.mark.django_db
NOW = make.NOW
Browser: Any = DjangoClient


@pytest.fixture(autouse=True)
def _world():
    afresh()
    with clock.frozen_at(NOW):
        make.territory()
        yield
    afresh()


def asked(browser=None, *, basic=None, **form):
    """The answer of the token endpoint to a form."""
    headers = {} if basic is None else {"Authorization": "Basic " + base64.b64encode(basic.encode()).decode()}
    body = "&".join(f"{name}={value}" for name, value in form.items())
    return (browser or Browser()).post("/api/v1/token", body, content_type=FORM, headers=headers)


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
GRANT = {"grant_type": "client_credentials"}


class TestTokens:
    def test_a_secret_becomes_a_token_by_form_and_by_header(self):
        system_ = connected()
        for answer in (
            asked(**GRANT, client_id=system_.code, client_secret=system_.secret),
            asked(basic=f"{system_.code}:{system_.secret}", **GRANT),
        ):
            assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
            given = told(answer)
            assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
            system_.token = given["access_token"]
            assert system_.get("applications").status_code == 200

    def test_what_is_wrong_is_said_in_the_words_of_the_rfc(self):
        ours = connected()
        right = {"client_id": ours.code, "client_secret": ours.secret}
        wrong = [
            (asked(**GRANT, client_id=ours.code, client_secret="x" * 43), 401, "invalid_client"),
            (asked(**GRANT, client_id="nobody", client_secret=ours.secret), 401, "invalid_client"),
            (asked(**GRANT, client_id="%00", client_secret=ours.secret), 401, "invalid_client"),
            (asked(**GRANT), 401, "invalid_client"),
            (asked(basic="no colon", **GRANT), 401, "invalid_client"),
            (asked(**right, grant_type="password"), 400, "unsupported_grant_type"),
            (asked(**right), 400, "invalid_request"),
            (asked(**right, **GRANT, scope="write:people:*"), 400, "invalid_scope"),
            (asked(**right, **GRANT, colour="blue"), 400, "invalid_request"),
            (
                Browser().post("/api/v1/token", json.dumps(GRANT), content_type="application/json"),
                400,
                "invalid_request",
            ),
        ]
        for answer, status, error in wrong:
            assert (answer.status_code, told(answer)["error"]) == (status, error)
            assert ("WWW-Authenticate" in answer) == (status == 401)

    def test_a_stranger_and_a_wrong_secret_get_one_answer_after_the_same_work(self):
        ours = connected()

        def tried(**form):
            with CaptureQueriesContext(connection) as counted:
                answer = asked(**GRANT, **form)
            return answer.content, len(counted)

        assert tried(client_id=ours.code, client_secret="wrong") == tried(client_id="nobody", client_secret="wrong")

    def test_a_token_ends_by_itself(self):
        ours = connected()
        with clock.frozen_at(NOW + timedelta(seconds=599)):
            assert ours.get("applications").status_code == 200
        with clock.frozen_at(NOW + timedelta(seconds=600)):
            answer = ours.get("applications")
        assert (answer.status_code, code_of(answer)) == (401, "rest.token_invalid")
        assert "Bearer" in answer["WWW-Authenticate"]

    @pytest.mark.parametrize("change", ["", "x", "shq1.", "shq1.AAAA", "shq1.ы"])
    def test_a_token_that_is_not_ours_counts_for_nothing(self, change):
        ours = connected()
        ours.token = change
        assert ours.get("applications").status_code == 401

    def test_no_byte_of_a_token_can_be_changed(self):
        ours = connected()
        whole = ours.token
        read = tokens.read(whole)
        assert read is not None
        body = base64.urlsafe_b64decode(whole[5:] + "==")
        for at in range(0, len(body), 5):
            bent = body[:at] + bytes((body[at] ^ 1,)) + body[at + 1 :]
            assert tokens.read("shq1." + base64.urlsafe_b64encode(bent).decode().rstrip("=")) is None

    def test_a_revoked_client_is_out_within_seconds(self, monkeypatch):
        ours = connected()
        moment = [0.0]
        monkeypatch.setattr("time.monotonic", lambda: moment[0])
        queries.forget()
        assert ours.get("applications").status_code == 200
        services.revoke_client(actor=OPERATOR, code=ours.code, now=NOW)
        moment[0] = queries.KNOWN_SECONDS - 0.1
        assert ours.get("applications").status_code == 200  # another worker may still know it as it was
        moment[0] = queries.KNOWN_SECONDS
        assert ours.get("applications").status_code == 401
        assert told(asked(**GRANT, client_id=ours.code, client_secret=ours.secret))["error"] == "invalid_client"

    def test_both_secrets_count_while_they_are_changed(self):
        ours = connected()
        day = NOW.date()
        fresh = services.rotate_secret(actor=OPERATOR, code=ours.code, now=NOW, former_until=day + timedelta(days=7))
        for secret in (ours.secret, fresh.secret):
            assert asked(**GRANT, client_id=ours.code, client_secret=secret).status_code == 200
        with clock.frozen_at(NOW + timedelta(days=7)):
            assert asked(**GRANT, client_id=ours.code, client_secret=ours.secret).status_code == 401
            assert asked(**GRANT, client_id=ours.code, client_secret=fresh.secret).status_code == 200

    def test_a_stolen_secret_is_changed_at_once_and_its_tokens_end(self):
        ours = connected()
        services.rotate_secret(actor=OPERATOR, code=ours.code, now=NOW, former_until=NOW.date())
        queries.forget()
        assert ours.get("applications").status_code == 401
        assert asked(**GRANT, client_id=ours.code, client_secret=ours.secret).status_code == 401

    def test_only_hashes_are_kept_and_the_name_of_the_client_stands_in_the_trail(self):
        ours = connected()
        row = Client.objects.get()
        assert ours.secret.encode() not in b"".join(bytes(one) for one in (row.secret_hash,))
        assert AuditEntry.objects.filter(action="clients.add_client", system="tests").count() == 1
        garden = make.kindergarten(2)
        tag = ours.get(f"groups/{garden.group}")["ETag"]
        ours.put(f"groups/{garden.group}/places", {"places": 5}, If_Match=tag)
        entry = AuditEntry.objects.get(subject_id=garden.group, kind="write", system=f"client {ours.code}")
        assert (entry.role, entry.actor_id) == ("system", None)

    def test_scopes_changed_count_for_tokens_given_out_before(self):
        ours = connected()
        given = scoped("71", (Verb.READ, Resource.ROUNDS))
        services.change_scopes(actor=OPERATOR, code=ours.code, given=given, now=NOW)
        queries.forget()
        assert ours.get("rounds").status_code == 200
        answer = ours.get("applications")
        assert (answer.status_code, code_of(answer)) == (403, "rest.scope_missing")
        assert 'scope="read:applications"' in answer["WWW-Authenticate"]


class TestLimits:
    def test_a_client_gets_its_rate_and_is_told_when_to_come_again(self):
        ours = connected(rate=3)
        left = [ours.get("rounds")["RateLimit"] for _ in range(3)]
        assert [one.split(";")[1] for one in left] == ["r=2", "r=1", "r=0"]
        answer = ours.get("rounds")
        assert (answer.status_code, code_of(answer), answer["Retry-After"]) == (429, "rest.too_many", "20")
        assert answer["RateLimit-Policy"] == '"minute";q=3;w=60'
        assert connected().get("rounds").status_code == 200

    def test_each_worker_gives_its_share(self, settings):
        settings.API_WORKERS = 2
        ours = connected(rate=4)
        assert [ours.get("rounds").status_code for _ in range(3)] == [200, 200, 429]

    def test_who_has_no_token_is_counted_by_address(self, settings):
        settings.API_OPEN_RATE = 2
        here, there = Browser(REMOTE_ADDR="10.0.0.1"), Browser(REMOTE_ADDR="10.0.0.2")
        assert [here.get("/api/v1/territories").status_code for _ in range(3)] == [200, 200, 429]
        assert there.get("/api/v1/territories").status_code == 200

    def test_secrets_cannot_be_tried_out(self):
        ours, browser = connected(), Browser()
        form = {**GRANT, "client_id": ours.code, "client_secret": "wrong"}
        assert [asked(browser, **form).status_code for _ in range(61)][-2:] == [401, 429]


class TestConditions:
    def test_a_change_names_the_state_it_is_based_on(self):
        ours, garden = connected(), make.kindergarten(2)
        address = f"groups/{garden.group}"
        tag = ours.get(address)["ETag"]
        missing = ours.put(f"{address}/places", {"places": 5})
        assert (missing.status_code, code_of(missing)) == (428, "rest.match_missing")
        done = ours.put(f"{address}/places", {"places": 5}, If_Match=tag)
        assert (done.status_code, told(done)["places"]) == (200, 5)
        stale = ours.put(f"{address}/places", {"places": 6}, If_Match=tag)
        assert (stale.status_code, code_of(stale)) == (412, "rest.changed")
        assert Group.objects.get(pk=garden.group).places == 5
        assert ours.get(address)["ETag"] == done["ETag"] != tag

    def test_what_the_caller_has_is_not_sent_again(self):
        ours, garden = connected(), make.kindergarten(2)
        tag = ours.get(f"groups/{garden.group}")["ETag"]
        for sent in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            answer = ours.get(f"groups/{garden.group}", If_None_Match=sent)
            assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
        assert ours.get(f"groups/{garden.group}", If_None_Match='"x"').status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_of_two_changes_at_once_one_is_stale(self):
        ours, garden = connected(), make.kindergarten(2)
        tag = ours.get(f"groups/{garden.group}")["ETag"]

        def change(places):
            with clock.frozen_at(NOW):
                return ours.put(f"groups/{garden.group}/places", {"places": places}, If_Match=tag).status_code

        assert set(at_once(lambda: change(5), lambda: change(6))) == {200, 412}


class TestKeys:
    def test_the_same_request_gets_the_same_answer(self):
        ours, key = connected(), new_id()
        body = person()
        first, second = (ours.post("people", body, key=key) for _ in range(2))
        assert (first.status_code, first.content, first["Location"]) == (201, second.content, second["Location"])
        assert second["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
        assert Person.objects.count() == 1

    def test_another_request_with_the_key_is_refused(self):
        ours, key = connected(), new_id()
        assert ours.post("people", person(), key=key).status_code == 201
        for answer in (ours.post("people", person(given="Б"), key=key), ours.post("rounds", round_(), key=key)):
            assert (answer.status_code, code_of(answer)) == (422, "rest.key_reused")

    def test_keys_of_two_clients_are_two(self):
        key = new_id()
        assert [connected().post("people", person(), key=key).status_code for _ in range(2)] == [201, 201]

    def test_a_write_without_a_key_is_refused_before_anything_is_done(self):
        ours = connected()
        for key, code in ((None, "rest.key_missing"), ("7", "rest.key_malformed")):
            answer = ours.post("people", person(), key=key)
            assert (answer.status_code, code_of(answer)) == (400, code)
        assert not Person.objects.exists()

    def test_a_refused_write_leaves_its_key_free(self):
        ours, key = connected(), new_id()
        assert ours.post("people", person(district="751110000"), key=key).status_code == 403
        assert ours.post("people", person(), key=key).status_code == 201

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_count_once(self):
        ours, key = connected(), new_id()

        def send():
            with clock.frozen_at(NOW):
                answer = ours.post("people", person(), key=key)
            return answer.status_code, answer.content

        first, second = at_once(send, send)
        assert first == second and str(first).startswith("(201")
        assert Person.objects.count() == 1

    def test_an_answer_is_forgotten_after_a_day(self):
        ours = connected()
        ours.post("people", person())
        assert services.forget_answers(actor=system("jobs"), now=NOW + timedelta(hours=23)) == 0
        assert services.forget_answers(actor=system("jobs"), now=NOW + timedelta(hours=25)) == 1
        assert not KeptAnswer.objects.exists()


class TestFields:
    def test_only_what_was_asked_for(self):
        ours, garden = connected(), make.kindergarten(2, 3)
        whole = ours.get(f"groups/{garden.group}")
        part = ours.get(f"groups/{garden.group}?fields=id,places")
        assert told(part) == {name: told(whole)[name] for name in ("id", "places")}
        assert part["ETag"] == whole["ETag"]
        page = told(ours.get("groups?fields=places&limit=1"))
        assert page["items"] == [{"places": 2}] and page["next"]

    @pytest.mark.parametrize("asked_for", ["iin", "id,surname", "items"])
    def test_a_property_that_is_not_there_is_refused(self, asked_for):
        answer = connected().get(f"groups?fields={asked_for}")
        assert (answer.status_code, told(answer)["faults"]) == (
            422,
            [{"where": "query.fields", "what": "unknown_field"}],
        )


class TestUnknownNames:
    def test_an_unknown_property_is_named_and_its_value_is_not_repeated(self):
        answer = connected().post("people", {**person(), "secret_number": "900101300123"})
        assert told(answer)["faults"] == [{"where": "body.secret_number", "what": "extra_forbidden"}]
        assert answer.status_code == 422 and b"900101300123" not in answer.content

    def test_an_unknown_name_in_the_query_is_named(self):
        answer = connected().get("groups?colour=blue&territory=71")
        assert (answer.status_code, told(answer)["faults"]) == (
            422,
            [{"where": "query.colour", "what": "extra_forbidden"}],
        )


class TestPaging:
    @pytest.mark.parametrize("address", ["groups", "organisations", "applications", "offers", "enrolments", "rounds"])
    def test_pages_put_together_are_the_whole_while_rows_are_added(self, address):
        ours = connected()
        crowd(5)
        whole = ids(told(ours.get(address))["items"])
        found, cursor = [], ""
        while True:
            page = told(ours.get(f"{address}?limit=2&cursor={cursor}"))
            found += ids(page["items"])
            cursor = page["next"]
            if not cursor:
                break
            crowd(1)
        assert found[: len(whole)] == whole and len(set(found)) == len(found)

    @pytest.mark.parametrize(
        "address", ["groups", "organisations", "applications", "offers", "enrolments", "rounds", "places?territory=71"]
    )
    def test_the_cost_does_not_grow_with_the_rows(self, address):
        ours = connected()

        def cost():
            with CaptureQueriesContext(connection) as counted:
                assert told(ours.get(address))["items"]
            return len(counted)

        crowd(1)
        ours.get("rounds")  # the client is known from now on
        few = cost()
        crowd(12)
        assert cost() == few <= 5


class TestRefusals:
    @pytest.mark.parametrize("lang", LANGS)
    def test_the_sentences_follow_the_language_and_the_code_does_not(self, lang):
        answer = Browser().get("/api/v1/applications", headers={"Accept-Language": f"{lang}-KZ,en;q=0.1"})
        assert told(answer)["title"] == say("refusal.rest.token_missing.what", lang)
        assert (code_of(answer), answer["Content-Language"]) == ("rest.token_missing", lang)

    @pytest.mark.parametrize(
        ("method", "address", "sent", "status", "code"),
        [
            ("GET", "/api/", {}, 404, "rest.not_found"),
            ("GET", "/api/v1/", {}, 404, "rest.not_found"),
            ("GET", "/api/v1/groups/7", {}, 404, "rest.not_found"),
            ("GET", "/api/v2/groups", {}, 404, "rest.not_found"),
            ("DELETE", "/api/v1/groups", {}, 405, "rest.method"),
            ("TRACE", "/api/v1/groups", {}, 405, "rest.method"),
            ("GET", "/api/v1/groups", {"HTTP_ACCEPT": "text/html"}, 406, "rest.not_acceptable"),
            ("POST", "/api/v1/groups", {"data": "x=1", "content_type": FORM}, 415, "rest.media_type"),
            ("POST", "/api/v1/groups", {"data": "{", "content_type": JSON}, 400, "rest.malformed"),
            ("POST", "/api/v1/groups", {"data": "[" * 9_000, "content_type": JSON}, 400, "rest.malformed"),
            ("POST", "/api/v1/groups", {"data": '{"name":"\\u0000"}', "content_type": JSON}, 400, "rest.malformed"),
            ("POST", "/api/v1/groups", {"data": '{"a":NaN}', "content_type": JSON}, 400, "rest.malformed"),
            ("POST", "/api/v1/groups", {"data": " " * 300_000, "content_type": JSON}, 413, "rest.too_large"),
            ("GET", "/api/v1/groups?territory=%00", {}, 400, "rest.malformed"),
            ("GET", "/api/v1/groups?limit=x", {}, 422, "rest.invalid"),
        ],
    )  # fmt: skip
    def test_nothing_under_api_answers_with_a_page(self, method, address, sent, status, code):
        ours = connected()
        more = {"HTTP_AUTHORIZATION": f"Bearer {ours.token}", "HTTP_IDEMPOTENCY_KEY": str(new_id())}
        answer = Browser().generic(method, address, **{**more, **sent})
        assert (answer.status_code, code_of(answer)) == (status, code)
        assert answer["Content-Type"] == "application/problem+json"
        if status == 405:
            assert "GET" in answer["Allow"] and "POST" in answer["Allow"]

    def test_a_fault_of_ours_is_a_problem_too_and_the_log_repeats_nothing(self, monkeypatch, caplog):
        def broken(*_, **__):
            raise RuntimeError("900101300123")

        monkeypatch.setattr("shanyraq.domains.registry.queries.groups_page", broken)
        answer = Browser().get("/api/v1/groups")
        assert (answer.status_code, code_of(answer)) == (500, "rest.failed")
        assert "900101300123" not in caplog.text + answer.content.decode() and "RuntimeError" in caplog.text

    def test_head_and_options(self):
        garden, browser = make.kindergarten(2), Browser()
        address = f"/api/v1/groups/{garden.group}"
        whole, head = browser.get(address), browser.head(address)
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])
        assert head["Content-Length"] == str(len(whole.content))
        options = browser.options(address)
        assert (options.status_code, options["Allow"]) == (200, "GET, HEAD, OPTIONS")

    def test_other_pages_may_read_it_only_when_the_operator_says_so(self, settings):
        asked_from = {"HTTP_ORIGIN": "https://queue.example"}
        assert "Access-Control-Allow-Origin" not in Browser().get("/api/v1/groups", **asked_from)
        settings.API_ORIGINS = ["https://queue.example"]
        assert Browser().get("/api/v1/groups", **asked_from)["Access-Control-Allow-Origin"] == "https://queue.example"
        assert "Access-Control-Allow-Origin" not in Browser().get("/api/v1/groups", HTTP_ORIGIN="https://x.example")

    def test_no_cookie_is_read_or_set(self):
        answer = Browser().get("/api/v1/groups")
        assert not answer.cookies and "Cookie" not in answer.get("Vary", "")


class TestCost:
    def test_a_group_by_id_takes_one_query_and_its_places_five(self):
        ours, garden = connected(), make.kindergarten(2)
        ours.get("rounds")  # the client is known from now on

        def cost(act):
            with CaptureQueriesContext(connection) as counted:
                answer = act()
            assert answer.status_code == 200
            return len(
                [one for one in counted if not one["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
            )

        assert cost(lambda: ours.get(f"groups/{garden.group}")) == 1
        tag = ours.get(f"groups/{garden.group}")["ETag"]
        assert cost(lambda: ours.put(f"groups/{garden.group}/places", {"places": 9}, If_Match=tag)) == 5


def person(given="Алия", district=make.DISTRICT):
    home = {"district": district, "address": "Абай, 1", "lon": 71.4, "lat": 51.1}
    return {"given": given, "sex": "female", "born_on": "2022-05-10", "residence": home}


def round_():
    return {"district": make.DISTRICT, "fingerprint": "0" * 64}


def crowd(n):
    """So many kindergartens with a child enrolled, and families with an offer of a round."""
    from shanyraq.domains.placement.services import rounds

    for _ in range(n):
        garden = make.kindergarten(2)
        make.enrolled(make.person(born_on=make.BORN), garden.group)
        make.application(garden.id)
        officer = make.officer_of()
        preview = rounds.preview_round(actor=officer, district=make.DISTRICT, now=NOW)
        rounds.confirm_round(actor=officer, district=make.DISTRICT, fingerprint=preview.fingerprint, now=NOW)
