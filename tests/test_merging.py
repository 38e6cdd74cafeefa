"""Two records of one person become one in every domain, and two again, on both databases."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model

from shanyraq.domains.placement.models import Application
from shanyraq.domains.registry import queries
from shanyraq.domains.registry.models import Enrolment, Guardianship, Person, Residence
from shanyraq.domains.registry.queries import likeness, record, rosters
from shanyraq.domains.registry.queries import merging as reading
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.rules.merging import Collision, Takeable
from shanyraq.domains.registry.services import load_territory, merging
from shanyraq.domains.registry.services.merging import Merge
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM
from shanyraq.foundation import audit, clock, history, ledger
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.audit import reading as looking
from shanyraq.foundation.checks import asking
from shanyraq.foundation.checks.check import Scope
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.clients import queries as client_cards
from shanyraq.foundation.clients import scopes
from shanyraq.foundation.clients import services as clients
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.interfaces import feed
from tests.systems import afresh, connected, ids, scoped, told

pytestmark = pytest.mark.django_db
LATER, LAST = NOW + timedelta(days=1), NOW + timedelta(days=2)


@pytest.fixture(autouse=True)
def _country():
    load_territory()


@pytest.fixture
def pair():
    """One girl registered twice: with an IIN, and as spelt in Russian; each with a mother and a group."""
    born = date(2022, 3, 4)
    kept = builders.person(iin=builders.iin(born, Sex.FEMALE))
    other = builders.person(given="Асель", surname="Серикова")
    for child in (kept, other):
        builders.guardian_of(child)
        builders.enrol(child, builders.group())
    return kept, other


def merge(pair, **more):
    return merging.merge_people(actor=SYSTEM, merge=Merge(*pair, **more), now=LATER)


def test_everything_of_the_second_record_is_of_the_first(pair):
    kept, other = pair
    merge(pair)
    assert Person.objects.get(pk=other).merged_into_id == kept
    assert not any(one.rows((other,)).exists() for one in reading.references())
    assert Guardianship.objects.filter(child_id=kept, valid_to=None).count() == 2
    assert queries.aliases(kept) == {other}
    assert audit.queries.who_read(other)[0].action == "registry.merge_people"


def test_of_two_places_that_hold_at_once_one_ends_as_an_error(pair):
    kept, other = pair
    own = Enrolment.objects.get(child=kept)
    seen = merging.preview_merge(actor=SYSTEM, kept=kept, other=other, now=LATER)
    conflict = next(one for one in seen.conflicts if one.table == "registry.enrolment")
    assert conflict.why is Collision.OPEN_TWICE
    assert seen.blocked == 0
    merge(pair, stays={conflict.key: conflict.other.id})
    own.refresh_from_db()
    assert (own.exit_reason, own.valid_to) == ("error", builders.TODAY + timedelta(days=1))
    assert Enrolment.objects.get(child=kept, valid_to=None).id == conflict.other.id
    assert Residence.objects.filter(person=kept, valid_to=None).count() == 1


@pytest.mark.parametrize("theirs", [True, False])
def test_a_merge_is_taken_back_whole(pair, theirs):
    before = state(pair)
    conflicts = reading.conflicts(*pair)
    batch = merge(
        pair, stays={one.key: one.other.id if theirs else one.kept.id for one in conflicts}, take=[Takeable.NAME]
    )
    assert state(pair) != before
    assert Person.objects.get(pk=pair[0]).given == "Асель"
    assert history.obstacles(batch) == ()
    assert merging.undo_merge(actor=SYSTEM, batch=batch, now=LAST) == pair
    assert state(pair) == before
    with pytest.raises(Refusal, match="already_undone"):
        merging.undo_merge(actor=SYSTEM, batch=batch, now=LAST)
    merging.merge_people(actor=SYSTEM, merge=Merge(*pair), now=LAST + timedelta(days=1))


def state(pair):
    """What every table says of the two, without when it was recorded."""
    own = {"recorded_at", "batch"}
    rows = [
        (one.table, one.column, *sorted((k, str(v)) for k, v in row.items() if k not in own))
        for one in reading.references()
        for row in one.rows(pair).values()
    ]
    people = [tuple(sorted((k, str(v)) for k, v in row.items() if k not in own)) for row in
              Person.objects.filter(pk__in=pair).values()]  # fmt: skip
    return sorted(rows), sorted(people)


def test_what_was_known_before_stays_known(pair):
    _, other = pair
    merge(pair)
    assert history.as_of(Enrolment, known=NOW).filter(child_id=other).count() == 1
    assert history.as_of(Enrolment, known=LAST).filter(child_id=other).count() == 0


def test_a_later_fact_stands_in_the_way_of_the_way_back(pair):
    batch = merge(pair)
    moved = Guardianship.objects.filter(batch=batch).first()
    Guardianship.objects.filter(pk=moved.pk).update(valid_to=date(2026, 3, 3), recorded_at=LAST)
    with pytest.raises(Refusal, match="undo_blocked"):
        merging.undo_merge(actor=SYSTEM, batch=batch, now=LAST)


def test_aliases_of_an_alias_lead_to_the_one_record(pair):
    kept, other = pair
    third = builders.person(given="Assel")
    merging.merge_people(actor=SYSTEM, merge=Merge(other, third), now=LATER)
    batch = merging.merge_people(actor=SYSTEM, merge=Merge(kept, other), now=LAST)
    assert queries.aliases(kept) == {other, third}
    merging.undo_merge(actor=SYSTEM, batch=batch, now=LAST + timedelta(days=1))
    assert (queries.aliases(kept), queries.aliases(other)) == (frozenset(), {third})


def test_the_record_with_the_iin_stays(pair):
    with pytest.raises(Refusal, match="merge_keeps_iin"):
        merge(pair[::-1])


def test_the_iin_and_the_universal_id_of_the_other_lead_to_the_one_that_stays(pair):
    kept, other = pair
    born = date(2022, 3, 4)
    number = builders.iin(born, Sex.FEMALE)
    third = builders.person(iin=number)
    merging.merge_people(actor=SYSTEM, merge=Merge(kept, third), now=LATER)
    merging.merge_people(actor=SYSTEM, merge=Merge(kept, other), now=LATER)
    assert queries.find_person(number) == kept
    assert queries.find_by_universal_id(Person.objects.get(pk=other).universal_id) == kept
    assert [card.id for card in queries.visible_people(SYSTEM, "асель")] == [kept]


def test_a_mother_is_not_merged_with_her_child(pair):
    mother = Guardianship.objects.get(child=pair[1]).guardian_id
    assert Collision.EACH_OTHER in {one.why for one in reading.conflicts(pair[1], mother)}
    with pytest.raises(Refusal, match="merge_blocked"):
        merge((pair[1], mother))


def test_what_belongs_to_other_domains_moves_and_comes_back(pair):
    kept, other = pair
    mother = Guardianship.objects.get(child=other).guardian_id
    application = draft(other, mother)
    user = get_user_model().objects.create(sign_in_name="parent", person_id=other, created_at=NOW)
    batch = merge(pair)
    application.refresh_from_db()
    user.refresh_from_db()
    assert (application.child_id, user.person_id) == (kept, kept)
    merging.undo_merge(actor=SYSTEM, batch=batch, now=LAST)
    application.refresh_from_db()
    user.refresh_from_db()
    assert (application.child_id, user.person_id) == (other, other)


def test_two_drafts_for_one_child_are_settled_by_the_family_first(pair):
    mother = Guardianship.objects.get(child=pair[1]).guardian_id
    for child in pair:
        draft(child, mother)
    preview = merging.preview_merge(actor=SYSTEM, kept=pair[0], other=pair[1], now=LATER)
    assert ("placement.application", Collision.TABLE) in {(one.table, one.why) for one in preview.conflicts}
    with pytest.raises(Refusal, match="merge_blocked"):
        merge(pair)


def draft(child, mother):
    facts = {"district_id": builders.ESIL, "birth_year": 2022, "created_at": NOW, "changed_at": NOW}
    return Application.objects.create(child_id=child, applicant_id=mother, **facts)


@pytest.mark.parametrize("role", [Role.GUARDIAN, Role.HEAD, Role.TEACHER, Role.AUDITOR, Role.MINISTRY])
def test_only_the_office_merges(pair, role):
    with pytest.raises(NotAllowed):
        merging.preview_merge(actor=builders.actor(role), kept=pair[0], other=pair[1], now=NOW)


def test_an_officer_merges_within_the_district_only(pair):
    officer = builders.actor(Role.OFFICER, territory=builders.ESIL)
    assert merging.preview_merge(actor=officer, kept=pair[0], other=pair[1], now=NOW).touched
    stranger = builders.actor(Role.OFFICER, territory=builders.SEMEY)
    with pytest.raises(NotAllowed):
        merging.merge_people(actor=stranger, merge=Merge(*pair), now=LATER)


def test_records_are_merged_once(pair):
    merge(pair)
    with pytest.raises(Refusal, match="merge_done"):
        merge(pair)
    with pytest.raises(Refusal, match="merge_same"):
        merge((pair[0], pair[0]))


class TestWhoLooked:
    def test_the_family_and_the_auditor_see_who_read_the_record_that_was_put_aside(self, pair):
        kept, _ = pair
        reader = builders.actor(Role.OFFICER, territory=builders.ESIL)
        for child in pair:
            audit.read(reader, "registry.read_person", at=NOW, child=child)
        batch = merge(pair)
        own = [one for one in audit.queries.who_read(kept) if one.action == "registry.read_person"]
        assert len(own) == 2
        officers = [line for line in looking.readers_of(kept) if line.role == Role.OFFICER]
        assert [line.looks for line in officers] == [2]
        about = audit.queries.Filters(about=kept, action="registry.read_person")
        assert (audit.queries.how_many(about), len(audit.queries.trail(about).entries)) == (2, 2)
        merging.undo_merge(actor=SYSTEM, batch=batch, now=LAST)
        assert audit.queries.how_many(about) == 1

    def test_the_page_of_the_family_counts_them_too(self, pair, client):
        kept, other = pair
        mother = Guardianship.objects.filter(child=kept).values_list("guardian_id", flat=True)[0]
        account = accounts.create_user(actor=SYSTEM, sign_in_name="mother", now=NOW, person=mother)
        audit.open_record(
            actor=Actor(user=account, grants=(Grant(Role.OFFICER, builders.ESIL),)), child=other,
            reason="Шұғыл жағдай: баланың қауіпсіздігі үшін тексеру", now=NOW,
        )  # fmt: skip
        client.force_login(
            get_user_model().objects.get(pk=account), backend="django.contrib.auth.backends.ModelBackend"
        )
        address = f"/record/people/{kept}/readers/"
        with clock.frozen_at(LAST):
            before = client.get(address)
            merge(pair)
            after = client.get(address)
        assert "Шұғыл жағдай" not in before.content.decode()
        assert "Шұғыл жағдай" in after.content.decode()


def test_nothing_lists_or_counts_the_record_that_was_put_aside(pair):
    kept, other = pair
    Person.objects.filter(pk=other).update(born_on=date(2031, 1, 1))  # a fault of its own
    merge(pair)
    today = LAST.date()
    assert record.how_many(record.PUPILS, SYSTEM, record.Wanted(today)) == 1
    lines = record.every_line(record.PUPILS, SYSTEM, record.Wanted(NOW.date()))
    assert {line.person for line in lines} == {kept}
    people = queries.people_page(SYSTEM, "", queries.At(today), after=None, limit=100)
    assert kept in {row.card.id for row in people} and other not in {row.card.id for row in people}
    rostered = rosters.people(rosters.Looking(SYSTEM, today), rosters.Window(), of=("learner",))
    assert [row.id for row in rostered] == [kept]
    assert kept.hex in (ids := likeness.everyone()["id"].to_list()) and other.hex not in ids
    found = {code: asking.findings(check, Scope(), today, limit=1000) for code, check in load().items()}
    assert not [
        code for code, rows in found.items() if other in {one for row in rows for one in (row.person, row.subject)}
    ]
    assert not found["enrolment.overlapping_spells"]


class TestTheFeed:
    EVERYTHING = "read:changes:71 read:people:71"

    def told(self, since=0, territory="71"):
        ledger.sequence(LATER)
        seer = feed.seer_of(self.card(territory))
        return [one for one in feed.every_change(seer, since=since, until=ledger.size()) if one.resource == "people"]

    def card(self, territory):
        given = scopes.parse_many(self.EVERYTHING.replace("71", territory))
        issued = clients.add_client(actor=SYSTEM, name="Region", owner="Region", given=given, now=NOW)
        return client_cards.client(issued.code)

    def test_it_tells_of_the_new_key_and_of_the_way_back(self, pair):
        kept, other = pair
        since = self.told()[-1].version
        batch = merge(pair)
        rekeyed = [one for one in self.told(since) if one.change is feed.Change.REKEYED]
        assert [(one.id, one.now, one.href) for one in rekeyed] == [(other, kept, f"/api/v1/people/{kept}")]
        assert (kept, feed.Change.CHANGED) in {(one.id, one.change) for one in self.told(since)}
        assert (other, feed.Change.CREATED) in {(one.id, one.change) for one in self.told()}  # what was told before
        assert self.told(since, "75") == []
        since = self.told()[-1].version
        merging.undo_merge(actor=SYSTEM, batch=batch, now=LAST)
        back = {(one.id, one.change, one.now) for one in self.told(since)}
        assert back == {(kept, feed.Change.CHANGED, None), (other, feed.Change.CREATED, None)}

    def test_a_webhook_says_the_same(self, pair):
        kept, other = pair
        since = self.told()[-1].version
        merge(pair)
        ledger.sequence(LATER)
        said = feed.for_hook(self.card("71"), ("people",), "", since).changes
        assert {"id": str(other), "change": "rekeyed", "now": str(kept)}.items() <= said[-2].items() | said[-1].items()
        assert [one["change"] for one in said if "now" not in one] == ["changed"]


class TestTheApi:
    @pytest.fixture
    def ours(self):
        afresh()
        with clock.frozen_at(LAST):
            yield connected()

    def test_the_old_id_leads_to_the_record_that_goes_on(self, pair, ours):
        kept, other = pair
        old = told(ours.get(f"people/{other}"))
        merge(pair)
        answer = ours.get(f"people/{other}?fields=id,former")
        assert (answer.status_code, answer["Location"]) == (308, f"/api/v1/people/{kept}?fields=id,former")
        assert told(ours.get(answer["Location"])) == {
            "id": str(kept), "former": [{"id": str(other), "universal_id": old["universal_id"]}]
        }  # fmt: skip
        assert other not in ids(told(ours.get("people"))["items"])
        assert connected(*scoped("75")).get(f"people/{other}").status_code == 404

    def test_what_was_known_before_the_merge_is_told_under_the_old_id(self, pair, ours):
        kept, other = pair
        old = told(ours.get(f"people/{other}"))
        merge(pair)
        then = f"known={quote((NOW + timedelta(hours=1)).isoformat())}"
        assert told(ours.get(f"people/{other}?{then}")) == old
        listed = {row["id"]: row for row in told(ours.get(f"people?{then}"))["items"]}
        assert listed[str(other)] == old and listed[str(kept)]["former"] == []
        after = f"known={quote((LATER + timedelta(hours=1)).isoformat())}"
        assert ours.get(f"people/{other}?{after}").status_code == 308

    def test_after_the_way_back_both_ids_stand(self, pair, ours):
        batch = merge(pair)
        merging.undo_merge(actor=SYSTEM, batch=batch, now=LAST)
        for one in pair:
            assert told(ours.get(f"people/{one}"))["former"] == []
