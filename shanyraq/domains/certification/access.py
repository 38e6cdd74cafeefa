"""Who may do what with the register of regional systems. Reading is for everybody: a region and its families may know
which system holds their queue and how it stands."""

from enum import StrEnum

from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Role

KEEPERS = (Role.MINISTRY, Role.OPERATOR)


class Do(StrEnum):
    """Actions on regional systems."""

    KEEP = "certification.keep"
    REPORT = "certification.report"


def require_keeper(actor: Actor) -> None:
    """Pass for the ministry and the operator. Raises NotAllowed."""
    access.require_role(actor, *KEEPERS)
