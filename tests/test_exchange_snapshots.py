"""A snapshot says the same for ever, whatever happens to the record afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from shanyraq.domains.registry import services
from shanyraq.domains.registry.models import Person
from shanyraq.domains.registry.tests import builders
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.interfaces.exchange import snapshots
from tests.test_exchange_service import roster

pytestmark = pytest.mark.django_db
NOW, OPERATOR = builders.NOW, builders.SYSTEM
AFTER = NOW + timedelta(hours=2)


@pytest.fixture
def school() -> dict[str, Any]:
    services.load_territory()
    return roster()


def take(territory: str = "", **given: Any) -> Any:
    plain = {"actor": OPERATOR, "valid": NOW.date(), "now": AFTER, "territory": territory}
    return snapshots.take(**{**plain, **given})


def test_what_happens_later_does_not_change_a_snapshot(school):
    taken = [take(), take("71")]
    before = [snapshots.verify(one) for one in taken]
    assert all(one.same for one in before)
    assert before[0].card.rows > before[1].card.rows > 0
    later = AFTER + timedelta(hours=1)
    Person.objects.filter(pk=school["children"][0]).update(given="Басқа", recorded_at=later)
    batch = history.begin(actor=OPERATOR, kind="test", now=later)
    Person.objects.filter(pk=school["children"][1]).update(given="Екінші", recorded_at=later, batch=batch)
    history.undo(actor=OPERATOR, batch=batch, now=later + timedelta(minutes=1))
    services.register_person(actor=OPERATOR, new=builders.new_person(given="Жаңа"), now=later)
    assert all(snapshots.verify(one).same for one in taken)


def test_a_row_changed_behind_the_clocks_is_found(school):
    taken = take()
    Person.objects.filter(pk=school["children"][0]).update(given="Басқа")  # without an instant: no honest change
    found = snapshots.verify(taken)
    assert (found.same, found.changed) == (False, ("registry.person",))


def test_the_fingerprint_stands_in_the_public_log(school):
    taken = take()
    entry = LedgerEntry.objects.get(kind="exchange.SnapshotTaken", subject_id=taken)
    assert snapshots.verify(taken).fingerprint in entry.payload


def test_the_same_again_is_the_first_one(school):
    assert take(known=NOW) == take(known=NOW)
    assert len(snapshots.listed()) == 1


def test_who_may_take_which(school):
    take("71", actor=builders.actor(Role.REGION, territory="71"))
    for role, territory in ((Role.REGION, "75"), (Role.HEAD, ""), (Role.GUARDIAN, "")):
        with pytest.raises(NotAllowed):
            take("71", actor=builders.actor(role, territory=territory))


def test_nobody_takes_a_snapshot_of_tomorrow_or_of_what_is_being_written(school):
    with pytest.raises(Refusal, match="snapshot_ahead"):
        take(known=AFTER + timedelta(days=1))
    history.begin(actor=OPERATOR, kind="test", now=NOW)
    assert snapshots.verify(take()).card.known < NOW
