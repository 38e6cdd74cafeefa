"""Apply, change, withdraw; sent twice it counts once; changed meanwhile it is refused."""

import uuid

from contract_client import done


def test_an_application_is_made_once_whatever_is_sent_twice(api, town, garden):
    key, body = str(uuid.uuid4()), {**town.family(), "wishes": [garden["organisation"]]}
    first = api.post("/applications", body, key=key)
    made = done(first, 201)
    assert first.headers["location"] == f"/api/v1/applications/{made['id']}"
    assert made["status"] == "waiting"
    again = api.post("/applications", body, key=key)
    assert done(again, 201) == made
    assert again.headers["idempotency-replayed"] == "true"
    other = api.post("/applications", {**body, "wishes": []}, key=key)
    assert other.status == 422
    assert other.code == "rest.key_reused"
    twice = api.post("/applications", body)
    assert 400 <= twice.status < 500, "a child has one open application"


def test_an_application_is_read_and_stands_in_the_queue(api, town, garden):
    made = town.application(garden["organisation"])
    assert done(api.get(f"/applications/{made['id']}"))["id"] == made["id"]
    assert made["id"] in {one["id"] for one in api.every("/applications", territory=town.district, status="waiting")}
    place = done(api.get(f"/applications/{made['id']}/position"))
    assert place["waiting"]
    assert place["position"] >= 1


def test_wishes_are_changed_only_by_who_has_seen_them(api, town, garden):
    made = town.application(garden["organisation"])
    address = f"/applications/{made['id']}/wishes"
    seen = api.get(address)
    wanted = {"wishes": [garden["organisation"]], "radius_km": 7}
    assert api.ask("PUT", address, wanted).status == 428
    assert api.ask("PUT", address, wanted, If_Match='"stale"').status == 412
    changed = api.ask("PUT", address, wanted, If_Match=seen.headers["etag"])
    assert done(changed)["radius_km"] == 7
    late = api.ask("PUT", address, wanted | {"radius_km": 9}, If_Match=seen.headers["etag"])
    assert late.status == 412
    assert late.code == "rest.changed"


def test_a_withdrawn_application_can_still_be_read(api, town, garden):
    made = town.application(garden["organisation"])
    done(api.post(f"/applications/{made['id']}/withdrawal"))
    assert done(api.get(f"/applications/{made['id']}"))["status"] == "withdrawn"
    again = done(api.post(f"/applications/{made['id']}/withdrawal"))
    assert again["status"] == "withdrawn", "said twice, it is done once"
    assert done(api.get(f"/applications/{made['id']}/position"))["waiting"] is False
