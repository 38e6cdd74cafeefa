from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shanyraq.foundation import text
from shanyraq.foundation.accounts import egov
from shanyraq.foundation.accounts.egov import FakeProvider, IdentityProvider, OidcProvider, Subject
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.accounts.tests.builders import a_parent, an_officer
from shanyraq.foundation.accounts.tests.servers import serving
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id

IIN = "900213300012"
BACK = "https://portal.example/sign-in/egov/return/"
PERSON = new_id()


def find_person(iin):
    """Stands for the registry: settings.PERSON_BY_IIN names it."""
    return PERSON if iin == IIN else None


def demo_people():
    return [(IIN, "Айгүл")]


@dataclass
class Harness:
    """A provider, and a way to prove oneself there: IIN to code."""

    provider: IdentityProvider
    prove: Callable[[Any], str]


@pytest.fixture(params=["fake", "oidc"])
def harness(request) -> Iterator[Harness]:
    if request.param == "fake":
        fake = FakeProvider()
        yield Harness(fake, lambda iin: fake.code(iin=iin, return_to=BACK))
        return
    codes: dict[str, object] = {}

    def answer(path, body, headers):
        if path == "/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            known = form.get("code") in codes and form["redirect_uri"] == BACK
            right = (form["client_id"], form["client_secret"], form["grant_type"])
            if not known or right != ("shanyraq", "s3cret", "authorization_code"):
                return 400, {"error": "invalid_grant"}
            return 200, {"access_token": f"token-{form['code']}", "token_type": "Bearer"}
        return 200, {"iin": codes[headers["Authorization"].removeprefix("Bearer token-")]}

    def prove(iin):
        code = f"c{len(codes)}"
        codes[code] = iin
        return code

    with serving(answer) as base:
        yield Harness(OidcProvider(f"{base}/authorise", f"{base}/token", f"{base}/me", "shanyraq", "s3cret"), prove)


class TestEveryProvider:
    """What each provider, real or fake, must do."""

    def test_sends_the_browser_away_with_the_state_and_the_way_back(self, harness):
        query = parse_qs(urlsplit(harness.provider.address(state="a b&c", return_to=BACK)).query)
        assert query["state"] == ["a b&c"]
        assert query["redirect_uri"] == [BACK]

    def test_vouches_for_who_proved_themself(self, harness):
        assert harness.provider.subject(code=harness.prove(IIN), return_to=BACK) == Subject(IIN)

    @pytest.mark.parametrize("code", ["", "made-up", "x" * 5000])
    def test_knows_no_other_code(self, harness, code):
        with pytest.raises(Refusal) as refused:
            harness.provider.subject(code=code, return_to=BACK)
        assert refused.value.code == "accounts.egov_refused"

    def test_takes_a_code_only_with_its_way_back(self, harness):
        with pytest.raises(Refusal) as refused:
            harness.provider.subject(code=harness.prove(IIN), return_to="https://evil.example/")
        assert refused.value.code == "accounts.egov_refused"

    @pytest.mark.parametrize("claim", ["", "12345", "90021330001x", None, 900213300012])
    def test_vouches_for_nobody_without_an_iin(self, harness, claim):
        with pytest.raises(Refusal) as refused:
            harness.provider.subject(code=harness.prove(claim), return_to=BACK)
        assert refused.value.code == "accounts.egov_refused"


@pytest.mark.parametrize("answer", [(500, {}), (503, b"<html>"), (200, b"<html>not json")])
def test_a_provider_in_trouble_is_away(answer):
    with serving(lambda path, body, headers: answer) as base:
        provider = OidcProvider(f"{base}/a", f"{base}/t", f"{base}/u", "c", "s")
        with pytest.raises(Refusal) as refused:
            provider.subject(code="x", return_to=BACK)
    assert refused.value.code == "accounts.egov_away"


