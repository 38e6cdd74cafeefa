"""A school year leaves, and stands elsewhere without loss."""

import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from shanyraq.domains.registry import services
from shanyraq.domains.registry.queries import packed, people
from shanyraq.domains.registry.queries.packed import YearScope
from shanyraq.domains.registry.rules.kinds import ExitReason, Sex
from shanyraq.domains.registry.services import merging
from shanyraq.domains.registry.tests import builders
from shanyraq.foundation import access, history
from shanyraq.foundation.access import Role
from shanyraq.foundation.history import past_of
from shanyraq.foundation.history.models import Batch
from shanyraq.foundation.ledger.keys import signers
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.interfaces.exchange.package import compared, loading, loads, making

pytestmark = pytest.mark.django_db
NOW, OPERATOR, SECRET = builders.NOW, access.system("tests"), "a secret that goes by another way"
SCOPE = YearScope(2025, "71")
LATER = NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def _territory() -> None:
    services.load_territory()


def year() -> dict[str, Any]:
    """A kindergarten with a child who has moved house, got a number late and left; and one elsewhere."""
    home = builders.organisation()
    group = builders.group(home, places=5)
    child, other = builders.person(), builders.person(given="Дана")
    builders.guardian_of(child)
    services.give_iin(actor=OPERATOR, person=child, iin=builders.iin(date(2022, 3, 4), Sex.FEMALE), now=LATER)
    moved = services.NewResidence(builders.ALMATY_DISTRICT, "Абай, 1", 71.4, 51.1)
    services.move_residence(actor=OPERATOR, person=child, residence=moved, on=LATER.date(), now=LATER)
    enrolment = builders.enrol(child, group)
    services.end_enrolment(
        actor=OPERATOR, enrolment=enrolment, reason=ExitReason.MOVED, on=LATER.date(), now=LATER
    )  # fmt: skip
    builders.enrol(other, builders.group(builders.organisation(district=builders.SEMEY)))
    return {"home": home, "child": child, "other": other}


def packed_up(scope: YearScope = SCOPE, actor: Any = OPERATOR) -> tuple[io.BytesIO, making.Made]:
    out = io.BytesIO()
    made = making.make(actor=actor, scope=scope, out=out, secret=SECRET, now=LATER)
    out.seek(0)
    return out, made


def wiped() -> None:
    """An empty installation."""
    with connection.cursor() as cursor:
        for table in reversed(packed.tables()):
            for name in (table._meta.db_table, past_of(table)._meta.db_table):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
        cursor.execute("DELETE FROM registry_territory")
        cursor.execute("DELETE FROM registry_movedreference")
    Batch.objects.all().delete()


def keys() -> list[Any]:
    return [one.key for one in signers()]


def load(source: io.BytesIO) -> compared.Report:
    source.seek(0)
    return loading.load(actor=OPERATOR, source=source, secret=SECRET, trusted=keys(), now=LATER).report


def newest() -> UUID:
    return loads.cards(OPERATOR)[0].id


def test_a_year_goes_into_an_empty_house_and_nothing_differs():
    ids = year()
    source, made = packed_up()
    assert made.manifest.former > 0
    wiped()
    report = load(source)
    assert (report.reconciled, report.missing, report.different) == (True, 0, 0)
    assert report.fingerprint == made.fingerprint
    again, twin = packed_up()
    assert twin.manifest.tables == made.manifest.tables
    assert twin.manifest.beside == made.manifest.beside
    assert again.getvalue() != source.getvalue()  # sealed afresh, said the same
    assert people.revealed_iin(ids["child"])
    from shanyraq.domains.registry.models import Enrolment, Person

    assert [bool(row.iin_cipher) for row in history.versions(Person, ids["child"])] == [False, True]
    assert history.as_of(Enrolment, known=NOW).get(child_id=ids["child"]).valid_to is None
    assert not Person.objects.filter(pk=ids["other"]).exists()


def test_what_is_loaded_twice_stands_once():
    year()
    source, _ = packed_up()
    wiped()
    first, second = load(source), load(source)
    assert first.tables == second.tables


