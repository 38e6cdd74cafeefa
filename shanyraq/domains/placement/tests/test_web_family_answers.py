"""Offers, vouchers, exchanges and the child's record over HTTP; and who is turned away."""

from datetime import timedelta

import pytest
from django.test import Client

from shanyraq.domains.placement.models import Application, Offer, Swap
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import offers, swaps
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.web_family import LANGS, NOW, client_of, held_round, offered, parent, sure
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen():
    with clock.frozen_at(NOW):
        yield


class TestOffer:
    @pytest.mark.parametrize("lang", LANGS)
    def test_consequences_stand_before_the_answer(self, lang):
        family, client = parent(lang)
        offer = offered(builders.kindergarten(), family)
        page = client.get(f"/family/offers/{offer.pk}/")
        assert page.status_code == 200
        assert not page.context["stops"]
        for step in ("accept", "decline"):
            assert client.get(f"/family/offers/{offer.pk}/{step}/").status_code == 200

    @pytest.mark.parametrize("lang", LANGS)
    def test_yes_gives_the_referral_with_its_code(self, lang):
        family, client = parent(lang)
        offer = offered(builders.kindergarten(), family)
        answered = client.post(f"/family/offers/{offer.pk}/accept/", sure())
        assert answered.headers["Location"] == f"/family/offers/{offer.pk}/referral/"
        offer.refresh_from_db()
        page = client.get(answered.headers["Location"]).content.decode()
        assert offer.referral_number in page
        assert "<svg" in page
        assert "style=" not in page

    def test_without_a_true_signature_the_place_is_not_taken(self):
        family, client = parent()
        offer = offered(builders.kindergarten(), family)
        page = client.post(f"/family/offers/{offer.pk}/accept/", {**sure(), "signature": "<document/>"})
        assert page.status_code == 422
        assert "accounts.signature_missing" in page.content.decode()
        assert Offer.objects.get(pk=offer.pk).status == "held"

    def test_what_was_signed_is_kept(self):
        family, client = parent()
        offer = offered(builders.kindergarten(), family)
        client.post(f"/family/offers/{offer.pk}/accept/", sure())
        entry = AuditEntry.objects.get(action="placement.sign", subject_id=offer.pk)
        assert len(entry.facts["statement_sha256"]) == 64

    @pytest.mark.parametrize("lang", LANGS)
    def test_no_keeps_the_queue_the_first_time(self, lang):
        family, client = parent(lang)
        offer = offered(builders.kindergarten(), family)
        answered = client.post(f"/family/offers/{offer.pk}/decline/", {**sure(), "reason": "far"})
        assert answered.status_code == 303
        assert Application.objects.get(child=family.child).status == Status.WAITING

    def test_a_reason_is_asked_for(self):
        family, client = parent()
        offer = offered(builders.kindergarten(), family)
        assert client.post(f"/family/offers/{offer.pk}/decline/", sure()).status_code == 422
        assert Offer.objects.get(pk=offer.pk).status == "held"

    def test_the_second_no_stops_and_the_family_comes_back(self):
        first, second = builders.kindergarten(), builders.kindergarten()
        family, client = parent()
        pk = builders.application(first.id, second.id, of=family)
        for _ in range(2):
            offer = offered(first, family)
            client.post(f"/family/offers/{offer.pk}/decline/", {**sure(), "reason": "far"})
        assert Application.objects.get(pk=pk).status == Status.STOPPED
        assert client.get(f"/family/applications/{pk}/resume/").status_code == 200
        client.post(f"/family/applications/{pk}/resume/", sure())
        assert Application.objects.get(pk=pk).status == Status.WAITING

    def test_too_late_an_answer_is_refused_on_the_page(self):
        family, client = parent()
        offer = offered(builders.kindergarten(), family)
        with clock.frozen_at(NOW + timedelta(days=20)):
            page = client.post(f"/family/offers/{offer.pk}/accept/", sure())
        assert page.status_code == 422
        assert "placement.offer_too_late" in page.content.decode()

    @pytest.mark.parametrize("lang", LANGS)
    def test_a_referral_is_extended_once(self, lang):
        family, client = parent(lang)
        offer = offered(builders.kindergarten(), family)
        offers.accept_offer(actor=family.actor, offer=offer.pk, now=NOW)
        address = f"/family/offers/{offer.pk}/extend/"
        assert client.get(address).status_code == 200
        wanted = {**sure(), "reason": "ill", "until": "25.03.2026"}
        assert client.post(address, wanted).status_code == 303
        assert client.post(address, wanted).status_code == 422


