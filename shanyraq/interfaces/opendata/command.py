"""`shanyraq open-data`: editions of the open data as files."""

from pathlib import Path

import click

from shanyraq.foundation import commands
from shanyraq.interfaces.opendata import editions

open_data = commands.group("open-data")


@open_data.command("write")
@commands.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@commands.reads
def write_edition(run: commands.Run, folder: Path) -> None:
    """Write a dated edition into a folder; every earlier one stays."""
    made = editions.write(folder, run.now)
    for one in made.package["resources"]:
        click.echo(f"{one['hash'].partition(':')[2]}  {one['path']}")
    run.say("cli.open-data.written", n=len(made.package["resources"]), folder=str(made.folder))
