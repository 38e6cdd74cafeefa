"""The pages of heads and officers over HTTP: what they show, what they do, whom they turn away."""

from datetime import timedelta

import pytest
from django.test import Client

from shanyraq.domains.placement.models import Application, Document, Offer, Round
from shanyraq.domains.placement.rules.claim import Benefit, Status
from shanyraq.domains.placement.services import offers, rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
NOW = builders.NOW
LANGS = ("kk", "ru", "en")


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen_at(NOW):
        yield


def signed_in(role: Role, *, territory: str = "", organisation=None, name: str = "staff", lang: str = "en") -> Client:
    user = accounts.create_user(actor=builders.OPERATOR, sign_in_name=f"{name}-{role}", now=NOW)
    accounts.grant(
        actor=builders.OPERATOR,
        user=user,
        role=role,
        valid_from=NOW.date(),
        now=NOW,
        territory=territory,
        organisation=organisation,
    )
    client = Client()
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["language"] = lang
    return client


def accepted(kindergarten: builders.Kindergarten) -> Offer:
    """A family that took the place a round offered it."""
    family = builders.family()
    builders.application(kindergarten.id, of=family)
    officer = builders.officer_of()
    preview = rounds.preview_round(actor=officer, district=builders.DISTRICT, now=NOW)
    held = rounds.confirm_round(actor=officer, district=builders.DISTRICT, fingerprint=preview.fingerprint, now=NOW)
    rounds.publish_round(actor=officer, round=held, now=NOW)
    offer = Offer.objects.get(application__child_id=family.child)
    offers.accept_offer(actor=family.actor, offer=offer.pk, now=NOW)
    offer.refresh_from_db()
    return offer


def home(kindergarten: builders.Kindergarten) -> str:
    return f"/kindergarten/{kindergarten.id}/"


