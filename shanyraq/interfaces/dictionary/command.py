"""`shanyraq dictionary ...`: the codebooks held to the code."""

from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.timeline import day_of
from shanyraq.interfaces.dictionary import codebooks as books

dictionary = commands.group("dictionary")


@dictionary.command("codebooks")
@commands.option("--write", is_flag=True, help="cli.dictionary.option.write")
@commands.reads
def codebooks(run: Run, write: bool) -> None:
    today = day_of(run.now)
    names = books.refresh(today) if write else tuple(books.behind(today))
    for name in names:
        run.say("cli.dictionary.written" if write else "cli.dictionary.behind", name=name)
    if not names:
        run.say("cli.dictionary.fresh")
