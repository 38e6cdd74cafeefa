"""Time and queries of every main page, and of a round of the largest district, on a country that the sandbox built.

    SHANYRAQ_DEMO=1 python -m bench.pages [--times 30] [--only TEXT] [--round] [--district KATO]

Each page is asked for in this process, through the whole stack, as the people of the demonstration; the first answer
is shown apart, the others are warm. Only the audit of these reads is written: a round is measured and taken back.
"""

import argparse
import gc
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import django

from bench.rows import Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TARGET = 60.0  # milliseconds, of 95 answers in 100
chosen: list[str] = []  # the district that is measured


class Asked(NamedTuple):
    who: str
    address: str
    named: str


def run() -> list[Row]:
    """One row: how many pages were asked for, and which of them are slow."""
    django.setup()
    chosen.append(_largest())
    print(_size())
    clients: dict[str, Any] = {}
    pages = list(_addresses())
    slow = [page.named for page in pages if _page(clients.setdefault(page.who, _client(page.who)), page, 30)]
    told = f"{len(pages)} pages and endpoints: 95 of 100 answers within {TARGET:.0f} ms"
    return [Row("pages", told, f"slow: {', '.join(slow)}" if slow else "all", "all", met=not slow)]


def main() -> int:
    asked = argparse.ArgumentParser(description="Time and queries of the main pages.")
    asked.add_argument("--times", type=int, default=30)
    asked.add_argument("--only", default="", help="pages whose name holds this")
    asked.add_argument("--round", action="store_true", help="also a round of the largest district")
    asked.add_argument("--district", default="", help="instead of the one of the queue model where most wait")
    options = asked.parse_args()
    django.setup()
    from django.conf import settings

    if not settings.DEMO:
        sys.exit("Only in the demonstration: SHANYRAQ_DEMO=1")
    chosen.append(options.district or _largest())
    print(_size())
    slow = _pages(options.times, options.only)
    if options.round:
        _round()
    return 1 if slow else 0


def _pages(times: int, only: str) -> int:
    print("Milliseconds. `cpu` is the work of this process; the rest of the time is the database, or a busy machine.")
    print(f"{'page':44} {'who':10} {'queries':>7} {'first':>8} {'cpu':>8} {'median':>8} {'p95':>8} {'KB':>6}")
    slow = 0
    clients: dict[str, Any] = {}
    for page in _addresses():
        if only in page.named:
            client = clients.setdefault(page.who, _client(page.who))
            slow += _page(client, page, times)
    return slow


def _page(client: Any, page: Asked, times: int) -> bool:
    first, response = _timed(lambda: client.get(page.address))
    queries, _ = _counted(lambda: client.get(page.address))
    begun = time.process_time()
    took = sorted(_timed(lambda: client.get(page.address))[0] for _ in range(times))
    busy = (time.process_time() - begun) / times * 1000
    p95 = took[min(len(took) - 1, round(0.95 * len(took)) - 1)]
    flag = "" if response.status_code == 200 else f" {response.status_code}"
    flag += " SLOW" if p95 > TARGET else ""
    print(
        f"{page.named:44} {page.who or '-':10} {queries:7} {first:8.1f} {busy:8.1f} {statistics.median(took):8.1f} "
        f"{p95:8.1f} {len(response.content) / 1024:6.0f}{flag}",
        flush=True,
    )
    return p95 > TARGET


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = call()
    return (time.perf_counter() - begun) * 1000, result


def _counted(call: Callable[[], Any]) -> tuple[int, Any]:
    from django.db import connection

    counted = [0]

    def count(execute: Any, *arguments: Any) -> Any:
        counted[0] += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        result = call()
    return counted[0], result


def _client(who: str) -> Any:
    from django.test import Client

    from shanyraq.foundation.accounts.models import User

    client = Client(SERVER_NAME="127.0.0.1")
    if who:
        client.force_login(_officer() if who == "officer" else User.objects.get(sign_in_name=f"demo-{who}"))
    return client


def _officer() -> Any:
    """An officer of the district, made once for the measurement."""
    from shanyraq.foundation import clock
    from shanyraq.foundation.access import Role, system
    from shanyraq.foundation.accounts import services
    from shanyraq.foundation.accounts.models import User

    name, now = f"measured-{chosen[0]}", clock.now()
    found = User.objects.filter(sign_in_name=name).first()
    if found is None:
        actor = system("bench")
        user = services.create_user(actor=actor, sign_in_name=name, now=now)
        services.grant(
            actor=actor, user=user, role=Role.OFFICER, territory=chosen[0], valid_from=clock.today(), now=now
        )
        found = User.objects.get(sign_in_name=name)
    return found


