"""A regional system is connected by the guide alone: its blocks and the example client run against a live server."""

import re
import shlex
from datetime import date
from pathlib import Path

import pytest

from examples import regional_queue
from examples.regional_queue import Refused, Shanyraq
from shanyraq.domains.placement.models import Application
from shanyraq.domains.placement.tests import builders as make
from shanyraq.domains.registry.models import Enrolment
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.rules.numbers import compose_iin
from shanyraq.foundation import clock, ledger
from shanyraq.foundation.clients.scopes import Resource
from shanyraq.foundation.rest import problems
from tests.source import ROOT
from tests.systems import System, afresh, connected

GUIDE = (ROOT / "docs/guides/vendor.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
NAMED = ("https://queue.example", "su562hbi22usq7aw")


@pytest.fixture
def now(monkeypatch):
    """The same instant in every thread of the server."""
    monkeypatch.setattr(clock, "now", lambda: make.NOW)
    afresh()
    yield
    afresh()


@pytest.fixture
def ours(transactional_db, now, live_server) -> System:
    make.territory()
    make.kindergarten(2)
    return connected()


def test_the_blocks_of_the_guide_run(ours, live_server, tmp_path):
    kept = tmp_path / "secret"
    kept.write_text(ours.secret)
    blocks = [body for kind, body in BLOCK.findall(GUIDE) if kind == "python"]
    assert len(blocks) >= 8
    names: dict[str, object] = {}
    for body in blocks:
        if "/changes" in body or "api.changes" in body:
            ledger.sequence(make.NOW)
        told = (
            body.replace("/run/secrets/shanyraq", str(kept)).replace(*_base(live_server)).replace(NAMED[1], ours.code)
        )
        exec(compile(told, "vendor.md", "exec"), names)
    assert Application.objects.get().status == "enrolled"
    assert Enrolment.objects.get().exit_reason == "moved"
    assert names["version"], "the feed said nothing"


def test_the_curl_of_the_guide_gets_a_token(ours, live_server):
    (command,) = (body for kind, body in BLOCK.findall(GUIDE) if kind == "bash")
    words = shlex.split(command)
    assert words[0] == "curl" and words[1] == "-u" and words[3] == "-d"
    api = Shanyraq(words[5].replace(*_base(live_server)).removesuffix("/api/v1/token"), ours.code, ours.secret)
    assert words[2].count(":") == 1 and words[4] == "grant_type=client_credentials"
    assert api.get("/rounds").status == 200


def test_the_example_leads_from_a_family_to_an_enrolled_child(ours, live_server, tmp_path, capsys):
    kept = tmp_path / "secret"
    kept.write_text(f"{ours.secret}\n")
    ledger.sequence(make.NOW)
    regional_queue.main(
        [
            *("--base", live_server.url, "--client", ours.code, "--secret-file", str(kept)),
            *("--district", make.DISTRICT, "--today", "2026-03-02"),
            *("--guardian-iin", iin(date(1990, 1, 15), Sex.FEMALE), "--child-iin", iin(make.BORN, Sex.MALE)),
        ]
    )
    said = capsys.readouterr().out
    assert "stands 1 of 1" in said and "would place 1" in said and "enrolled in" in said
    assert Application.objects.get().status == "enrolled"


class TestTheExampleUnderFire:
    def test_an_answer_that_never_came_is_asked_for_again_and_counts_once(self, ours, live_server, monkeypatch):
        api, pauses = client_of(ours, live_server)
        plain, lost = api._once, [2]

        def unlucky(method, path, body, headers):
            answer = plain(method, path, body, headers)
            if path == "/api/v1/people" and lost[0]:
                lost[0] -= 1
                raise ConnectionResetError
            return answer

        monkeypatch.setattr(api, "_once", unlucky)
        home = {"district": make.DISTRICT, "address": "Абай, 1", "lon": 71.4, "lat": 51.1}
        answer = api.post("/people", {"given": "Алия", "sex": "female", "born_on": "2022-05-10", "residence": home})
        assert answer.headers["Idempotency-Replayed"] == "true" and pauses == [1.0, 2.0]

    def test_a_token_that_ended_is_replaced(self, ours, live_server):
        api, _ = client_of(ours, live_server)
        api._token, api._ends = "shq1.gone", 1e18
        assert api.get("/rounds").status == 200

    def test_it_waits_as_long_as_it_is_told(self, ours, live_server):
        poor = connected(rate=60)
        api, pauses = client_of(poor, live_server)
        for _ in range(61):
            api.get("/rounds")
        assert pauses and all(0 < one <= 2 for one in pauses)

    def test_a_change_that_came_too_late_is_made_again(self, ours, live_server):
        api, _ = client_of(ours, live_server)
        group = next(iter(api.all("/groups")))
        address, seen = f"/groups/{group['id']}", []

        def raised(before):
            if not seen:  # somebody else is quicker
                seen.append(before)
                api.change(f"{address}/places", lambda other: {"places": other["places"] + 5}, read=address)
            return {"places": before["places"] + 1}

        assert api.change(f"{address}/places", raised, read=address).body["places"] == group["places"] + 6

    def test_a_refusal_is_told_in_the_language_of_the_family(self, ours, live_server):
        api, _ = client_of(ours, live_server)
        with pytest.raises(Refused) as caught:
            api.get(f"/people/{ours.code}")
        assert (caught.value.status, caught.value.code) == (404, "rest.not_found")


def test_the_guide_names_every_refusal_and_every_resource():
    assert not [code for code in problems.STATUSES if f"`{code}`" not in GUIDE]
    assert not [resource for resource in Resource if f"| `{resource}` |" not in GUIDE]


def test_the_example_needs_nothing_but_the_standard_library():
    import ast
    import sys

    tree = ast.parse(Path(regional_queue.__file__).read_text("utf-8"))
    named = {one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    named |= {alias.name for one in ast.walk(tree) if isinstance(one, ast.Import) for alias in one.names}
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def client_of(system: System, live_server) -> tuple[Shanyraq, list[float]]:
    """The example client of a system, and how long it waited."""
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        afresh()  # as if the time had passed

    return Shanyraq(live_server.url, system.code, system.secret, language="kk", pause=pause), pauses


def iin(born_on: date, sex: Sex) -> str:
    return next(one for serial in range(99) if (one := compose_iin(born_on, sex, serial)))


def _base(live_server) -> tuple[str, str]:
    return NAMED[0], live_server.url
