"""The feed of changes: a copy that follows it stays true; and webhooks, which say when to ask."""

import json
import time

from contract_client import done, signature


def follow(api, since: int, wanted: set[tuple[str, str]], patience: float) -> list:
    """The changes after a version, as soon as the wanted ones are among them."""
    end, found = time.monotonic() + patience, []
    while time.monotonic() < end:
        more, since = api.changes(since)
        found += more
        if wanted <= {(one["id"], one["change"]) for one in found}:
            return found
        time.sleep(1)
    raise AssertionError(f"not told within {patience} s: {wanted - {(one['id'], one['change']) for one in found}}")


def test_what_happens_is_told_in_order_and_deletes_too(api, town, garden, patience):
    since = done(api.get("/changes", since=0, limit=1))["latest"]
    made = town.application(garden["organisation"])
    done(api.post(f"/applications/{made['id']}/withdrawal"))
    found = follow(api, since, {(made["id"], "created"), (made["id"], "deleted")}, patience)
    versions = [one["version"] for one in found]
    assert versions == sorted(versions)
    assert versions[0] > since
    own = [one for one in found if one["id"] == made["id"]]
    assert [one["change"] for one in own] == ["created", "deleted"]
    assert done(api.get(own[0]["href"]))["id"] == made["id"]


def test_pages_of_the_feed_join(api, garden):
    since, found, pages = 0, [], 0
    while True:
        page = done(api.get("/changes", since=since, limit=50))
        assert page["next"] > since or page["next"] == page["latest"]
        assert all(since < one["version"] <= page["next"] for one in page["items"])
        found += [(one["version"], one["resource"], one["id"]) for one in page["items"]]
        since, pages = page["next"], pages + 1
        if since >= page["latest"] or pages == 40:
            break
    assert len(found) == len(set(found))


def test_only_the_resources_that_are_asked_for(api, garden, patience):
    page = done(api.get("/changes", since=0, resources="groups"))
    assert {one["resource"] for one in page["items"]} <= {"groups"}
    assert api.get("/changes", since=0, resources="dragons").status == 422


def test_a_version_ahead_is_refused(api):
    answer = api.get("/changes", since=2**52)
    assert answer.status == 409
    assert answer.code == "feed.version_ahead"


def test_an_address_inside_is_refused(api):
    for url in ("https://10.0.0.1/hook", "https://169.254.169.254/", "http://example.org/hook"):
        answer = api.post("/webhooks", {"url": url})
        assert answer.status == 409
        assert answer.code in ("webhooks.address_private", "webhooks.address")


def test_a_webhook_hears_of_it_signed_and_again_when_it_failed(api, town, garden, receiver, patience):
    receiver.answers = [500]
    answer = api.post("/webhooks", {"url": receiver.url, "resources": ["applications"], "territory": town.district})
    hook = done(answer, 201)
    try:
        made = town.application(garden["organisation"])
        assert receiver.wait(2, patience), f"{len(receiver.got)} messages; listed: {api.get('/webhooks').body[:400]!r}"
        (first, body), (second, again) = receiver.got[:2]
        assert first["webhook-id"] == second["webhook-id"], "the same message: know it by its id"
        assert body == again
        for headers in (first, second):
            assert signature(hook["secret"], headers, body) in headers["webhook-signature"].split()
            assert abs(int(headers["webhook-timestamp"]) - time.time()) < 300
        told = json.loads(body)
        assert told["type"] == "changes"
        assert made["id"] in {one["id"] for one in told["data"]}
        assert all(set(one) == {"version", "resource", "id", "change"} for one in told["data"]), "ids, nothing personal"
    finally:
        assert api.ask("DELETE", f"/webhooks/{hook['id']}").status == 204


def test_while_a_secret_changes_both_sign(api, town, garden, receiver, patience):
    hook = done(api.post("/webhooks", {"url": receiver.url, "resources": ["applications"]}), 201)
    try:
        fresh = done(api.post(f"/webhooks/{hook['id']}/secret"))
        assert fresh["secret"] != hook["secret"]
        town.application(garden["organisation"])
        assert receiver.wait(1, patience)
        headers, body = receiver.got[0]
        sent = headers["webhook-signature"].split()
        assert {signature(fresh["secret"], headers, body), signature(hook["secret"], headers, body)} == set(sent)
    finally:
        assert api.ask("DELETE", f"/webhooks/{hook['id']}").status == 204
