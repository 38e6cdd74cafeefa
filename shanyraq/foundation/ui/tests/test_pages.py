from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.utils import translation

from shanyraq.foundation import clock
from shanyraq.foundation.access import ANYONE, Actor, Grant, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.middleware import RefusalMiddleware
from shanyraq.foundation.ui.pages import ConfirmPage, FormPage, Page
from shanyraq.foundation.ui.views import language

NOW = datetime(2026, 9, 1, 20, 30, tzinfo=UTC)
STAFF = Actor(user=uuid4(), grants=(Grant(Role.OFFICER, "711210000"),))
FAMILY = Actor(user=uuid4(), person=uuid4(), grants=(Grant(Role.GUARDIAN),))


class Plain(Page):
    template = "ui/page.html"


class ForOfficers(Plain):
    roles = (Role.OFFICER,)


class ForSignedIn(Plain):
    private = True


class NameForm(Form):
    texts = "portal.sample"
    name = forms.CharField()


class Rename(FormPage):
    template = "ui/form.html"
    form = NameForm
    done = "ui.copied"

    def submit(self, form):
        if form.cleaned_data["name"] == "refused":
            raise Refusal("page.stale", field="name")
        if form.cleaned_data["name"] == "forbidden":
            raise NotAllowed("page.stale")
        return "/next/"


class Remove(ConfirmPage):
    texts = "portal.sample.confirm"
    danger = True

    def facts(self):
        return {"n": 3}

    def submit(self, form):
        return "/gone/"


def opened(page: type[Page], sent: Any) -> Any:
    return page.as_view()(sent)


def switched(address: str) -> Any:
    return language(RequestFactory().get(address), "en")


def refused(refusal: Exception, method: str = "post") -> Any:
    return RefusalMiddleware(lambda _: HttpResponse()).process_exception(request(method), refusal)


def request(method="get", actor=ANYONE, **data):
    made = getattr(RequestFactory(), method)("/x/?a=1" if method == "get" else "/x/", data)
    made.actor = actor
    made.user = "officer-1"
    made.session = {}
    made._messages = FallbackStorage(made)
    return made


@pytest.fixture(autouse=True)
def _at():
    with clock.frozen_at(NOW), translation.override("ru"):
        yield


def test_a_stranger_is_asked_to_sign_in_and_comes_back():
    answer = opened(ForSignedIn, request())
    assert answer.status_code == 302
    assert answer.url == "/sign-in/?next=%2Fx%2F%3Fa%3D1"
    assert opened(ForOfficers, request()).url == answer.url


def test_a_page_of_another_role_is_refused():
    with pytest.raises(NotAllowed):
        opened(ForOfficers, request(actor=FAMILY))


@pytest.mark.django_db
def test_a_page_of_ones_role_opens_and_is_kept_nowhere():
    answer = opened(ForOfficers, request(actor=STAFF))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_today_is_the_day_in_kazakhstan():
    seen: dict[str, object] = {}

    class Probe(Plain):
        def context(self):
            seen.update(today=self.today, lang=self.lang)
            return {}

    opened(Probe, request())
    assert seen == {"today": date(2026, 9, 2), "lang": "ru"}


def test_a_right_form_leads_on_with_303_and_a_word_of_success():
    sent = request("post", name="Әсел")
    answer = opened(Rename, sent)
    assert (answer.status_code, answer.url) == (303, "/next/")
    assert [str(message) for message in sent._messages] == [say("ui.copied", "ru")]


@pytest.mark.parametrize("name", ["", "refused"])
def test_a_wrong_or_refused_form_is_shown_again_with_422(name):
    answer = opened(Rename, request("post", name=name))
    assert answer.status_code == 422
    told = "form.required" if not name else "refusal.page.stale.todo"
    assert say(told, "ru") in answer.content.decode()


def test_what_is_forbidden_is_not_told_in_the_form():
    with pytest.raises(NotAllowed):
        opened(Rename, request("post", name="forbidden"))


def test_a_dangerous_step_asks_on_a_page_and_needs_its_key():
    asked = opened(Remove, request()).content.decode()
    assert say("portal.sample.confirm.title", "ru", n=3) in asked
    assert 'name="key"' in asked
    assert opened(Remove, request("post")).status_code == 422
    assert opened(Remove, request("post", key=str(uuid4()))).url == "/gone/"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("refusal", "status"),
    [(Refusal("page.stale"), 409), (NotAllowed("page.stale"), 403), (Refusal("page.not_found"), 404)],
)
def test_a_refusal_that_no_view_answered_is_a_page_in_three_languages(lang, refusal, status):
    with translation.override(lang):
        answer = refused(refusal)
    html = answer.content.decode()
    assert answer.status_code == status
    assert all(say(f"refusal.{refusal.code}.{part}", lang) in html for part in ("what", "why", "todo"))
    assert refusal.code in html
    assert f'<html lang="{lang}">' in html


def test_a_stranger_who_may_not_read_is_sent_to_sign_in():
    answer = refused(NotAllowed("page.stale"), "get")
    assert answer.url.startswith("/sign-in/?next=")


def test_a_fault_of_ours_is_left_to_rise():
    assert refused(ValueError()) is None


def test_the_language_is_kept_in_a_cookie_and_only_our_addresses_are_followed():
    answer = switched("/language/en/?next=/places/")
    assert (answer.url, answer.cookies["language"].value) == ("/places/", "en")
    assert switched("/language/en/?next=https://evil.example/").url == "/"
    assert switched("/language/en/?next=//evil.example/").url == "/"


def broken(request):
    raise RuntimeError("a fault of ours")


urlpatterns = [path("broken/", broken)]


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
@pytest.mark.parametrize("lang", LANGS)
def test_a_fault_and_a_wrong_address_have_pages_in_three_languages(lang):
    client = Client(raise_request_exception=False)
    client.cookies["language"] = lang
    fault = client.get("/broken/")
    assert fault.status_code == 500
    assert say("refusal.page.failed.what", lang) in fault.content.decode()
    assert "RuntimeError" not in fault.content.decode()
    lost = client.get("/no/such/page/")
    assert lost.status_code == 404
    assert say("refusal.page.not_found.what", lang) in lost.content.decode()


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
def test_a_post_without_its_token_is_told_that_the_page_is_old():
    answer = Client(enforce_csrf_checks=True, headers={"Accept-Language": "ru"}).post("/broken/")
    assert answer.status_code == 403
    assert say("refusal.page.stale.what", "ru") in answer.content.decode()