class TestHead:
    @pytest.mark.parametrize("lang", LANGS)
    def test_sees_groups_places_and_who_is_coming(self, lang):
        kindergarten = builders.kindergarten(5)
        offer = accepted(kindergarten)
        client = signed_in(Role.HEAD, organisation=kindergarten.id, lang=lang)
        page = client.get("/kindergarten/", follow=True)
        assert page.status_code == 200
        assert offer.referral_number in page.content.decode()
        assert page.context["page"].free == 4

    def test_each_look_at_a_child_is_noted(self):
        kindergarten = builders.kindergarten(5)
        offer = accepted(kindergarten)
        signed_in(Role.HEAD, organisation=kindergarten.id).get(home(kindergarten))
        assert AuditEntry.objects.filter(kind="read", child_id=offer.application.child_id).exists()

    def test_enrols_the_child(self):
        kindergarten = builders.kindergarten(5)
        offer = accepted(kindergarten)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        address = f"{home(kindergarten)}arrivals/{offer.pk}/enrol/"
        key = client.get(address).context["form"]["key"].value()
        answer = client.post(address, {"order_number": "17", "key": key})
        assert answer.status_code == 303
        assert Application.objects.get(pk=offer.application_id).status == Status.ENROLLED
        listed = client.get(f"{home(kindergarten)}groups/{kindergarten.group}/")
        assert len(listed.context["pupils"]) == 1

    def test_an_empty_order_number_is_asked_for_again(self):
        kindergarten = builders.kindergarten(5)
        offer = accepted(kindergarten)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        answer = client.post(f"{home(kindergarten)}arrivals/{offer.pk}/enrol/", {"order_number": ""})
        assert answer.status_code == 422

    def test_refuses_only_with_a_reason_of_the_list(self):
        kindergarten = builders.kindergarten(5)
        offer = accepted(kindergarten)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        address = f"{home(kindergarten)}arrivals/{offer.pk}/refuse/"
        key = client.get(address).context["form"]["key"].value()
        assert client.post(address, {"reason": "mood", "key": key}).status_code == 422
        assert client.post(address, {"reason": "incomplete_documents", "key": key}).status_code == 303
        assert Application.objects.get(pk=offer.application_id).status == Status.WAITING

    @pytest.mark.parametrize("places", ["-1", "", "many"])
    def test_impossible_places_are_refused_and_nothing_changes(self, places):
        kindergarten = builders.kindergarten(5)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        address = f"{home(kindergarten)}groups/{kindergarten.group}/places/"
        key = client.get(address).context["form"]["key"].value()
        assert client.post(address, {"places": places, "key": key}).status_code == 422
        assert client.get(home(kindergarten)).context["page"].places == 5

    def test_changes_places_and_opens_a_group(self):
        kindergarten = builders.kindergarten(5)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        address = f"{home(kindergarten)}groups/{kindergarten.group}/places/"
        key = client.get(address).context["form"]["key"].value()
        assert client.post(address, {"places": "9", "key": key}).status_code == 303
        new = {"name": "Күншуақ", "kind": "general", "language": "kk", "born_from": 2023, "born_to": 2023, "places": 20}
        assert client.post(f"{home(kindergarten)}groups/new/", {**new, "key": key}).status_code == 303
        assert client.get(home(kindergarten)).context["page"].places == 29

    def test_a_child_leaves_and_the_place_is_free(self):
        kindergarten = builders.kindergarten(5)
        enrolment = builders.enrolled(builders.family().child, kindergarten.group)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        address = f"{home(kindergarten)}children/{enrolment}/leave/"
        key = client.get(address).context["form"]["key"].value()
        assert client.post(address, {"reason": "moved", "key": key}).status_code == 303
        assert client.get(home(kindergarten)).context["page"].free == 5

    def test_a_child_who_begins_later_can_be_looked_up(self):
        kindergarten = builders.kindergarten(5)
        later = builders.enrolled(builders.family().child, kindergarten.group, on=NOW.date() + timedelta(days=7))
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        assert client.get(f"{home(kindergarten)}children/{later}/leave/").status_code == 200

    def test_another_kindergarten_does_not_exist(self):
        kindergarten, other = builders.kindergarten(5), builders.kindergarten(5)
        offer = accepted(other)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        assert client.get(home(other)).status_code == 404
        assert client.get(f"{home(kindergarten)}arrivals/{offer.pk}/enrol/").status_code == 404
        assert client.get(f"{home(kindergarten)}groups/{other.group}/").status_code == 404

    def test_the_list_as_a_file_holds_what_the_page_shows(self):
        kindergarten = builders.kindergarten(5)
        builders.enrolled(builders.family().child, kindergarten.group)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        answer = client.post(f"{home(kindergarten)}groups/{kindergarten.group}/list.csv")
        lines = b"".join(answer).decode("utf-8-sig").splitlines()
        assert len(lines) == 4  # whose it is, the headings, the child, the end

    def test_as_many_queries_for_one_child_as_for_ten(self, django_assert_num_queries, django_assert_max_num_queries):
        kindergarten = builders.kindergarten(30)
        client = signed_in(Role.HEAD, organisation=kindergarten.id)
        builders.enrolled(builders.family().child, kindergarten.group)
        with django_assert_max_num_queries(60) as counted:
            client.get(f"{home(kindergarten)}groups/{kindergarten.group}/")
        first = len(counted)
        for _ in range(9):
            builders.enrolled(builders.family().child, kindergarten.group)
        with django_assert_num_queries(first):
            client.get(f"{home(kindergarten)}groups/{kindergarten.group}/")


DISTRICT = f"/district/{builders.DISTRICT}/"


