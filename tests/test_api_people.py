"""People at the API: no IIN is told, echoed or guessed; children's records are read under the eyes of the family."""

import json
import logging
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry.models import Person
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.rules.numbers import compose_iin
from shanyraq.foundation import clock
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.interfaces.api.api import api
from tests import world as worlds
from tests.systems import afresh, code_of, connected, ids, scoped, told

pytestmark = pytest.mark.django_db
BORN = date(2022, 5, 10)


@pytest.fixture(autouse=True)
def _now():
    afresh()
    with clock.frozen_at(make.NOW):
        make.territory()
        yield


def iin(serial=0):
    return [one for n in range(60) if (one := compose_iin(BORN, Sex.MALE, n))][serial]


def body(district=make.DISTRICT, **more):
    home = {"district": district, "address": "Абай, 1", "lon": 71.4, "lat": 51.1}
    return {"given": "Алихан", "sex": "male", "born_on": str(BORN), "residence": home, **more}


class TestIin:
    def test_an_unknown_iin_and_one_of_another_territory_get_one_answer_after_the_same_work(self):
        ours, theirs = connected(), connected(*scoped("75"))
        assert theirs.post("people", body("751110000", iin=iin())).status_code == 201
        answers = []
        ours.get("rounds")  # the client is known from now on
        for asked in (iin(), iin(1)):
            with CaptureQueriesContext(connection) as counted:
                answer = ours.post("people/lookup", {"iin": asked}, key=None)
            answers.append((answer.status_code, answer.content, len(counted)))
        assert answers[0] == answers[1] and answers[0][0] == 404

    def test_an_iin_of_another_territory_is_refused_like_one_that_does_not_fit(self):
        ours, theirs = connected(), connected(*scoped("75"))
        theirs.post("people", body("751110000", iin=iin()))
        taken = ours.post("people", body(iin=iin()))
        unfit = ours.post("people", body(iin=iin(1), born_on="2021-01-01"))
        assert (taken.status_code, code_of(taken)) == (409, "api.iin_not_free")
        assert taken.content == unfit.content

    def test_a_person_of_the_territory_is_found_and_shows_the_last_digits(self):
        ours = connected()
        made = told(ours.post("people", body(iin=iin())))
        found = told(ours.post("people/lookup", {"iin": iin()}, key=None))
        assert found == made
        assert made["masked_iin"].endswith(iin()[-4:]) and iin()[:8] not in json.dumps(made)

    @pytest.mark.parametrize(
        ("path", "sent"),
        [
            ("people", {**body(), "iin": "220510500011x900101300123"}),
            ("people", {**body(), "iin": "900101300123"}),
            ("people", {**body(), "given": {"iin": "900101300123"}}),
            ("people", {**body(), "900101300123": 1}),
            ("people/900101300123", {}),
            ("people/900101300123/guardians", {}),
            ("people?iin=900101300123", body()),
            ("people/lookup", {"iin": "900101300123", "more": 1}),
            ("people/lookup", {"iin": ["900101300123"]}),
            ("people/lookup", {"iin": "9001013001239"}),
        ],
    )
    def test_no_refusal_and_no_log_repeats_an_iin(self, path, sent, caplog):
        caplog.set_level(logging.DEBUG)
        answer = connected().post(path, sent)
        assert answer.status_code >= 400
        assert "900101300123" not in answer.content.decode() + caplog.text

    def test_no_address_takes_an_iin(self):
        names = {name for one in api.operations() for model in one.models for name in model.model_fields
                 if model.__ninja_param_source__ in ("query", "path")}  # fmt: skip
        assert not {name for name in names if "iin" in name}

    def test_only_hashes_and_ciphers_reach_the_table(self):
        connected().post("people", body(iin=iin()))
        row = Person.objects.get()
        assert iin().encode() not in bytes(row.iin_cipher or b"") + bytes(row.iin_index or b"")


class TestTheTrail:
    def test_reading_and_writing_stand_under_the_name_of_the_client(self):
        world = worlds.build()
        ours = connected()
        pk = world.ids["application"]
        child = told(ours.get(f"applications/{pk}"))["child"]
        ours.get("applications")
        ours.get(f"people/{child}")
        ours.post(f"applications/{pk}/withdrawal")
        noted = AuditEntry.objects.filter(system=f"client {ours.code}", child_id=child)
        assert set(noted.values_list("kind", "action")) == {
            ("read", "placement.read_application"),
            ("read", "registry.read_person"),
            ("write", "placement.withdraw"),
        }

    @pytest.mark.parametrize("address", ["applications", "offers", "enrolments"])
    def test_a_list_notes_each_child_that_it_shows(self, address):
        worlds.build()
        ours = connected()
        shown = told(ours.get(address))["items"]
        children = {row["child"] for row in shown if "child" in row}
        noted = AuditEntry.objects.filter(system=f"client {ours.code}", kind="read")
        assert len(set(noted.values_list("child_id", flat=True))) == len(shown)
        assert children <= {str(one) for one in noted.values_list("child_id", flat=True)}


class TestTerritories:
    def test_a_family_of_another_territory_cannot_be_reached_by_any_id_in_a_body(self):
        theirs = make.family(district="751110000")
        ours_child = make.family()
        ours, garden = connected(), make.kindergarten(2)
        filed = ours.post("applications", {"child": theirs.child, "applicant": theirs.guardian, "wishes": [garden.id]})
        assert (filed.status_code, code_of(filed)) == (403, "access.denied")
        unknown = ours.post(
            "applications", {"child": ours.code + "0" * 16, "applicant": theirs.guardian, "wishes": [garden.id]}
        )
        assert unknown.status_code in (403, 422)
        guardian = {"guardian": theirs.guardian, "kind": "mother", "on": "2026-03-01"}
        linked = ours.post(f"people/{ours_child.child}/guardians", guardian)
        nobody = ours.post(f"people/{ours_child.child}/guardians", {**guardian, "guardian": make.new_id()})
        assert linked.status_code == nobody.status_code == 404
        assert told(linked)["code"] == told(nobody)["code"]
        moved = {"residence": body("751110000")["residence"], "on": "2026-03-02"}
        assert ours.post(f"people/{ours_child.child}/residences", moved).status_code == 404

    def test_a_list_shows_the_territories_of_all_scopes_that_fit_and_no_other(self):
        here, there = make.kindergarten(2), make.kindergarten(2, district="751110000")
        first, second = make.application(here.id), make.application(there.id, of=make.family(district="751110000"))
        assert ids(told(connected().get("applications"))["items"]) == [first]
        assert ids(told(connected(*scoped("75")).get("applications"))["items"]) == [second]
        assert ids(told(connected(*scoped(), *scoped("75")).get("applications"))["items"]) == [first, second]
        assert ids(told(connected(*scoped("")).get("applications?territory=75"))["items"]) == [second]

    def test_open_answers_tell_of_no_person(self):
        worlds.build()
        for one in api.operations():
            if one.auth_callbacks or "{" in one.path or one.methods != ["GET"]:
                continue
            query = "?territory=71" if one.path in ("/places", "/queue") else ""
            said = connected().browser.get(f"/api/v1{one.path}{query}").content.decode()
            assert "Сынақова" not in said and "Алихан" not in said, one.path
