"""`shanyraq placement seed ...`: what a party of a ceremony does, on its own computer, without a database of ours.

Every verb reads the file of the ceremony from its public page and the party's secret file, and writes a small file to
hand in on that page. docs/guides/ceremony.md
"""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from shanyraq.domains.placement.cli.group import placement
from shanyraq.domains.placement.rules import seed_files, seed_tool
from shanyraq.domains.placement.rules.seed import SeedMessage
from shanyraq.domains.placement.rules.seed_files import SeedSecret
from shanyraq.domains.placement.rules.seed_tool import CeremonyBoard
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Callback, Run
from shanyraq.foundation.refusal import Refusal

SECRET_FORM = "shanyraq-seed-secret/1"  # noqa: S105 - the name of a form
CHANCE_BYTES = 32
OWNER_ONLY = 0o600
FILE = click.Path(dir_okay=False, path_type=Path)
READ = click.Path(exists=True, dir_okay=False, path_type=Path)

seed = commands.Group("seed", help="cli.placement.seed")
placement.add_command(seed)


@dataclass(slots=True)
class Safe:
    """The secret file of a party: its keys, and its shares by ceremony."""

    path: Path
    secret: SeedSecret
    shares: dict[str, list[str]]

    @classmethod
    def open(cls, path: Path) -> "Safe":
        """The file as it is. Raises Refusal("placement.seed_malformed")."""
        try:
            body = json.loads(path.read_text("utf-8"))
            keys = SeedSecret(bytes.fromhex(body["box"]), bytes.fromhex(body["sign"]))
            return cls(path, keys, dict(body["shares"]))
        except (KeyError, TypeError, ValueError):
            raise Refusal("placement.seed_malformed") from None

    def keep(self) -> None:
        """Write the file for its owner alone."""
        keys = {"box": self.secret.box.hex(), "sign": self.secret.sign.hex()}
        body = {"form": SECRET_FORM, "shares": self.shares} | keys
        self.path.touch(OWNER_ONLY)
        self.path.write_text(seed_files.spelled(body) + "\n", "utf-8")

    def own(self, ceremony: str) -> list[str]:
        """The shares of a ceremony. Raises Refusal("placement.seed_not_committed")."""
        if ceremony not in self.shares:
            raise Refusal("placement.seed_not_committed")
        return self.shares[ceremony]


def step(name: str) -> Callable[[Callback], Any]:
    """A verb with the file of the ceremony, the secret file and the file to write."""

    def decorated(act: Callback) -> Any:
        verb = commands.reads(act)
        for flag, kind in (("--to", FILE), ("--secret", READ)):
            verb = commands.option(flag, type=kind, required=True, help=f"cli.placement.seed.option.{flag[2:]}")(verb)
        return seed.command(name)(commands.argument("ceremony", type=READ)(verb))

    return decorated


@seed.command("keys")
@commands.argument("name")
@commands.option("--secret", type=FILE, required=True, help="cli.placement.seed.option.secret")
@commands.option("--to", type=FILE, required=True, help="cli.placement.seed.option.to")
@commands.reads
def keys(run: Run, name: str, secret: Path, to: Path) -> None:
    """Make the keys of a party: the secret file stays with it, the other goes to the officer."""
    if secret.exists():
        raise Refusal("placement.seed_secret_exists")
    made = SeedSecret(secrets.token_bytes(CHANCE_BYTES), secrets.token_bytes(CHANCE_BYTES))
    Safe(secret, made, {}).keep()
    to.write_text(made.party(name).text() + "\n", "utf-8")
    run.say("cli.placement.seed.keys_made", secret=str(secret), public=str(to))


@step("commit")
def commit(run: Run, ceremony: Path, secret: Path, to: Path) -> None:
    """Draw two shares, keep them, and write what commits to them."""
    board, safe = seed_tool.read_board(ceremony.read_text("utf-8")), Safe.open(secret)
    place = board.place_of(safe.secret)
    shares = safe.shares.setdefault(board.ceremony, [secrets.token_hex(CHANCE_BYTES) for _ in range(2)])
    safe.keep()
    once = [secrets.token_bytes(CHANCE_BYTES) for _ in shares]
    _write(run, to, board, safe, [] if board.commit_of(place) else [seed_tool.commit(board, place, shares, once)])


@step("confirm")
def confirm(run: Run, ceremony: Path, secret: Path, to: Path) -> None:
    """Open the shares that the others have sealed for this party, and confirm those that open what was published."""
    board, safe = seed_tool.read_board(ceremony.read_text("utf-8")), Safe.open(secret)
    place = board.place_of(safe.secret)
    held, bad = seed_tool.held_shares(board, safe.secret, place)
    for other in bad:
        run.say("cli.placement.seed.does_not_open", party=board.parties[other].name)
    _write(run, to, board, safe, seed_tool.confirmations(board, place, held))


@step("show")
def show(run: Run, ceremony: Path, secret: Path, to: Path) -> None:
    """Show everybody the own shares that their holders do not confirm: so nobody is shut out."""
    board, safe = seed_tool.read_board(ceremony.read_text("utf-8")), Safe.open(secret)
    place = board.place_of(safe.secret)
    _write(run, to, board, safe, seed_tool.shown(board, place, safe.own(board.ceremony)))


@step("reveal")
def reveal(run: Run, ceremony: Path, secret: Path, to: Path) -> None:
    """Publish both own shares."""
    board, safe = seed_tool.read_board(ceremony.read_text("utf-8")), Safe.open(secret)
    place = board.place_of(safe.secret)
    _write(run, to, board, safe, [seed_tool.revealed(place, safe.own(board.ceremony))])


@step("recover")
def recover(run: Run, ceremony: Path, secret: Path, to: Path) -> None:
    """Publish the shares of whoever has not revealed."""
    board, safe = seed_tool.read_board(ceremony.read_text("utf-8")), Safe.open(secret)
    place = board.place_of(safe.secret)
    held, _ = seed_tool.held_shares(board, safe.secret, place)
    _write(run, to, board, safe, seed_tool.recovered(board, place, held))


def _write(run: Run, to: Path, board: CeremonyBoard, safe: Safe, messages: Sequence[SeedMessage]) -> None:
    signed = [safe.secret.signed(board.ceremony, one) for one in messages]
    to.write_text(seed_files.spelled({"messages": signed}) + "\n", "utf-8")
    run.say("cli.placement.seed.written" if signed else "cli.placement.seed.nothing", path=str(to), n=len(signed))
