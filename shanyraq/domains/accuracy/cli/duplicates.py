"""`shanyraq duplicates ...`: records that may be of one person, for operators and scripts."""

from shanyraq.domains.accuracy.queries import duplicates as queries
from shanyraq.domains.accuracy.rules.duplicates.states import DuplicateState
from shanyraq.domains.accuracy.services.duplicates import search_duplicates
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.timeline import day_of

duplicates = commands.group("duplicates")


@duplicates.command("search")
@commands.writes
def search(run: Run) -> None:
    made = queries.searched(search_duplicates(actor=run.actor, now=run.now))
    run.say("cli.duplicates.found", people=made.people, compared=made.compared, found=made.found, n=made.fresh)


@duplicates.command("list")
@commands.reads
def list_duplicates(run: Run) -> None:
    found = queries.work_list(run.actor, state=DuplicateState.OPEN, page=1, today=day_of(run.now), now=run.now)
    rows = [(str(one.id), one.first.universal_id, one.second.universal_id, one.score) for one in found.lines]
    run.table(rows, [f"duplicates.column.{name}" for name in ("id", "first", "second", "score")])
