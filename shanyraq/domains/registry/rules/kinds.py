"""The closed lists of the registry. Their texts stand in the catalogue as `<enum>.<value>`."""

from enum import StrEnum


class TerritoryKind(StrEnum):
    REGION = "region"
    CITY = "city"
    DISTRICT = "district"


class OrganisationKind(StrEnum):
    KINDERGARTEN = "kindergarten"
    MINI_CENTRE = "mini_centre"


class Ownership(StrEnum):
    STATE = "state"
    PRIVATE = "private"


class Language(StrEnum):
    """Language of a group; MIXED only for an organisation with groups in several."""

    KAZAKH = "kk"
    RUSSIAN = "ru"
    OTHER = "other"
    MIXED = "mixed"


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


class ExitReason(StrEnum):
    TRANSFER = "transfer"
    SWAP = "swap"
    SCHOOL = "school"
    MOVED = "moved"
    WISH = "wish"
    ERROR = "error"


class BinHolder(StrEnum):
    """Who holds a BIN, by its fifth digit."""

    RESIDENT = "resident"
    NON_RESIDENT = "non_resident"
    JOINT = "joint"
