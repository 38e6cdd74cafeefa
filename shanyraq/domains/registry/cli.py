"""`shanyraq registry ...`: the verbs of the registry on the command line."""

import csv
import os
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import polars as pl

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.imports import loading
from shanyraq.domains.registry.queries import record
from shanyraq.domains.registry.queries.authorities import authorities
from shanyraq.domains.registry.queries.record.parsing import wanted_of
from shanyraq.domains.registry.rules import kinds, numbers, universal
from shanyraq.foundation import audit, commands
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.imports import queries as faults_in_words
from shanyraq.foundation.imports import steps
from shanyraq.foundation.imports.kinds import Action, Asked
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Lang, Text
from shanyraq.foundation.timeline import day_of

registry = commands.group("registry")


def _nothing() -> None:
    """A noun does nothing by itself."""


person = registry.group("person")(_nothing)
guardian = registry.group("guardian")(_nothing)
organisation = registry.group("organisation")(_nothing)
group = registry.group("group")(_nothing)
enrolment = registry.group("enrolment")(_nothing)
territory = registry.group("territory")(_nothing)
authority = registry.group("authority")(_nothing)

DAY = click.DateTime(("%Y-%m-%d",))


def _option(flag: str, **settings: Any) -> Callback:
    return commands.option(flag, help=f"cli.registry.option.{flag.lstrip('-')}", **settings)


def _one_of(flag: str, kind: type[StrEnum], **settings: Any) -> Callback:
    return _option(flag, type=click.Choice([member.value for member in kind]), **settings)


def _day(value: datetime | None, run: Run) -> date:
    return value.date() if value else day_of(run.now)


@registry.command("check-iin")
@commands.argument("iin")
@commands.reads
def check_iin(run: Run, iin: str) -> None:
    found = numbers.parse_iin(iin)
    if found.born_on and found.sex:
        run.say("cli.registry.iin_right", born_on=found.born_on, sex=found.sex)
    for warning in found.warnings:
        run.say(warning)


@registry.command("check-bin")
@commands.argument("bin_number", metavar="BIN")
@commands.reads
def check_bin(run: Run, bin_number: str) -> None:
    run.say("cli.registry.bin_right", holder=numbers.parse_bin(bin_number).holder)


@registry.command("check-id")
@commands.argument("universal_id", metavar="ID")
@commands.reads
def check_id(run: Run, universal_id: str) -> None:
    plain = universal.parse(universal_id)
    words = " ".join(queries.spoken(plain, run.lang))
    run.say("cli.registry.id_right", id=universal.grouped(plain), words=words)


@person.command("add")
@_option("--given", required=True)
@_option("--surname", default="")
@_option("--patronymic", default="")
@_option("--name-ru", default="")
@_option("--name-latin", default="")
@_one_of("--sex", kinds.Sex, required=True)
@_option("--born-on", required=True, type=DAY)
@_option("--iin", default="")
@_option("--district", required=True)
@_option("--address", required=True)
@_option("--lon", required=True, type=float)
@_option("--lat", required=True, type=float)
@_option("--rural", is_flag=True)
@commands.writes
def add_person(run: Run, *, sex: str, born_on: datetime, iin: str, **given: Any) -> None:
    living = {name: given.pop(name) for name in ("district", "address", "lon", "lat", "rural")}
    new = services.NewPerson(
        sex=kinds.Sex(sex),
        born_on=born_on.date(),
        iin=iin or None,
        residence=services.NewResidence(**living),
        **given,
    )
    added = services.register_person(actor=run.actor, new=new, now=run.now)
    card = queries.person_cards((added,))[added]
    run.say("cli.registry.person_added", name=card.name, id=universal.grouped(card.universal_id), row=added)


@person.command("find")
@commands.argument("term")
@commands.writes
def find_person(run: Run, term: str) -> None:
    """A verb that writes: whoever reads a child's record is noted."""
    found = _by_number(term)
    ids = [card.id for card in queries.visible_people(run.actor, term)] if found is None else [found]
    cards = [services.read_person(actor=run.actor, person=one, now=run.now) for one in ids]
    if not cards:
        run.say("cli.registry.nobody_found")
        return
    columns = ("id", "full_name", "born_on", "iin", "row")
    rows = [(universal.grouped(card.universal_id), card.name, card.born_on, card.masked_iin, card.id) for card in cards]
    run.table(rows, [f"cli.registry.column.{column}" for column in columns])


@person.command("give-iin")
@commands.argument("person_id", metavar="PERSON", type=click.UUID)
@commands.argument("iin")
@commands.writes
def give_iin(run: Run, person_id: UUID, iin: str) -> None:
    services.give_iin(actor=run.actor, person=person_id, iin=iin, now=run.now)
    run.say("cli.registry.iin_given")


