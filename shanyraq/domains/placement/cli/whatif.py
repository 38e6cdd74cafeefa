"""`shanyraq placement what-if`: rules side by side, for a territory or for a published package."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile, ZipFile

import click

from shanyraq.domains.placement.cli.group import option, placement
from shanyraq.domains.placement.queries import whatif as queries
from shanyraq.domains.placement.queries.whatif_cases import offered
from shanyraq.domains.placement.rules import ruleset, whatif, whatif_files
from shanyraq.domains.placement.rules.ruleset import RuleSet
from shanyraq.domains.placement.rules.whatif import Case
from shanyraq.domains.placement.rules.whatif_measures import Measures, merged, to_json
from shanyraq.domains.placement.rules.whatif_table import FAIRNESS, LIVES, PLACES, Lines, tables
from shanyraq.domains.placement.services import whatif as whatif_service
from shanyraq.foundation import commands
from shanyraq.foundation.commands import Run
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import show
from shanyraq.foundation.timeline import day_of

Found: TypeAlias = Mapping[str, Measures]
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@placement.command("what-if")
@commands.argument("territory", default="")
@option("--rules", multiple=True)
@option("--inputs", type=FILE)
@commands.option("--json", "as_json", is_flag=True, help="cli.placement.option.json")
@commands.reads
def what_if(run: Run, territory: str, rules: tuple[str, ...], inputs: Path | None, as_json: bool) -> None:
    """A territory as it stands now, or a package: nothing is written either way."""
    if inputs is None:
        sets, katos = _sets(rules), queries.districts_in(territory, day_of(run.now))
        if not katos:
            raise Refusal("placement.no_such_territory")
        found = (whatif_service.measure(actor=run.actor, district=kato, sets=sets, now=run.now) for kato in katos)
        lines = _compared(run, found, len(katos), sets, quiet=as_json)
        _told(run, lines, len(katos), as_json=as_json)
        return
    package = _Package(inputs)
    sets = _sets(rules) if rules else package.rules()
    again = (whatif.compare(case, sets) for case in package.cases())
    lines = _compared(run, again, len(package.districts), sets, quiet=as_json)
    _told(run, lines, len(package.districts), as_json=as_json)
    if not rules:
        _verified(run, package, lines, quiet=as_json)


def _compared(run: Run, measured: Iterable[Found], count: int, sets: Sequence[RuleSet], *, quiet: bool) -> Lines:
    sums = {one.id: Measures() for one in sets}
    with run.progress("cli.placement.comparing", measured, count) if not quiet else nullcontext(measured) as bar:
        for found in bar:
            sums = {name: merged((before, found[name])) for name, before in sums.items()}
    return [(one, sums[one.id]) for one in sets]


def _sets(named: Sequence[str]) -> tuple[RuleSet, ...]:
    """Rule sets by id or file; those in force come first, whether named or not. Raises Refusal for a bad file."""
    ours = {one.rules.id: one.written for one in offered()}
    first, *others = ours
    files = [ours[name] if name in ours else _file(name) for name in (named or others)]
    return ruleset.parse_all([ours[first], *(file for file in files if file != ours[first])])


def _file(name: str) -> str:
    try:
        return ruleset.decode(Path(name).read_bytes())
    except OSError as problem:
        raise click.BadParameter(f"{name}: {problem.strerror}") from None


def _told(run: Run, lines: Lines, districts: int, *, as_json: bool) -> None:
    if as_json:
        body: dict[str, Any] = {rules.id: to_json(measures) for rules, measures in lines}
        click.echo(json.dumps({"districts": districts, "results": body}, ensure_ascii=False, sort_keys=True))
        return
    run.say("cli.placement.compared", claims=lines[0][1].claims, districts=districts)
    shown = tables(lines, public=False).rows
    for columns in (PLACES, LIVES, FAIRNESS):
        click.echo()
        heads = ["whatif.rules", *(show(one, run.lang) for one in columns)]
        run.table([(row.rules.title, *(_cell(run, row.cells[one]) for one in columns)) for row in shown], heads)


def _cell(run: Run, cell: Any) -> str:
    return "-" if cell is None else run.show(cell)


def _verified(run: Run, package: "_Package", lines: Lines, *, quiet: bool) -> None:
    """Say whether the package gives what it says; end with an error when it does not."""
    if wrong := package.wrong_inputs():
        run.say("cli.placement.unverified", names=", ".join(wrong))
        raise SystemExit(1)
    told = package.results()
    again = json.loads(whatif_files.results_file(dict((rules.id, measures) for rules, measures in lines)))["results"]
    different = [name for name in sorted(set(told) | set(again)) if told.get(name) != again.get(name)]
    if different:
        run.say("cli.placement.other", names=", ".join(different))
        raise SystemExit(1)
    if not quiet:
        run.say("cli.placement.same")


class _Package:
    """A data package on disk. Whatever is wrong with it is a refusal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.zip = ZipFile(path)
        except BadZipFile as problem:
            raise self.unreadable(problem) from None
        names = self.zip.namelist()
        self.districts = sorted(Path(name).stem for name in names if name.startswith("inputs/"))
        self.rule_files = sorted(name for name in names if name.startswith("rules/"))

    def unreadable(self, problem: object) -> Refusal:
        return Refusal("placement.package_unreadable", path=self.path.name, problem=str(problem)[:200])

    def read(self, name: str) -> bytes:
        try:
            return self.zip.read(name)
        except (KeyError, BadZipFile, OSError, ValueError) as problem:
            raise self.unreadable(problem) from None

    def rules(self) -> tuple[RuleSet, ...]:
        if not self.rule_files or not self.districts:
            raise self.unreadable("rules/, inputs/")
        return ruleset.parse_all(ruleset.decode(self.read(name)) for name in self.rule_files)

    def cases(self) -> Iterator[Case]:
        for kato in self.districts:
            inputs, near = self.read(f"inputs/{kato}.json"), self.read(f"near/{kato}.json")
            try:
                yield whatif_files.read_case(inputs, near)
            except ValueError as problem:
                raise self.unreadable(problem) from None

    def wrong_inputs(self) -> list[str]:
        """Names of the files whose hash is not the one that the package tells."""
        told = set(self.read("inputs.txt").decode("ascii", "replace").splitlines(keepends=True))
        found = {kato: whatif_files.CaseFiles(kato, *self._files(kato)).line for kato in self.districts}
        wrong = [kato for kato, line in found.items() if line not in told]
        named = json.loads(self.read("datapackage.json"))["resources"]
        hashes = {one["path"]: one["hash"] for one in named if "hash" in one}
        wrong += [path for path, told_hash in hashes.items() if f"sha256:{_hex(self.read(path))}" != told_hash]
        return wrong + (["inputs.txt"] if len(told) != len(found) else [])

    def _files(self, kato: str) -> tuple[bytes, bytes]:
        return self.read(f"inputs/{kato}.json"), self.read(f"near/{kato}.json")

    def results(self) -> dict[str, Any]:
        try:
            results: dict[str, Any] = json.loads(self.read("results.json"))["results"]
        except (ValueError, KeyError, TypeError) as problem:
            raise self.unreadable(problem) from None
        return results


def _hex(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()
