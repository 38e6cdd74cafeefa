"""A family learns nothing of a round before it is published."""

import pytest

from shanyraq.domains.placement.models import Application
from shanyraq.domains.placement.queries.family import application, home
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import rounds
from shanyraq.domains.placement.tests import builders

pytestmark = pytest.mark.django_db


def seen_by(family: builders.Family) -> tuple[Status, bool, list[str]]:
    card = home.children(family.guardian, builders.NOW.date())[0].application
    assert card is not None
    page = application.application(family.actor, Application.objects.get().pk, builders.NOW.date())
    assert page.facts.status is card.facts.status
    assert page.offer == card.offer
    return card.facts.status, card.offer is not None, [one.kind for one in page.happenings]


def test_the_offer_appears_with_the_publication():
    family = builders.family()
    builders.application(builders.kindergarten(1).id, of=family)
    officer = builders.officer_of()
    preview = rounds.preview_round(actor=officer, district=builders.DISTRICT, now=builders.NOW)
    before = seen_by(family)
    held = rounds.confirm_round(
        actor=officer, district=builders.DISTRICT, fingerprint=preview.fingerprint, now=builders.NOW
    )
    assert seen_by(family) == before
    assert before[:2] == (Status.WAITING, False)
    rounds.publish_round(actor=officer, round=held, now=builders.NOW)
    status, offered, kinds = seen_by(family)
    assert (status, offered) == (Status.OFFERED, True)
    assert "OfferMade" in kinds
