from datetime import timedelta

import pytest

from shanyraq.domains.placement.models import Application, Swap
from shanyraq.domains.placement.services import deadlines, swaps
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import NOW, OPERATOR
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides():
    """Two families enrolled in two kindergartens."""
    homes = builders.kindergarten(1), builders.kindergarten(1)
    families = builders.family(), builders.family()
    rows = [builders.enrolled(family.child, home.group) for family, home in zip(families, homes, strict=True)]
    return families, homes, rows


def propose(families, rows, now=NOW):
    return swaps.propose_swap(actor=families[0].actor, first=rows[0], second=rows[1], now=now)


def test_four_consents_change_the_places(sides):
    families, homes, rows = sides
    other = builders.kindergarten(0)
    moving = builders.application(other.id, of=families[0], transfer=True)
    swap = propose(families, rows)
    assert propose(families, rows) == swap
    for actor in (homes[0].head, homes[1].head, homes[1].head):
        swaps.consent(actor=actor, swap=swap, now=NOW)
    assert Swap.objects.get(pk=swap).status == "proposed"
    for _ in range(2):
        swaps.consent(actor=families[1].actor, swap=swap, now=NOW)
    assert Swap.objects.get(pk=swap).status == "done"
    cards = registry.open_enrolments([family.child for family in families])
    assert cards[families[0].child].group == homes[1].group
    assert cards[families[1].child].group == homes[0].group
    assert Application.objects.get(pk=moving).present_id == cards[families[0].child].id
    assert Notice.objects.filter(code="placement.swap_done").count() == 2
    with builders.refused("placement.swap_closed"):
        swaps.refuse_swap(actor=families[1].actor, swap=swap, now=NOW)


def test_one_refusal_ends_it(sides):
    families, homes, rows = sides
    swap = propose(families, rows)
    for _ in range(2):
        swaps.refuse_swap(actor=homes[1].head, swap=swap, now=NOW)
    with builders.refused("placement.swap_closed"):
        swaps.consent(actor=families[1].actor, swap=swap, now=NOW)
    assert builders.there(registry.open_enrolment(families[0].child)).id == rows[0]
    assert Notice.objects.filter(code="placement.swap_refused").count() == 2


def test_who_may_speak(sides):
    families, homes, rows = sides
    stranger = builders.family()
    for actor in (stranger.actor, families[1].actor, homes[0].head, builders.officer_of()):
        with pytest.raises(NotAllowed):
            swaps.propose_swap(actor=actor, first=rows[0], second=rows[1], now=NOW)
    swap = propose(families, rows)
    for actor in (stranger.actor, builders.officer_of(), builders.kindergarten().head):
        with pytest.raises(NotAllowed):
            swaps.consent(actor=actor, swap=swap, now=NOW)
        with pytest.raises(NotAllowed):
            swaps.refuse_swap(actor=actor, swap=swap, now=NOW)


def test_what_cannot_be_swapped(sides):
    families, _, rows = sides
    third = builders.family()
    same = builders.enrolled(third.child, builders.group(builders.there(registry.enrolment(rows[0])).organisation, 1))
    with builders.refused("placement.swap_same_kindergarten"):
        swaps.propose_swap(actor=families[0].actor, first=rows[0], second=same, now=NOW)
    with builders.refused("placement.swap_closed"):
        swaps.propose_swap(actor=families[0].actor, first=rows[0], second=new_id(), now=NOW)
    propose(families, rows)
    with builders.refused("placement.swap_leaving"):
        swaps.propose_swap(actor=families[1].actor, first=rows[1], second=same, now=NOW)


def test_swaps_are_not_lawful_outside_the_pilot():
    district = "751110000"
    homes = builders.kindergarten(1, district=district), builders.kindergarten(1, district=district)
    families = builders.family(district=district), builders.family(district=district)
    rows = [builders.enrolled(family.child, home.group) for family, home in zip(families, homes, strict=True)]
    with builders.refused("placement.swap_not_allowed"):
        propose(families, rows)


def test_an_unanswered_swap_lapses(sides):
    families, _, rows = sides
    swap = propose(families, rows)
    assert deadlines.run_deadlines(actor=OPERATOR, now=NOW + timedelta(days=2)).total == 0
    late = NOW + timedelta(days=60)
    with builders.refused("placement.swap_too_late"):
        swaps.consent(actor=families[1].actor, swap=swap, now=late)
    assert deadlines.run_deadlines(actor=OPERATOR, now=late).swaps == 1
    assert deadlines.run_deadlines(actor=OPERATOR, now=late).total == 0
    assert Swap.objects.get(pk=swap).status == "lapsed"
