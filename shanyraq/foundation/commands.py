"""Pieces of which every domain makes its commands: `shanyraq <domain> <verb>`.

    placement = commands.group("placement")                     # help: cli.placement

    @placement.command("confirm-round")                         # help: cli.placement.confirm-round
    @commands.argument("district")
    @commands.option("--fingerprint", required=True)            # help: cli.option.fingerprint
    @commands.writes
    def confirm_round(run: commands.Run, district: str, fingerprint: str) -> None:
        round_id = rounds.confirm_round(actor=run.actor, district=district, fingerprint=fingerprint, now=run.now)
        run.say("cli.placement.round_confirmed", round=round_id)

`writes` gives the verb --dry-run (all is done, shown and taken back), --as and --lang; `reads` gives --as and --lang.
A refusal is printed as what, why and what to do, and ends with code 2, a database that is away with code 3; nothing
is saved then.
"""

import functools
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from typing import Any, TypeVar, cast

import click

from shanyraq.foundation import clock, text
from shanyraq.foundation.access import Actor, system
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import LANGS, Fact, Lang

REFUSED = 2  # exit code of an anticipated "no"
AWAY = 3  # exit code when the database does not answer or cannot write
log = logging.getLogger(__name__)
S = TypeVar("S")
T = TypeVar("T")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # bytes that are no UTF-8 arrive as surrogates
Callback = Callable[..., Any]