def _largest() -> str:
    """The district with the longest queue among those that place by the queue."""
    from django.db.models import Count

    from shanyraq.domains.placement.models import Application
    from shanyraq.domains.placement.queries.norms import model_in_force
    from shanyraq.foundation import clock

    rows = Application.objects.filter(status="waiting").values_list("district").annotate(n=Count("id")).order_by("-n")
    return next(district for district, _ in rows if model_in_force(district, clock.today()) == "queue")


def _addresses() -> Iterator[Asked]:
    yield from _public()
    yield from _family()
    yield from _head()
    yield from _district()
    yield from (Asked(who, "/overview/", "/overview/") for who in ("region", "ministry"))
    yield Asked("auditor", "/audit/", "/audit/")
    yield Asked("parent", "/inbox/", "/inbox/")
    kato = chosen[0]
    yield Asked("", f"/api/v1/territories?region={kato[:2]}0000000", "/api/v1/territories")
    yield Asked("", f"/api/v1/places?territory={kato}", "/api/v1/places (district)")
    yield Asked("", f"/api/v1/places?territory={kato[:2]}0000000", "/api/v1/places (region)")
    yield Asked("", f"/api/v1/queue?territory={kato}", "/api/v1/queue")
    yield from _proof()


def _proof() -> Iterator[Asked]:
    """The log, receipts, comparisons, open data, exports, and what the auditor sees."""
    from shanyraq.domains.placement.models import Application, Round
    from shanyraq.domains.registry.models import Group, Guardianship
    from shanyraq.foundation import ledger
    from shanyraq.foundation.accounts.models import User

    size = ledger.size()
    for address in ("", "check/", "checkpoints/", "entries/", "consistency/", "checkpoint", "keys.json"):
        yield Asked("", f"/log/{address}", f"/log/{address}")
    yield Asked("", f"/log/entries/{size // 2}/", "/log/entries/<index>/")
    yield Asked("", "/open-data/", "/open-data/")
    yield Asked("", "/what-if/", "/what-if/")
    round = Round.objects.filter(status="published").order_by("-claims").first()
    if round:
        yield Asked("", f"/rounds/{round.pk}/package.zip", "/rounds/<id>/package.zip")
    parent = User.objects.get(sign_in_name="demo-parent").person_id
    children = Guardianship.objects.filter(guardian=parent, valid_to=None).values("child")
    for pk in Application.objects.filter(child__in=children).exclude(status="draft").values_list("pk", flat=True)[:1]:
        yield Asked("parent", f"/family/applications/{pk}/receipt/", "/family/applications/<id>/receipt/")
    for address in ("/audit/log/", "/audit/log/time/", "/audit/readers/"):
        yield Asked("auditor", address, address)
    yield Asked("ministry", "/comparisons/", "/comparisons/")
    yield Asked("", f"/api/v1/groups/{Group.objects.values_list('pk', flat=True)[0]}", "/api/v1/groups/<id>")
    yield Asked("", "/api/v1/groups?limit=100", "/api/v1/groups")
    yield Asked("", "/api/v1/rounds", "/api/v1/rounds")
    yield Asked("", "/api/v1/open-data", "/api/v1/open-data")
    yield Asked("", "/api/v1/openapi.json", "/api/v1/openapi.json")


def _public() -> Iterator[Asked]:
    from shanyraq.domains.placement.models import Round
    from shanyraq.domains.registry.models import Organisation

    kato = chosen[0]
    for address in ("/", "/places/", "/rounds/", "/law/", "/help/"):
        yield Asked("", address, address)
    yield Asked("", "/places/places.csv", "/places/places.csv")
    yield Asked("", f"/places/{kato[:2]}0000000/", "/places/<region>/")
    yield Asked("", f"/places/{kato}/", "/places/<district>/")
    yield Asked("", f"/places/{kato}/?birth_year=2023&kind=general", "/places/<district>/ (filtered)")
    organisation = Organisation.objects.filter(district=kato).first()
    yield Asked("", f"/kindergartens/{organisation.pk}/", "/kindergartens/<id>/")
    round = Round.objects.filter(status="published").order_by("-claims").first()
    if round:
        yield Asked("", f"/rounds/{round.pk}/", "/rounds/<id>/")


