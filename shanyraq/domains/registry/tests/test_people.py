from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.models import Guardianship, Person, Residence
from shanyraq.domains.registry.rules import universal
from shanyraq.domains.registry.rules.kinds import GuardianKind, Sex
from shanyraq.domains.registry.tests.builders import (
    ALMATY_DISTRICT,
    ESIL,
    NOW,
    SEMEY,
    SYSTEM,
    TODAY,
    actor,
    guardian_of,
    home,
    iin,
    new_person,
    parent,
    person,
)
from shanyraq.foundation import ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.refusal import NotAllowed, Refusal

pytestmark = pytest.mark.usefixtures("country")
BORN = date(2022, 3, 4)


def refused(code: str):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == f"registry.{code}")


# ---- register_person


def test_a_registered_person_has_a_universal_id_a_masked_iin_and_three_names():
    number = iin(BORN, Sex.FEMALE)
    card = queries.person_cards([added := person(iin=number)])[added]
    assert universal.valid(card.universal_id)
    assert card.masked_iin == "••••••••" + number[-4:]
    assert (card.name.kk, card.name.ru, card.name.en) == (
        "Серікқызы Әсел",
        "Серикқызы Әсел".translate(str.maketrans("қӘ", "кА")),
        "Serikkyzy Asel",
    )
    assert queries.find_person(number) == added
    assert queries.find_by_universal_id(universal.grouped(card.universal_id).lower()) == added


def test_a_person_may_lack_an_iin_and_names_of_documents_win():
    card = queries.person_cards([added := person(name_ru="Серикызы Асель", name_latin="Serikkyzy Assel")])[added]
    assert (card.masked_iin, card.name.ru, card.name.en) == ("", "Серикызы Асель", "Serikkyzy Assel")