@person.command("move")
@commands.argument("person_id", metavar="PERSON", type=click.UUID)
@_option("--district", required=True)
@_option("--address", required=True)
@_option("--lon", required=True, type=float)
@_option("--lat", required=True, type=float)
@_option("--rural", is_flag=True)
@_option("--on", type=DAY)
@commands.writes
def move_person(run: Run, person_id: UUID, on: datetime | None, **living: Any) -> None:
    home = services.NewResidence(**living)
    services.move_residence(actor=run.actor, person=person_id, residence=home, on=_day(on, run), now=run.now)
    run.say("cli.registry.person_moved")


@guardian.command("add")
@commands.argument("child", type=click.UUID)
@commands.argument("person_id", metavar="GUARDIAN", type=click.UUID)
@_one_of("--kind", kinds.GuardianKind, required=True)
@_option("--on", type=DAY)
@commands.writes
def add_guardian(run: Run, child: UUID, person_id: UUID, kind: str, on: datetime | None) -> None:
    by_right = kinds.GuardianKind(kind)
    row = services.add_guardian(
        actor=run.actor, child=child, guardian=person_id, kind=by_right, on=_day(on, run), now=run.now
    )
    run.say("cli.registry.guardian_added", row=row)


@guardian.command("end")
@commands.argument("guardianship", type=click.UUID)
@_option("--on", type=DAY)
@commands.writes
def end_guardian(run: Run, guardianship: UUID, on: datetime | None) -> None:
    services.end_guardian(actor=run.actor, guardianship=guardianship, on=_day(on, run), now=run.now)
    run.say("cli.registry.guardian_ended")


@organisation.command("open")
@_option("--bin", required=True)
@_one_of("--kind", kinds.OrganisationKind, required=True)
@_one_of("--ownership", kinds.Ownership, required=True)
@_option("--name-kk", required=True)
@_option("--name-ru", required=True)
@_option("--name-en", required=True)
@_one_of("--language", kinds.Language, required=True)
@_option("--district", required=True)
@_option("--address", required=True)
@_option("--lon", required=True, type=float)
@_option("--lat", required=True, type=float)
@_option("--rural", is_flag=True)
@_option("--phone", default="")
@_option("--on", type=DAY)
@commands.writes
def open_organisation(run: Run, *, on: datetime | None, **given: Any) -> None:
    name = Text(given.pop("name_kk"), given.pop("name_ru"), given.pop("name_en"))
    new = services.NewOrganisation(
        name=name,
        kind=kinds.OrganisationKind(given.pop("kind")),
        ownership=kinds.Ownership(given.pop("ownership")),
        language=kinds.Language(given.pop("language")),
        **given,
    )
    row = services.open_organisation(actor=run.actor, new=new, on=_day(on, run), now=run.now)
    run.say("cli.registry.organisation_opened", name=name, row=row)


@organisation.command("close")
@commands.argument("organisation_id", metavar="ORGANISATION", type=click.UUID)
@_option("--on", type=DAY)
@commands.writes
def close_organisation(run: Run, organisation_id: UUID, on: datetime | None) -> None:
    services.close_organisation(actor=run.actor, organisation=organisation_id, on=_day(on, run), now=run.now)
    run.say("cli.registry.organisation_closed")


@organisation.command("list")
@commands.argument("district")
@commands.reads
def list_organisations(run: Run, district: str) -> None:
    cards = queries.organisations_in(district, day_of(run.now))
    rows = [(card.name, card.bin, card.ownership, card.address, card.id) for card in cards]
    run.table(rows, [f"cli.registry.column.{name}" for name in ("name", "bin", "ownership", "address", "row")])


@group.command("open")
@commands.argument("organisation_id", metavar="ORGANISATION", type=click.UUID)
@_option("--name", required=True)
@_one_of("--kind", kinds.GroupKind, default=kinds.GroupKind.GENERAL.value)
@_one_of("--language", kinds.Language, required=True)
@_option("--born-from", required=True, type=int)
@_option("--born-to", required=True, type=int)
@_option("--places", required=True, type=int)
@_option("--on", type=DAY)
@commands.writes
def open_group(run: Run, organisation_id: UUID, *, kind: str, language: str, on: datetime | None, **given: Any) -> None:
    new = services.NewGroup(
        organisation=organisation_id, kind=kinds.GroupKind(kind), language=kinds.Language(language), **given
    )
    row = services.open_group(actor=run.actor, new=new, on=_day(on, run), now=run.now)
    run.say("cli.registry.group_opened", row=row)


@group.command("close")
@commands.argument("group_id", metavar="GROUP", type=click.UUID)
@_option("--on", type=DAY)
@commands.writes
def close_group(run: Run, group_id: UUID, on: datetime | None) -> None:
    services.close_group(actor=run.actor, group=group_id, on=_day(on, run), now=run.now)
    run.say("cli.registry.group_closed")


@group.command("places")
@commands.argument("group_id", metavar="GROUP", type=click.UUID)
@commands.argument("places", type=int)
@commands.writes
def change_places(run: Run, group_id: UUID, places: int) -> None:
    services.change_places(actor=run.actor, group=group_id, places=places, now=run.now)
    run.say("cli.registry.places_changed", n=places)


