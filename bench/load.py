"""A thousand parents at once in the minute in which their rounds are published: no error, nothing lost.

    SHANYRAQ_DEMO=1 python -m bench.load [--parents 1000] [--workers 2]

On a country that the sandbox built (1:10 has enough families). It holds rounds of districts until enough families have
an outcome, starts the server on a free port of 127.0.0.1, publishes, and lets every parent look at the news and answer:
at most eight requests each, all begun within one second, over in five minutes whatever happens. Then it counts in the
database what was answered. It writes: use a copy of the country.
"""

import argparse
import asyncio
import http.cookies
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import django

from bench.rows import Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
HOST: Final = "127.0.0.1"
HIDDEN: Final = re.compile(rb'<input type="hidden" name="([^"]+)" value="([^"]*)"')
WHOLE: Final = 300.0  # seconds that the whole run may take


@dataclass
class Parent:
    """One family: whom it signs in as, what it opens, and what it was answered."""

    session: str
    application: UUID
    offer: UUID | None
    took: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    answered: bool = False


def main() -> int:
    asked = argparse.ArgumentParser(description="Parents at once when a round is published.")
    asked.add_argument("--parents", type=int, default=1_000)
    asked.add_argument("--workers", type=int, default=2)
    options = asked.parse_args()
    rows = run(options.parents, options.workers)
    for row in rows:
        print(row)
    return 0 if all(row.met is not False for row in rows) else 1


def run(parents: int = 1_000, workers: int = 2) -> list[Row]:
    """The rows of the results: how many were served, how fast, what went wrong."""
    django.setup()
    from django.conf import settings

    if not settings.DEMO:
        sys.exit("Only in the demonstration: SHANYRAQ_DEMO=1")
    rounds, families = _prepare(parents)
    port = _free_port()
    server = _serve(port, 1 if settings.EMBEDDED else workers)
    try:
        _wait_for(port)
        begun = time.perf_counter()
        _publish(rounds)
        published = time.perf_counter() - begun
        asyncio.run(asyncio.wait_for(_all(families, port), WHOLE))
        whole = time.perf_counter() - begun
    finally:
        server.terminate()
        server.wait(30)
    return _told(families, len(rounds), published, whole)


def _prepare(parents: int) -> tuple[list[UUID], list[Parent]]:
    """Rounds held and not yet published, and the families they decided on, signed in."""
    from django.db.models import Count

    from shanyraq.domains.placement.models import Application, Offer
    from shanyraq.domains.placement.queries.norms import model_in_force
    from shanyraq.domains.placement.services import rounds as services
    from shanyraq.foundation import access, clock

    now, actor = clock.now(), access.system("bench")
    waiting = Application.objects.filter(status="waiting").values_list("district").annotate(n=Count("id"))
    held: list[UUID] = []
    found: list[UUID] = []
    for district, _ in waiting.order_by("-n"):
        if len(found) >= parents:
            break
        if model_in_force(district, now.date()) == "queue":
            mark = services.preview_round(actor=actor, district=district, now=now).fingerprint
            held.append(services.confirm_round(actor=actor, district=district, fingerprint=mark, now=now))
            found += _by_guardians(held[-1])
    chosen = found[:parents]
    offers = dict(Offer.objects.filter(application__in=chosen, status="held").values_list("application", "pk"))
    return held, [Parent(session, pk, offers.get(pk)) for pk, session in _sessions(chosen, now)]


def _by_guardians(round: UUID) -> list[UUID]:
    """Applications of a round whose applicant is a guardian to this day: some in the sandbox are planted errors."""
    from django.db.models import F

    from shanyraq.domains.placement.models import Application

    rows = Application.objects.filter(
        outcomes__round=round,
        child__guardianships__guardian=F("applicant"),
        child__guardianships__valid_to__isnull=True,
    )
    return list(rows.order_by("id").values_list("pk", flat=True))


def _sessions(applications: list[UUID], now: Any) -> list[tuple[UUID, str]]:
    from django.test import Client

    from shanyraq.domains.placement.models import Application
    from shanyraq.foundation import access
    from shanyraq.foundation.accounts import services

    signed = []
    for pk, person in Application.objects.filter(pk__in=applications).values_list("pk", "applicant"):
        user = services.user_of_person(actor=access.system("bench"), person=person, language="kk", now=now)
        client = Client(SERVER_NAME=HOST)
        client.force_login(user)
        signed.append((pk, client.cookies["sessionid"].value))
    return signed


