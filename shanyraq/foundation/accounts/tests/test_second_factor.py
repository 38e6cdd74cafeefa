import time
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import path
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from shanyraq.foundation import clock, text
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts.tests import urls
from shanyraq.foundation.accounts.tests.builders import PASSWORD, a_parent, an_officer
from shanyraq.foundation.ui.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
seen: list[object] = []


class Secret(Page):
    template = "ui/page.html"

    def context(self):
        seen.append(self.actor)
        return {}


class District(Secret):
    roles = (Role.OFFICER,)


urlpatterns = [*urls.urlpatterns, path("secret/", Secret.as_view()), path("district/", District.as_view())]


@pytest.fixture(autouse=True)
def production(settings):
    settings.DEMO = False
    seen.clear()


def sign_in(client, name="officer"):
    return client.post("/sign-in/", {"sign_in_name": name, "password": PASSWORD, "next": "/district/"})


def code_now(*, ahead: int = 0) -> str:
    device = TOTPDevice.objects.get()
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time() + ahead * device.step
    return f"{totp.token():06d}"


def set_up(client) -> list[str]:
    client.get("/account/second-factor/")
    answer = client.post("/account/second-factor/", {"code": code_now()})
    assert answer.status_code == 200
    return list(answer.context["codes"])


def test_staff_set_it_up_at_their_first_sign_in_and_then_enter(client):
    an_officer()
    assert sign_in(client).url == "/sign-in/second/?next=%2Fdistrict%2F"
    assert client.get("/sign-in/second/").url == "/account/second-factor/"
    page = client.get("/account/second-factor/").content.decode()
    assert 'src="data:image/svg+xml,' in page
    before = client.session.session_key
    codes = set_up(client)
    assert len(set(codes)) == 10
    assert client.session.session_key != before
    assert client.get("/district/").status_code == 200


def test_until_then_no_page_opens_and_the_actor_is_a_stranger(client):
    an_officer()
    sign_in(client)
    assert client.get("/secret/?a=1").url == "/sign-in/second/?next=%2Fsecret%2F%3Fa%3D1"
    assert client.post("/district/").status_code == 302
    assert seen == []


def test_a_wrong_code_is_explained_and_opens_nothing(client):
    an_officer()
    sign_in(client)
    client.get("/account/second-factor/")
    answer = client.post("/account/second-factor/", {"code": "000000"})
    assert answer.status_code == 422
    assert text.say("refusal.accounts.wrong_code.what", "kk") in answer.content.decode()
    assert client.get("/district/").status_code == 302


def test_the_next_time_a_code_is_asked_and_works_once(client):
    an_officer()
    sign_in(client)
    set_up(client)
    client.post("/sign-out/")
    sign_in(client)
    assert client.post("/sign-in/second/", {"code": code_now()}).status_code == 422  # used at set-up
    TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    assert client.post("/sign-in/second/", {"code": code_now(ahead=1), "next": "/district/"}).url == "/district/"
    assert client.get("/district/").status_code == 200


def test_a_recovery_code_works_once(client):
    an_officer()
    sign_in(client)
    code, *_ = set_up(client)
    for expected in (303, 422):
        client.post("/sign-out/")
        sign_in(client)
        assert client.post("/sign-in/second/", {"code": f" {code.upper()} "}).status_code == expected


def test_a_password_alone_cannot_replace_the_device(client):
    an_officer()
    sign_in(client)
    set_up(client)
    device = TOTPDevice.objects.get().pk
    client.post("/sign-out/")
    sign_in(client)
    assert client.get("/account/second-factor/").url == "/sign-in/second/"
    client.post("/account/second-factor/", {"code": "123456"})
    assert TOTPDevice.objects.get().pk == device


def test_parents_need_none_but_who_has_one_is_asked(client):
    a_parent()
    assert sign_in(client, "parent").url == "/district/"
    set_up(client)
    client.post("/sign-out/")
    assert sign_in(client, "parent").url.startswith("/sign-in/second/")
    assert client.get("/secret/").status_code == 302


def test_in_the_demonstration_none_is_asked(client, settings):
    settings.DEMO = True
    an_officer()
    assert sign_in(client).url == "/district/"
    assert client.get("/district/").status_code == 200


def test_staff_who_are_silent_for_half_an_hour_are_signed_out(client):
    an_officer()
    now = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
    with clock.frozen_at(now):
        sign_in(client)
        set_up(client)
    with clock.frozen_at(now + timedelta(minutes=29)):
        assert client.get("/district/").status_code == 200
    with clock.frozen_at(now + timedelta(minutes=58)):
        assert client.get("/district/").status_code == 200
    with clock.frozen_at(now + timedelta(minutes=89)):
        assert client.get("/district/").url.startswith("/sign-in/?")
    assert "_auth_user_id" not in client.session
