"""The shape of the house: floors, one clock, verbs that look alike, files and functions that stay small."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source import (
    ROOT,
    Function,
    Module,
    body_lines,
    calls,
    dotted,
    every_function,
    in_layer,
    modules,
    public,
)

FILE_LINES = 400
BODY_LINES = 40
BANNED_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "handler", "process", "data", "info", "misc"}

# Where time and chance come in. Everything else takes `now`, `today` or a seed as an argument.
CLOCKS = {
    "datetime.now", "datetime.today", "datetime.utcnow", "date.today", "timezone.now", "datetime.datetime.now",
    "datetime.date.today", "time.time", "time.time_ns",
}  # fmt: skip
EDGES = {
    "shanyraq.foundation.clock": "the clock itself",
    "shanyraq.foundation.uid": "milliseconds inside a UUIDv7",
    "shanyraq.foundation.commands": "edge: the command line",
    "shanyraq.foundation.ui.pages": "edge: pages",
    "shanyraq.foundation.accounts.middleware": "edge: requests",
    "shanyraq.foundation.jobs.running": "edge: the worker of jobs",
    "shanyraq.foundation.rest.needs": "edge: requests of regional systems",
    "shanyraq.foundation.notices.delivery": "edge: a job; notes when a message left the house",
    "shanyraq.foundation.imports.working": "edge: a job; each piece of an import notes when it was written",
    "shanyraq.foundation.checks.work": "edge: jobs; checks look at the record of that moment",
    "shanyraq.foundation.exports.making": "edge: a job; a file is made with the rights of that moment",
    "shanyraq.foundation.audit.verification": "edge: a job; notes when it began and ended",
    "shanyraq.foundation.webhooks.sending": "edge: a job; notes when a message left the house",
    "shanyraq.domains.placement.services.whatif": "edge: a job; notes when a district was compared",
    "shanyraq.domains.accuracy.services.searching": "edge: a job; searches the people of that moment",
}
EDGE_LAYERS = ("web", "cli", "api", "views", "views_account", "views_sign_in")
RANDOM = {"secrets", "random", "os.urandom", "uuid.uuid4", "numpy.random"}
CHANCE = {
    "shanyraq.foundation.uid": "identifiers that cannot be guessed",
    "shanyraq.foundation.accounts.second_factor": "one-time codes",
    "shanyraq.foundation.ledger.making": "new keys of the log and of witnesses",
    "shanyraq.foundation.ledger.services": "the salt under which an entry is sealed",
    "shanyraq.foundation.clients.secrecy": "names and secrets of clients",
    "shanyraq.foundation.accounts.views_sign_in": "the state of a delegated sign-in",
    "shanyraq.domains.registry.queries.identity": "a fresh nonce for each number that is sealed",
    "shanyraq.domains.registry.services.people": "universal IDs are random by definition",
    "shanyraq.domains.registry.imports.sealing": "the same, for people of a file",
    "shanyraq.domains.registry.imports.rostered": "the same, for people of a roster",
    "shanyraq.interfaces.exchange.package.making": "salt and nonce of a sealed file, and its secret",
    "shanyraq.domains.placement.cli.seed": "keys and shares of a party of a ceremony, on its own computer",
    "shanyraq.interfaces.cli.upkeep": "makes secrets for the operator",
    "shanyraq.foundation.backup.making": "salt and nonce of a sealed file",
    "shanyraq.foundation.imports.stored": "the nonce of a sealed file",
    "shanyraq.foundation.exports.services": "codes and salts of files, which must not be guessed",
}

# Modules of services whose functions run inside a verb: they take rows already held and open no transaction.
INNER = {"carrying", "decisions", "drafts", "endings", "filling", "recording", "settling", "steps", "telling"}
NOT_A_VERB = {
    "shanyraq.domains.accuracy.services.duplicates.search_duplicates": "minutes of work, then one short transaction",
    "shanyraq.domains.accuracy.services.searching.search_all": "a job: the search of all people",
    "shanyraq.domains.contingent.services.deadlines.run_deadlines": "one transaction for each row past its day",
    "shanyraq.domains.contingent.services.news.tell_new": "one transaction for each batch that is told",
    "shanyraq.domains.contingent.services.rollovers.rehearse": "computes, writes nothing",
    "shanyraq.domains.contingent.services.rollovers.apply": "one transaction for each district, so that it can go on",
    "shanyraq.domains.placement.services.rounds.preview_round": "computes, writes nothing",
    "shanyraq.domains.placement.services.rounds.replay_round": "computes from a stored round, writes nothing",
    "shanyraq.domains.placement.services.applications.file_application": (
        "answers a request sent twice: opens the transaction inside, so that the loser can read the winner's row"
    ),
    "shanyraq.domains.placement.services.deadlines.run_deadlines": "one transaction for each kind of deadline",
    "shanyraq.domains.placement.services.whatif.request_comparison": (
        "begins in one short transaction, then computes: nobody waits for the computation"
    ),
    "shanyraq.domains.placement.services.whatif.carry_on": "a job: some districts, then the next job",
    "shanyraq.domains.placement.services.whatif.go_on": "one short transaction for each district",
    "shanyraq.domains.placement.services.whatif.measure": "computes, writes nothing",
    "shanyraq.domains.placement.services.ceremonies.go_on_due": "one transaction for each ceremony",
    "shanyraq.domains.placement.services.documents.restand": "inside a verb: the right after a paper was decided",
    "shanyraq.domains.registry.services.territory.load_territory": "loads a file of the repository: nobody acts",
    "shanyraq.domains.registry.services.authorities.load_authorities": "loads a file of the repository: nobody acts",
    "shanyraq.domains.registry.services.territory.require_district": "a check that other verbs share; reads only",
}


def test_the_floors_hold():
    lint = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_nobody_else_reads_the_clock():
    found = [
        f"{module.place(call)} {name}()"
        for module in modules()
        for name, call in calls(module.tree)
        if (name in CLOCKS or name in {"clock.now", "clock.today"}) and not at_an_edge(module, name)
    ]
    assert not found, "\n".join(found)


def test_nobody_else_asks_for_chance():
    found = [
        f"{module.place(node)} {name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
        if name in RANDOM and module.name not in CHANCE
    ]
    assert not found, "\n".join(found)


def test_generators_have_a_seed():
    unseeded = [
        module.place(call)
        for module in modules()
        for name, call in calls(module.tree)
        if name.endswith(("default_rng", "SeedSequence", "PCG64", "RandomState")) and not call.args
    ]
    assert not unseeded, "\n".join(unseeded)


@pytest.mark.parametrize("listed", [EDGES, CHANCE, NOT_A_VERB], ids=["edges", "chance", "verbs"])
def test_no_exception_outlives_its_reason(listed):
    known = {module.name for module in modules()}
    known |= {f"{module.name}.{function.name}" for module in modules() for function in module.functions}
    assert not set(listed) - known


def test_verbs_say_who_acts_and_when():
    wrong = [
        f"{module.place(verb)} {verb.name}: {problem}"
        for module, verb in verbs()
        for problem in (*signature_problems(verb), *transaction_problems(verb))
    ]
    assert not wrong, "\n".join(wrong)


def test_surfaces_call_verbs_and_not_their_parts():
    wrong = [
        f"{module.place(node)} {name}"
        for module in modules()
        if in_layer(module, "web", "cli", "api") or module.name.startswith("shanyraq.interfaces.")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shanyraq.domains.")
        for name in imported(node)
        if ".services." in name and set(name.split(".")) & (INNER - {"drafts"})
    ]
    assert not wrong, "\n".join(wrong)


def test_what_others_call_is_described():
    bare = [
        f"{module.place(function)} {name}"
        for module in modules()
        if in_layer(module, "rules", "services", "queries")
        for name, function in described(module)
        if ast.get_docstring(function) is None
    ]
    assert not bare, "\n".join(bare)


def test_files_stay_small():
    long = [f"{module.path.relative_to(ROOT)}: {module.lines}" for module in modules() if module.lines > FILE_LINES]
    assert not long, "\n".join(long)


def test_functions_stay_small():
    long = [
        f"{module.place(function)} {name}: {body_lines(function)}"
        for module in modules()
        for name, function in every_function(module)
        if body_lines(function) > BODY_LINES
    ]
    assert not long, "\n".join(long)


def test_names_say_what_a_thing_is():
    vague = [module.name for module in modules() if set(module.name.split(".")[-1].split("_")) & BANNED_WORDS]
    vague += [
        f"{module.name}.{node.name}"
        for module in modules()
        for node in module.tree.body
        if isinstance(node, Function | ast.ClassDef) and public(node.name) and words_of(node.name) & BANNED_WORDS
    ]
    vague.remove("shanyraq.foundation.accounts.models.UserManager")  # a word of Django
    assert not vague, "\n".join(vague)


# ---- what the tests look at


def at_an_edge(module: Module, name: str) -> bool:
    if name in CLOCKS:
        return module.name in ("shanyraq.foundation.clock", "shanyraq.foundation.uid")
    return module.name in EDGES or module.name.startswith("shanyraq.interfaces.") or in_layer(module, *EDGE_LAYERS)


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]


def verbs() -> list[tuple[Module, Function]]:
    return [
        (module, function)
        for module in modules()
        if module.name.startswith("shanyraq.domains.") and in_layer(module, "services")
        if module.name.split(".")[-1] not in INNER
        for function in module.functions
        if public(function.name) and f"{module.name}.{function.name}" not in NOT_A_VERB
    ]


def signature_problems(verb: Function) -> list[str]:
    named = [argument.arg for argument in verb.args.kwonlyargs]
    problems = ["takes positional arguments"] if verb.args.args or verb.args.posonlyargs else []
    if named[:1] != ["actor"]:
        problems.append("does not begin with the actor")
    if "now" not in named:
        problems.append("does not take `now`")
    return problems


def transaction_problems(verb: Function) -> list[str]:
    marks = {dotted(mark.func if isinstance(mark, ast.Call) else mark) for mark in verb.decorator_list}
    return [] if "transaction.atomic" in marks else ["is no transaction"]


def described(module: Module) -> list[tuple[str, Function]]:
    found = [(function.name, function) for function in module.functions if public(function.name)]
    for owner in module.classes:
        if public(owner.name):
            methods = (node for node in owner.body if isinstance(node, Function))
            found += [(f"{owner.name}.{method.name}", method) for method in methods if public(method.name)]
    return found


def words_of(name: str) -> set[str]:
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return set(spaced.split("_"))
