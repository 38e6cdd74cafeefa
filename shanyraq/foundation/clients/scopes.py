"""What a client may do: `verb:resource:territory`, as in `write:offers:711110000`. Pure.

The territory is the beginning of a KATO code: two digits are a region, nine a district, `*` the country.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shanyraq.foundation.refusal import Refusal

COUNTRY: Final = "*"
_TERRITORY: Final = re.compile(r"[0-9]{2,9}")


class Verb(StrEnum):
    """Reading changes nothing and is still logged; writing does not include reading."""

    READ = "read"
    WRITE = "write"


class Resource(StrEnum):
    """What the API offers to clients. What anyone may see needs no scope."""

    PEOPLE = "people"
    ORGANISATIONS = "organisations"
    GROUPS = "groups"
    APPLICATIONS = "applications"
    DOCUMENTS = "documents"
    ROUNDS = "rounds"
    OFFERS = "offers"
    ENROLMENTS = "enrolments"
    EMPLOYMENTS = "employments"
    CIRCUMSTANCES = "circumstances"
    CHANGES = "changes"
    WEBHOOKS = "webhooks"
    ROSTERING = "rostering"
    DEMOGRAPHICS = "demographics"
    CONFORMANCE = "conformance"


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """One verb on one resource in one territory ("" is the country)."""

    verb: Verb
    resource: Resource
    territory: str = ""

    def __str__(self) -> str:
        return f"{self.verb}:{self.resource}:{self.territory or COUNTRY}"

    def covers(self, other: "Scope") -> bool:
        """Whether whoever holds this scope holds the other too."""
        same = (self.verb, self.resource) == (other.verb, other.resource)
        return same and other.territory.startswith(self.territory)


def parse(text: str) -> Scope:
    """The scope that a text names. Raises Refusal("clients.scope_malformed")."""
    parts = text.split(":")
    try:
        verb, resource, territory = Verb(parts[0]), Resource(parts[1]), parts[2]
    except (ValueError, IndexError):
        raise Refusal("clients.scope_malformed", field="scope") from None
    if len(parts) != 3 or not (territory == COUNTRY or _TERRITORY.fullmatch(territory)):
        raise Refusal("clients.scope_malformed", field="scope")
    return Scope(verb, resource, "" if territory == COUNTRY else territory)


def parse_many(text: str) -> tuple[Scope, ...]:
    """Scopes separated by spaces, sorted, each once. Raises Refusal("clients.scope_malformed")."""
    return tuple(sorted({parse(word) for word in text.split()}))


def written(scopes: Iterable[Scope]) -> str:
    """Scopes as one text, sorted, separated by spaces."""
    return " ".join(str(scope) for scope in sorted(set(scopes)))
