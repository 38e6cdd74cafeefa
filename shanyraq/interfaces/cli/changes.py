"""`shanyraq changes`: the feed of changes as a file, for a memory stick where there is no network."""

import json
from pathlib import Path

import click

from shanyraq.foundation import commands, ledger
from shanyraq.foundation.clients.queries import client
from shanyraq.foundation.refusal import Refusal
from shanyraq.interfaces import feed

changes = commands.group("changes")


@changes.command("write")
@commands.option("--since", type=click.IntRange(0), default=0, show_default=True)
@commands.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), required=True)
@commands.option("--resources", default="", help="cli.option.changes-resources")
@commands.option("--client", "code", default="", help="cli.option.changes-client")
@commands.reads
def write_changes(run: commands.Run, since: int, path: Path, resources: str, code: str) -> None:
    """Write the changes after a version, one JSON object a line; the last line says where to begin next time."""
    names = tuple(name.strip() for name in resources.split(",") if name.strip())
    if set(names) - set(feed.RESOURCES):
        raise click.BadParameter(", ".join(feed.RESOURCES), param_hint="--resources")
    seer = feed.seer_for(run.actor)
    if code:
        card = client(code)
        if card is None or card.revoked_at is not None:
            raise Refusal("clients.unknown", field="client", client=code)
        seer = feed.seer_of(card)
    latest, count = ledger.size(), 0
    if since > latest:
        raise Refusal("feed.version_ahead", field="since", latest=latest)
    with path.open("w", encoding="utf-8") as file:
        for item in feed.every_change(seer, since=since, until=latest, resources=names):
            file.write(f"{_line(item)}\n")
            count += 1
        file.write(json.dumps({"next": latest, "items": count}) + "\n")
    run.say("cli.changes.written", n=count, file=str(path), next=str(latest))


def _line(item: feed.Item) -> str:
    told = {
        "version": item.version,
        "resource": item.resource,
        "id": str(item.id),
        "change": item.change.value,
        "at": item.at.isoformat(),
        "kind": item.kind,
        "href": item.href,
    }
    return json.dumps(told)
