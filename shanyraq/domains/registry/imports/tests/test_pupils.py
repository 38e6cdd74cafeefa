from datetime import date, timedelta

import pytest

from shanyraq.domains.registry.imports.pupils import Pupils
from shanyraq.domains.registry.imports.tests.builders import asked, compared, faults, loaded, rows, school
from shanyraq.domains.registry.models import Enrolment, Group, Identifier, Person
from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.rules import names, universal
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM
from shanyraq.foundation import history
from shanyraq.foundation.access import Role
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.refusal import Refusal

pytestmark = pytest.mark.usefixtures("country")
KIND = Pupils()
LATER = NOW + timedelta(days=1)


def pupil(home_bin, **given):
    born_on, sex = date(2014, 5, 6), Sex.FEMALE
    plain = {
        "surname": "Серікқызы", "given": "Әсел", "born_on": born_on, "sex": "female", "organisation": home_bin,
        "class_name": "5 А", "iin": builders.iin(born_on, sex), "entered_on": date(2025, 9, 1),
    }  # fmt: skip
    return {**plain, **given}


def test_a_new_pupil_is_registered_named_elsewhere_and_enrolled():
    home, number = school()
    line = pupil(number, system="journal", number="4711", language="ru")
    batch, did = loaded(KIND, rows(KIND, line), asked())
    assert did == {"added": 1}
    person = Person.objects.get()
    assert person.iin_cipher and person.iin_index
    assert identity.unseal(person.iin_cipher) == line["iin"]
    assert bytes(person.iin_index) == identity.seal(line["iin"]).index
    assert universal.valid(person.universal_id)
    assert (person.name_ru, person.sort_key) == ("Сериккызы Асел", names.sort_key("Серікқызы Әсел"))
    assert (person.batch, person.recorded_at) == (batch, NOW)
    enrolment = Enrolment.objects.select_related("group").get()
    assert (enrolment.child, enrolment.group.organisation_id, enrolment.group.name) == (person, home, "5 А")
    assert (enrolment.group.grade, enrolment.group.school_year, enrolment.stage) == (5, 2025, "school")
    assert (enrolment.language, enrolment.funding, enrolment.form) == ("ru", "budget", "full_time")
    assert Identifier.objects.get().value == "4711"
    entry = LedgerEntry.objects.get(kind="registry.BatchApplied")
    assert entry.subject_id == batch and '"added":4' in entry.payload


def test_the_same_file_again_changes_nothing():
    _, number = school()
    frame = rows(KIND, pupil(number), pupil(number, given="Арман"), pupil(number, class_name="5б"))
    loaded(KIND, frame, asked())
    assert loaded(KIND, frame, asked(), LATER)[1] == {"unchanged": 3}
    assert Group.objects.count() == 2


def test_another_class_moves_and_a_day_of_leaving_closes():
    _, number = school()
    line = pupil(number)
    loaded(KIND, rows(KIND, line), asked())
    again = {**line, "class_name": "6А", "entered_on": date(2026, 2, 1), "language": "kk"}
    batch, did = loaded(KIND, rows(KIND, again), asked(), LATER)
    assert did == {"moved": 1}
    first, second = Enrolment.objects.order_by("valid_from")
    assert (first.valid_to, first.exit_reason) == (date(2026, 2, 1), "promoted")
    assert (second.entry_reason, second.group.name) == ("transfer", "6А")
    history.undo(actor=SYSTEM, batch=batch, now=LATER)
    assert Enrolment.objects.get().valid_to is None
    left = {**line, "left_on": date(2026, 2, 2), "exit_reason": "moved"}
    assert loaded(KIND, rows(KIND, left), asked(), LATER + timedelta(days=1))[1] == {"closed": 1}
    assert Enrolment.objects.get().exit_reason == "moved"


def test_a_name_is_corrected_and_remembered():
    _, number = school()
    line = pupil(number)
    loaded(KIND, rows(KIND, line), asked())
    _, did = loaded(KIND, rows(KIND, {**line, "surname": "Серікова"}), asked(), LATER)
    assert did == {"changed": 1}
    assert Person.objects.get().name_ru == "Серикова Асел"
    assert [one.surname for one in history.versions(Person, Person.objects.get().pk)] == ["Серікқызы", "Серікова"]


