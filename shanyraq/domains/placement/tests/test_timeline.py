"""The queue stands in the timeline of the child, as far as it was known."""

from datetime import timedelta

import pytest

from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import applications
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import NOW, OPERATOR
from shanyraq.domains.registry.queries.record.timeline import timeline_of
from shanyraq.foundation.timeline import day_of

pytestmark = pytest.mark.django_db


def test_an_application_is_told_from_its_day_to_its_end():
    builders.territory()
    home, family = builders.kindergarten(10), builders.family()
    pk = builders.application(home.id, of=family)
    (spell,) = queue(family.child)
    assert (spell.about, spell.since, spell.over) == ("application", day_of(NOW), False)
    later = NOW + timedelta(days=3)
    applications.withdraw(actor=family.actor, application=pk, now=later)
    (spell,) = queue(family.child)
    assert (spell.over, spell.until, spell.facts[-1][1]) == (True, day_of(later), Status.WITHDRAWN)
    (spell,) = queue(family.child, known=NOW + timedelta(days=1))
    assert (spell.over, len(spell.facts)) == (False, 1)
    assert queue(family.child, known=NOW - timedelta(days=90)) == []


def queue(child, known=None):
    found = timeline_of(OPERATOR, child, known)
    return [] if found is None else [one for one in found.spells if one.about == "application"]