def test_a_row_that_says_something_else_here_stops_the_load_and_is_named():
    from shanyraq.domains.registry.models import Person

    ids = year()
    source, _ = packed_up()
    Person.objects.filter(pk=ids["child"]).update(given="Басқа", recorded_at=LATER + timedelta(days=1))
    report = loading.reconcile(actor=OPERATOR, source=source, secret=SECRET, trusted=keys())
    assert [(one.table, one.id) for one in report.differences] == [("registry.person", ids["child"])]
    assert "given" in report.differences[0].columns
    with pytest.raises(Refusal, match="package_differs"):
        load(source)


def test_a_changed_file_a_wrong_secret_and_a_strange_key_are_refused():
    year()
    source, _ = packed_up()
    content = bytearray(source.getvalue())
    content[len(content) // 2] ^= 1
    with pytest.raises(Refusal, match=r"backup\.(changed|truncated)"):
        load(io.BytesIO(bytes(content)))
    with pytest.raises(Refusal, match=r"backup\.truncated"):
        load(io.BytesIO(source.getvalue()[:-40]))
    with pytest.raises(Refusal, match=r"backup\.wrong_key"):
        loading.reconcile(actor=OPERATOR, source=source, secret="another", trusted=keys())
    source.seek(0)
    with pytest.raises(Refusal, match="package_not_signed"):
        loading.reconcile(actor=OPERATOR, source=source, secret=SECRET, trusted=[])


def test_one_organisation_takes_only_its_own():
    ids = year()
    _, made = packed_up(YearScope(2025, "", ids["home"]))
    assert made.manifest.tables["registry.organisation"].rows == 1
    assert made.manifest.tables["registry.enrolment"].rows == 1
    _, before = packed_up(YearScope(2019, "", ids["home"]))
    assert before.manifest.tables["registry.enrolment"].rows == 0


def test_who_may_take_a_year_away():
    ids = year()
    mine = YearScope(2025, "", ids["home"])
    packed_up(mine, builders.actor(Role.HEAD, organisation=ids["home"]))
    packed_up(SCOPE, builders.actor(Role.REGION, territory="71"))
    for actor, scope in (
        (builders.actor(Role.HEAD, organisation=builders.organisation()), mine),
        (builders.actor(Role.HEAD, organisation=ids["home"]), SCOPE),
        (builders.actor(Role.REGION, territory="75"), SCOPE),
        (builders.actor(Role.REGION, territory="75"), mine),
        (builders.actor(Role.GUARDIAN), mine),
    ):
        with pytest.raises(NotAllowed):
            packed_up(scope, actor)


def test_only_the_operator_takes_a_year_in():
    year()
    source, _ = packed_up()
    with pytest.raises(NotAllowed):
        loading.reconcile(actor=builders.actor(Role.REGION), source=source, secret=SECRET, trusted=keys())


def test_a_load_is_taken_back_and_comes_again():
    from shanyraq.domains.registry.models import Enrolment, Person

    ids = year()
    source, made = packed_up()
    wiped()
    load(source)
    first = newest()
    card = history.cards(limit=1)[0]
    assert (card.kind, card.state) == (loading.KIND, history.BatchState.APPLIED)
    assert card.counts["registry.enrolment"] == {"added": 1, "changed": 0}
    later = LATER + timedelta(days=1)
    taken = loading.undo(actor=OPERATOR, owner=first, now=later)
    assert taken["registry.person"]["removed"] == made.manifest.tables["registry.person"].rows
    assert not Person.objects.exists()
    assert history.as_of(Enrolment, known=LATER).filter(child_id=ids["child"]).exists()  # what was known stays known
    with pytest.raises(Refusal, match="load_not_applied"):
        loading.undo(actor=OPERATOR, owner=first, now=later)
    assert load(source).reconciled
    assert packed_up()[1].manifest.tables == made.manifest.tables


def test_later_facts_stand_in_the_way_and_are_named():
    ids = year()
    source, _ = packed_up()
    wiped()
    load(source)
    later = LATER + timedelta(days=2)
    assert loads.obstacles(OPERATOR, newest()) == ()
    moved = services.NewResidence(builders.ALMATY_DISTRICT, "Сейфуллин, 2", 71.4, 51.1)
    services.move_residence(actor=OPERATOR, person=ids["child"], residence=moved, on=later.date(), now=later)
    assert loads.obstacles(OPERATOR, newest()) == (
        ("registry.residence", "added", 1), ("registry.residence", "changed", 1)
    )  # fmt: skip
    with pytest.raises(Refusal, match="undo_blocked"):
        loading.undo(actor=OPERATOR, owner=newest(), now=later)


def test_a_preview_waits_for_its_yes():
    year()
    source, made = packed_up()
    wiped()
    owner = loading.receive(actor=OPERATOR, source=source, secret=SECRET, trusted=keys(), now=LATER)
    assert loads.card(OPERATOR, owner).missing == made.manifest.rows
    with pytest.raises(Refusal, match="wrong_key"):
        loading.apply(actor=OPERATOR, owner=owner, secret="another", now=LATER)
    assert loading.apply(actor=OPERATOR, owner=owner, secret=SECRET, now=LATER).reconciled
    with pytest.raises(Refusal, match="load_not_examined"):
        loading.apply(actor=OPERATOR, owner=owner, secret=SECRET, now=LATER)
    source.seek(0)
    again = loading.receive(actor=OPERATOR, source=source, secret=SECRET, trusted=keys(), now=LATER)
    with pytest.raises(Refusal, match="package_nothing"):
        loading.apply(actor=OPERATOR, owner=again, secret=SECRET, now=LATER)
    assert loading.expire(actor=OPERATOR, now=LATER + timedelta(days=400)) == 1
    with pytest.raises(Refusal, match="load_not_examined"):
        loading.apply(actor=OPERATOR, owner=again, secret=SECRET, now=LATER)


def test_what_was_not_shown_is_not_written():
    year()
    source, _ = packed_up()
    wiped()
    owner = loading.receive(actor=OPERATOR, source=source, secret=SECRET, trusted=keys(), now=LATER)
    load(source)
    loading.undo(actor=OPERATOR, owner=newest_applied(), now=LATER)
    assert loading.apply(actor=OPERATOR, owner=owner, secret=SECRET, now=LATER).reconciled
    source.seek(0)
    other = loading.receive(actor=OPERATOR, source=source, secret=SECRET, trusted=keys(), now=LATER)
    loading.undo(actor=OPERATOR, owner=owner, now=LATER + timedelta(days=1))
    with pytest.raises(Refusal, match="package_moved"):
        loading.apply(actor=OPERATOR, owner=other, secret=SECRET, now=LATER)


def newest_applied() -> UUID:
    return next(one.id for one in loads.cards(OPERATOR) if one.applied_at)


def test_a_merge_of_people_comes_along_and_can_be_taken_back_there():
    ids = year()
    twin = builders.person(given="Айша", surname="Басқа")
    merge = merging.Merge(kept=ids["child"], other=twin)
    batch = merging.merge_people(actor=OPERATOR, merge=merge, now=LATER)
    source, made = packed_up()
    wiped()
    report = load(source)
    moved = next(one for one in report.tables if one.table == compared.MOVED_TABLE)
    assert (moved.rows, moved.same) == (1, 1)
    assert packed_up()[1].manifest.beside == made.manifest.beside
    assert merging.undo_merge(actor=OPERATOR, batch=batch, now=LATER + timedelta(days=1)) == (ids["child"], twin)


def test_the_feed_tells_of_a_load_and_of_its_undo():
    from shanyraq.interfaces import batches, feed

    ids = year()
    source, _ = packed_up()
    wiped()
    load(source)
    batch = history.cards(limit=1)[0].id
    told = batches.rows_of(batch, feed.seer_for(OPERATOR), limit=500)
    assert (ids["child"], feed.Change.CREATED) in {(one.id, one.change) for one in told.items}
    some = batches.rows_of(batch, feed.seer_for(OPERATOR), limit=2)
    rest = batches.rows_of(batch, feed.seer_for(OPERATOR), after=some.next, limit=500)
    assert some.items + rest.items == told.items
    loading.undo(actor=OPERATOR, owner=newest(), now=LATER + timedelta(days=1))
    gone = batches.rows_of(batch, feed.seer_for(OPERATOR), limit=500)
    assert {one.change for one in gone.items if one.resource == "organisations" and one.id == ids["home"]} & {
        feed.Change.DELETED
    }
