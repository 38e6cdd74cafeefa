"""What every command of placement shares: its group, its options, and names of rows as people type them."""

from contextlib import suppress
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import click

from shanyraq.domains.placement.queries import applications as application_queries
from shanyraq.domains.placement.services.drafts import NewDocument
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Callback
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.uid import new_id

placement = commands.group("placement")
LONGEST_NUMBER = 18  # digits: beyond them no database keeps a whole number
DAY = click.DateTime(("%Y-%m-%d",))


def option(flag: str, **settings: Any) -> Callback:
    """An option whose help stands in the catalogue as `cli.placement.option.<name>`."""
    return commands.option(flag, help=f"cli.placement.option.{flag.lstrip('-')}", **settings)


def one_of(flag: str, kind: type[StrEnum], **settings: Any) -> Callback:
    """An option that takes one value of an enum."""
    return option(flag, type=click.Choice([member.value for member in kind]), **settings)


def uuid(name: str) -> Callback:
    """An argument that is an id."""
    return commands.argument(name, type=click.UUID, metavar=name.upper())


def application_id(number: str) -> UUID:
    """An application by its number or id. Raises NotAllowed, as for a row that may not be seen."""
    found: UUID | None = None
    if number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER:
        found = application_queries.find_application(int(number))
    else:
        with suppress(ValueError):
            found = UUID(number)
    if found is None:
        raise NotAllowed("access.denied", action="placement.read")
    return found


def person_id(text: str) -> UUID:
    """A person by id or universal ID. Raises Refusal("registry.person_unknown")."""
    try:
        return UUID(text)
    except ValueError:
        found = registry.find_by_universal_id(text)
    if found is None:
        raise Refusal("registry.person_unknown", field="child")
    return found


def kindergarten_id(text: str) -> UUID:
    """A kindergarten by BIN or id; an unknown BIN becomes an unknown wish, which the service refuses."""
    try:
        return UUID(text)
    except ValueError:
        return registry.find_organisation(text) or new_id()


def document_of(text: str) -> NewDocument:
    """KIND:NUMBER:YYYY-MM-DD."""
    try:
        kind, number, issued_on = text.split(":")
        return NewDocument(kind, number, date.fromisoformat(issued_on))
    except ValueError:
        raise click.BadParameter(text) from None
