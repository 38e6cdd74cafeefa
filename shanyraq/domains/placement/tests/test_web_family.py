"""The pages of a family over HTTP: what they show, what they do, whom they turn away."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.models import Application
from shanyraq.domains.placement.rules.claim import Benefit, Status
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.web_family import (
    LANGS,
    NOW,
    agreed,
    client_of,
    drafted,
    held_round,
    offered,
    parent,
    sure,
)
from shanyraq.foundation import clock
from shanyraq.foundation.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen_at(NOW):
        yield


class TestHome:
    @pytest.mark.parametrize("lang", LANGS)
    def test_a_child_without_a_place_is_led_to_the_application(self, lang):
        _, client = parent(lang)
        page = client.get("/family/")
        assert page.status_code == 200
        assert f'<html lang="{lang}"' in page.content.decode()
        assert 'href="/family/apply/"' in page.content.decode()

    def test_a_waiting_child_shows_its_place(self):
        family, client = parent()
        builders.application(builders.kindergarten().id)
        builders.application(builders.kindergarten().id, of=family, now=NOW + timedelta(seconds=1))
        assert "Place 2 in the queue" in client.get("/family/").content.decode()

    def test_an_offer_leads_to_its_answer_with_the_last_day_in_words(self):
        family, client = parent()
        offer = offered(builders.kindergarten(), family)
        page = client.get("/family/").content.decode()
        assert f'href="/family/offers/{offer.pk}/"' in page
        assert "Thursday" in page

    def test_without_children_it_says_so(self):
        client = client_of(builders.person())
        assert "There are no children here yet" in client.get("/family/").content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_children(self, django_assert_max_num_queries):
        family, client = parent()
        for _ in range(4):
            builders.family(guardian=family.guardian)
        client.get("/family/")
        with django_assert_max_num_queries(20):
            assert len(client.get("/family/").context["cards"]) == 5


class TestApply:
    @pytest.mark.parametrize("lang", LANGS)
    def test_from_the_child_to_the_number(self, lang):
        family, client = parent(lang)
        first, second = builders.kindergarten(), builders.kindergarten()
        start = drafted(client, family)
        assert client.post(f"{start}right/", {"benefit": "none"}).headers["Location"] == f"{start}group/"
        chosen = client.post(f"{start}group/", {"language": "kk", "kind": "general"})
        assert chosen.headers["Location"] == f"{start}kindergartens/"
        for one in (first, second):
            assert client.post(f"{start}kindergartens/", {"add": str(one.id)}).status_code == 303
        client.post(f"{start}kindergartens/", {"up": str(second.id)})
        for step in ("right", "group", "kindergartens", "more", "check"):
            assert client.get(f"{start}{step}/").status_code == 200
        client.post(f"{start}more/", {"radius_km": "3"})
        filed = client.post(f"{start}check/", agreed())
        assert filed.status_code == 303, filed.content.decode()
        application = Application.objects.get(child=family.child)
        assert application.status == Status.WAITING
        assert application.radius_km == 3
        named = application.wishes.order_by("rank").values_list("organisation_id", flat=True)
        assert list(named) == [second.id, first.id]
        assert str(application.number) in client.get(filed.headers["Location"]).content.decode()

    def test_a_right_asks_for_its_paper_and_lets_it_follow(self):
        family, client = parent()
        start = drafted(client, family)
        client.post(f"{start}right/", {"benefit": "large_family"})
        chosen = client.post(f"{start}group/", {"language": "kk", "kind": "general"})
        assert chosen.headers["Location"] == f"{start}papers/"
        assert client.post(f"{start}papers/", {}).status_code == 303
        named = {"number_large_family": "A-1", "issued_on_large_family": "02.02.2026"}
        assert client.post(f"{start}papers/", named).status_code == 303
        assert "A-1" in client.get(f"{start}check/").content.decode()

    def test_a_number_without_a_day_is_asked_for(self):
        family, client = parent()
        start = drafted(client, family)
        client.post(f"{start}right/", {"benefit": "large_family"})
        page = client.post(f"{start}papers/", {"number_large_family": "A-1"})
        assert page.status_code == 422
        assert "Give both the number and the date" in page.content.decode()

    def test_what_is_filled_in_stays_for_the_next_day(self):
        family, client = parent()
        start = drafted(client, family)
        client.post(f"{start}kindergartens/", {"add": str(builders.kindergarten().id)})
        again = client.post("/family/apply/", {"child": str(family.child)})
        assert again.headers["Location"] == f"{start}right/"
        assert client.get(start).headers["Location"] == f"{start}check/"

    def test_without_consent_nothing_is_handed_in(self):
        family, client = parent()
        start = drafted(client, family)
        page = client.post(f"{start}check/", {**sure(), "correct": "on"})
        assert page.status_code == 422
        assert "Your consent is needed" in page.content.decode()
        assert not Application.objects.exclude(status=Status.DRAFT).exists()

    @pytest.mark.parametrize("lang", LANGS)
    def test_a_refusal_stands_beside_the_step(self, lang):
        family, client = parent(lang)
        page = client.post(f"{drafted(client, family)}check/", agreed())
        assert page.status_code == 422
        assert "placement.no_wishes" in page.content.decode()
        assert 'class="refusal"' in page.content.decode()

    def test_who_wishes_nothing_is_asked_before_signing(self):
        family, client = parent()
        builders.kindergarten(1)
        address = drafted(client, family)
        answer = client.post(f"{address}more/", {"radius_km": ""})
        assert answer.status_code == 422
        assert "placement.no_wishes" in answer.content.decode()
        assert client.post(f"{address}more/", {"radius_km": "2"}).status_code == 303

    def test_too_many_wishes_are_refused_and_the_rest_stays(self):
        family, client = parent()
        start = drafted(client, family)
        kindergartens = [builders.kindergarten() for _ in range(6)]
        answers = [client.post(f"{start}kindergartens/", {"add": str(one.id)}) for one in kindergartens]
        assert [one.status_code for one in answers] == [303] * 5 + [422]
        assert Application.objects.get(child=family.child).wishes.count() == 5

    def test_the_search_finds_by_words_and_by_free_places(self):
        family, client = parent()
        start = drafted(client, family)
        builders.kindergarten()
        full = builders.kindergarten(1)
        builders.enrolled(builders.family().child, full.group)
        every = client.get(f"{start}kindergartens/").context["page"].paginator.count
        free = client.get(f"{start}kindergartens/?free=1").context["page"].paginator.count
        assert (every, free) == (2, 1)
        assert client.get(f"{start}kindergartens/?q=nothing-like-it").context["page"].paginator.count == 0

    def test_a_child_of_another_family_is_not_known(self):
        _, client = parent()
        other = builders.family()
        assert client.post("/family/apply/", {"child": str(other.child)}).status_code in (403, 404, 422)
        assert not Application.objects.exists()

    def test_a_draft_can_be_thrown_away(self):
        family, client = parent()
        start = drafted(client, family)
        assert client.get(f"{start}discard/").status_code == 200
        client.post(f"{start}discard/", sure())
        assert not Application.objects.filter(status=Status.DRAFT).exists()


class TestApplication:
    @pytest.mark.parametrize("lang", LANGS)
    def test_shows_the_place_the_wishes_and_the_history(self, lang):
        family, client = parent(lang)
        pk = builders.application(builders.kindergarten().id, of=family)
        page = client.get(f"/family/applications/{pk}/")
        assert page.status_code == 200
        assert page.context["page"].queue.position == 1
        assert page.context["history"]

    @pytest.mark.parametrize("lang", LANGS)
    def test_a_lost_wish_says_why_and_what_would_have_had_to_differ(self, lang):
        kindergarten = builders.kindergarten(1)
        builders.application(kindergarten.id)
        family, client = parent(lang)
        pk = builders.application(kindergarten.id, of=family, now=NOW + timedelta(seconds=1))
        held_round(NOW + timedelta(minutes=1))
        (_, reason) = client.get(f"/family/applications/{pk}/").context["wishes"][0]
        assert reason.why
        assert reason.otherwise
        assert not reason.won

    def test_each_look_is_noted(self):
        family, client = parent()
        pk = builders.application(builders.kindergarten().id, of=family)
        client.get(f"/family/applications/{pk}/")
        assert AuditEntry.objects.filter(kind="read", child_id=family.child, subject_id=pk).exists()

    def test_wishes_are_put_in_order_first_and_saved_in_one_go(self):
        family, client = parent()
        first, second = builders.kindergarten(), builders.kindergarten()
        pk = builders.application(first.id, of=family)
        address = f"/family/applications/{pk}/wishes/"
        staged = client.post(address, {"add": str(second.id)}).headers["Location"]
        staged = client.post(staged, {"up": str(second.id)}).headers["Location"]
        assert client.get(staged).context["changed"]
        assert Application.objects.get(pk=pk).wishes.count() == 1
        wanted = f"{second.id},{first.id}"
        assert client.post(f"{address}save/", {"w": wanted, "radius_km": ""}).status_code == 303
        named = Application.objects.get(pk=pk).wishes.order_by("rank").values_list("organisation_id", flat=True)
        assert list(named) == [second.id, first.id]

    def test_a_wish_that_does_not_exist_is_refused_on_the_page(self):
        family, client = parent()
        pk = builders.application(builders.kindergarten().id, of=family)
        page = client.post(f"/family/applications/{pk}/wishes/save/", {"w": str(family.child), "radius_km": ""})
        assert page.status_code == 422
        assert "placement.wish_unknown" in page.content.decode()

    @pytest.mark.parametrize("lang", LANGS)
    def test_a_new_right_is_sent_to_be_checked(self, lang):
        family, client = parent(lang)
        pk = builders.application(builders.kindergarten().id, of=family)
        address = f"/family/applications/{pk}/right/"
        assert client.get(address).status_code == 200
        paper = {"benefit": Benefit.LARGE_FAMILY.value, "number": "A-7", "issued_on": "01.02.2026"}
        assert client.post(address, paper).status_code == 303
        assert "A-7" in client.get(f"/family/applications/{pk}/").content.decode()

    @pytest.mark.parametrize("lang", LANGS)
    def test_leaving_the_queue_asks_first(self, lang):
        family, client = parent(lang)
        pk = builders.application(builders.kindergarten().id, of=family)
        assert client.get(f"/family/applications/{pk}/withdraw/").status_code == 200
        assert Application.objects.get(pk=pk).status == Status.WAITING
        client.post(f"/family/applications/{pk}/withdraw/", sure())
        assert Application.objects.get(pk=pk).status == Status.WITHDRAWN

    @pytest.mark.parametrize("lang", LANGS)
    def test_open_places_are_asked_for(self, lang):
        family, client = parent(lang)
        pk = builders.application(builders.kindergarten().id, of=family)
        assert client.get(f"/family/applications/{pk}/open-places/").status_code == 200

    def test_the_number_of_queries_does_not_grow_with_the_wishes(self):
        family, client = parent()
        some = [builders.kindergarten().id for _ in range(5)]
        one = builders.application(some[0], of=family)
        other = builders.family(guardian=family.guardian)
        five = builders.application(*some, of=other)
        client.get(f"/family/applications/{one}/")
        counts = []
        for pk in (one, five):
            with CaptureQueriesContext(connection) as seen:
                client.get(f"/family/applications/{pk}/")
            counts.append(len(seen))
        assert counts[0] == counts[1]
