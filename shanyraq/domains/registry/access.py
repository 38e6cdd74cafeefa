"""Who may do what in the registry. A role is written once; the same rule filters lists and checks one row.

Creating is checked on the row that will hold the new one: a person and an organisation on their district, a group on
its organisation, an enrolment on its group.
"""

from enum import StrEnum
from typing import Final

from django.db.models import Q

from shanyraq.domains.registry.models import Employment, Enrolment, Guardianship, Residence
from shanyraq.foundation.access import Actor, Grant, Role, Rule, Rules, every_row, in_territory


class Do(StrEnum):
    """Actions of the registry. Public facts (territory, organisations, groups, counts) need none."""

    READ_PERSON = "registry.read_person"
    REGISTER_PERSON = "registry.register_person"
    CHANGE_PERSON = "registry.change_person"
    MERGE_PEOPLE = "registry.merge_people"
    OPEN_ORGANISATION = "registry.open_organisation"
    CHANGE_ORGANISATION = "registry.change_organisation"
    CHANGE_GROUP = "registry.change_group"
    READ_ENROLMENT = "registry.read_enrolment"
    ENROL = "registry.enrol"
    END_ENROLMENT = "registry.end_enrolment"
    SWAP_PLACES = "registry.swap_places"
    IMPORT = "registry.import"
    UNDO_IMPORT = "registry.undo_import"
    NOTE_CIRCUMSTANCE = "registry.note_circumstance"
    READ_CIRCUMSTANCE = "registry.read_circumstance"
    READ_RECORD = "registry.read_record"
    READ_READERS = "registry.read_readers"
    READ_READERS_HERE = "registry.read_readers_here"
    READ_STAFF_READINGS = "registry.read_staff_readings"
    READ_STAFF = "registry.read_staff"
    CHANGE_STAFF = "registry.change_staff"


def _self_and_wards(actor: Actor, grant: Grant) -> Q:
    wards = Guardianship.objects.filter(guardian_id=actor.person, valid_to__isnull=True).values("child_id")
    return Q(pk=actor.person) | Q(pk__in=wards)


def _pupils(actor: Actor, grant: Grant) -> Q:
    own = Enrolment.objects.filter(_own_enrolments(actor, grant), valid_to__isnull=True)
    return Q(pk__in=own.values("child_id"))


def _enrolled(actor: Actor, grant: Grant) -> Q:
    return _pupils(actor, grant) | _opened(actor, grant)


def _pupils_and_staff(actor: Actor, grant: Grant) -> Q:
    staff = Employment.objects.filter(_own_groups(actor, grant), valid_to__isnull=True)
    return _enrolled(actor, grant) | Q(pk__in=staff.values("person_id"))


def _pupils_and_self(actor: Actor, grant: Grant) -> Q:
    return _pupils(actor, grant) | Q(pk=actor.person)


def _living_there(actor: Actor, grant: Grant) -> Q:
    if not grant.territory:
        return Q()
    living = Residence.objects.filter(in_territory("district__kato", grant), valid_to__isnull=True)
    return Q(pk__in=living.values("person_id"))


def _residents(actor: Actor, grant: Grant) -> Q:
    if not grant.territory:
        return Q()
    return _living_there(actor, grant) | _opened(actor, grant)


def _known_there(actor: Actor, grant: Grant) -> Q:
    """Who lives in the territory or learns there: a record from an import may have no home yet."""
    if not grant.territory:
        return Q()
    living = Residence.objects.filter(in_territory("district__kato", grant), valid_to__isnull=True)
    learning = Enrolment.objects.filter(_enrolments_there(actor, grant), valid_to__isnull=True)
    return Q(pk__in=living.values("person_id")) | Q(pk__in=learning.values("child_id"))


def _opened(actor: Actor, grant: Grant) -> Q:
    return Q(pk__in=actor.opened)


def _district(actor: Actor, grant: Grant) -> Q:
    return in_territory("kato", grant)


def _organisations_there(actor: Actor, grant: Grant) -> Q:
    return in_territory("district__kato", grant)


def _own_organisation(actor: Actor, grant: Grant) -> Q:
    return Q(pk=grant.organisation)


def _groups_there(actor: Actor, grant: Grant) -> Q:
    return in_territory("organisation__district__kato", grant)


def _own_groups(actor: Actor, grant: Grant) -> Q:
    return Q(organisation_id=grant.organisation)


def _enrolments_there(actor: Actor, grant: Grant) -> Q:
    return in_territory("group__organisation__district__kato", grant)


def _own_enrolments(actor: Actor, grant: Grant) -> Q:
    return Q(group__organisation_id=grant.organisation)


_OPERATOR: Final = Rule(Role.OPERATOR, every_row)
_LOCAL: Final = (Role.OFFICER, Role.REGION, Role.SYSTEM)  # a system acts in the territory of its scope, as an office

