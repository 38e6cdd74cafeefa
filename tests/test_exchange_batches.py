"""The rows behind a change of many rows, as a client of the feed reads them."""

import json
from typing import Any

import pytest

from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry.models import Group, Organisation, Person
from shanyraq.foundation import clock, history, ledger
from shanyraq.foundation.clients.scopes import Resource, Verb
from tests.systems import System, afresh, connected, scoped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    afresh()
    with clock.frozen_at(make.NOW):
        make.territory()
        yield


def reader(territory: str = "71") -> System:
    return connected(*scoped(territory, (Verb.READ, Resource.CHANGES), (Verb.READ, Resource.PEOPLE)))


def batch(territory: str = "71", **changed: Any) -> Any:
    """An import that renamed a kindergarten, opened a group and registered a person."""
    garden = make.kindergarten(1)
    made = history.begin(actor=make.OPERATOR, kind="registry.pupils", now=make.NOW, territory=territory)
    later = make.NOW.replace(hour=make.NOW.hour + 1)
    Organisation.objects.filter(pk=garden.id).update(name_kk="Басқа", recorded_at=later, batch=made)
    row = Group.objects.get(pk=garden.group)
    fresh = Group(
        organisation_id=garden.id, name="Жаңа", kind=row.kind, language=row.language, places=5,
        valid_from=row.valid_from, born_from=row.born_from, born_to=row.born_to, recorded_at=later, batch=made,
    )  # fmt: skip
    fresh.save(force_insert=True)
    child = make.family().child
    Person.objects.filter(pk=child).update(recorded_at=later, batch=made, **changed)
    history.finish(made)
    ledger.record("registry.BatchApplied", made, {"kind": "registry.pupils"}, at=make.NOW)
    ledger.sequence(make.NOW)
    return made, garden.id, fresh.id, child


def rows(system: System, made: Any, query: str = "") -> list[dict[str, Any]]:
    answer = system.get(f"batches/{made}/rows{query}")
    assert answer.status_code == 200, answer.content
    return list(json.loads(answer.content)["items"])


def test_the_feed_names_the_batch_and_its_rows_are_read_there():
    made, home, group, child = batch()
    system = reader()
    told = json.loads(system.get("changes?resources=batches").content)["items"]
    assert [(one["id"], one["change"], one["href"]) for one in told] == [
        (str(made), "created", f"/api/v1/batches/{made}/rows")
    ]
    found = {(one["resource"], one["id"], one["change"]) for one in rows(system, made)}
    assert found == {
        ("organisations", str(home), "changed"), ("groups", str(group), "created"), ("people", str(child), "changed")
    }  # fmt: skip


def test_pages_join_without_a_gap():
    made, *_ = batch()
    system, cursor, found = reader(), "", []
    for _ in range(10):
        page = json.loads(system.get(f"batches/{made}/rows?limit=1&cursor={cursor}").content)
        found += page["items"]
        cursor = page["next"]
        if not cursor:
            break
    assert found == rows(system, made)


def test_what_was_taken_back_is_deleted():
    made, _, group, _ = batch()
    history.undo(actor=make.OPERATOR, batch=made, now=make.NOW.replace(hour=make.NOW.hour + 2))
    found = {(one["id"], one["change"]) for one in rows(reader(), made)}
    assert (str(group), "deleted") in found


def test_a_key_that_changed_says_which_it_is_now():
    kept = make.family().child
    made, _, _, child = batch(merged_into=kept)
    found = [one for one in rows(reader(), made) if one["change"] == "rekeyed"]
    assert [(one["id"], one["now"], one["href"]) for one in found] == [
        (str(child), str(kept), f"/api/v1/people/{kept}")
    ]


def test_a_batch_of_another_territory_does_not_exist():
    made, *_ = batch()
    assert reader("75").get(f"batches/{made}/rows").status_code == 404
    only = connected(*scoped("71", (Verb.READ, Resource.CHANGES)))
    assert {one["resource"] for one in rows(only, made)} == {"organisations", "groups"}
    whole, *_ = batch("")
    history.undo(actor=make.OPERATOR, batch=whole, now=make.NOW.replace(hour=make.NOW.hour + 2))
    assert "deleted" not in {one["change"] for one in rows(reader(), whole)}  # some of it may lie elsewhere
