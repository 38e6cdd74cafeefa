"""From a round to a place: offers are read, accepted, declined; a child is enrolled, and leaves."""

from datetime import timedelta

import pytest
from contract_client import TODAY, done


@pytest.fixture(scope="module")
def offers(api, town, garden):
    """Two offers of a round that was held and published."""
    families = [town.application(garden["organisation"]) for _ in range(2)]
    preview = done(api.post("/rounds/previews", {"district": town.district}))
    if preview["model"] != "queue":
        pytest.skip(f"district {town.district} gives vouchers: name one of the queue in CONTRACT_DISTRICT")
    held = done(api.post("/rounds", {"district": town.district, "fingerprint": preview["fingerprint"]}), 201)
    done(api.post(f"/rounds/{held['id']}/publication"))
    made = {one["application"]: one for one in api.every("/offers", round=held["id"])}
    return [made[one["id"]] for one in families]


def test_a_round_is_confirmed_only_as_it_was_previewed(api, town):
    answer = api.post("/rounds", {"district": town.district, "fingerprint": "0" * 64})
    assert answer.status == 409


def test_an_offer_is_accepted_and_the_child_enrolled_and_leaves(api, garden, offers):
    offer = offers[0]
    assert (offer["status"], offer["group"]) == ("held", garden["group"])
    taken = done(api.post(f"/offers/{offer['id']}/acceptance"))
    assert taken["status"] == "accepted"
    assert taken["referral_number"]
    enrolled = done(api.post("/enrolments", {"offer": offer["id"], "order_number": "1-K"}), 201)
    assert enrolled["group"] == garden["group"]
    assert done(api.get(f"/applications/{offer['application']}"))["status"] == "enrolled"
    twice = done(api.post("/enrolments", {"offer": offer["id"], "order_number": "1-K"}), 201)
    assert twice["id"] == enrolled["id"], "a referral gives one enrolment"
    leaves = max(TODAY, TODAY.fromisoformat(enrolled["since"])) + timedelta(days=1)
    ended = done(api.post(f"/enrolments/{enrolled['id']}/end", {"reason": "wish", "on": leaves.isoformat()}))
    assert ended["until"] == leaves.isoformat()


def test_a_declined_offer_frees_the_place(api, garden, offers):
    offer = offers[1]
    before = done(api.get(f"/groups/{garden['group']}/places"))
    told = done(api.post(f"/offers/{offer['id']}/decline", {"reason": "far"}))
    assert told["status"] == "declined"
    after = done(api.get(f"/groups/{garden['group']}/places"))
    assert after["held"] == before["held"] - 1
    assert api.post(f"/offers/{offer['id']}/acceptance").status == 409