def test_a_provider_that_does_not_answer_is_away():
    nobody = "http://127.0.0.1:9"
    with pytest.raises(Refusal) as refused:
        OidcProvider(nobody, nobody, nobody, "c", "s").subject(code="x", return_to=BACK)
    assert refused.value.code == "accounts.egov_away"


def test_a_code_of_the_fake_lasts_a_minute(monkeypatch):
    code = FakeProvider().code(iin=IIN, return_to=BACK)
    import time

    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Refusal):
        FakeProvider().subject(code=code, return_to=BACK)


def test_the_real_provider_is_a_setting_and_there_is_none_by_default(settings):
    assert isinstance(egov.provider(), FakeProvider)
    settings.DEMO = False
    assert egov.provider() is None
    settings.EGOV = dict.fromkeys(("authorise_url", "token_url", "userinfo_url", "client_id", "client_secret"), "x")
    assert isinstance(egov.provider(), OidcProvider)


@pytest.mark.django_db
@pytest.mark.urls("shanyraq.foundation.accounts.tests.urls")
class TestSignIn:
    @pytest.fixture(autouse=True)
    def _registry(self, settings):
        settings.PERSON_BY_IIN = f"{__name__}.find_person"
        settings.DEMO_PEOPLE = f"{__name__}.demo_people"

    def go(self, client, iin=IIN, wanted="/inbox/"):
        away = client.get("/sign-in/egov/", {"next": wanted})
        assert "Айгүл" in client.get(away.url).content.decode()
        back = client.post(away.url, {"iin": iin})
        return client.get(back.url)

    def test_brings_a_person_to_the_page_they_came_for(self, client):
        parent = a_parent()
        User.objects.filter(pk=parent.pk).update(person_id=PERSON)
        answer = self.go(client)
        assert (answer.status_code, answer.url) == (303, "/inbox/")
        assert client.session["_auth_user_id"] == str(parent.pk)

    def test_opens_an_account_at_the_first_visit(self, client):
        client.cookies["language"] = "en"
        self.go(client)
        user = User.objects.get()
        assert (user.person_id, user.language) == (PERSON, "en")

    def test_does_not_know_everyone(self, client):
        answer = self.go(client, iin="990101300015")
        assert answer.status_code == 409
        assert text.say("refusal.accounts.person_unknown.todo", "kk") in answer.content.decode()
        assert "_auth_user_id" not in client.session

    def test_staff_still_need_their_second_factor(self, client, settings, monkeypatch):
        staff = an_officer()
        User.objects.filter(pk=staff.pk).update(person_id=PERSON)
        monkeypatch.setattr(egov, "provider", FakeProvider)
        settings.DEMO = False
        away = client.get("/sign-in/egov/")
        state = parse_qs(urlsplit(away.url).query)["state"][0]
        back = "http://testserver/sign-in/egov/return/"
        code = FakeProvider().code(iin=IIN, return_to=back)
        answer = client.get(back, {"code": code, "state": state})
        assert answer.url.startswith("/sign-in/second/")

    @pytest.mark.parametrize("state", ["", "other", "ә"])
    def test_a_return_that_nobody_began_here_is_refused(self, client, state):
        code = FakeProvider().code(iin=IIN, return_to="http://testserver/sign-in/egov/return/")
        assert client.get("/sign-in/egov/return/", {"code": code, "state": state}).status_code == 409
        client.get("/sign-in/egov/")
        assert client.get("/sign-in/egov/return/", {"code": code, "state": state}).status_code == 409
        assert "_auth_user_id" not in client.session

    def test_the_page_of_the_fake_sends_nobody_elsewhere(self, client):
        answer = client.post("/demo/egov/?state=x&redirect_uri=https://evil.example/", {"iin": IIN})
        assert answer.status_code == 422

    def test_without_a_registry_egov_is_away(self, settings):
        settings.PERSON_BY_IIN = ""
        with pytest.raises(Refusal) as refused:
            egov.person_of(Subject(IIN))
        assert refused.value.code == "accounts.egov_away"
