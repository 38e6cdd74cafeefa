import pytest

from shanyraq.foundation import text
from shanyraq.foundation.accounts.tests.builders import a_parent, a_user, an_officer

pytestmark = [pytest.mark.django_db, pytest.mark.urls("shanyraq.foundation.accounts.tests.urls")]


def signed_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("address", ["/demo/", "/demo/egov/", "/sign-in/egov/"])
def test_outside_the_demonstration_there_is_no_such_page(client, settings, address):
    an_officer("demo-officer")
    settings.DEMO = False
    assert client.get(address).status_code == 404
    assert client.post(address, {"persona": "demo-officer"}).status_code in (404, 405)
    assert not signed_in(client)


@pytest.mark.parametrize("lang", text.LANGS)
def test_the_page_offers_each_persona_with_its_role(client, lang):
    a_parent("demo-parent")
    an_officer("demo-officer")
    an_officer("demo-somebody")
    a_user("aigul")
    client.cookies["language"] = lang
    page = client.get("/demo/").content.decode()
    assert text.say("accounts.demo.parent.body", lang) in page
    assert text.say("accounts.demo.officer", lang) in page
    assert text.say("role.officer", lang) in page
    assert "aigul" not in page


def test_an_empty_demonstration_says_what_to_do(client):
    assert "make run" in client.get("/demo/").content.decode()


def test_one_click_signs_in(client):
    an_officer("demo-officer", password=None)
    answer = client.post("/demo/", {"persona": "demo-officer", "next": "/inbox/"})
    assert answer.url == "/inbox/"
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("persona", ["aigul", "demo-nobody", "", "demo-' OR 1=1"])
def test_nobody_else_is_signed_in(client, persona):
    a_user("aigul")
    assert client.post("/demo/", {"persona": persona}).status_code in (404, 409)
    assert not signed_in(client)


def test_the_number_of_queries_does_not_grow(client, django_assert_max_num_queries):
    for n in range(30):
        an_officer(f"demo-{n}", password=None)
    with django_assert_max_num_queries(2):
        client.get("/demo/")
