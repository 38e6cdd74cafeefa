"""The feed: everything once in the order of the log, nothing that a client may not see, at the same cost everywhere."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.services import applications, offers, rounds
from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry import services as registry
from shanyraq.domains.registry.rules.kinds import ExitReason
from shanyraq.foundation import clock, ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.clients import queries as clients
from shanyraq.foundation.clients import scopes, services
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces import feed
from shanyraq.interfaces.cli.main import root

pytestmark = pytest.mark.django_db
Application, Offer = (apps.get_model("placement", name) for name in ("Application", "Offer"))
EVERYTHING = (
    "read:changes:* read:people:* read:applications:* read:documents:* read:rounds:* read:offers:* read:enrolments:*"
)


@pytest.fixture(autouse=True)
def _at():
    with clock.frozen_at(make.NOW):
        make.territory()
        yield


def client(text: str = EVERYTHING) -> clients.ClientCard:
    issued = services.add_client(
        actor=make.OPERATOR, name="Region", owner="Region", given=scopes.parse_many(text), now=make.NOW
    )
    return make.there(clients.client(issued.code))


def told(card: clients.ClientCard, since: int = 0, **more) -> list[feed.Item]:
    ledger.sequence(make.NOW)
    return list(feed.every_change(feed.seer_of(card), since=since, until=ledger.size(), **more))


def short(items: list[feed.Item]) -> list[tuple[str, str]]:
    return [(item.resource, item.change.value) for item in items]


def test_a_family_from_its_application_to_a_place_and_out_again():
    garden = make.kindergarten(2)
    family = make.family()
    application = make.application(garden.id, of=family)
    card = client()
    before = told(card)
    assert ("organisations", "created") in short(before)
    assert ("people", "created") in short(before)
    assert short(before)[-1] == ("applications", "created")
    officer = make.officer_of()
    preview = rounds.preview_round(actor=officer, district=make.DISTRICT, now=make.NOW)
    held = rounds.confirm_round(actor=officer, district=make.DISTRICT, fingerprint=preview.fingerprint, now=make.NOW)
    rounds.publish_round(actor=officer, round=held, now=make.NOW)
    offer = Offer.objects.get(application=application)
    offers.accept_offer(actor=family.actor, offer=offer.pk, now=make.NOW)
    after = told(card, since=before[-1].version)
    assert set(short(after)) >= {
        ("rounds", "created"), ("rounds", "changed"), ("offers", "created"), ("applications", "changed"),
        ("offers", "changed"),
    }  # fmt: skip
    assert {item.id for item in after if item.resource == "offers"} == {offer.pk}
    assert {item.href for item in after if item.resource == "offers"} == {f"/api/v1/offers/{offer.pk}"}


def test_what_counts_no_more_is_deleted():
    garden = make.kindergarten(2, 1)
    enrolment = make.enrolled(make.family().child, garden.groups[0])
    family = make.family()
    application = make.application(garden.id, of=family)
    applications.withdraw(actor=family.actor, application=application, now=make.NOW)
    tomorrow = make.NOW.date() + timedelta(days=1)
    registry.end_enrolment(actor=garden.head, enrolment=enrolment, reason=ExitReason.WISH, on=tomorrow, now=make.NOW)
    registry.close_group(actor=garden.head, group=garden.groups[1], on=tomorrow, now=make.NOW)
    deleted = {(item.resource, item.id) for item in told(client()) if item.change is feed.Change.DELETED}
    assert deleted == {("applications", application), ("enrolments", enrolment), ("groups", garden.groups[1])}


def test_versions_are_places_in_the_log_and_pages_join_without_a_gap():
    garden = make.kindergarten(3, 2)
    for _ in range(4):
        make.application(garden.id)
    card = client()
    every = told(card)
    assert [item.version for item in every] == sorted(item.version for item in every)
    found: list[feed.Item] = []
    since = 0
    while since < ledger.size():
        page = feed.changes(feed.seer_of(card), since=since, limit=3)
        assert page.next > since
        assert page.latest == ledger.size()
        found += page.items
        since = page.next
    assert found == every
    leaf = json.loads(ledger.leaves(every[-1].version - 1, every[-1].version)[0])
    assert leaf["kind"] == every[-1].kind


@pytest.mark.parametrize("given", ["read:changes:71", "read:applications:*", "read:changes:75 read:applications:*"])
def test_without_both_scopes_in_the_territory_there_is_nothing_of_families(given):
    garden = make.kindergarten(1)
    make.application(garden.id)
    assert not {item.resource for item in told(client(given))} - {"groups", "organisations"}


def test_a_district_sees_its_own_and_moves_on_past_what_it_does_not_see(monkeypatch):
    monkeypatch.setattr(feed, "STRETCH", 5)
    mine, theirs = make.kindergarten(1), make.kindergarten(1, district="101000000")
    for _ in range(6):
        make.application(theirs.id, of=make.family(district="101000000"))
    own = make.application(mine.id)
    card = client("read:changes:711110000 read:applications:711110000")
    ledger.sequence(make.NOW)
    since, empty, found = 0, 0, []
    while since < ledger.size():
        page = feed.changes(feed.seer_of(card), since=since, resources=["applications"])
        assert since < page.next <= since + 5
        empty += not page.items
        found += [item.id for item in page.items]
        since = page.next
    assert found == [own]
    assert empty > 3


def test_a_page_asks_as_often_at_the_end_of_a_long_log_as_at_its_beginning():
    garden = make.kindergarten(1)
    make.application(garden.id)
    card = client()
    ledger.sequence(make.NOW)

    def cost(since):
        with CaptureQueriesContext(connection) as counted:
            feed.changes(feed.seer_of(card), since=since, limit=50)
        return len(counted)

    few = cost(0)
    for _ in range(30):
        make.application(garden.id)
    ledger.sequence(make.NOW)
    assert cost(0) <= few + 1
    assert cost(ledger.size() - 8) <= few + 1 <= 2 + len(feed.RESOURCES)


def test_what_is_not_sequenced_is_not_told_and_comes_later():
    garden = make.kindergarten(1)
    card = client()
    told(card)
    since = ledger.size()
    make.application(garden.id)
    assert feed.changes(feed.seer_of(card), since=since).items == ()
    assert ("applications", "created") in short(told(card, since=since))


def test_a_version_that_is_not_there_yet_is_refused():
    with pytest.raises(Refusal) as caught:
        feed.changes(feed.seer_of(client()), since=10**6)
    assert caught.value.code == "feed.version_ahead"


def test_every_effect_names_a_fact_that_its_event_has():
    from shanyraq.domains.placement import events as placement
    from shanyraq.domains.registry import events as registered

    for kind, effects in feed.EFFECTS.items():
        domain, name = kind.split(".")
        event = getattr(placement if domain == "placement" else registered, name)
        for effect in effects:
            assert not effect.fact or effect.fact in event.__dataclass_fields__, (kind, effect)


def test_the_memory_stick_holds_the_same_lines_and_where_to_begin_next(tmp_path):
    garden = make.kindergarten(1)
    make.application(garden.id)
    card = client("read:changes:71 read:applications:71")
    every = told(card)
    path = tmp_path / "changes.jsonl"
    run = CliRunner().invoke(root, ["changes", "write", "--to", str(path), "--client", card.code])
    assert run.exit_code == 0, run.output
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[-1] == {"next": ledger.size(), "items": len(every)}
    assert [(line["version"], line["id"]) for line in lines[:-1]] == [(item.version, str(item.id)) for item in every]
    again = CliRunner().invoke(root, ["changes", "write", "--to", str(path), "--since", str(ledger.size())])
    assert again.exit_code == 0
    assert len(path.read_text("utf-8").splitlines()) == 1


def test_application_rows_of_the_feed_can_be_read_by_its_client():
    garden = make.kindergarten(1)
    make.application(garden.id)
    ids = {item.id for item in told(client()) if item.resource == "applications"}
    assert ids == set(Application.objects.values_list("pk", flat=True))
    acting = make.there(clients.clients()[0].acting(scopes.Verb.READ, scopes.Resource.CHANGES))
    assert {grant.role for grant in acting.grants} == {Role.SYSTEM}