@group.command("list")
@commands.argument("organisation_id", metavar="ORGANISATION", type=click.UUID)
@commands.reads
def list_groups(run: Run, organisation_id: UUID) -> None:
    today = day_of(run.now)
    cards = queries.groups_of(organisation_id, today)
    taken = queries.taken_places([card.id for card in cards], today)
    rows = [
        (card.name, card.kind, card.language, f"{card.born_from}-{card.born_to}", card.places, taken[card.id], card.id)
        for card in cards
    ]
    columns = ("name", "kind", "language", "birth_years", "places", "taken", "row")
    run.table(rows, [f"cli.registry.column.{name}" for name in columns])


@enrolment.command("end")
@commands.argument("enrolment_id", metavar="ENROLMENT", type=click.UUID)
@_one_of("--reason", kinds.ExitReason, required=True)
@_option("--on", type=DAY)
@commands.writes
def end_enrolment(run: Run, enrolment_id: UUID, reason: str, on: datetime | None) -> None:
    left_by = kinds.ExitReason(reason)
    services.end_enrolment(actor=run.actor, enrolment=enrolment_id, reason=left_by, on=_day(on, run), now=run.now)
    run.say("cli.registry.enrolment_ended")


@territory.command("load")
@commands.writes
def load_territory(run: Run) -> None:
    run.say("cli.registry.territory_loaded", n=services.load_territory())


@territory.command("list")
@commands.argument("region", required=False)
@commands.reads
def list_territory(run: Run, region: str | None) -> None:
    today = day_of(run.now)
    cards = queries.districts(region, today) if region else queries.regions(today)
    rows = [(card.kato, card.name, card.kind, card.since) for card in cards]
    run.table(rows, [f"cli.registry.column.{name}" for name in ("kato", "name", "kind", "since")])


@authority.command("load")
@commands.writes
def load_authorities(run: Run) -> None:
    run.say("cli.registry.authorities_loaded", n=services.load_authorities(now=run.now))


@authority.command("list")
@commands.reads
def list_authorities(run: Run) -> None:
    rows = [(card.code, card.name, card.kind, card.since) for card in authorities(day_of(run.now))]
    run.table(rows, [f"cli.registry.column.{name}" for name in ("code", "name", "kind", "since")])


@registry.command("load")
@commands.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@_option("--kind", required=True)
@_option("--territory", default="")
@_option("--on", type=DAY)
@_option("--batch", type=click.UUID)
@_option("--faults", type=click.Path(dir_okay=False, path_type=Path))
@commands.writes_each
def load_file(run: Run, file: Path, kind: str, territory: str, **told: Any) -> None:
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # under our own threads; read when the first frame is made
    asked = Asked(run.actor, territory, None, _day(told["on"], run), False, run.lang)
    own = steps.known(kind)

    def tell(rows: int) -> None:
        click.echo(f"{rows:,}", err=True)

    if run.dry:
        done = loading.judge(own, file, asked, now=run.now, told=tell)
    else:
        batch = told["batch"] or loading.begin(own, asked, now=run.now)
        run.say("cli.registry.load_begun", batch=str(batch))
        done = loading.load(own, file, asked, now=run.now, batch=batch, told=tell)
    run.say("cli.registry.loaded", rows=done.rows, blocked=done.blocked)
    for action, n in done.actions.items():
        run.say("cli.imports.count", what=run.show(Action(action)), n=n)
    if told["faults"] is not None:
        _write_faults(told["faults"], kind, done.faults, run.lang)
        run.say("cli.imports.written", path=str(told["faults"]))


def _write_faults(path: Path, kind: str, faults: pl.DataFrame, lang: Lang) -> None:
    """One line a fault: row, column, severity, what is wrong, what to do."""
    lines = (faults_in_words.line(kind, one, lang) for one in faults.iter_rows(named=True))
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("row", "column", "severity", "what", "todo"))
        writer.writerows((one.row, one.column, one.severity, one.what, one.todo) for one in lines)


@registry.command("list")
@commands.argument("table", type=click.Choice(tuple(record.TABLES)))
@_option("--organisation")
@_option("--territory")
@_option("--valid")
@_option("--known")
@commands.reads
def list_record(run: Run, table: str, **asked: str | None) -> None:
    of = record.TABLES[table]
    wanted = wanted_of(of, {name: value for name, value in asked.items() if value}, day_of(run.now))
    lines = list(record.every_line(of, run.actor, wanted))
    if of.of_people:
        people = [line.person for line in lines if line.person]
        audit.read_many(run.actor, "registry.read_list", at=run.now, children=people, subject=table)
    rows = [[line.cells.get(name) for name in of.shown] for line in lines]
    run.table(rows, [f"record.column.{name}" for name in of.shown])


def _by_number(term: str) -> UUID | None:
    """The person of an IIN or universal ID; nothing when the term is a name or is unknown."""
    try:
        return queries.find_person(term) if numbers.digits_only(term).isdigit() else queries.find_by_universal_id(term)
    except Refusal:
        return None
