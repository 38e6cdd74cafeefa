"""Where files may be imported, and the organisations that their rows name."""

import polars as pl

from shanyraq.domains.registry.access import ORGANISATION_RULES, Do
from shanyraq.domains.registry.imports import store
from shanyraq.domains.registry.models import Organisation, Territory
from shanyraq.domains.registry.rules.kinds import STAGE_OF
from shanyraq.foundation import access
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.imports.issues import found, sound
from shanyraq.foundation.imports.kinds import Asked, Place
from shanyraq.foundation.text import LANGS, Text, say

OFFICES = (Role.OFFICER, Role.REGION, Role.OPERATOR, Role.SYSTEM)


def places(actor: Actor, *, whole: bool = False) -> tuple[Place, ...]:
    """Organisations of heads, with their districts, and territories of offices; `whole`: territories only.

    At most 2 queries.
    """
    own = {grant.organisation for grant in actor.grants if grant.role is Role.HEAD and grant.organisation} - {None}
    katos = {grant.territory for grant in actor.grants if grant.role in OFFICES and grant.organisation is None}
    named = Territory.objects.filter(pk__in={kato.ljust(9, "0") for kato in katos if kato})
    texts = {row.kato: Text(row.name_kk, row.name_ru, row.name_en) for row in named}
    country = Text(*(say("registry.import.country", lang) for lang in LANGS))
    found = [Place(kato, None, texts.get(kato.ljust(9, "0"), country)) for kato in sorted(katos)]
    if not whole:
        homes = Organisation.objects.filter(pk__in=own).order_by("name_kk", "id")
        found += [Place(row.district_id, row.id, Text(row.name_kk, row.name_ru, row.name_en)) for row in homes]
    return tuple(found)


def organisations(asked: Asked, do: Do = Do.CHANGE_GROUP) -> pl.DataFrame:
    """Organisations at work, where the actor may import: organisation (BIN), home, home_stage, home_language, names."""
    select = {
        "organisation": "o.bin", "home": store.identity("o.id"), "kind": "o.kind", "home_language": "o.language",
        "district": "o.district_id", "home_name": f"o.name_{asked.lang}",
    }  # fmt: skip
    rows = store.every(select, "FROM registry_organisation o WHERE o.valid_to IS NULL ORDER BY o.bin")
    stages = {str(kind): str(stage) for kind, stage in STAGE_OF.items()}
    rows = rows.with_columns(pl.col("kind").replace_strict(stages, default="").alias("home_stage"))
    if asked.territory:
        rows = rows.filter(pl.col("district").str.starts_with(asked.territory))
    if asked.organisation:
        rows = rows.filter(pl.col("home") == asked.organisation.hex)
    allowed = access.rows(ORGANISATION_RULES, do, asked.actor)
    if allowed == access.EVERY_ROW:
        return rows
    own = [pk.hex for pk in Organisation.objects.filter(allowed, valid_to__isnull=True).values_list("pk", flat=True)]
    return rows.filter(pl.col("home").is_in(own))


def housed(frame: pl.DataFrame, asked: Asked) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the organisation that they name (or the one asked for), and faults of those that name no such.

    An organisation in which the actor may not import is as unknown as one that does not exist.
    """
    homes = organisations(asked)
    if asked.organisation is not None:
        own = homes["organisation"].to_list()[:1]
        frame = frame.with_columns(pl.col("organisation").fill_null(pl.lit(own[0] if own else None, pl.String)))
    rows = frame.join(homes, on="organisation", how="left", maintain_order="left")
    faults = found(rows, pl.col("home").is_null(), "organisation_not_here", column="organisation")
    return sound(rows, faults), faults