PERSON_RULES: Rules = {
    Do.READ_PERSON: (
        Rule(Role.GUARDIAN, _self_and_wards),
        Rule(Role.HEAD, _pupils_and_staff),
        Rule(Role.TEACHER, _pupils_and_self),
        *(Rule(role, _residents) for role in _LOCAL),
        Rule(Role.MINISTRY, _opened),
        Rule(Role.AUDITOR, every_row),
        _OPERATOR,
    ),
    Do.CHANGE_PERSON: (*(Rule(role, _residents) for role in _LOCAL), _OPERATOR),
    Do.MERGE_PEOPLE: (*(Rule(role, _known_there) for role in (Role.OFFICER, Role.REGION)), _OPERATOR),
    Do.NOTE_CIRCUMSTANCE: (Rule(Role.HEAD, _pupils), *(Rule(role, _residents) for role in _LOCAL), _OPERATOR),
    Do.READ_CIRCUMSTANCE: (  # narrower than the name: no teacher, no colleague, nobody by break-glass
        Rule(Role.GUARDIAN, _self_and_wards),
        Rule(Role.HEAD, _pupils),
        *(Rule(role, _living_there) for role in _LOCAL),
        Rule(Role.AUDITOR, every_row),
        _OPERATOR,
    ),
    Do.READ_READERS: (  # the whole statement of who read the record
        Rule(Role.GUARDIAN, _self_and_wards),
        Rule(Role.AUDITOR, every_row),
        _OPERATOR,
    ),
    Do.READ_READERS_HERE: (
        Rule(Role.HEAD, _pupils),
    ),  # what of it concerns the organisation: queries/record/readers.py
}
TERRITORY_RULES: Rules = {
    Do.REGISTER_PERSON: (*(Rule(role, _district) for role in _LOCAL), _OPERATOR),
    Do.OPEN_ORGANISATION: (*(Rule(role, _district) for role in _LOCAL), _OPERATOR),
}
_NATIONAL: Final = (Role.MINISTRY, Role.AUDITOR)
ORGANISATION_RULES: Rules = {
    Do.READ_STAFF_READINGS: (Rule(Role.HEAD, _own_organisation),),
    Do.READ_RECORD: (  # the desk of the record: lists and cards of organisations with their figures
        Rule(Role.HEAD, _own_organisation),
        Rule(Role.TEACHER, _own_organisation),
        *(Rule(role, _organisations_there) for role in _LOCAL),
        *(Rule(role, every_row) for role in _NATIONAL),
        _OPERATOR,
    ),
    Do.CHANGE_ORGANISATION: (*(Rule(role, _organisations_there) for role in _LOCAL), _OPERATOR),
    Do.CHANGE_GROUP: (
        Rule(Role.HEAD, _own_organisation),
        *(Rule(role, _organisations_there) for role in _LOCAL),
        _OPERATOR,
    ),
    Do.CHANGE_STAFF: (
        Rule(Role.HEAD, _own_organisation),
        *(Rule(role, _organisations_there) for role in _LOCAL),
        _OPERATOR,
    ),
}
STAFF_RULES: Rules = {
    Do.READ_STAFF: (
        Rule(Role.HEAD, _own_groups),
        Rule(Role.TEACHER, _own_groups),
        *(Rule(role, _groups_there) for role in _LOCAL),
        Rule(Role.AUDITOR, every_row),
        _OPERATOR,
    ),
}
GROUP_RULES: Rules = {
    Do.READ_RECORD: (
        Rule(Role.HEAD, _own_groups),
        Rule(Role.TEACHER, _own_groups),
        *(Rule(role, _groups_there) for role in _LOCAL),
        *(Rule(role, every_row) for role in _NATIONAL),
        _OPERATOR,
    ),
    Do.CHANGE_GROUP: (Rule(Role.HEAD, _own_groups), *(Rule(role, _groups_there) for role in _LOCAL), _OPERATOR),
    Do.ENROL: (Rule(Role.HEAD, _own_groups), *(Rule(role, _groups_there) for role in _LOCAL), _OPERATOR),
}
ENROLMENT_RULES: Rules = {
    Do.READ_ENROLMENT: (
        Rule(Role.HEAD, _own_enrolments),
        Rule(Role.TEACHER, _own_enrolments),
        *(Rule(role, _enrolments_there) for role in _LOCAL),
        Rule(Role.AUDITOR, every_row),
        _OPERATOR,
    ),
    Do.END_ENROLMENT: (
        Rule(Role.HEAD, _own_enrolments),
        *(Rule(role, _enrolments_there) for role in _LOCAL),
        _OPERATOR,
    ),
    Do.SWAP_PLACES: (*(Rule(role, _enrolments_there) for role in (Role.OFFICER, Role.REGION)), _OPERATOR),
}
