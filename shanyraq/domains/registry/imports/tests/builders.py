"""Typed rows as the engine gives them, and an organisation to put them in."""

from datetime import date
from typing import Any
from uuid import UUID

import polars as pl

from shanyraq.domains.registry import services
from shanyraq.domains.registry.rules.kinds import Language, OrganisationKind, Ownership
from shanyraq.domains.registry.tests import builders
from shanyraq.domains.registry.tests.builders import NOW, SYSTEM, TODAY
from shanyraq.foundation import history
from shanyraq.foundation.access import Actor
from shanyraq.foundation.imports import issues
from shanyraq.foundation.imports.columns import schema
from shanyraq.foundation.imports.kinds import Asked, Comparison, Kind
from shanyraq.foundation.text import Text


def rows(kind: Kind, *lines: dict[str, Any]) -> pl.DataFrame:
    """Lines 2, 3, ... of a file; what a line does not say is empty."""
    names = schema(kind.columns)
    full = [{**dict.fromkeys(names), "row": at, **line} for at, line in enumerate(lines, 2)]
    return pl.DataFrame(full, schema=names, orient="row")


def asked(
    actor: Actor = SYSTEM, *, organisation: UUID | None = None, territory: str = "", replace: bool = False
) -> Asked:
    return Asked(actor, territory, organisation, TODAY, replace, "en")


def faults(kind: Kind, frame: pl.DataFrame, wish: Asked) -> dict[int, set[str]]:
    """Codes of the faults by row, of the check and of the comparison."""
    seen = kind.check(frame, wish)
    seen = issues.together(seen, kind.compare(issues.sound(frame, seen), wish).issues)
    return {row: set(seen.filter(row=row)["code"]) for row in seen["row"].unique()}


def compared(kind: Kind, frame: pl.DataFrame, wish: Asked) -> Comparison:
    return kind.compare(issues.sound(frame, kind.check(frame, wish)), wish)


def loaded(kind: Kind, frame: pl.DataFrame, wish: Asked, now: Any = NOW) -> tuple[UUID, dict[str, int]]:
    """The batch, and how many rows each action took."""
    found = compared(kind, frame, wish).rows
    batch = history.begin(actor=wish.actor, kind=kind.code, now=now)
    kind.apply(found.filter(pl.col("action") != "unchanged"), wish, batch=batch, now=now)
    counts = history.finish(batch)
    kind.finished(wish, batch=batch, counts=counts, now=now)
    return batch, dict(found["action"].value_counts().iter_rows())


def school(**given: Any) -> tuple[UUID, str]:
    """A school and its BIN."""
    number = builders.bin_number()
    new = services.NewOrganisation(
        bin=number, kind=given.get("kind", OrganisationKind.SCHOOL), ownership=Ownership.STATE,
        name=Text("Мектеп", "Школа", "School"), language=Language.KAZAKH,
        district=given.get("district", builders.ESIL), address="Сарайшық көшесі, 7", lon=71.43, lat=51.12,
    )  # fmt: skip
    return services.open_organisation(actor=SYSTEM, new=new, on=date(2020, 1, 1), now=NOW), number
