"""Classes and groups of every stage with their learners, for whoever moves people: transfers, the turn of the year.

These functions do not ask who is asking: the caller has authorised, and notes the read of a child's record.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from shanyraq.domains.registry.models import Enrolment, Group, Guardianship, Organisation, Person
from shanyraq.domains.registry.queries.cards import EnrolmentCard
from shanyraq.domains.registry.queries.enrolments import enrolment_of
from shanyraq.domains.registry.queries.places import in_force
from shanyraq.domains.registry.queries.records import STANDS
from shanyraq.domains.registry.rules.kinds import EntryReason, Stage

ENROLMENTS = Enrolment._meta.label_lower  # as batches count them
YEARLY = (Stage.SCHOOL, Stage.TVET)  # stages whose groups last a school year


@dataclass(frozen=True, slots=True)
class ClassCard:
    """A class, a college group, a club or a kindergarten group, with how many it seats and how many are in it."""

    id: UUID
    organisation: UUID
    stage: Stage
    name: str
    grade: int | None
    school_year: int | None
    places: int
    learners: int
    changed_at: datetime | None = None  # the latest record of an enrolment in it


def classes_of(organisation: UUID, on: date) -> tuple[ClassCard, ...]:
    """Groups of every stage of an organisation at work on the day, by grade and name. 1 query."""
    rows = Group.objects.filter(in_force(on), organisation_id=organisation)
    return _cards(rows, Q(enrolments__valid_to__isnull=True) | Q(enrolments__valid_to__gt=on))


def class_card(pk: UUID, on: date) -> ClassCard | None:
    """One group of any stage. 1 query."""
    rows = Group.objects.filter(pk=pk)
    return next(iter(_cards(rows, Q(enrolments__valid_to__isnull=True) | Q(enrolments__valid_to__gt=on))), None)


def class_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of groups of any stage by id. 1 query."""
    return dict(Group.objects.filter(pk__in=set(ids)).values_list("id", "name"))


def year_classes(
    territory: str, school_year: int, before: date, organisation: UUID | None = None
) -> tuple[ClassCard, ...]:
    """Open classes and college groups of a school year, of one organisation or of a territory, with those who have been
    in them since before the day and have no end; by organisation, grade and name. 1 query."""
    rows = _yearly(territory, organisation).filter(school_year=school_year, valid_from__lt=before)
    return _cards(rows, Q(enrolments__valid_to__isnull=True, enrolments__valid_from__lt=before))


def next_classes(territory: str, school_year: int, organisation: UUID | None = None) -> tuple[ClassCard, ...]:
    """Open classes of a school year, learners not counted. 1 query."""
    rows = _yearly(territory, organisation).filter(school_year=school_year)
    plain = rows.order_by("organisation_id", "name").values_list(*_PLAIN)
    return tuple(
        ClassCard(pk, home, Stage(stage), name, grade, year, places, 0)
        for pk, home, stage, name, grade, year, places in plain
    )


def learners_of(group: UUID, on: date) -> tuple[EnrolmentCard, ...]:
    """Who is in a group on the day or will be, by the Kazakh alphabet. 1 query."""
    later = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    rows = Enrolment.objects.filter(later, group_id=group).select_related("group__organisation")
    return tuple(enrolment_of(row) for row in rows.order_by("child__sort_key", "id"))


def running_of(child: UUID) -> tuple[EnrolmentCard, ...]:
    """Enrolments of a child without an end, at all stages, oldest first. 1 query."""
    rows = Enrolment.objects.filter(child_id=child, valid_to__isnull=True).select_related("group__organisation")
    return tuple(enrolment_of(row) for row in rows.order_by("valid_from", "id"))


def listed_on(child: UUID, stage: Stage, on: date) -> tuple[UUID, ...]:
    """Groups of a stage in which the child is listed on the day: one, unless something went wrong. 1 query."""
    rows = Enrolment.objects.filter(in_force(on), child_id=child, stage=stage)
    return tuple(rows.order_by("id").values_list("group_id", flat=True))


def hold_year(territory: str, school_year: int, organisation: UUID | None = None) -> int:
    """Hold the open classes of a school year until the transaction ends, so that nobody enters or leaves them
    meanwhile; how many. 1 query."""
    rows = _yearly(territory, organisation).filter(school_year=school_year)
    return len(rows.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))


def pupils_of_year(
    territory: str, school_year: int, before: date, organisation: UUID | None = None
) -> list[tuple[UUID, UUID]]:
    """Those in the open classes of a school year since before the day, without an end: enrolment and child. 1 query."""
    groups = _yearly(territory, organisation).filter(school_year=school_year)
    rows = Enrolment.objects.filter(group__in=groups.values("pk"), valid_to__isnull=True, valid_from__lt=before)
    return list(rows.values_list("id", "child_id"))


def touched_by(batch: UUID, district: str) -> list[tuple[UUID, UUID]]:
    """Enrolments of a district that a change of many rows wrote last: enrolment and child. 1 query."""
    rows = Enrolment.objects.filter(batch=batch, group__organisation__district=district)
    return list(rows.values_list("id", "child_id"))


def districts_touched(batch: UUID) -> tuple[str, ...]:
    """Districts in which a change of many rows wrote enrolments. 1 query."""
    rows = Enrolment.objects.filter(batch=batch).order_by("group__organisation__district_id")
    return tuple(rows.values_list("group__organisation__district_id", flat=True).distinct())


