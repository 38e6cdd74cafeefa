"""What a family fills in: plain values that the forms, the command line and the sandbox hand to the services."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.registry.rules.kinds import GroupKind, Language


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A paper named by the family: its kind, its number, the day it was issued."""

    kind: str
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class Draft:
    """What a family wants, best kindergarten first. `transfer` keeps the present place until the new one is taken."""

    kind: GroupKind = GroupKind.GENERAL
    language: Language = Language.KAZAKH
    organisations: tuple[UUID, ...] = ()
    radius_km: int | None = None
    together: bool = False
    benefit: Benefit = Benefit.NONE
    documents: tuple[NewDocument, ...] = ()
    transfer: bool = False


@dataclass(frozen=True, slots=True)
class NewApplication:
    """A whole application in one piece."""

    child: UUID
    applicant: UUID
    draft: Draft = field(default_factory=Draft)
