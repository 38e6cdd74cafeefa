"""`shanyraq accounts ...`: who signs in, and what they may do; for the operator."""

import sys
from datetime import datetime
from uuid import UUID

import click

from shanyraq.foundation import commands, text
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import queries, services
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS
from shanyraq.foundation.timeline import day_of

accounts = commands.group("accounts")
DAY = click.DateTime(("%Y-%m-%d",))
STAFF = [role.value for role in Role if role not in (Role.GUARDIAN, Role.SYSTEM)]


def _option(flag: str, **settings: object) -> Callback:
    return commands.option(flag, help=f"cli.accounts.option.{flag.lstrip('-')}", **settings)


@accounts.command("list")
@commands.reads
def list_accounts(run: Run) -> None:
    rows = []
    for one in queries.staff(day_of(run.now)):
        scope = one.grant.territory or one.grant.organisation or "KZ"
        rows.append((one.sign_in_name, one.grant.role, str(scope), one.valid_from, one.valid_to, one.id))
    headings = [f"cli.accounts.heading.{name}" for name in ("name", "role", "scope", "from", "to", "grant")]
    run.table(rows, headings)


@accounts.command("add")
@commands.argument("name")
@_option("--language", type=click.Choice(LANGS), default="kk", show_default=True)
@_option("--email", default="")
@_option("--phone", default="")
@_option("--person", type=click.UUID, default=None)
@_option("--no-password", is_flag=True)
@commands.writes
def add(run: Run, name: str, language: str, email: str, phone: str, person: UUID | None, no_password: bool) -> None:
    password = None if no_password else _asked(run)
    user = services.create_user(
        actor=run.actor,
        sign_in_name=name,
        now=run.now,
        password=password,
        person=person,
        language=language,
        email=email,
        phone=phone,
    )
    run.say("cli.accounts.added", user=user, name=name)


@accounts.command("password")
@commands.argument("name")
@commands.writes
def password(run: Run, name: str) -> None:
    user = _user(name)
    services.set_password(actor=run.actor, user=user, password=_asked(run), now=run.now)
    run.say("cli.accounts.password_set", name=name)


@accounts.command("grant")
@commands.argument("name")
@commands.argument("role", type=click.Choice(STAFF))
@_option("--territory", default="")
@_option("--organisation", type=click.UUID, default=None)
@_option("--from", type=DAY, default=None)
@_option("--to", type=DAY, default=None)
@commands.writes
def give(run: Run, name: str, role: str, territory: str, organisation: UUID | None, **days: datetime | None) -> None:
    begins, ends = days["from"], days["to"]
    made = services.grant(
        actor=run.actor,
        user=_user(name),
        role=Role(role),
        valid_from=begins.date() if begins else day_of(run.now),
        now=run.now,
        territory=territory,
        organisation=organisation,
        valid_to=ends.date() if ends else None,
    )
    run.say("cli.accounts.granted", grant=made, name=name, role=Role(role))


@accounts.command("revoke")
@commands.argument("grant", type=click.UUID)
@_option("--on", type=DAY, default=None)
@commands.writes
def revoke(run: Run, grant: UUID, on: datetime | None) -> None:
    if not queries.grant_exists(grant):
        raise Refusal("accounts.no_such_grant", field="grant")
    services.revoke(actor=run.actor, grant=grant, on=on.date() if on else day_of(run.now), now=run.now)
    run.say("cli.accounts.revoked", grant=grant)


def _user(name: str) -> UUID:
    found = queries.user_named(name)
    if found is None:
        raise Refusal("accounts.no_such_user", field="name", sign_in_name=name)
    return found


def _asked(run: Run) -> str:
    """Typed twice on a terminal; the first line of the input in a script. Never an argument, which others could see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt(text.say("cli.accounts.password", run.lang), hide_input=True, confirmation_prompt=True))
