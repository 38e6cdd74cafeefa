"""The pages of duplicates in a browser without JavaScript: the list, two records, the merge, the way back."""

from datetime import date, timedelta

import pytest
from django.test import Client

from shanyraq.domains.accuracy.models import Duplicate
from shanyraq.domains.accuracy.services import duplicates
from shanyraq.domains.registry import queries
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.services import load_territory
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import ESIL, NOW, SYSTEM
from shanyraq.foundation import audit, clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
BORN = date(2022, 3, 4)
WORDS = "Checked against the certificate."


@pytest.fixture
def browser():
    load_territory()
    user = accounts.create_user(actor=SYSTEM, sign_in_name="officer", now=NOW)
    accounts.grant(
        actor=SYSTEM, user=user, role=Role.OFFICER, valid_from=NOW.date(), now=NOW, territory=ESIL, organisation=None
    )
    client = Client()
    client.cookies["language"] = "en"
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    with clock.frozen_at(LATER):
        yield client


@pytest.fixture
def pair(browser):
    first = builders.person(iin=builders.iin(BORN, Sex.FEMALE), patronymic="Маратқызы")
    second = builders.person(given="Асель", surname="Серикова", patronymic="Маратовна")
    for one in (first, second):
        builders.guardian_of(one)
        builders.enrol(one, builders.group())
    duplicates.search_duplicates(actor=SYSTEM, now=LATER)
    return Duplicate.objects.get(first=min(first, second), second=max(first, second)), first, second


def test_from_the_list_to_the_merge_and_back(browser, pair):
    row, first, second = pair
    listed = browser.get("/duplicates/")
    assert str(row.id) in listed.content.decode()
    page = browser.get(f"/duplicates/{row.id}/").content.decode()
    assert "The same given name, spelt in another way" in page
    assert audit.queries.who_read(second)[0].action == "accuracy.read_duplicates"
    merge = f"/duplicates/{row.id}/merge/"
    preview = browser.get(merge).content.decode()
    assert preview.index(queries.names_of((first,))[first].en) < preview.index("Is put aside")
    assert "Enrolment: which one goes on?" in preview
    refused = browser.post(merge, {"key": new_id(), "kept": first, "words": "yes"})
    assert refused.status_code == 422
    done = browser.post(merge, {"key": new_id(), "kept": first, "words": WORDS, "take": "name"})
    assert done.status_code == 303
    assert queries.names_of((first,))[first].kk == "Серикова Асель Маратовна"
    assert "Take the merge back" in browser.get(f"/duplicates/{row.id}/").content.decode()
    with clock.frozen_at(LATER + timedelta(hours=1)):
        undone = browser.post(f"/duplicates/{row.id}/undo/", {"key": new_id(), "words": WORDS})
    assert undone.status_code == 303
    assert queries.names_of((first,))[first].kk != "Серикова Асель Маратовна"


def test_the_record_without_the_iin_cannot_be_the_one_that_stays(browser, pair):
    row, _, second = pair
    page = browser.get(f"/duplicates/{row.id}/merge/?kept={second}").content.decode()
    assert "The record with the IIN has to stay" in page
    posted = {"key": new_id(), "kept": second, "words": WORDS}
    assert browser.post(f"/duplicates/{row.id}/merge/", posted).status_code == 422


def test_two_people_are_told_apart(browser, pair):
    row, *_ = pair
    address = f"/duplicates/{row.id}/"
    assert browser.post(address, {"key": new_id(), "to": "later", "words": WORDS}).status_code == 422
    assert browser.post(address, {"key": new_id(), "to": "different", "words": WORDS}).status_code == 303
    assert str(row.id) not in browser.get("/duplicates/").content.decode()
    assert str(row.id) in browser.get("/duplicates/?state=different").content.decode()


@pytest.mark.parametrize("asked", ["?state=nothing", "?page=0", "?page=99999999999", "?page=x"])
def test_a_mistyped_address_shows_the_list(browser, asked):
    assert browser.get(f"/duplicates/{asked}").status_code == 200
