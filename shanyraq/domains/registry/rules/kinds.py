"""The closed lists of the registry. Their texts stand in the catalogue as `<enum>.<value>`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class TerritoryKind(StrEnum):
    REGION = "region"
    CITY = "city"
    DISTRICT = "district"


class AuthorityKind(StrEnum):
    """A level of the administration of education: its tree is not the civil one."""

    MINISTRY = "ministry"
    REGION = "region"
    DISTRICT = "district"


class Stage(StrEnum):
    """A stage of education. One person may have open enrolments at several, and many in additional education."""

    PRESCHOOL = "preschool"
    SCHOOL = "school"
    TVET = "tvet"
    ADDITIONAL = "additional"


class OrganisationKind(StrEnum):
    KINDERGARTEN = "kindergarten"
    MINI_CENTRE = "mini_centre"
    SCHOOL = "school"
    COLLEGE = "college"
    ADDITIONAL = "additional"
    SPECIAL = "special"
    ORPHAN_CARE = "orphan_care"


class Ownership(StrEnum):
    STATE = "state"
    PRIVATE = "private"


class Language(StrEnum):
    """Language of a group; MIXED only for an organisation with groups in several."""

    KAZAKH = "kk"
    RUSSIAN = "ru"
    OTHER = "other"
    MIXED = "mixed"


class SuccessionKind(StrEnum):
    """What made one organisation follow another."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    REPLACEMENT = "replacement"


class RoomKind(StrEnum):
    CLASSROOM = "classroom"
    GROUP_ROOM = "group_room"
    LABORATORY = "laboratory"
    WORKSHOP = "workshop"
    GYM = "gym"
    DINING = "dining"
    OTHER = "other"


class Condition(StrEnum):
    """State of a building by its last inspection."""

    SOUND = "sound"
    REPAIR = "repair"
    EMERGENCY = "emergency"


class GroupKind(StrEnum):
    GENERAL = "general"
    SPECIAL = "special"
    SANATORIUM = "sanatorium"


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


class GuardianKind(StrEnum):
    MOTHER = "mother"
    FATHER = "father"
    ADOPTER = "adopter"
    GUARDIAN = "guardian"
    FOSTER = "foster"


class EntryReason(StrEnum):
    REFERRAL = "referral"
    VOUCHER = "voucher"
    TRANSFER = "transfer"
    SWAP = "swap"
    CARRIED = "carried"  # taken over from an older register
    ENTERED = "entered"  # for the first time, or from abroad
    RETURNED = "returned"
    PROMOTED = "promoted"
    REPEATED = "repeated"


class ExitReason(StrEnum):
    TRANSFER = "transfer"
    SWAP = "swap"
    SCHOOL = "school"
    MOVED = "moved"
    WISH = "wish"
    ERROR = "error"
    GRADUATED = "graduated"
    PROMOTED = "promoted"
    REPEATED = "repeated"
    EXPELLED = "expelled"
    LEAVE = "leave"  # academic leave
    DIED = "died"


class Form(StrEnum):
    """Form of learning."""

    FULL_TIME = "full_time"
    EVENING = "evening"
    PART_TIME = "part_time"
    DISTANCE = "distance"
    HOME = "home"
    FAMILY = "family"


class Funding(StrEnum):
    """Who pays for a place."""

    STATE_ORDER = "state_order"
    BUDGET = "budget"  # of the organisation: a state school
    FEE = "fee"


class Post(StrEnum):
    HEAD = "head"
    DEPUTY = "deputy"
    TEACHER = "teacher"
    EDUCATOR = "educator"  # of a kindergarten group
    MASTER = "master"  # of vocational training
    PSYCHOLOGIST = "psychologist"
    SPEECH_THERAPIST = "speech_therapist"
    OTHER = "other"


class Category(StrEnum):
    """Qualification category of a teacher, lowest first."""

    TEACHER = "teacher"
    MODERATOR = "moderator"
    EXPERT = "expert"
    RESEARCHER = "researcher"
    MASTER = "master"


class Qualification(StrEnum):
    """Highest education."""

    SECONDARY = "secondary"
    VOCATIONAL = "vocational"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTOR = "doctor"


class LeavingReason(StrEnum):
    """Why an employment ended."""

    WISH = "wish"
    TRANSFER = "transfer"
    RETIRED = "retired"
    TERM = "term"
    DISMISSED = "dismissed"
    DIED = "died"
    ERROR = "error"


class CircumstanceKind(StrEnum):
    """What entitles a learner to support."""

    SPECIAL_NEEDS = "special_needs"
    DISABILITY = "disability"
    ORPHAN = "orphan"
    IN_CARE = "in_care"
    LOW_INCOME = "low_income"
    TRANSPORT = "transport"


class FeatureKind(StrEnum):
    """What is looked at in an organisation: an item of its passport. Yes and no are 1 and 0."""

    WATER = "water"  # a basic source of drinking water
    TOILETS = "toilets"  # separate, with the least that is required
    HANDWASHING = "handwashing"
    INCLUSIVE = "inclusive"  # conditions for inclusive education
    INTERNET = "internet"  # measured speed, Mbit/s
    PHYSICS_ROOM = "physics_room"
    CHEMISTRY_ROOM = "chemistry_room"
    BIOLOGY_ROOM = "biology_room"
    ROBOTICS_ROOM = "robotics_room"
    STEM_ROOM = "stem_room"
    SPORTS_HALL = "sports_hall"
    SPORTS_KIT = "sports_kit"
    ANTI_TERROR = "anti_terror"  # meets the instruction in full
    WORLDSKILLS = "worldskills"  # assesses by its standards
    COMPETENCE_CENTRE = "competence_centre"
    QUALITY = "quality"  # meets the criteria of quality
    ATTESTATION_DUE = "attestation_due"  # in the present cycle
    ATTESTED = "attested"
    PER_CAPITA = "per_capita"  # financed by the head


class EngagementKind(StrEnum):
    """What a person takes part in or receives."""

    SUPPORT = "support"  # special psychological and pedagogical support, early correction
    DUAL_TRAINING = "dual_training"
    SELF_GOVERNMENT = "self_government"
    DEBATE = "debate"
    YOUTH_MOVEMENT = "youth_movement"
    VOLUNTEERING = "volunteering"
    EMPLOYED = "employed"


class BinHolder(StrEnum):
    """Who holds a BIN, by its fifth digit."""

    RESIDENT = "resident"
    NON_RESIDENT = "non_resident"
    JOINT = "joint"


STAGE_OF: Final[Mapping[OrganisationKind, Stage]] = {
    OrganisationKind.KINDERGARTEN: Stage.PRESCHOOL,
    OrganisationKind.MINI_CENTRE: Stage.PRESCHOOL,
    OrganisationKind.SCHOOL: Stage.SCHOOL,
    OrganisationKind.SPECIAL: Stage.SCHOOL,
    OrganisationKind.ORPHAN_CARE: Stage.SCHOOL,
    OrganisationKind.COLLEGE: Stage.TVET,
    OrganisationKind.ADDITIONAL: Stage.ADDITIONAL,
}
PRESCHOOL_KINDS: Final = (OrganisationKind.KINDERGARTEN, OrganisationKind.MINI_CENTRE)