class TestChild:
    @pytest.mark.parametrize("lang", LANGS)
    def test_the_record_and_who_looked(self, lang):
        family, client = parent(lang)
        builders.enrolled(family.child, builders.kindergarten().group)
        address = f"/family/children/{family.child}/"
        assert client.get(address).status_code == 200
        assert AuditEntry.objects.filter(kind="read", child_id=family.child, action="family.read_child").exists()
        again = client.get(address)
        assert again.context["looks"]
        assert not any(look.oneself for look in again.context["looks"])
        assert "style=" not in again.content.decode()
        whole = client.get(f"/record/people/{family.child}/readers/").context["part"]
        assert whole.object_list[0].oneself

    @pytest.mark.parametrize("lang", LANGS)
    def test_this_is_not_us_reaches_the_district(self, lang):
        officer = accounts.create_user(actor=builders.OPERATOR, sign_in_name="officer", now=NOW)
        builders.territory()
        accounts.grant(
            actor=builders.OPERATOR,
            user=officer,
            role=Role.OFFICER,
            valid_from=NOW.date(),
            now=NOW,
            territory=builders.DISTRICT,
        )
        family, client = parent(lang)
        enrolment = builders.enrolled(family.child, builders.kindergarten().group)
        address = f"/family/enrolments/{enrolment}/dispute/"
        assert client.get(address).status_code == 200
        assert not Notice.objects.filter(user_id=officer).exists()
        client.post(address, sure())
        assert Notice.objects.filter(user_id=officer, code="enrolment_disputed").count() == 1


class TestVoucher:
    @pytest.mark.parametrize("lang", LANGS)
    def test_from_the_voucher_to_the_contract(self, lang):
        builders.voucher_district()
        kindergarten = builders.kindergarten()
        family, client = parent(lang)
        pk = builders.application(kindergarten.id, of=family)
        held_round()
        address = f"/family/applications/{pk}/voucher/"
        assert client.get(address).status_code == 200
        assert client.get(f"{address}take/").status_code == 200
        assert client.get(f"{address}refuse/").status_code == 200
        client.post(f"{address}take/", sure())
        assert client.get(f"{address}kindergartens/").status_code == 200
        chosen = {**sure(), "organisation": str(kindergarten.id), "verb": "choose"}
        client.post(f"{address}kindergartens/", chosen)
        assert Application.objects.get(pk=pk).status == Status.CHOSEN
        assert client.get(address).status_code == 200
        client.post(f"{address}contract/", sure())
        assert Application.objects.get(pk=pk).status == Status.CONTRACTED

    def test_a_full_kindergarten_has_a_waiting_list(self):
        builders.voucher_district()
        open_one, full = builders.kindergarten(), builders.kindergarten(1)
        builders.enrolled(builders.family().child, full.group)
        family, client = parent()
        pk = builders.application(open_one.id, full.id, of=family)
        held_round()
        address = f"/family/applications/{pk}/voucher/"
        client.post(f"{address}take/", sure())
        wait = {**sure(), "organisation": str(full.id), "verb": "wait"}
        assert client.post(f"{address}kindergartens/", wait).status_code == 303
        assert Application.objects.get(pk=pk).status == Status.LISTED
        client.post(f"{address}kindergartens/", {**wait, "verb": "leave"})
        assert Application.objects.get(pk=pk).status == Status.VOUCHER_ACCEPTED


