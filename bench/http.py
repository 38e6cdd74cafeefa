"""Requests a second of a JSON read and of a write, beside FastAPI and Litestar doing the same statements and hashing.

    SHANYRAQ_DEMO=1 python -m bench.http [--seconds 6] [--passes 3]

PostgreSQL only (DATABASE_URL), with `wrk` (1 thread, 16 connections), everything on this machine, two processes a
stack, on 127.0.0.1. The stacks take turns; of the passes, the best counts for each. Ours does besides what the peers
are spared: access rules by territory, problem details, conditions, headers, its own idempotency and JSON checks.
"""

import argparse
import contextlib
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import django

from bench.rows import Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
HOST: Final = "127.0.0.1"
ROOT: Final = Path(__file__).resolve().parent.parent
OURS: Final = "shanyraq"
CONNECTIONS, PROCESSES = 16, 2
PEER_BIN: Final = ROOT / ".venv-bench" / "bin"
LUA: Final = """
local ids = {%s}
local n = 0
request = function()
  n = n + 1
  local id = ids[(n %% #ids) + 1]
  if "%s" == "read" then return wrk.format("GET", "/api/v1/groups/" .. id) end
  return wrk.format("PUT", "/api/v1/groups/" .. id .. "/places", {["Authorization"] = "Bearer %s",
    ["Content-Type"] = "application/json", ["If-Match"] = "*"}, '{"places":' .. (40 + n %% 20) .. '}')
end
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One run of one stack."""

    rps: float
    p99: str
    wrong: int


def main() -> int:
    asked = argparse.ArgumentParser(description="Requests a second beside other stacks.")
    asked.add_argument("--seconds", type=int, default=6)
    asked.add_argument("--passes", type=int, default=3)
    options = asked.parse_args()
    rows = run(options.seconds, options.passes)
    for row in rows:
        print(row)
    return 0 if all(row.met is not False for row in rows) else 1


def run(seconds: int = 6, passes: int = 3) -> list[Row]:
    """The rows of the results."""
    django.setup()
    from django.conf import settings

    if settings.EMBEDDED or not settings.DEMO or shutil.which("wrk") is None or not PEER_BIN.is_dir():
        sys.exit("Needs PostgreSQL (DATABASE_URL), SHANYRAQ_DEMO=1, wrk, and .venv-bench (make bench).")
    groups, token = _prepared()
    best: dict[tuple[str, str], Result] = {}
    for turn in range(passes):
        for number, (name, command) in enumerate(_stacks().items()):
            with _served(command, 8_300 + turn * 10 + number) as port:
                for verb in ("read", "write"):
                    found = _load(port, verb, groups, token, seconds)
                    if (name, verb) not in best or found.rps > best[name, verb].rps:
                        best[name, verb] = found
    return [row for verb in ("read", "write") for row in _rows(verb, best)]


def _prepared() -> tuple[list[str], str]:
    """Groups to ask for, and the token of a client that may change them."""
    from shanyraq.domains.registry.models import Group
    from shanyraq.foundation import access, clock
    from shanyraq.foundation.clients import scopes, services

    subprocess.run([*_ours("up"), "--no-serve", "--scale", "1:1000"], check=True, cwd=ROOT)  # a built one stays
    now, wanted = clock.now(), (scopes.Scope(scopes.Verb.WRITE, scopes.Resource.GROUPS, ""),)
    issued = services.add_client(
        actor=access.system("bench"), name="bench", owner="bench", given=wanted, now=now,
        rate=1_000_000,
    )  # fmt: skip
    card = services.sign_in(code=issued.code, secret=issued.secret, now=now)
    assert card is not None
    return [str(pk) for pk in Group.objects.values_list("pk", flat=True)[:500]], services.token_for(card, now=now).token


def _ours(verb: str) -> list[str]:
    return [sys.executable, "-m", "shanyraq.interfaces.cli.main", verb]


def _stacks() -> dict[str, list[str]]:
    """Name -> command; {port} is filled in. As each stack's own documents serve it in production."""
    granian = [str(PEER_BIN / "granian"), "--interface", "asgi", "--workers", str(PROCESSES), "--host", HOST]
    granian += ["--port", "{port}", "--log-level", "warning"]
    uvicorn = [str(PEER_BIN / "uvicorn"), "--workers", str(PROCESSES), "--host", HOST, "--port", "{port}"]
    return {
        OURS: [*_ours("serve"), "--port", "{port}", "--workers", str(PROCESSES)],
        "FastAPI, granian": [*granian, "bench.peers.fastapi_app:app"],
        "Litestar, granian": [*granian, "bench.peers.litestar_app:app"],
        "FastAPI, uvicorn": [*uvicorn, "--log-level", "warning", "--no-access-log", "bench.peers.fastapi_app:app"],
    }


@contextlib.contextmanager
def _served(command: list[str], port: int) -> Iterator[int]:
    from django.conf import settings

    from shanyraq.foundation.clients.tokens import _key

    environment = {**os.environ, "BENCH_TOKEN_KEY": _key(settings.SECRET_KEY).hex(), "PYTHONPATH": str(ROOT)}
    environment |= {"SHANYRAQ_API_OPEN_RATE": "60000000", "DJANGO_SETTINGS_MODULE": "config.settings"}
    filled = [part.replace("{port}", str(port)) for part in command]
    server = subprocess.Popen(filled, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection(HOST, port, timeout=2)
            connection.request("GET", "/api/v1/groups/00000000-0000-0000-0000-000000000000")
            connection.getresponse().read()
            return
        time.sleep(0.25)
    sys.exit("a server did not start")


def _load(port: int, verb: str, groups: list[str], token: str, seconds: int) -> Result:
    """One warm-up of a second, then the run."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA % (",".join(f'"{one}"' for one in groups), verb, token))
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--latency", "-s", script.name, f"http://{HOST}:{port}/"]
        subprocess.run([*command, "-d1s"], check=True, capture_output=True)
        said = subprocess.run([*command, f"-d{seconds}s"], check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = {
        "rps": re.search(r"Requests/sec:\s+([\d.]+)", said),
        "p99": re.search(r"^\s+99%\s+(\S+)", said, re.M),
    }
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Result(float(found["rps"][1]), found["p99"][1], int(wrong[1]) if wrong else 0)


def _rows(verb: str, best: dict[tuple[str, str], Result]) -> list[Row]:
    ours = best[OURS, verb]
    peers = {name: found for (name, of), found in best.items() if of == verb and name != OURS}
    fastest = max(found.rps for found in peers.values())
    bar = 0.9 if verb == "read" else 1.0
    rows = []
    for name, peer in sorted(peers.items(), key=lambda one: -one[1].rps):
        ratio, leading = ours.rps / peer.rps, peer.rps == fastest
        rows.append(
            Row(
                "http",
                f"{verb}, requests a second (p99)",
                f"{ours.rps:,.0f} ({ours.p99})",
                f"≥ {bar:.1f} times the fastest" if leading else "",
                met=(ratio >= bar and ours.wrong == 0) if leading else None,
                peer=f"{name}: {peer.rps:,.0f} ({peer.p99})",
                ratio=f"{ratio:.2f}",
            )
        )
    wrong = sum(found.wrong for (_, of), found in best.items() if of == verb)
    rows.append(Row("http", f"{verb}, answers other than 2xx, all stacks", str(wrong), "0", met=wrong == 0))
    return rows


if __name__ == "__main__":
    sys.exit(main())