def districts_with_classes(territory: str, school_year: int) -> tuple[str, ...]:
    """Districts of a territory with open classes of a school year. 1 query."""
    rows = _yearly(territory, None).filter(school_year=school_year)
    return tuple(
        rows.order_by("organisation__district_id").values_list("organisation__district_id", flat=True).distinct()
    )


def new_since(after: datetime, until: datetime, without: Collection[EntryReason]) -> Iterator[tuple[UUID, UUID, UUID]]:
    """Enrolments without an end that were recorded one by one after an instant and up to another: enrolment, child and
    group, by id. 1 query."""
    rows = Enrolment.objects.filter(batch__isnull=True, recorded_at__gt=after, recorded_at__lte=until)
    yield from _new(rows, without)


def new_by(batch: UUID, without: Collection[EntryReason]) -> Iterator[tuple[UUID, UUID, UUID]]:
    """The same of those that a change of many rows wrote. 1 query."""
    yield from _new(Enrolment.objects.filter(batch=batch), without)


def group_homes(ids: Collection[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """The organisation and the name of groups of any stage. 1 query."""
    rows = Group.objects.filter(pk__in=set(ids)).values_list("id", "organisation_id", "name")
    return {pk: (home, name) for pk, home, name in rows}


def unlisted(territory: str, born_after: date, born_before: date, on: date, limit: int = 200) -> tuple[UUID, ...]:
    """Children of a territory by residence, born between two days (the first included), who are in no school, college
    or kindergarten on the day; by the Kazakh alphabet. 1 query."""
    there = Q(residences__valid_to__isnull=True, residences__district__kato__startswith=territory)
    listed = Enrolment.objects.filter(in_force(on), child=OuterRef("pk")).exclude(stage=Stage.ADDITIONAL)
    born = Q(born_on__gte=born_after, born_on__lt=born_before)
    rows = Person.objects.filter(STANDS, there, born, ~Exists(listed))
    return tuple(rows.order_by("sort_key", "id").values_list("id", flat=True)[:limit])


_PLAIN = ("id", "organisation_id", "stage", "name", "grade", "school_year", "places")


def _yearly(territory: str, organisation: UUID | None) -> QuerySet[Group]:
    rows = Group.objects.filter(stage__in=YEARLY, valid_to__isnull=True, grade__isnull=False)
    if organisation is not None:
        return rows.filter(organisation_id=organisation)
    if not territory:
        return rows
    return rows.filter(organisation__in=Organisation.objects.filter(district__kato__startswith=territory).values("pk"))


def _cards(rows: QuerySet[Group], counted: Q) -> tuple[ClassCard, ...]:
    told = rows.annotate(
        learners=Count("enrolments", filter=counted), changed_at=Max("enrolments__recorded_at", filter=counted)
    )
    ordered = told.order_by("organisation_id", "grade", "name", "id").values_list(*_PLAIN, "learners", "changed_at")
    return tuple(
        ClassCard(pk, home, Stage(stage), name, grade, year, places, learners, changed)
        for pk, home, stage, name, grade, year, places, learners, changed in ordered
    )


def guardian_ids(children: Collection[UUID], on: date) -> dict[UUID, tuple[UUID, ...]]:
    """Who answers for each child on the day, by id only, longest first; a child without guardians is left out.
    1 query."""
    found: dict[UUID, tuple[UUID, ...]] = {}
    rows = Guardianship.objects.filter(in_force(on), child_id__in=set(children)).order_by("valid_from", "id")
    for child, guardian in rows.values_list("child_id", "guardian_id"):
        found[child] = (*found.get(child, ()), guardian)
    return found


def open_years(territory: str, organisation: UUID | None = None) -> tuple[int, ...]:
    """School years with open classes, earliest first. 1 query."""
    rows = _yearly(territory, organisation).filter(school_year__isnull=False)
    found = rows.order_by("school_year").values_list("school_year", flat=True).distinct()
    return tuple(year for year in found if year is not None)


def leaving_for_school(territory: str, organisation: UUID | None, on: date) -> QuerySet[Enrolment]:
    """The kindergarten rows of children whom a school lists on the day. No query yet."""
    return _at_kindergarten(territory, organisation, on).filter(_at_school(on))


def count_leaving_for_school(territory: str, organisation: UUID | None, on: date) -> int:
    """How many they are. 1 query."""
    return leaving_for_school(territory, organisation, on).count()


def count_of_school_age(territory: str, organisation: UUID | None, on: date, born_before: date) -> int:
    """How many of those whom no school lists on the day, and who stay in a kindergarten, were born before another day.
    1 query."""
    return _at_kindergarten(territory, organisation, on).filter(~_at_school(on), child__born_on__lt=born_before).count()


def _at_school(on: date) -> Exists:
    return Exists(
        Enrolment.objects.filter(child=OuterRef("child"), stage=Stage.SCHOOL, valid_to__isnull=True, valid_from__lte=on)
    )


def _at_kindergarten(territory: str, organisation: UUID | None, on: date) -> QuerySet[Enrolment]:
    rows = Enrolment.objects.filter(stage=Stage.PRESCHOOL, valid_to__isnull=True, valid_from__lt=on)
    if organisation is not None:
        return rows.filter(group__organisation=organisation)
    return rows.filter(group__organisation__district__kato__startswith=territory) if territory else rows


def _new(rows: QuerySet[Enrolment], without: Collection[EntryReason]) -> Iterator[tuple[UUID, UUID, UUID]]:
    kept = rows.filter(valid_to__isnull=True).exclude(entry_reason__in=list(without)).order_by("id")
    yield from kept.values_list("id", "child_id", "group_id").iterator(chunk_size=2_000)
