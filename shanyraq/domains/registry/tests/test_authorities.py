"""The administration of education is a dated tree of its own."""

from datetime import timedelta

import pytest

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Authority, Organisation
from shanyraq.domains.registry.queries import authorities as queries
from shanyraq.domains.registry.rules.kinds import AuthorityKind
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import ESIL, NOW, TODAY
from shanyraq.foundation import history

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def test_the_tree_is_loaded_once_and_mended_where_it_differs(country):
    written = services.load_authorities(now=NOW)
    assert written == Authority.objects.count() > 200
    assert services.load_authorities(now=LATER) == 0
    Authority.objects.filter(code=f"e{ESIL}").update(name_en="Wrong", recorded_at=LATER)
    assert services.load_authorities(now=LATER + timedelta(hours=1)) == 1
    (row,) = Authority.objects.filter(code=f"e{ESIL}")
    assert [one.name_en == "Wrong" for one in history.versions(Authority, row.id)] == [False, True, False]


def test_every_office_leads_to_the_ministry(country):
    services.load_authorities(now=NOW)
    cards = queries.authorities(TODAY)
    by_id = {card.id: card for card in cards}
    assert [card.kind for card in cards[:2]] == [AuthorityKind.MINISTRY, AuthorityKind.REGION]
    for card in cards:
        if card.kind is AuthorityKind.DISTRICT and card.parent in by_id:
            above = by_id[card.parent]
            assert above.parent == cards[0].id


def test_an_organisation_stands_under_the_office_of_its_district(country):
    services.load_authorities(now=NOW)
    home = Organisation.objects.get(pk=builders.organisation())
    assert home.authority_id == queries.authority_of(ESIL) is not None
