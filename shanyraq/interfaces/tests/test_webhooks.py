"""Webhooks at the API and on the operator's page: each client sees its own, the operator all."""

import uuid
from typing import Any

import pytest
from django.test import Client

from shanyraq.domains.placement.tests import builders as make
from shanyraq.foundation import clock, ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.clients import queries as clients
from shanyraq.foundation.clients import scopes, services
from shanyraq.foundation.text import LANGS
from shanyraq.foundation.webhooks import queries, sending
from shanyraq.foundation.webhooks.egress import RecordingEgress
from shanyraq.foundation.webhooks.states import HookState
from shanyraq.interfaces import feed

pytestmark = pytest.mark.django_db
GIVEN = "read:changes:71 read:applications:71 read:webhooks:71 write:webhooks:71"
URL = "http://127.0.0.1:9/hook"


@pytest.fixture(autouse=True)
def _at(settings):
    settings.WEBHOOK_LOCAL = True
    clients.forget()
    with clock.frozen_at(make.NOW):
        make.territory()
        yield
    clients.forget()


class System:
    """A client of the API."""

    def __init__(self, given: str = GIVEN) -> None:
        issued = services.add_client(
            actor=make.OPERATOR, name="Region", owner="Region", given=scopes.parse_many(given), now=make.NOW
        )
        card = make.there(services.sign_in(code=issued.code, secret=issued.secret, now=make.NOW))
        self.headers = {"authorization": f"Bearer {services.token_for(card, now=make.NOW).token}"}

    def get(self, path: str):
        return Client().get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: dict[str, Any] | None = None):
        headers = {**self.headers, "idempotency-key": str(uuid.uuid4())}
        return Client().post(f"/api/v1{path}", body or {}, content_type="application/json", headers=headers)

    def delete(self, path: str):
        return Client().delete(f"/api/v1{path}", headers={**self.headers, "idempotency-key": str(uuid.uuid4())})

    def hook(self, **more) -> dict[str, Any]:
        answer = self.post("/webhooks", {"url": URL, **more})
        assert answer.status_code == 201, answer.content
        return dict(answer.json())


def test_the_secret_is_shown_once_and_the_hook_without_it():
    system = System()
    made = system.hook(resources=["applications"], territory="7111")
    assert made["secret"].startswith("whsec_")
    (listed,) = system.get("/webhooks").json()["items"]
    assert listed["id"] == made["id"]
    assert "secret" not in listed
    assert system.get(f"/webhooks/{made['id']}").json() == listed
    assert system.post(f"/webhooks/{made['id']}/secret").json()["secret"] != made["secret"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "https://10.0.0.1/"}, 409, "webhooks.address_private"),
        ({"url": "gopher://x"}, 409, "webhooks.address"),
        ({"url": URL, "territory": "75"}, 403, "access.denied"),
        ({"url": URL, "resources": ["offers"]}, 409, "webhooks.resource"),
        ({"url": URL, "resources": ["dragons"]}, 409, "webhooks.resource"),
        ({"url": URL, "since": 10**6}, 409, "feed.version_ahead"),
        ({"url": URL, "colour": "red"}, 422, "rest.invalid"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_a_code(body, status, code):
    answer = System().post("/webhooks", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_another_client_does_not_find_the_hook():
    made, stranger = System().hook(), System()
    address = f"/webhooks/{made['id']}"
    asked = [stranger.get(address), stranger.get(f"{address}/deliveries"), stranger.delete(address)]
    asked += [stranger.post(f"{address}/{verb}") for verb in ("secret", "pause", "resume", "send-again")]
    assert {one.status_code for one in asked} == {404}
    assert stranger.get("/webhooks").json()["items"] == []


def test_a_client_without_the_scope_registers_nothing():
    assert System("read:changes:71").post("/webhooks", {"url": URL}).json()["code"] == "rest.scope_missing"


def test_a_hook_hears_of_its_territory_and_scopes_only():
    System().hook()
    near, far = make.kindergarten(1), make.kindergarten(1, district="101000000")
    own = make.application(near.id)
    make.application(far.id, of=make.family(district="101000000"))
    ledger.sequence(make.NOW)
    sending.plan(feed.for_hook, now=make.NOW)
    egress = RecordingEgress()
    (hook,) = queries.hooks()
    assert sending.send_due(hook.id, sender=egress) == 1
    told = egress.sent[0].body.decode()
    assert str(own) in told
    assert str(near.id) in told
    assert str(far.id) not in told
    assert '"people"' not in told, "no scope reads people"


def dead_letters() -> tuple[System, dict[str, Any]]:
    system = System()
    made = system.hook()
    make.application(make.kindergarten(1).id)
    ledger.sequence(make.NOW)
    sending.plan(feed.for_hook, now=make.NOW)
    sending.send_due(uuid.UUID(made["id"]), sender=RecordingEgress([410]))
    return system, made


def test_a_client_finds_what_was_given_up_and_has_it_sent_again():
    system, made = dead_letters()
    address = f"/webhooks/{made['id']}"
    assert system.get(address).json()["state"] == "disabled"
    (letter,) = system.get(f"{address}/deliveries?state=dead").json()["items"]
    assert (letter["problem"], letter["answered"]) == ("gone", 410)
    assert system.post(f"{address}/resume").json()["state"] == "active"
    assert system.post(f"{address}/deliveries/{letter['id']}/send-again").json() == {"planned": 1}
    assert system.post(f"{address}/send-again").json() == {"planned": 0}
    egress = RecordingEgress()
    assert sending.send_due(uuid.UUID(made["id"]), sender=egress) == 1
    assert egress.sent[0].headers["webhook-id"] == letter["id"]
    assert system.delete(address).status_code == 204
    assert system.get(address).status_code == 404


@pytest.mark.parametrize("lang", LANGS)
def test_the_operator_sees_every_hook_and_sends_again(lang):
    _, made = dead_letters()
    user = accounts.create_user(actor=make.OPERATOR, sign_in_name="operator", now=make.NOW)
    accounts.grant(actor=make.OPERATOR, user=user, role=Role.OPERATOR, valid_from=make.NOW.date(), now=make.NOW)
    browser = Client()
    browser.cookies["language"] = lang
    browser.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    page = browser.get("/webhooks/").content.decode()
    assert URL in page
    assert "UNDEFINED-VARIABLE" not in page
    assert browser.post(f"/webhooks/{made['id']}/resume/").status_code == 303
    assert browser.post(f"/webhooks/{made['id']}/send-again/").status_code == 303
    hook = queries.hook(uuid.UUID(made["id"]))
    assert (hook.state, hook.waiting, hook.dead) == (HookState.ACTIVE, 1, 0)
    assert browser.post(f"/webhooks/{made['id']}/pause/").status_code == 303
    assert queries.hook(hook.id).state is HookState.PAUSED
    assert browser.post(f"/webhooks/{uuid.uuid4()}/pause/").status_code == 404