def _family() -> Iterator[Asked]:
    from shanyraq.domains.placement.models import Application, Offer
    from shanyraq.domains.registry.models import Guardianship
    from shanyraq.foundation.accounts.models import User

    yield Asked("parent", "/family/", "/family/")
    yield Asked("parent", "/family/apply/", "/family/apply/")
    parent = User.objects.get(sign_in_name="demo-parent").person_id
    children = Guardianship.objects.filter(guardian=parent, valid_to=None).values("child")
    mine = Application.objects.filter(child__in=children).exclude(status="draft")
    for number, pk in enumerate(mine.values_list("pk", flat=True)[:2], start=1):
        yield Asked("parent", f"/family/applications/{pk}/", f"/family/applications/<{number}>/")
        yield Asked("parent", f"/family/applications/{pk}/wishes/", f"/family/applications/<{number}>/wishes/")
    offer = Offer.objects.filter(application__in=mine, status__in=("held", "accepted")).first()
    if offer:
        yield Asked("parent", f"/family/offers/{offer.pk}/", "/family/offers/<id>/")
    for child in children.values_list("child", flat=True)[:1]:
        yield Asked("parent", f"/family/children/{child}/", "/family/children/<id>/")
        yield Asked("parent", f"/record/people/{child}/readers/", "/record/people/<id>/readers/")


def _head() -> Iterator[Asked]:
    from shanyraq.domains.registry.models import Group
    from shanyraq.foundation.accounts.models import User

    grant = User.objects.get(sign_in_name="demo-head").grants.get()
    organisation = grant.organisation_id
    yield Asked("head", f"/kindergarten/{organisation}/", "/kindergarten/<id>/")
    group = Group.objects.filter(organisation=organisation).first()
    if group:
        yield Asked("head", f"/kindergarten/{organisation}/groups/{group.pk}/", "/kindergarten/<id>/groups/<id>/")


def _district() -> Iterator[Asked]:
    from shanyraq.domains.placement.models import Application, Document, Round

    kato = chosen[0]
    home = f"/district/{kato}/"
    queries = ("", "page=2", "page=1000", "birth_year=2023", "kind=general", "right=priority", "status=waiting")
    for name in ("", "papers/", "papers/?status=confirmed", *(f"queue/?{query}" for query in queries)):
        yield Asked("officer", home + name, f"/district/<kato>/{name}")
    last = Application.objects.filter(district=kato, status="waiting").order_by("-number").first()
    yield Asked("officer", f"{home}queue/?number={last.number}", "/district/<kato>/queue/?number=")
    yield Asked("officer", f"{home}queue/list.csv", "/district/<kato>/queue/list.csv")
    yield Asked("officer", f"{home}applications/{last.pk}/", "/district/<kato>/applications/<id>/")
    paper = Document.objects.filter(application__district=kato, status="pending").first()
    if paper:
        yield Asked("officer", f"{home}papers/{paper.pk}/", "/district/<kato>/papers/<id>/")
    yield Asked("officer", f"{home}find/", "/district/<kato>/find/")
    yield Asked("officer", f"{home}rounds/", "/district/<kato>/rounds/")
    yield Asked("officer", f"{home}rounds/new/", "/district/<kato>/rounds/new/")
    held = Round.objects.filter(district=kato).order_by("-number").first()
    if held:
        yield Asked("officer", f"{home}rounds/{held.pk}/", "/district/<kato>/rounds/<id>/")


def _round() -> None:
    """Preview, confirm, publish and replay a round of the largest district; then take it all back."""
    from django.db import transaction

    from shanyraq.domains.placement.services import rounds
    from shanyraq.foundation import clock
    from shanyraq.foundation.access import system

    actor, now, district = system("bench"), clock.now(), chosen[0]
    with transaction.atomic():
        preview = _step("preview_round", lambda: rounds.preview_round(actor=actor, district=district, now=now))
        print(f"  {preview.claims} claims, {preview.places} places, {preview.placed} placed")
        mark = preview.fingerprint
        held = _step(
            "confirm_round",
            lambda: rounds.confirm_round(actor=actor, district=district, fingerprint=mark, now=now),
        )
        _step("publish_round", lambda: rounds.publish_round(actor=actor, round=held, now=now))
        again = _step("replay_round", lambda: rounds.replay_round(held))
        print(f"  replayed with the same outcome: {again.equal}")
        transaction.set_rollback(True)


def _step(name: str, call: Callable[[], Any]) -> Any:
    gc.collect()
    took, (queries, result) = _timed(lambda: _counted(call))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:20} {queries:5} queries {took / 1000:8.2f} s   peak of the process {peak:6.0f} MB", flush=True)
    return result


def _size() -> str:
    from django.db import connection

    from shanyraq.domains.placement.models import Application
    from shanyraq.domains.registry.models import Enrolment, Group, Organisation, Person

    counts = ", ".join(
        f"{model._meta.model_name} {model.objects.count():,}"  # type: ignore[attr-defined]
        for model in (Person, Organisation, Group, Enrolment, Application)
    )
    return f"{connection.vendor}: {counts}; district {chosen[0]}"


if __name__ == "__main__":
    sys.exit(main())
