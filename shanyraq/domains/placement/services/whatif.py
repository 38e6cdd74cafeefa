"""Comparing rules: asked for, computed district by district, published. Nothing of placement changes by it."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from shanyraq.domains.placement.access import COMPARISONS, Do, require_territory
from shanyraq.domains.placement.events.comparisons import ComparisonPublished
from shanyraq.domains.placement.models import Comparison, ComparisonPart
from shanyraq.domains.placement.queries import whatif as queries
from shanyraq.domains.placement.queries.whatif_cases import case_of, offered
from shanyraq.domains.placement.rules import ruleset, whatif, whatif_files
from shanyraq.domains.placement.rules.ruleset import AtKindergarten, RuleSet
from shanyraq.domains.placement.rules.whatif_measures import Measures, from_json, merged, to_json
from shanyraq.foundation import access, audit, clock, jobs, ledger
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.timeline import day_of

MOST_SETS: Final = 10
AT_ONCE: Final = 5  # districts of one job: between them other jobs have their turn
SUBJECT: Final = "placement_comparison"


def request_comparison(*, actor: Actor, territory: str, rules: Sequence[str], key: UUID, now: datetime) -> UUID:
    """Compare rule sets for a territory (KATO prefix; "" is the country) on the day of `now`.

    rules: files of rule sets; the rules in force are always among them. One district is computed here and now, more by
    jobs. Sent twice with one key, it is one comparison. Raises NotAllowed; Refusal("placement.no_such_territory",
    "placement.no_rule_sets", "placement.too_many_rule_sets"), and what `ruleset.parse_all` raises.
    """
    require_territory(actor, territory)
    files = _with_those_in_force(rules)
    districts = queries.districts_in(territory, day_of(now))
    if not districts:
        raise Refusal("placement.no_such_territory", field="territory")
    pk = _begun(actor, territory, files, districts, key, now)
    if pk is None:
        return _known(actor, key)
    if len(districts) == 1:
        go_on(comparison=pk, now=now, limit=1)
    return pk


@transaction.atomic
def publish_comparison(*, actor: Actor, comparison: UUID, now: datetime) -> None:
    """Show a comparison to everyone, with its rule sets and inputs; the log keeps the hashes of both.

    Raises NotAllowed; Refusal("placement.comparison_runs", "placement.comparison_published").
    """
    access.require(COMPARISONS, Do.PUBLISH_COMPARISON, actor, Comparison.objects.all(), comparison)
    row = Comparison.objects.select_for_update().get(pk=comparison)
    if row.status != "done":
        raise Refusal("placement.comparison_runs")
    if row.published_at is not None:
        raise Refusal("placement.comparison_published")
    row.published_at, row.published_by = now, actor.user
    row.save(update_fields=["published_at", "published_by"])
    event = ComparisonPublished(
        territory=row.territory,
        counted_on=row.counted_on,
        rule_sets=tuple(one.id for one in ruleset.parse_all(row.rule_sets)),
        inputs_hash=bytes(row.inputs_hash or b"").hex(),
        results_hash=bytes(row.results_hash or b"").hex(),
    )
    ledger.note(event, row.pk, at=now, code=row.pk.hex)
    audit.wrote(actor, "placement.publish_comparison", at=now, subject=SUBJECT, subject_id=row.pk)


@jobs.task(attempts=5)
def carry_on(*, comparison: str) -> None:
    """A job: some districts of a comparison, then another job for the next ones."""
    if go_on(comparison=UUID(comparison), now=clock.now(), limit=AT_ONCE):
        jobs.plan(carry_on, comparison=comparison)


def go_on(*, comparison: UUID, now: datetime, limit: int) -> int:
    """Compute some districts of a comparison, and finish it after the last one; how many are left.

    It may run twice, or beside itself: a district counts once.
    """
    row = Comparison.objects.defer("results").get(pk=comparison)
    sets = ruleset.parse_all(row.rule_sets)
    done = set(ComparisonPart.objects.filter(comparison=row).values_list("district", flat=True))
    waiting = [kato for kato in row.districts if kato not in done]
    for kato in waiting[:limit]:
        _keep(_part(row, kato, row.counted_on, sets), now)
    left = len(waiting[limit:])
    if not left and row.status != "done":
        _finish(row, sets, now)
    return left


def measure(*, actor: Actor, district: str, sets: Sequence[RuleSet], now: datetime) -> dict[str, Measures]:
    """The measures of rule sets on a district as it stands; nothing is kept. At most 20 queries. Raises NotAllowed."""
    require_territory(actor, district)
    return whatif.compare(case_of(district, day_of(now)), sets)


def _with_those_in_force(rules: Sequence[str]) -> list[str]:
    """The files with that of the rules in force before them. Raises Refusal when they cannot be compared."""
    first = offered()[0]
    others = [file for file, one in zip(rules, ruleset.parse_all(rules), strict=True) if one.id != first.rules.id]
    if not others:
        raise Refusal("placement.no_rule_sets", field="rules")
    if len(others) >= MOST_SETS:
        raise Refusal("placement.too_many_rule_sets", field="rules", n=len(others), limit=MOST_SETS - 1)
    return [first.written, *others]


def _begun(
    actor: Actor, territory: str, files: list[str], districts: Sequence[str], key: UUID, now: datetime
) -> UUID | None:
    """A comparison that is asked for; None when the request came before."""
    row = Comparison(
        request_key=key, territory=territory, counted_on=day_of(now), rule_sets=files, status="running",
        districts=list(districts), made_by=actor.user, made_at=now, changed_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.wrote(actor, "placement.compare", at=now, subject=SUBJECT, subject_id=row.pk)
            if len(districts) > 1:
                jobs.plan(carry_on, comparison=row.pk)
    except IntegrityError:
        return None
    return row.pk


def _known(actor: Actor, key: UUID) -> UUID:
    row = Comparison.objects.filter(request_key=key, made_by=actor.user).values_list("pk", flat=True).first()
    if row is None:
        raise NotAllowed("access.denied", action=str(Do.COMPARE))
    return row


def _part(row: Comparison, kato: str, on: date, sets: Sequence[RuleSet]) -> ComparisonPart:
    """A district computed; nothing is written yet, so no one waits for it."""
    case = case_of(kato, on)
    if not any(one.at_kindergarten is AtKindergarten.NEAREST for one in sets):
        case = replace(case, steps={})  # nobody asks for them: they are not kept
    found = whatif.compare(case, sets)
    files = whatif_files.files_of(case)
    return ComparisonPart(
        comparison=row,
        district=kato,
        inputs=zlib.compress(files.inputs, 6),
        near=zlib.compress(files.near, 6),
        inputs_hash=hashlib.sha256(files.inputs).digest(),
        near_hash=hashlib.sha256(files.near).digest(),
        results={name: to_json(measures) for name, measures in found.items()},
    )


@transaction.atomic
def _keep(part: ComparisonPart, now: datetime) -> None:
    ComparisonPart.objects.bulk_create([part], ignore_conflicts=True)
    done = ComparisonPart.objects.filter(comparison=part.comparison_id).count()
    Comparison.objects.filter(pk=part.comparison_id).update(done=done, changed_at=now)


@transaction.atomic
def _finish(row: Comparison, sets: Sequence[RuleSet], now: datetime) -> None:
    parts = ComparisonPart.objects.filter(comparison=row).order_by("district")
    lines = [
        f"{kato} {bytes(inputs).hex()} {bytes(near).hex()}\n"
        for kato, inputs, near in parts.values_list("district", "inputs_hash", "near_hash")
    ]
    results = {one.id: Measures() for one in sets}
    for part in parts.values_list("results", flat=True).iterator(chunk_size=1):
        results = {name: merged((sum_, from_json(part[name]))) for name, sum_ in results.items()}
    row.results = {name: to_json(measures) for name, measures in results.items()}
    row.inputs_hash = whatif_files.inputs_hash(lines)
    row.results_hash = hashlib.sha256(whatif_files.results_file(results)).digest()
    row.status, row.finished_at, row.changed_at = "done", now, now
    row.save(update_fields=["results", "inputs_hash", "results_hash", "status", "finished_at", "changed_at"])
