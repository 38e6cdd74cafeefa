import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session

from shanyraq.foundation import text
from shanyraq.foundation.accounts import sessions
from shanyraq.foundation.accounts.models import SignIn, User
from shanyraq.foundation.accounts.tests.builders import PASSWORD, a_parent, a_user, an_officer

pytestmark = [pytest.mark.django_db, pytest.mark.urls("shanyraq.foundation.accounts.tests.urls")]


def sign_in(client, name="parent", password=PASSWORD, **more):
    return client.post("/sign-in/", {"sign_in_name": name, "password": password, **more})


def signed_in(client):
    return "_auth_user_id" in client.session


def test_the_right_password_signs_in_under_a_new_session_key(client):
    a_parent()
    client.get("/sign-in/")
    client.session.save()
    before = client.session.session_key
    answer = sign_in(client, name=" PARENT ")
    assert (answer.status_code, answer.url) == (303, "/")
    assert signed_in(client)
    assert client.session.session_key != before
    assert SignIn.objects.get().session_key == client.session.session_key


def test_who_is_signed_in_is_sent_on(client):
    a_parent()
    sign_in(client)
    assert client.get("/sign-in/?next=/inbox/").url == "/inbox/"


@pytest.mark.parametrize("lang", text.LANGS)
def test_a_wrong_password_is_explained(client, lang):
    a_parent()
    client.cookies["language"] = lang
    answer = sign_in(client, password="other words here")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert text.say("refusal.accounts.wrong_password.what", lang) in page
    assert text.say("refusal.accounts.wrong_password.todo", lang) in page
    assert PASSWORD not in page
    assert not signed_in(client)


def test_an_unknown_name_and_a_wrong_password_look_the_same(client):
    a_parent()
    answers = [sign_in(client, name=name, password="other words here") for name in ("parent", "nobody")]
    pages = [answer.content.decode().replace("parent", "").replace("nobody", "") for answer in answers]
    keyless = [page.split("csrfmiddlewaretoken")[0] for page in pages]
    assert keyless[0] == keyless[1]


def test_a_closed_account_does_not_open(client):
    user = a_parent()
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert sign_in(client).status_code == 422
    assert not signed_in(client)


@pytest.mark.parametrize("lang", text.LANGS)
def test_after_five_wrong_passwords_the_right_one_waits_and_the_page_says_how_long(client, lang):
    a_parent()
    client.cookies["language"] = lang
    for n in range(django_settings.AXES_FAILURE_LIMIT):
        name = "Parent" if n % 2 else " parent"
        last = sign_in(client, name=name, password="other words here")
    assert text.say("refusal.accounts.locked.what", lang, minutes=15) in last.content.decode()
    answer = sign_in(client)
    assert answer.status_code == 422
    assert text.say("refusal.accounts.locked.todo", lang, minutes=15) in answer.content.decode()
    assert not signed_in(client)
    a_user("neighbour")
    assert sign_in(client, name="neighbour").status_code == 303  # the lock is on the name, not on the house


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
def test_the_way_on_stays_on_this_site(client, wanted):
    a_parent()
    assert sign_in(client, next=wanted).url == "/"


def test_the_way_on_is_kept(client):
    a_parent()
    assert sign_in(client, next="/inbox/?page=2").url == "/inbox/?page=2"


def test_the_pages_speak_the_language_of_the_account_unless_one_was_chosen(client):
    a_parent(language="ru")
    assert sign_in(client).cookies["language"].value == "ru"
    client.cookies["language"] = "en"
    assert "language" not in sign_in(client).cookies


def test_signing_out_needs_a_post(client):
    a_parent()
    sign_in(client)
    client.get("/sign-out/")
    assert signed_in(client)
    client.post("/sign-out/")
    assert not signed_in(client)
    assert not SignIn.objects.exists()


def test_a_form_without_its_token_does_nothing():
    from django.test import Client

    a_parent()
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 YaBrowser/24 Safari/537.36", "Yandex Browser, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8", ""),
    ],
)
def test_a_device_has_a_name_that_people_use(agent, device):
    assert sessions.device_of(agent) == device


class TestAccount:
    def test_shows_where_one_is_signed_in_and_ends_the_others(self, client, django_user_model):
        from django.test import Client

        user = a_parent()
        phone = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"})
        sign_in(client)
        sign_in(phone)
        page = client.get("/account/").content.decode()
        assert "Chrome, Android" in page
        assert client.post("/account/sessions/end/").url == "/account/"
        assert not phone.get("/account/").context
        assert client.get("/account/").status_code == 200
        assert SignIn.objects.filter(user=user).count() == Session.objects.count() == 1

    def test_of_a_stranger_is_the_sign_in_page(self, client):
        assert client.get("/account/").url == "/sign-in/?next=%2Faccount%2F"

    def test_keeps_the_language(self, client):
        user = a_parent()
        sign_in(client)
        answer = client.post("/account/", {"language": "en"})
        assert answer.cookies["language"].value == "en"
        user.refresh_from_db()
        assert user.language == "en"
        assert client.post("/account/", {"language": "fr"}).status_code == 422

    def test_takes_a_new_password_and_ends_other_sessions(self, client):
        from django.test import Client

        a_parent()
        other = Client()
        sign_in(client)
        sign_in(other)
        new = "жаңа ұзын құпиясөз"
        wrong = client.post("/account/password/", {"present": "x", "password": new, "again": new})
        assert wrong.status_code == 422
        differs = client.post("/account/password/", {"present": PASSWORD, "password": new, "again": "y"})
        assert text.say("accounts.password.again.differs", "kk") in differs.content.decode()
        right = client.post("/account/password/", {"present": PASSWORD, "password": new, "again": new})
        assert right.url == "/account/"
        assert client.get("/account/").status_code == 200
        assert other.get("/account/").status_code == 302
        assert sign_in(Client(), password=new).status_code == 303

    def test_of_staff_shows_their_roles(self, client):
        an_officer()
        sign_in(client, name="officer")
        assert text.say("role.officer", "kk") in client.get("/account/").content.decode()