def test_a_head_corrects_no_names_and_moves_nobody_from_elsewhere():
    home, _ = school()
    other, other_number = school()
    line = pupil(other_number)
    loaded(KIND, rows(KIND, line), asked())
    head = builders.actor(Role.HEAD, organisation=home)
    here = rows(KIND, {**line, "organisation": None, "entered_on": date(2026, 2, 1)})
    assert faults(KIND, here, asked(head, organisation=home)) == {2: {"pupil_elsewhere"}}
    assert faults(KIND, rows(KIND, {**line, "surname": "Басқа"}), asked(head, organisation=home)) == {
        2: {"organisation_not_here"}
    }
    theirs = builders.actor(Role.HEAD, organisation=other)
    renamed = rows(KIND, {**line, "surname": "Басқа"})
    assert faults(KIND, renamed, asked(theirs, organisation=other)) == {2: {"person_name_kept"}}
    assert compared(KIND, renamed, asked(theirs, organisation=other)).rows["action"].to_list() == ["unchanged"]


def test_nobody_is_taken_for_somebody_else():
    _, number = school()
    line = pupil(number)
    loaded(KIND, rows(KIND, line), asked())
    wrong = [
        {**line, "given": "Арман", "surname": "Қасымов"},
        {**pupil(number), "person": "000000000000"},
        {**pupil(number), "iin": "123"},
        {**pupil(number), "iin": line["iin"][:11] + str((int(line["iin"][11]) + 1) % 10)},
        {**pupil(number), "sex": "male"},
        {**pupil(number), "born_on": date(2014, 5, 7)},
        {**pupil(number), "class_name": "Б"},
        {**pupil(number), "given": "Ас3л"},
        {**pupil(number), "organisation": "190540000001"},
        {**pupil(number), "left_on": date(2026, 1, 1)},
    ]
    codes = faults(KIND, rows(KIND, *wrong), asked())
    assert codes == {
        2: {"person_other_name"}, 3: {"universal_id_wrong"}, 4: {"iin_length"}, 5: {"iin_check_digit"},
        6: {"iin_sex"}, 7: {"iin_birth_date"}, 8: {"class_without_grade"}, 9: {"name_letters"},
        10: {"organisation_not_here"}, 11: {"pupil_left_half"},
    }  # fmt: skip


def test_a_number_of_another_system_is_one_persons():
    _, organisation = school()
    loaded(KIND, rows(KIND, pupil(organisation, system="journal", number="4711")), asked())
    other = pupil(organisation, given="Айша", system="journal", number="4711")
    assert faults(KIND, rows(KIND, other), asked()) == {2: {"pupil_number_taken"}}


def test_a_person_is_found_after_a_change_of_the_key(settings):
    _, organisation = school()
    line = pupil(organisation)
    loaded(KIND, rows(KIND, line), asked())
    settings.IDENTITY_RETIRED_KEYS = {1: settings.IDENTITY_KEY}
    settings.IDENTITY_KEY, settings.IDENTITY_KEY_NUMBER = "another secret of forty characters or so", 2
    assert loaded(KIND, rows(KIND, line), asked(), LATER)[1] == {"unchanged": 1}


def test_without_a_number_by_name_birth_date_and_organisation():
    _, number = school()
    line = pupil(number, iin=None)
    loaded(KIND, rows(KIND, line), asked())
    assert loaded(KIND, rows(KIND, line), asked(), LATER)[1] == {"unchanged": 1}
    assert faults(KIND, rows(KIND, line, line), asked())[2] == {"iin_absent"}


def test_a_full_replacement_closes_who_is_not_named():
    home, number = school()
    staying, leaving = pupil(number), pupil(number, given="Арман")
    loaded(KIND, rows(KIND, staying, leaving), asked())
    wish = asked(organisation=home, replace=True)
    found = compared(KIND, rows(KIND, staying), wish)
    assert found.rows.select("row", "action").rows() == [(2, "unchanged"), (0, "closed")]
    assert [(one.label.en, one.before, one.after) for one in found.figures] == [("School, 5 А", 2, 1)]
    loaded(KIND, rows(KIND, staying), wish, LATER)
    assert Enrolment.objects.filter(valid_to__isnull=True).count() == 1


def test_a_row_that_has_changed_since_the_preview_is_refused():
    _, number = school()
    line = pupil(number)
    loaded(KIND, rows(KIND, line), asked())
    found = compared(KIND, rows(KIND, {**line, "left_on": date(2026, 2, 2), "exit_reason": "moved"}), asked())
    Enrolment.objects.update(order_number="7", recorded_at=LATER)
    batch = history.begin(actor=SYSTEM, kind=KIND.code, now=LATER)
    with pytest.raises(Refusal, match="import_overtaken"):
        KIND.apply(found.rows, asked(), batch=batch, now=LATER)