def terminal_lang() -> Lang:
    """The language of the terminal: SHANYRAQ_LANG, else the locale; English where the locale names none of ours."""
    for name in ("SHANYRAQ_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        short = os.environ.get(name, "")[:2].lower()
        if short in LANGS:
            return text.as_lang(short)
    return "en"


# ---- help in the language of the terminal


def _spoken(code: str | None) -> str:
    if not code:
        return ""
    return text.say(code, terminal_lang()) if text.known(code) else code


class Command(click.Command):
    """A verb whose help is a code of the catalogue."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_spoken(self.help))

    def get_short_help_str(self, limit: int = 45) -> str:
        return _spoken(self.help)


class Group(click.Group):
    """A noun whose verbs have their help in the catalogue as `<code of the group>.<verb>`."""

    command_class = Command
    group_class = type

    def command(self, *args: Any, **options: Any) -> "Callable[[Callback], Command]":  # type: ignore[override]  # by name only
        options.setdefault("help", f"{self.help}.{args[0]}")
        return cast("Callable[[Callback], Command]", super().command(*args, **options))

    def group(self, *args: Any, **options: Any) -> "Callable[[Callback], Group]":  # type: ignore[override]
        options.setdefault("help", f"{self.help}.{args[0]}")
        return cast("Callable[[Callback], Group]", super().group(*args, **options))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_spoken(self.help))

    def get_short_help_str(self, limit: int = 45) -> str:
        return _spoken(self.help)


class Option(click.Option):
    """An option whose help is a code of the catalogue, `cli.option.<name>` unless told."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        if record is None or not self.help:
            return record
        return record[0], record[1].replace(self.help, _spoken(self.help), 1)


def group(name: str) -> Group:
    """The group of a domain: `shanyraq <name> ...`; its help is `cli.<name>`."""
    return Group(name, help=f"cli.{name}")


def option(flag: str, *names: str, **settings: Any) -> Callable[[Callback], Callback]:
    """A click option whose help stands in the catalogue as `cli.option.<name>`."""
    settings.setdefault("help", f"cli.option.{flag.split('/')[0].lstrip('-')}")
    return click.option(flag, *names, cls=Option, **settings)


argument = click.argument


# ---- what a verb is given


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a verb: who acts, when, in which language, and whether it is only tried."""

    actor: Actor
    now: datetime
    lang: Lang
    dry: bool = False

    def say(self, code: str, **facts: Fact) -> None:
        """Print the text of a code."""
        click.echo(text.say(code, self.lang, **facts))

    def show(self, value: Fact) -> str:
        """A value as people of the language write it."""
        return text.show(value, self.lang)

    def table(self, rows: Iterable[Sequence[Fact]], headings: Sequence[str]) -> None:
        """Print rows in columns under headings, which are codes of the catalogue."""
        lines = [[text.say(code, self.lang) if text.known(code) else code for code in headings]]
        lines += [[self.show(value) for value in row] for row in rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
        for line in lines:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

    @contextmanager
    def progress(self, code: str, items: Iterable[T], length: int | None = None) -> Iterator[Iterable[T]]:
        """The items, with a bar on the terminal that shows how many are done."""
        label = text.say(code, self.lang) if text.known(code) else code
        with click.progressbar(items, label=label, length=length, show_pos=True) as bar:
            yield bar


def refuse(refusal: Refusal, lang: Lang) -> None:
    """Print a refusal to the error stream: what happened, why, what to do, and the code to quote."""
    parts = ("what", "why", "todo")
    for part in parts:
        code = f"refusal.{refusal.code}.{part}"
        if text.known(code):
            click.echo(_filled(code, lang, refusal), err=True)
    click.echo(f"[{refusal}]", err=True)


def _filled(code: str, lang: Lang, refusal: Refusal) -> str:
    try:
        return text.say(code, lang, **refusal.facts)
    except KeyError:  # a text that names a fact the refusal lacks must not hide the refusal
        return text.say(code, lang)


def actor_named(sign_in_name: str | None) -> Actor:
    """The actor of a user by sign-in name, with the grants in force today; without a name, the operator's own.

    Raises NotAllowed("access.no_such_user").
    """
    if not sign_in_name:
        return system("command line")
    from shanyraq.foundation.accounts.models import User  # the apps are ready only when a verb runs
    from shanyraq.foundation.accounts.services import actor_of

    user = User.objects.filter(sign_in_name=sign_in_name.strip().lower(), is_active=True).first()
    if user is None:
        raise NotAllowed("access.no_such_user", name=sign_in_name)
    return actor_of(user, clock.now())


def _require_text(given: Mapping[str, Any]) -> None:
    """Pass when every word can be kept as text. Raises Refusal("page.bad")."""
    listed = (value if isinstance(value, tuple) else (value,) for value in given.values())
    if any(isinstance(word, str) and _NO_TEXT.search(word) for words in listed for word in words):
        raise Refusal("page.bad")


@contextmanager
def _answered(lang: Lang) -> Iterator[None]:
    """What goes wrong in a foreseen way is told in words and ends with the code of a refusal."""
    from django.db import InterfaceError, OperationalError

    try:
        yield
    except Refusal as refusal:
        refuse(refusal, lang)
        raise SystemExit(REFUSED) from None
    except (OperationalError, InterfaceError) as problem:
        log.debug("the database did not answer", exc_info=True)
        refuse(Refusal("page.away"), lang)
        click.echo(str(problem).strip(), err=True)
        raise SystemExit(AWAY) from None


def _shared(callback: Callback) -> Callback:
    callback = click.option("--as", "acting_as", metavar="USER", cls=Option, help="cli.option.as")(callback)
    return click.option("--lang", type=click.Choice(LANGS), cls=Option, help="cli.option.lang")(callback)


def reads(callback: Callback) -> Callback:
    """A verb that only reads. Its first argument is the Run."""

    @functools.wraps(callback)
    def verb(acting_as: str | None, lang: Lang | None, **arguments: Any) -> None:
        spoken = lang or terminal_lang()
        with _answered(spoken):
            _require_text({**arguments, "as": acting_as})
            callback(Run(actor_named(acting_as), clock.now(), spoken), **arguments)

    verb.__dict__["reads_only"] = True
    return _shared(verb)


def writes(callback: Callback) -> Callback:
    """A verb that writes, in one transaction. Its first argument is the Run. With --dry-run all is taken back."""

    @functools.wraps(callback)
    def verb(acting_as: str | None, lang: Lang | None, dry_run: bool, **arguments: Any) -> None:
        from django.db import transaction

        spoken = lang or terminal_lang()
        with _answered(spoken):
            _require_text({**arguments, "as": acting_as})
            with transaction.atomic():
                callback(Run(actor_named(acting_as), clock.now(), spoken, dry_run), **arguments)
                if dry_run:
                    transaction.set_rollback(True)
        if dry_run:
            click.echo(text.say("cli.dry_run_done", spoken))

    return _shared(click.option("--dry-run", is_flag=True, cls=Option, help="cli.option.dry-run")(verb))


def writes_each(callback: Callback) -> Callback:
    """A verb that writes in many transactions of its own, so that what is done stays done. Its first argument is the
    Run; with --dry-run it must take back each of them."""

    @functools.wraps(callback)
    def verb(acting_as: str | None, lang: Lang | None, dry_run: bool, **arguments: Any) -> None:
        spoken = lang or terminal_lang()
        with _answered(spoken):
            _require_text({**arguments, "as": acting_as})
            callback(Run(actor_named(acting_as), clock.now(), spoken, dry_run), **arguments)
        if dry_run:
            click.echo(text.say("cli.dry_run_done", spoken))

    return _shared(click.option("--dry-run", is_flag=True, cls=Option, help="cli.option.dry-run")(verb))


def spread(work: Callable[[S], T], items: Sequence[S], workers: int) -> Iterator[T]:
    """What the work gives for each item, as it comes: in this process, or by so many others, each with its own
    connection to the database. `work` is a function of a module; items and results can be pickled.

    Raises what the work raises; BrokenProcessPool when a process died.
    """
    if workers < 2:
        yield from map(work, items)
        return
    from django.db import connections

    connections.close_all()  # no process takes over a connection of another
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin) as pool:
        for done in as_completed([pool.submit(work, item) for item in items]):
            yield done.result()


def _begin() -> None:
    import django

    django.setup()
