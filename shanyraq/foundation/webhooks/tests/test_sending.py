"""Deliveries: planned once, sent in order, signed, tried again, given up, sent again; whatever breaks."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from shanyraq.foundation import clock, jobs
from shanyraq.foundation.access import Actor, Grant, Role, system
from shanyraq.foundation.clients import queries as clients
from shanyraq.foundation.clients import scopes
from shanyraq.foundation.clients import services as registering
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.webhooks import queries, sending, services, signing
from shanyraq.foundation.webhooks.egress import HttpEgress, Parcel, RecordingEgress
from shanyraq.foundation.webhooks.models import Delivery, Hook
from shanyraq.foundation.webhooks.states import (
    ATTEMPTS,
    MOST_DEAD,
    MOST_WAITING,
    DeliveryState,
    Failure,
    HookState,
    next_attempt,
)
from shanyraq.foundation.webhooks.tests.receiver import listening

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
OPERATOR = system("tests")
SYSTEM = Actor(user=None, grants=(Grant(Role.SYSTEM, "71"),), system="client x")


@pytest.fixture(autouse=True)
def _fresh(settings):
    settings.WEBHOOK_LOCAL = True
    clients.forget()
    with clock.frozen_at(NOW):
        yield
    clients.forget()


def client() -> clients.ClientCard:
    given = scopes.parse_many("read:changes:71 write:webhooks:71")
    issued = registering.add_client(actor=OPERATOR, name="Region", owner="Region", given=given, now=NOW)
    found = clients.client(issued.code)
    assert found
    return found


def hook(url: str = "http://127.0.0.1:9/hook", card: clients.ClientCard | None = None) -> services.Issued:
    new = services.NewHook(url, (), "", 0)
    return services.register(actor=SYSTEM, client=card or client(), new=new, now=NOW)


class Log:
    """A feed of numbered changes, in stretches."""

    def __init__(self, length: int, stretch: int = 500) -> None:
        self.length, self.stretch = length, stretch

    def __call__(self, card, resources, territory, since) -> sending.Stretch:
        end = min(self.length, since + self.stretch)
        rows = [
            {"version": at, "resource": "groups", "id": "x", "change": "created"} for at in range(since + 1, end + 1)
        ]
        return sending.Stretch(rows, end)


def run(made: services.Issued, egress, hours: float = 0) -> int:
    with clock.frozen_at(NOW + timedelta(hours=hours)):
        return sending.send_due(made.id, sender=egress)


def versions(parcels: list[Parcel]) -> list[tuple[int, int]]:
    found = [[row["version"] for row in json.loads(one.body)["data"]] for one in parcels]
    return [(rows[0], rows[-1]) for rows in found]


def dead(count: int) -> list[int | Failure]:
    return [500] * (ATTEMPTS * count)


def exhaust(made: services.Issued, egress, count: int = 1) -> None:
    for attempt in range(ATTEMPTS * count):
        run(made, egress, hours=24 * (attempt + 1))


# ---- planning


def test_what_the_feed_has_is_planned_once_in_messages_of_a_hundred():
    made = hook()
    assert sending.plan(Log(250), now=NOW) == 3
    assert sending.plan(Log(250), now=NOW) == 0
    assert sending.plan(Log(251), now=NOW) == 1
    rows = Delivery.objects.order_by("first").values_list("first", "last")
    assert list(rows) == [(1, 100), (101, 200), (201, 250), (251, 251)]
    assert queries.hook(made.id).planned == 251


def test_the_table_itself_refuses_what_is_planned_twice():
    hook()
    sending.plan(Log(1), now=NOW)
    row = Delivery.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(hook=row.hook, first=1, last=1, body="{}", due_at=NOW, created_at=NOW)


def test_a_receiver_that_is_away_for_long_does_not_fill_the_table():
    hook()
    for _ in range(5):
        sending.plan(Log(100_000), now=NOW)
    waiting = Delivery.objects.count()
    assert waiting <= MOST_WAITING + 10
    Delivery.objects.all().delete()
    assert sending.plan(Log(100_000), now=NOW) > 0


def test_a_client_that_was_shut_out_hears_nothing_more():
    card = client()
    made = hook(card=card)
    registering.revoke_client(actor=OPERATOR, code=card.code, now=NOW)
    clients.forget()
    assert sending.plan(Log(5), now=NOW) == 0
    found = queries.hook(made.id)
    assert (found.state, found.reason) == (HookState.DISABLED, Failure.REVOKED)


def test_what_is_refused_for_one_hook_does_not_hold_the_others(caplog):
    card = client()
    hook(card=card)
    other = hook("http://127.0.0.1:9/other", card=card)
    Hook.objects.filter(pk=other.id).update(territory="75")

    def feed(card, resources, territory, since):
        if not territory:
            raise Refusal("feed.version_ahead", latest=0)
        return Log(3)(card, resources, territory, since)

    assert sending.plan(feed, now=NOW) == 1
    assert "nothing was planned" in caplog.text


def test_the_cost_of_planning_does_not_grow_with_what_waits():
    hook()

    def cost():
        with CaptureQueriesContext(connection) as counted:
            sending.plan(Log(0), now=NOW)
        return len(counted)

    sending.plan(Log(1), now=NOW)
    few = cost()
    sending.plan(Log(5_000), now=NOW)
    assert cost() <= few


# ---- an attempt


def test_a_message_is_signed_as_standard_webhooks_has_it():
    made = hook()
    sending.plan(Log(2), now=NOW)
    egress = RecordingEgress()
    assert run(made, egress) == 1
    (parcel,) = egress.sent
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    plain = f"{parcel.headers['webhook-id']}.{parcel.headers['webhook-timestamp']}.".encode() + parcel.body
    expected = base64.b64encode(hmac.digest(key, plain, "sha256")).decode()
    assert parcel.headers["webhook-signature"] == f"v1,{expected}"
    assert parcel.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    told = json.loads(parcel.body)
    assert set(told) == {"type", "timestamp", "webhook", "data"}
    assert set(told["data"][0]) == {"version", "resource", "id", "change"}


def test_the_vector_of_standard_webhooks():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    found = signing.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, secret)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_for_a_day_both_secrets_sign():
    made = hook()
    fresh = services.rotate(actor=SYSTEM, hook=made.id, now=NOW)
    assert fresh.secret != made.secret
    sending.plan(Log(1), now=NOW)
    egress = RecordingEgress()
    run(made, egress)
    sending.plan(Log(2), now=NOW)
    run(made, egress, hours=25)
    during, after = egress.sent
    stamp, body = during.headers["webhook-timestamp"], during.body
    both = [signing.signature(during.headers["webhook-id"], stamp, body, one) for one in (fresh.secret, made.secret)]
    assert during.headers["webhook-signature"].split() == both
    assert len(after.headers["webhook-signature"].split()) == 1


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(500, Failure.STATUS), (302, Failure.REDIRECT), (404, Failure.STATUS), (Failure.TIMEOUT, Failure.TIMEOUT),
     (Failure.UNREACHABLE, Failure.UNREACHABLE), (Failure.FORBIDDEN, Failure.FORBIDDEN)],
)  # fmt: skip
def test_a_failure_waits_and_comes_again_with_the_same_id(answer, failure):
    made = hook()
    sending.plan(Log(1), now=NOW)
    egress = RecordingEgress([answer])
    assert run(made, egress) == 0
    (card,) = queries.deliveries(made.id)
    assert (card.state, card.attempts, card.problem) == (DeliveryState.WAITING, 1, failure)
    assert card.due_at == NOW + timedelta(seconds=5)
    assert run(made, egress) == 0, "not before it is due"
    assert run(made, egress, hours=0.1) == 1
    assert len({one.headers["webhook-id"] for one in egress.sent}) == 1
    assert len(egress.sent) == 2


def test_messages_arrive_in_the_order_of_versions_and_none_overtakes():
    made = hook()
    sending.plan(Log(350), now=NOW)
    egress = RecordingEgress([204, 500])
    assert run(made, egress) == 1
    assert run(made, egress) == 0
    assert run(made, egress, hours=1) == 3
    assert versions(egress.sent) == [(1, 100), (101, 200), (101, 200), (201, 300), (301, 350)]


# ---- giving up


def test_after_the_last_attempt_it_is_given_up_and_the_next_one_goes_on():
    made = hook()
    sending.plan(Log(150), now=NOW)
    egress = RecordingEgress(dead(1))
    exhaust(made, egress)
    assert len(egress.sent) == ATTEMPTS
    found = queries.hook(made.id)
    assert (found.state, found.dead, found.waiting) == (HookState.ACTIVE, 1, 1)
    assert run(made, egress, hours=24 * 30) == 1
    assert versions(egress.sent)[-1] == (101, 150)


def test_the_attempts_reach_over_a_day_and_end():
    pauses = [made for n in range(1, ATTEMPTS + 1) if (made := next_attempt(n, NOW))]
    whole = sum((one - NOW for one in pauses), timedelta())
    assert timedelta(days=1) < whole < timedelta(days=2)
    assert next_attempt(ATTEMPTS, NOW) is None


def test_who_gives_up_too_much_in_a_row_is_switched_off():
    made = hook()
    sending.plan(Log(100 * (MOST_DEAD + 1)), now=NOW)
    exhaust(made, RecordingEgress(dead(MOST_DEAD)), MOST_DEAD)
    found = queries.hook(made.id)
    assert (found.state, found.reason, found.dead) == (HookState.DISABLED, Failure.TOO_MANY_DEAD, MOST_DEAD)
    egress = RecordingEgress()
    assert run(made, egress, hours=24 * 90) == 0
    assert not egress.sent
    assert sending.plan(Log(10_000), now=NOW) == 0


def test_one_that_arrives_ends_the_row():
    made = hook()
    sending.plan(Log(200), now=NOW)
    exhaust(made, RecordingEgress(dead(1)))
    run(made, RecordingEgress(), hours=24 * 60)
    assert Hook.objects.get(pk=made.id).dead == 0


def test_who_is_gone_is_switched_off_at_once():
    made = hook()
    sending.plan(Log(1), now=NOW)
    run(made, RecordingEgress([410]))
    found = queries.hook(made.id)
    assert (found.state, found.reason, found.dead) == (HookState.DISABLED, Failure.GONE, 1)


def test_what_was_given_up_is_sent_again_with_its_id_one_or_all():
    made = hook()
    sending.plan(Log(300), now=NOW)
    exhaust(made, RecordingEgress(dead(3)), 3)
    letters = queries.dead_letters().object_list
    assert [(one.first, one.last) for one in letters] == [(201, 300), (101, 200), (1, 100)]
    assert services.send_again(actor=OPERATOR, hook=made.id, delivery=letters[1].id, now=NOW) == 1
    egress = RecordingEgress()
    assert run(made, egress) == 1
    assert egress.sent[0].headers["webhook-id"] == str(letters[1].id)
    assert services.send_again(actor=OPERATOR, hook=made.id, now=NOW) == 2
    assert run(made, egress) == 2
    assert versions(egress.sent) == [(101, 200), (1, 100), (201, 300)]
    assert not queries.dead_letters().object_list
    with pytest.raises(Refusal):
        services.send_again(actor=OPERATOR, hook=made.id, delivery=letters[1].id, now=NOW)


def test_switched_on_again_it_goes_on_where_it_stopped():
    made = hook()
    sending.plan(Log(2), now=NOW)
    run(made, RecordingEgress([410]))
    services.put_state(actor=OPERATOR, hook=made.id, state=HookState.ACTIVE, now=NOW)
    assert sending.plan(Log(5), now=NOW) == 1
    egress = RecordingEgress()
    assert run(made, egress) == 1
    assert versions(egress.sent) == [(3, 5)]


# ---- workers


def test_a_worker_killed_in_the_middle_sends_it_twice_with_one_id():
    class Killed(RecordingEgress):
        def post(self, parcel):
            super().post(parcel)
            raise SystemExit

    made = hook()
    sending.plan(Log(1), now=NOW)
    killed = Killed()
    with pytest.raises(SystemExit):
        run(made, killed)
    egress = RecordingEgress()
    assert run(made, egress) == 0, "its lease still runs"
    assert not queries.due_hooks(NOW)
    assert queries.due_hooks(NOW + timedelta(minutes=2)) == (made.id,)
    assert run(made, egress, hours=0.05) == 1
    assert egress.sent[0].headers["webhook-id"] == killed.sent[0].headers["webhook-id"]
    assert egress.sent[0].body == killed.sent[0].body


def test_two_workers_do_not_send_at_once():
    made = hook()
    sending.plan(Log(2), now=NOW)
    second = RecordingEgress()

    class Slow(RecordingEgress):
        def post(self, parcel):
            assert run(made, second) == 0
            return super().post(parcel)

    slow = Slow()
    assert run(made, slow) == 1
    assert not second.sent
    assert Hook.objects.get(pk=made.id).lease_ends_at is None


def test_no_transaction_is_open_while_the_receiver_answers(transactional_db):
    class Watching(RecordingEgress):
        def post(self, parcel):
            assert not connection.in_atomic_block
            return super().post(parcel)

    made = hook()
    sending.plan(Log(1), now=NOW)
    assert run(made, Watching()) == 1


def test_the_routine_plans_a_job_that_sends(settings):
    settings.WEBHOOK_EGRESS = "shanyraq.foundation.webhooks.egress.HttpEgress"
    with listening() as receiver:
        receiver.answers = [500]
        made = hook(receiver.url)
        assert sending.plan(Log(3), now=NOW) == 1
        assert jobs.waiting(sending.send) == 1
        sending.plan(Log(3), now=NOW)
        assert jobs.waiting(sending.send) == 1, "a slow receiver must not fill the queue of jobs"
        jobs.run_due()
        assert queries.hook(made.id).waiting == 1
        with clock.frozen_at(NOW + timedelta(minutes=2)):
            sending.plan(Log(3), now=clock.now())
            jobs.run_due()
        assert queries.hook(made.id).waiting == 0
        first, second = receiver.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert second[0]["content-type"] == "application/json"


def test_over_the_wire_the_receiver_can_check_the_signature():
    with listening() as receiver:
        made = hook(receiver.url)
        sending.plan(Log(1), now=NOW)
        assert run(made, HttpEgress()) == 1
        headers, body = receiver.got[0]
    seal = signing.signature(headers["webhook-id"], headers["webhook-timestamp"], body, made.secret)
    assert hmac.compare_digest(headers["webhook-signature"], seal)


# ---- registering


def test_a_hook_is_registered_in_the_territory_of_the_scope_only():
    new = services.NewHook("http://127.0.0.1:9/hook", (), "75", 0)
    with pytest.raises(NotAllowed):
        services.register(actor=SYSTEM, client=client(), new=new, now=NOW)


def test_one_address_once_and_not_too_many():
    card = client()
    hook(card=card)
    with pytest.raises(Refusal, match=r"webhooks\.address_known"):
        hook(card=card)
    for number in range(9):
        hook(f"http://127.0.0.1:9/{number}", card)
    with pytest.raises(Refusal, match=r"webhooks\.too_many"):
        hook("http://127.0.0.1:9/more", card)


def test_another_client_finds_nothing():
    made, stranger = hook(), client()
    for verb in (services.rotate, services.remove, services.send_again):
        with pytest.raises(Refusal, match=r"webhooks\.not_found"):
            verb(actor=SYSTEM, hook=made.id, client=stranger.id, now=NOW)
    with pytest.raises(Refusal):
        queries.hook(made.id, stranger.id)


def test_a_removed_hook_takes_its_messages_with_it():
    made = hook()
    sending.plan(Log(1), now=NOW)
    services.remove(actor=SYSTEM, hook=made.id, now=NOW)
    assert not Delivery.objects.exists()
    assert not queries.hooks()
    assert sending.plan(Log(9), now=NOW) == 0
    hook()


def test_what_was_delivered_is_forgotten_after_a_while():
    made = hook()
    sending.plan(Log(1), now=NOW)
    run(made, RecordingEgress())
    sending.plan(Log(1), now=NOW + timedelta(days=6))
    assert Delivery.objects.count() == 1
    sending.plan(Log(1), now=NOW + timedelta(days=8))
    assert Delivery.objects.count() == 0


def test_the_secret_stands_nowhere_in_the_database():
    made = hook()
    row = Hook.objects.values().get()
    assert made.secret not in str(row)
    assert signing.secret_of(made.id, 1) == made.secret