def test_registration_is_written_down_without_name_and_number():
    added = person(iin=iin(BORN, Sex.FEMALE))
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.child_id, entry.system) == ("registry.register_person", added, "tests")
    happened = ledger.entries(added)
    assert [(one.kind, sorted(one.payload)) for one in happened] == [
        ("registry.PersonRegistered", ["universal_id", "with_iin"])
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"given": " "}, "name_missing"),
        ({"given": "Әсел7"}, "name_letters"),
        ({"surname": "а" * 81}, "name_long"),
        ({"iin": "930327504817"}, "iin_check_digit"),
        ({"iin": "990230300015"}, "iin_date"),
        ({"iin": "930327504816"}, "iin_birth_date"),
        ({"born_on": TODAY + timedelta(days=1)}, "born_in_future"),
        ({"residence": home("999999999")}, "district_unknown"),
        ({"residence": home("710000000")}, "district_unknown"),
        ({"residence": replace(home(), lon=51.1, lat=71.4)}, "point_abroad"),
        ({"residence": replace(home(), address=" ")}, "text_missing"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_half_done(given, code):
    with refused(code):
        person(**given)
    assert not Person.objects.exists()
    assert not AuditEntry.objects.exists()


def test_wrong_sex_is_refused():
    with refused("iin_sex"):
        person(iin=iin(BORN, Sex.MALE))


def test_one_iin_is_one_person():
    number = iin(BORN, Sex.FEMALE)
    person(iin=number)
    with refused("iin_known"):
        person(iin=number)
    assert Person.objects.count() == 1


def test_a_repeated_universal_id_is_drawn_again(monkeypatch):
    drawn = iter([universal.compose(bits) for bits in (7, 7, 8_000)])
    monkeypatch.setattr(universal, "compose", lambda bits: next(drawn))
    assert len({person(), person()}) == 2


def test_officers_register_in_their_own_territory_only():
    for who in (actor(Role.OFFICER, territory=ESIL), actor(Role.REGION, territory="71")):
        services.register_person(actor=who, new=new_person(), now=NOW)
    for who in (
        actor(Role.OFFICER, territory=ALMATY_DISTRICT),
        actor(Role.GUARDIAN, person=uuid4()),
        actor(Role.HEAD, organisation=uuid4()),
        actor(Role.MINISTRY),
        actor(Role.AUDITOR),
    ):
        with pytest.raises(NotAllowed):
            services.register_person(actor=who, new=new_person(), now=NOW)


# ---- give_iin


def test_the_iin_of_a_newborn_comes_later_and_may_be_sent_twice():
    added, number = person(), iin(BORN, Sex.FEMALE)
    for _ in range(2):
        services.give_iin(actor=SYSTEM, person=added, iin=number, now=NOW)
    assert queries.find_person(number) == added
    assert AuditEntry.objects.filter(action="registry.change_person").count() == 1


def test_an_iin_is_given_once_and_to_one_person():
    first, second = person(iin=(number := iin(BORN, Sex.FEMALE))), person()
    with refused("iin_known"):
        services.give_iin(actor=SYSTEM, person=second, iin=number, now=NOW)
    with refused("iin_given"):
        services.give_iin(actor=SYSTEM, person=first, iin=iin(BORN, Sex.FEMALE), now=NOW)
    with refused("iin_birth_date"):
        services.give_iin(actor=SYSTEM, person=second, iin="930327504816", now=NOW)
    with pytest.raises(NotAllowed):
        services.give_iin(actor=actor(Role.OFFICER, territory=SEMEY), person=second, iin=number, now=NOW)


# ---- guardianship


def test_a_guardian_answers_from_the_first_day_until_before_the_last():
    child = person()
    adult = guardian_of(child)
    row = Guardianship.objects.get()
    tomorrow = TODAY + timedelta(days=1)
    services.end_guardian(actor=SYSTEM, guardianship=row.id, on=tomorrow, now=NOW + timedelta(days=1))
    answers = [queries.is_guardian(adult, child, TODAY + timedelta(days=n)) for n in (-1, 0, 1)]
    assert answers == [False, True, False]
    assert [card.id for card in queries.children_of(adult, TODAY)] == [child]
    assert [card.person.id for card in queries.guardians_of(child, TODAY)] == [adult]


def test_guardians_who_cannot_be_are_refused():
    child, adult = person(), parent()

    def add(of: UUID, by: UUID, on: date = TODAY) -> None:
        services.add_guardian(actor=SYSTEM, child=of, guardian=by, kind=GuardianKind.MOTHER, on=on, now=NOW)

    with refused("guardian_of_oneself"):
        add(child, child)
    with refused("person_unknown"):
        add(child, uuid4())
    with refused("guardian_younger"):
        add(adult, child)
    with refused("day_ahead"):
        add(child, adult, TODAY + timedelta(days=1))
    add(child, adult)
    with refused("guardian_already"):
        add(child, adult)
    assert Guardianship.objects.count() == 1


def test_an_ended_guardianship_does_not_end_again_and_may_begin_again():
    child = person()
    adult = guardian_of(child)
    row, later = Guardianship.objects.get(), NOW + timedelta(days=9)
    with refused("ends_before_start"):
        services.end_guardian(actor=SYSTEM, guardianship=row.id, on=TODAY, now=NOW)
    services.end_guardian(actor=SYSTEM, guardianship=row.id, on=TODAY + timedelta(days=3), now=later)
    with refused("guardian_ended"):
        services.end_guardian(actor=SYSTEM, guardianship=row.id, on=TODAY + timedelta(days=4), now=later)
    services.add_guardian(
        actor=SYSTEM, child=child, guardian=adult, kind=GuardianKind.MOTHER, on=TODAY + timedelta(days=5), now=later
    )


def test_guardianship_is_changed_by_the_officers_of_the_child_only():
    child, adult = person(), parent()
    for who in (actor(Role.GUARDIAN, person=adult), actor(Role.OFFICER, territory=SEMEY), actor(Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            services.add_guardian(actor=who, child=child, guardian=adult, kind=GuardianKind.MOTHER, on=TODAY, now=NOW)
        with pytest.raises(NotAllowed):
            services.end_guardian(actor=who, guardianship=uuid4(), on=TODAY, now=NOW)


# ---- residence


def test_a_move_ends_the_former_residence():
    child, tomorrow = person(), TODAY + timedelta(days=1)
    services.move_residence(actor=SYSTEM, person=child, residence=home(SEMEY), on=tomorrow, now=NOW + timedelta(days=1))
    lived = [queries.residence(child, TODAY + timedelta(days=n)) for n in (-1, 0, 1)]
    assert [card and card.district for card in lived] == [None, ESIL, SEMEY]
    assert Residence.objects.filter(valid_to__isnull=True).count() == 1


def test_moves_that_cannot_be_are_refused():
    child = person()
    with refused("ends_before_start"):
        services.move_residence(actor=SYSTEM, person=child, residence=home(SEMEY), on=TODAY, now=NOW)
    with refused("day_ahead"):
        services.move_residence(
            actor=SYSTEM, person=child, residence=home(SEMEY), on=TODAY + timedelta(days=1), now=NOW
        )
    with refused("district_unknown"):
        services.move_residence(
            actor=SYSTEM, person=child, residence=home("0"), on=TODAY + timedelta(1), now=NOW + timedelta(1)
        )
    assert Residence.objects.get().valid_to is None
    with pytest.raises(NotAllowed):
        services.move_residence(
            actor=actor(Role.OFFICER, territory=SEMEY), person=child, residence=home(SEMEY), on=TODAY, now=NOW
        )


# ---- reading


def test_reading_a_record_is_noted_for_the_family():
    child = person()
    officer = actor(Role.OFFICER, territory=ESIL)
    assert services.read_person(actor=officer, person=child, now=NOW).id == child
    entry = AuditEntry.objects.get(kind="read")
    assert (entry.child_id, entry.role) == (child, "officer")
    with pytest.raises(NotAllowed):
        services.read_person(actor=actor(Role.OFFICER, territory=SEMEY), person=child, now=NOW)
    assert AuditEntry.objects.filter(kind="read").count() == 1
