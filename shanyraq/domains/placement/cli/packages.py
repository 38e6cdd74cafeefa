"""The package of a published round, written to a file."""

from pathlib import Path
from uuid import UUID

import click

from shanyraq.domains.placement.cli.group import option, placement, uuid
from shanyraq.domains.placement.queries import packages
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.refusal import Refusal


@placement.command("package")
@uuid("round")
@option("--to", type=click.Path(dir_okay=False, path_type=Path), required=True)
@commands.reads
def package(run: Run, round: UUID, to: Path) -> None:
    """Write what anyone may download of a published round."""
    made = packages.package(round)
    if made is None:
        raise Refusal("placement.no_package")
    to.write_bytes(made)
    run.say("cli.placement.package_written", path=str(to), verifier=packages.VERIFIER)
