"""One fault for every check, planted in the small country: code of the check -> what is done to it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from shanyraq.domains.accuracy.models import Contradiction
from shanyraq.domains.registry.models import (
    Building,
    Employment,
    Guardianship,
    Identifier,
    Organisation,
    OrganisationProfile,
    Person,
    Residence,
    Room,
    Territory,
)
from tests.data_checks import world
from tests.data_checks.world import BEGAN, FAR, NOW, TODAY, YEAR, Country

PLANTS: Final[dict[str, Callable[[Country], Any]]] = {}
YESTERDAY: Final = TODAY - timedelta(days=1)


def plants(code: str) -> Callable[[Callable[[Country], Any]], Callable[[Country], Any]]:
    """The fault of a check."""

    def kept(plant: Callable[[Country], Any]) -> Callable[[Country], Any]:
        PLANTS[code] = plant
        return plant

    return kept


def put(row: Any, **values: Any) -> None:
    """Change a row as it stands, without its services."""
    type(row).objects.filter(pk=row.pk).update(**values)


def closed(home: Organisation, on: date = YESTERDAY) -> None:
    put(home, valid_to=on)


def twin(of: Person) -> Person:
    return world.person(of.born_on, search_key=of.search_key, sex=of.sex)


def simple(code: str, row: str, **values: Any) -> None:
    """A fault that is one changed row of the country."""
    PLANTS[code] = lambda w: put(getattr(w, row), **values)


for _code, _row, _values in (
    ("enrolment.stage_differs", "e_student", {"stage": "school"}),
    ("enrolment.group_closed", "first", {"valid_to": YESTERDAY}),
    ("enrolment.before_group", "e_pupil", {"valid_from": date(2025, 8, 1)}),
    ("enrolment.in_the_future", "e_pupil", {"valid_from": date(2027, 1, 1)}),
    ("enrolment.no_order", "e_pupil", {"order_number": ""}),
    ("enrolment.order_backdated", "e_pupil", {"order_on": date(2026, 6, 1)}),
    ("enrolment.past_school_year", "first", {"school_year": YEAR - 1}),
    ("enrolment.language_differs", "e_pupil", {"language": "ru"}),
    ("age.too_young_for_kindergarten", "toddler", {"born_on": date(2025, 12, 1)}),
    ("age.too_old_for_kindergarten", "toddler", {"born_on": date(2016, 12, 1)}),
    ("age.not_the_years_of_the_group", "toddler", {"born_on": date(2024, 1, 1)}),
    ("age.too_young_for_grade_one", "pupil", {"born_on": date(2020, 1, 1)}),
    ("age.not_the_age_of_the_grade", "pupil", {"born_on": date(2012, 1, 1)}),
    ("age.too_old_for_school", "pupil", {"born_on": date(1999, 1, 1)}),
    ("age.too_young_for_college", "student", {"born_on": date(2014, 1, 1)}),
    ("age.born_after_entry", "toddler", {"born_on": date(2025, 12, 1)}),
    ("person.no_iin", "pupil", {"iin_cipher": None, "iin_index": None}),
    ("person.born_in_the_future", "pupil", {"born_on": date(2027, 1, 1)}),
    ("person.impossible_age", "mother", {"born_on": date(1900, 1, 1)}),
    ("family.parent_too_young", "mother", {"born_on": date(2005, 1, 1)}),
    ("organisation.no_licence", "school", {"licence": ""}),
    ("organisation.profile_differs", "school", {"name_kk": "Басқа"}),
    ("organisation.language_differs", "school", {"language": "ru"}),
    ("building.three_shifts", "school", {"shifts": 3}),
    ("building.shifts_differ", "first", {"shift": 2}),
    ("building.rooms_exceed_capacity", "room", {"seats": 900}),
    ("building.closed_room_in_use", "room", {"valid_to": YESTERDAY}),
    ("class.over_room", "room", {"seats": 0}),
    ("class.past_year_open", "first", {"school_year": YEAR - 1}),
    ("class.second_shift", "first", {"shift": 2}),
    ("class.wide_years", "toddlers", {"born_from": 2016}),
    ("class.grade_not_in_name", "first", {"name": "7А"}),
    ("class.over_places", "toddlers", {"places": 0}),
    ("staff.category_expired", "m_teacher", {"category_until": TODAY}),
    ("staff.category_without_date", "m_teacher", {"category_until": None}),
    ("staff.category_too_long", "m_teacher", {"category_until": date(2035, 1, 1)}),
    ("staff.category_above_education", "m_teacher", {"category": "master", "qualification": "vocational"}),
    ("staff.no_qualification", "m_teacher", {"qualification": ""}),
    ("staff.below_education", "m_teacher", {"qualification": "secondary"}),
    ("staff.no_subject", "m_teacher", {"subject": ""}),
    ("staff.no_order", "m_teacher", {"order_number": ""}),
    ("staff.load_over", "m_teacher", {"load": Decimal("1.75")}),
    ("staff.too_young", "teacher", {"born_on": date(2012, 1, 1)}),
    ("staff.very_old", "teacher", {"born_on": date(1940, 1, 1)}),
    ("support.special_group_without_need", "first", {"kind": "special"}),
    ("support.home_without_ground", "e_pupil", {"form": "home"}),
    ("money.fee_in_state_school", "e_pupil", {"funding": "fee"}),
):
    simple(_code, _row, **_values)


# ---- enrolment


@plants("enrolment.two_schools")
def _(w: Country) -> None:
    world.enrol(twin(w.pupil), world.group(world.organisation("school"), "school"))


@plants("enrolment.overlapping_spells")
def _(w: Country) -> None:
    other = world.group(world.organisation("school"), "school")
    world.enrol(w.pupil, other, valid_from=date(2025, 8, 1), valid_to=date(2025, 10, 1), exit_reason="moved")


@plants("enrolment.school_and_kindergarten")
@plants("money.paid_twice")
def _(w: Country) -> None:
    world.enrol(w.pupil, w.toddlers)


@plants("enrolment.school_and_college")
def _(w: Country) -> None:
    world.enrol(w.student, w.first)


@plants("enrolment.organisation_closed")
@plants("class.in_closed_organisation")
@plants("organisation.closed_with_staff")
def _(w: Country) -> None:
    closed(w.school)


@plants("enrolment.stage_foreign_to_organisation")
def _(w: Country) -> None:
    world.group(w.kindergarten, "school")


@plants("enrolment.of_merged_person")
def _(w: Country) -> None:
    put(w.pupil, merged_into=w.teacher)


@plants("enrolment.after_death")
def _(w: Country) -> None:
    world.enrol(w.pupil, w.toddlers, valid_from=date(2021, 1, 1), valid_to=date(2021, 5, 1), exit_reason="died")


@plants("enrolment.left_and_nowhere")
def _(w: Country) -> None:
    put(w.e_pupil, valid_to=date(2026, 1, 10), exit_reason="transfer")


@plants("enrolment.far_from_home")
def _(w: Country) -> None:
    Residence.objects.filter(person=w.pupil).update(lat=52.5)


@plants("enrolment.other_region")
def _(w: Country) -> None:
    Residence.objects.filter(person=w.pupil).update(district=FAR)


@plants("enrolment.contradicted")
def _(w: Country) -> None:
    Contradiction.objects.create(
        enrolment=w.e_pupil.pk, child=w.pupil.pk, organisation=w.school.pk, kato=w.school.district_id, stage="school",
        score=980, reasons=[], found_at=NOW, seen_at=NOW,
    )  # fmt: skip


@plants("enrolment.many_clubs")
def _(w: Country) -> None:
    for _ in range(6):
        world.enrol(w.pupil, world.group(w.club, "additional"))


@plants("enrolment.leave_too_long")
def _(w: Country) -> None:
    put(w.e_student, valid_from=date(2022, 9, 1), valid_to=date(2023, 9, 1), exit_reason="leave")


# ---- people and families


@plants("person.same_name_and_day")
def _(w: Country) -> None:
    twin(w.pupil)


@plants("person.merged_chain")
def _(w: Country) -> None:
    put(w.mother, merged_into=w.teacher)
    put(w.pupil, merged_into=w.mother)


@plants("person.two_numbers_of_one_system")
def _(w: Country) -> None:
    for value in ("1", "2"):
        Identifier.objects.create(recorded_at=NOW, person=w.pupil, system="journal", value=value, valid_from=BEGAN)


@plants("family.no_guardian")
def _(w: Country) -> None:
    Guardianship.objects.filter(child=w.pupil).update(valid_to=TODAY)


@plants("family.guardian_is_a_minor")
def _(w: Country) -> None:
    _guardian(w, "guardian", w.student)


@plants("family.two_mothers")
def _(w: Country) -> None:
    _guardian(w, "mother", w.teacher)


def _guardian(w: Country, kind: str, who: Person) -> None:
    Guardianship.objects.create(recorded_at=NOW, child=w.pupil, guardian=who, kind=kind, valid_from=BEGAN)


@plants("family.too_many_wards")
def _(w: Country) -> None:
    for _ in range(14):
        w.child()


@plants("family.no_residence")
def _(w: Country) -> None:
    Residence.objects.filter(person=w.pupil).update(valid_to=TODAY)


@plants("family.outside_the_country")
def _(w: Country) -> None:
    Residence.objects.filter(person=w.pupil).update(lon=51, lat=71)


@plants("family.crowded_address")
def _(w: Country) -> None:
    w.pupils(31)
    Residence.objects.update(address="Бір көше, 1")


# ---- organisations and buildings


@plants("organisation.no_learners")
def _(w: Country) -> None:
    world.organisation("kindergarten")


@plants("organisation.same_name")
def _(w: Country) -> None:
    world.organisation("school", name_ru=w.school.name_ru)


@plants("organisation.district_closed")
def _(w: Country) -> None:
    Territory.objects.filter(pk=w.school.district_id).update(valid_to=TODAY)


@plants("organisation.closed_without_successor")
def _(w: Country) -> None:
    closed(w.school)
    put(w.e_pupil, valid_to=YESTERDAY, exit_reason="transfer")


@plants("organisation.branch_of_closed")
def _(w: Country) -> None:
    put(w.kindergarten, head_office=w.school)
    closed(w.school)


@plants("building.emergency")
@plants("building.only_emergency")
def _(w: Country) -> None:
    Building.objects.filter(organisation=w.school).update(condition="emergency")


@plants("building.over_capacity")
def _(w: Country) -> None:
    Building.objects.filter(organisation=w.school).update(design_capacity=10)
    w.pupils(15)


@plants("building.none")
def _(w: Country) -> None:
    Building.objects.filter(organisation=w.school).update(valid_to=TODAY)


@plants("building.no_capacity")
def _(w: Country) -> None:
    Building.objects.filter(organisation=w.school).update(design_capacity=0)


@plants("building.room_of_another")
def _(w: Country) -> None:
    put(w.first, room=Room.objects.get(building__organisation=w.college))


# ---- classes


@plants("class.over_size")
def _(w: Country) -> None:
    w.pupils(26)


@plants("class.empty")
def _(w: Country) -> None:
    world.group(w.school, "school")


@plants("class.room_shared")
def _(w: Country) -> None:
    world.group(w.school, "school", room=w.room)


# ---- staff


@plants("staff.no_head")
def _(w: Country) -> None:
    Employment.objects.filter(organisation=w.school, post="head").update(valid_to=TODAY)


@plants("staff.two_heads")
def _(w: Country) -> None:
    world.employ(w.teacher, w.school, "head")


@plants("staff.head_of_two")
def _(w: Country) -> None:
    head = Employment.objects.get(organisation=w.school, post="head")
    world.employ(head.person, w.kindergarten, "head")


@plants("staff.load_everywhere")
def _(w: Country) -> None:
    for home in (w.kindergarten, w.college):
        world.employ(w.teacher, home, "other")


@plants("staff.two_regions")
def _(w: Country) -> None:
    world.employ(w.teacher, world.organisation("additional", district=FAR), "other")


@plants("staff.pupil_and_teacher")
def _(w: Country) -> None:
    world.enrol(w.teacher, w.first)


@plants("staff.none")
def _(w: Country) -> None:
    w.pupils(21)
    put(w.m_teacher, valid_to=TODAY)


@plants("staff.pupils_per_teacher")
def _(w: Country) -> None:
    w.pupils(45)


@plants("staff.no_psychologist")
def _(w: Country) -> None:
    for _ in range(6):
        world.group(w.school, "school")


@plants("staff.psychologist_overloaded")
def _(w: Country) -> None:
    world.employ(w.mother, w.school, "psychologist", load=Decimal("0.01"))
    w.pupils(11)


# ---- support and money


@plants("support.orphan_with_parents")
def _(w: Country) -> None:
    world.entitle(w.pupil, "orphan")


@plants("support.care_without_status")
def _(w: Country) -> None:
    put(w.school, kind="orphan_care")
    OrganisationProfile.objects.filter(organisation=w.school).update(kind="orphan_care")


@plants("support.no_document")
def _(w: Country) -> None:
    world.entitle(w.pupil, "disability", document="")


@plants("support.bus_not_recorded")
def _(w: Country) -> None:
    put(w.school, rural=True)
    Residence.objects.filter(person=w.pupil).update(rural=True, lat=51.18)


@plants("money.order_without_licence")
def _(w: Country) -> None:
    put(w.school, ownership="private", licence="")
    put(w.e_pupil, funding="state_order")


@plants("money.budget_in_private")
def _(w: Country) -> None:
    put(w.school, ownership="private")