class TestSwap:
    def _two(self):
        """Two families that sit where the other wishes to be."""
        ours, theirs = builders.kindergarten(1), builders.kindergarten(1)
        family, other = builders.family(), builders.family()
        held = builders.enrolled(family.child, ours.group)
        wanted = builders.enrolled(other.child, theirs.group)
        builders.application(theirs.id, of=family, transfer=True)
        builders.application(ours.id, of=other, transfer=True)
        return family, other, held, wanted

    @pytest.mark.parametrize("lang", LANGS)
    def test_two_way_wishes_are_found_and_proposed(self, lang):
        family, other, held, wanted = self._two()
        client = client_of(family.guardian, lang=lang)
        address = f"/family/children/{family.child}/exchange/"
        page = client.get(address)
        assert [match.enrolment for match in page.context["page"].matches] == [wanted]
        assert str(other.child) not in page.content.decode()
        proposed = client.post(address, {**sure(), "second": str(wanted)})
        assert proposed.status_code == 303, proposed.content.decode()
        assert client.get(proposed.headers["Location"]).status_code == 200
        assert Swap.objects.get().first_id == held

    def test_the_other_family_answers(self):
        family, other, held, wanted = self._two()
        pk = swaps.propose_swap(actor=family.actor, first=held, second=wanted, now=NOW)
        client = client_of(other.guardian)
        assert f"/family/swaps/{pk}/" in client.get("/family/").content.decode()
        assert client.get(f"/family/swaps/{pk}/consent/").status_code == 200
        client.post(f"/family/swaps/{pk}/consent/", sure())
        assert Swap.objects.get(pk=pk).second_family_at is not None
        client.post(f"/family/swaps/{pk}/refuse/", sure())
        assert Swap.objects.get(pk=pk).status == "refused"


def addresses(family: builders.Family) -> list[str]:
    """Every page that belongs to a family with an offer and an enrolment."""
    offer = offered(builders.kindergarten(), family)
    application, child = offer.application_id, family.child
    enrolment = builders.enrolled(child, builders.kindergarten().group)
    of_application = ("", "filed/", "wishes/", "wishes/save/", "right/", "open-places/", "withdraw/", "resume/")
    of_voucher = ("", "take/", "refuse/", "restore/", "kindergartens/", "contract/")
    of_draft = ("", "right/", "group/", "papers/", "kindergartens/", "more/", "check/", "discard/")
    return [
        *(f"/family/applications/{application}/{part}" for part in of_application),
        *(f"/family/applications/{application}/voucher/{part}" for part in of_voucher),
        *(f"/family/drafts/{application}/{part}" for part in of_draft),
        *(f"/family/offers/{offer.pk}/{part}" for part in ("", "accept/", "decline/", "referral/", "extend/")),
        *(f"/family/children/{child}/{part}" for part in ("", "exchange/")),
        f"/family/enrolments/{enrolment}/dispute/",
    ]


class TestAccess:
    def test_another_parent_finds_nothing(self):
        family, _ = parent()
        _, stranger = parent()
        found = {address: stranger.get(address).status_code for address in addresses(family)}
        assert set(found.values()) == {404}, {a: s for a, s in found.items() if s != 404}

    def test_another_parent_changes_nothing(self):
        family, _ = parent()
        _, stranger = parent()
        pages = addresses(family)
        everything = {**sure(), "organisation": str(family.child), "benefit": "none", "reason": "far", "second": ""}
        found = {address: stranger.post(address, everything).status_code for address in pages}
        assert set(found.values()) <= {404, 405}, found

    def test_staff_do_not_enter_the_pages_of_families(self):
        family, _ = parent()
        user = accounts.create_user(actor=builders.OPERATOR, sign_in_name="officer", now=NOW)
        accounts.grant(
            actor=builders.OPERATOR,
            user=user,
            role=Role.OFFICER,
            valid_from=NOW.date(),
            now=NOW,
            territory=builders.DISTRICT,
        )
        client = Client()
        client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
        assert {client.get(address).status_code for address in addresses(family)} == {404}
        assert client.get("/family/").status_code == 403

    def test_strangers_are_sent_to_sign_in(self):
        family, _ = parent()
        for address in ("/family/", "/family/apply/", *addresses(family)):
            answer = Client().get(address)
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/sign-in/"), address

    def test_a_form_from_elsewhere_does_nothing(self):
        family, _ = parent()
        offer = offered(builders.kindergarten(), family)
        user = User.objects.get(person_id=family.guardian)
        client = Client(enforce_csrf_checks=True)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(f"/family/offers/{offer.pk}/accept/", sure()).status_code == 403
        assert Offer.objects.get(pk=offer.pk).status == "held"