def _publish(rounds: list[UUID]) -> None:
    from shanyraq.domains.placement.services import rounds as services
    from shanyraq.foundation import access, clock

    for one in rounds:
        services.publish_round(actor=access.system("bench"), round=one, now=clock.now())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _serve(port: int, workers: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "shanyraq.interfaces.cli.main", "serve", "--port", str(port)]
    return subprocess.Popen([*command, "--workers", str(workers)], stdout=subprocess.DEVNULL)


def _wait_for(port: int) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/help/", timeout=5).read()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.25)
    sys.exit("the server did not start")


async def _all(families: list[Parent], port: int) -> None:
    beginning = asyncio.gather(*(_parent(one, port, n / len(families)) for n, one in enumerate(families)))
    await beginning


async def _parent(parent: Parent, port: int, wait: float) -> None:
    """Home, the application; who was offered a place opens it, reads what follows and takes it."""
    await asyncio.sleep(wait)
    try:
        await _get(parent, port, "/family/")
        await _get(parent, port, f"/family/applications/{parent.application}/")
        if parent.offer:
            await _get(parent, port, f"/family/offers/{parent.offer}/")
            address = f"/family/offers/{parent.offer}/accept/"
            cookies, body = await _get(parent, port, address)
            form = {name.decode(): value.decode() for name, value in HIDDEN.findall(body)}
            status, _, _ = await _ask(parent, port, "POST", address, form=form, cookies=cookies)
            parent.answered = status == 303
            await _get(parent, port, f"/family/applications/{parent.application}/")
    except (OSError, EOFError, asyncio.IncompleteReadError, ValueError) as problem:
        parent.faults.append(f"{type(problem).__name__}: {problem}")


async def _get(parent: Parent, port: int, address: str) -> tuple[str, bytes]:
    _, cookies, body = await _ask(parent, port, "GET", address)
    return cookies, body


async def _ask(
    parent: Parent, port: int, verb: str, address: str, *, form: dict[str, str] | None = None, cookies: str = ""
) -> tuple[int, str, bytes]:
    """Status, the CSRF cookie if one was set, and the body. One connection a request, as phones on bad lines make."""
    body = urlencode(form or {}).encode()
    lines = [
        f"{verb} {address} HTTP/1.1",
        f"Host: {HOST}:{port}",
        f"Cookie: sessionid={parent.session}; language=kk{cookies}",
        f"Referer: http://{HOST}:{port}{address}",
        f"Origin: http://{HOST}:{port}",
        f"Content-Length: {len(body)}",
        "Content-Type: application/x-www-form-urlencoded",
        "Connection: close",
    ]
    begun = time.perf_counter()
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    parent.took.append(time.perf_counter() - begun)
    head, _, content = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    parent.statuses.append(status)
    return status, _csrf(head), content


def _csrf(head: bytes) -> str:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"set-cookie" and b"csrftoken" in value:
            morsel = http.cookies.SimpleCookie(value.decode())["csrftoken"]
            return f"; csrftoken={morsel.value}"
    return ""


def _told(families: list[Parent], rounds: int, published: float, whole: float) -> list[Row]:
    from shanyraq.domains.placement.models import Offer
    from shanyraq.foundation.ledger.models import LedgerEntry

    took = sorted(second for one in families for second in one.took)
    statuses = Counter(status for one in families for status in one.statuses)
    faults = [fault for one in families for fault in one.faults]
    said_yes = [one.offer for one in families if one.answered]
    stored = Offer.objects.filter(pk__in=said_yes, status="accepted").count()
    logged = LedgerEntry.objects.filter(
        kind="placement.OfferAccepted", subject_id__in=[one.application for one in families if one.answered]
    ).count()
    offered = sum(one.offer is not None for one in families)
    wrong = sum(count for status, count in statuses.items() if status not in (200, 303)) + len(faults)
    for fault in faults[:5]:
        print("fault:", fault)
    print("answers:", dict(statuses), "rounds:", rounds, f"published in {published:.1f} s")
    p95 = took[round(0.95 * (len(took) - 1))]
    return [
        Row("parents at once", "requests answered", f"{len(took):,} by {len(families):,} parents in {whole:.0f} s"),
        Row("parents at once", "errors", str(wrong), "0", met=wrong == 0),
        Row(
            "parents at once",
            "offered, accepted, stored, logged",
            f"{offered}, {len(said_yes)}, {stored}, {logged}",
            "all equal",
            met=offered == len(said_yes) == stored == logged,
        ),
        Row(
            "parents at once",
            "seconds a request, all at once: median, p95, longest",
            f"{statistics.median(took):.2f}, {p95:.2f}, {took[-1]:.2f}",
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