class TestOfficer:
    @pytest.mark.parametrize("lang", LANGS)
    @pytest.mark.parametrize("page", ["", "papers/", "queue/", "rounds/", "rounds/new/", "find/"])
    def test_sees_every_page(self, page, lang):
        builders.application(builders.kindergarten(5).id)
        client = signed_in(Role.OFFICER, territory=builders.DISTRICT, lang=lang)
        assert client.get(DISTRICT + page).status_code == 200

    @pytest.mark.parametrize("page", ["", "papers/", "queue/", "rounds/", "rounds/new/", "find/"])
    def test_another_district_does_not_exist(self, page):
        builders.territory()
        client = signed_in(Role.OFFICER, territory=builders.OTHER_DISTRICT)
        assert client.get(DISTRICT + page).status_code == 404

    def test_confirms_a_paper_and_the_right_counts(self):
        application = builders.application(
            builders.kindergarten(5).id, benefit=Benefit.LARGE_FAMILY, documents=(builders.document("large_family"),)
        )
        client = signed_in(Role.OFFICER, territory=builders.DISTRICT)
        paper = Document.objects.get(application=application)
        address = f"{DISTRICT}papers/{paper.pk}/"
        key = client.get(address).context["form"]["key"].value()
        assert client.post(address, {"decision": "refuse", "key": key}).status_code == 422  # a refusal needs a reason
        assert client.post(address, {"decision": "confirm", "key": key}).status_code == 303
        assert Application.objects.get(pk=application).right == "priority"
        assert client.post(address, {"decision": "confirm", "key": key}).status_code == 422  # a replayed request

    def test_previews_confirms_and_publishes_a_round(self):
        builders.application(builders.kindergarten(5).id)
        client = signed_in(Role.OFFICER, territory=builders.DISTRICT)
        preview = client.get(f"{DISTRICT}rounds/new/").context["preview"]
        assert preview.placed == 1
        assert not Round.objects.exists()
        answer = client.post(f"{DISTRICT}rounds/new/", {"fingerprint": preview.fingerprint, "key": a_key()})
        assert answer.status_code == 303
        assert client.get(answer["Location"]).status_code == 200
        assert client.post(f"{answer['Location']}publish/", {"key": a_key()}).status_code == 303
        assert Round.objects.get().status == "published"
        assert client.get(f"{answer['Location']}replay/").context["replay"].equal

    def test_a_round_whose_queue_changed_is_not_confirmed(self):
        kindergarten = builders.kindergarten(5)
        builders.application(kindergarten.id)
        client = signed_in(Role.OFFICER, territory=builders.DISTRICT)
        preview = client.get(f"{DISTRICT}rounds/new/").context["preview"]
        builders.application(kindergarten.id)
        answer = client.post(f"{DISTRICT}rounds/new/", {"fingerprint": preview.fingerprint, "key": a_key()})
        assert answer.status_code == 422
        assert "placement.round_changed" in answer.content.decode()
        assert not Round.objects.exists()

    def test_the_queue_shows_places_in_serving_order(self):
        kindergarten = builders.kindergarten(5)
        first = builders.application(kindergarten.id, now=NOW - timedelta(hours=2))
        second = builders.application(kindergarten.id, now=NOW - timedelta(hours=1))
        rows = signed_in(Role.OFFICER, territory=builders.DISTRICT).get(f"{DISTRICT}queue/").context["listing"].rows
        assert [(row.id, row.position) for row in rows] == [(first, 1), (second, 2)]

    def test_as_many_queries_for_one_application_as_for_ten(
        self, django_assert_num_queries, django_assert_max_num_queries
    ):
        kindergarten = builders.kindergarten(5)
        client = signed_in(Role.OFFICER, territory=builders.DISTRICT)
        builders.application(kindergarten.id)
        with django_assert_max_num_queries(60) as counted:
            client.get(f"{DISTRICT}queue/")
        first = len(counted)
        for _ in range(9):
            builders.application(kindergarten.id)
        with django_assert_num_queries(first):
            client.get(f"{DISTRICT}queue/")

    def test_a_record_of_another_district_opens_only_with_a_reason_and_the_family_is_told(self):
        family = builders.family(district=builders.OTHER_DISTRICT)
        there = builders.kindergarten(5, district=builders.OTHER_DISTRICT)
        application = builders.application(there.id, of=family)
        client = signed_in(Role.OFFICER, territory=builders.DISTRICT)
        assert client.get(f"{DISTRICT}applications/{application}/").status_code == 404
        address = f"{DISTRICT}open/{family.child}/"
        key = client.get(address).context["form"]["key"].value()
        assert client.post(address, {"reason": "short", "key": key}).status_code == 422
        reason = "The family stands at my desk and has moved here yesterday."
        assert client.post(address, {"reason": reason, "key": key}).status_code == 303
        assert client.get(f"{DISTRICT}applications/{application}/").status_code == 200
        assert Notice.objects.filter(person_id=family.guardian, code="audit.record_opened").exists()

    def test_nobody_found_is_said_plainly(self):
        builders.territory()
        client = signed_in(Role.OFFICER, territory=builders.DISTRICT)
        answer = client.post(f"{DISTRICT}find/", {"number": "990230300015"})
        assert answer.status_code == 422


@pytest.mark.parametrize("address", ["/kindergarten/", "/district/"])
class TestOthers:
    def test_strangers_are_sent_to_sign_in(self, address):
        assert Client().get(address)["Location"].startswith("/sign-in/")

    def test_other_roles_are_refused(self, address):
        assert signed_in(Role.AUDITOR).get(address).status_code == 403


def a_key() -> str:
    return str(new_id())
