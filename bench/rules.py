"""Seconds that the rules of a round take on made-up claims, without a database: allocation, reasons, fingerprint.

SHANYRAQ_DEMO=1 python -m bench.rules [1000 4000 12000]
"""

import os
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
YEARS = range(2020, 2025)


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [1_000, 4_000, 12_000]
    django.setup()
    from shanyraq.domains.placement.rules import facts, reasons, replay

    print(f"{'claims':>8} {'allocation':>11} {'reasons':>11} {'fingerprint and inputs':>23} {'placed':>8}")
    for size in sizes:
        inputs, begun = _inputs(size), time.process_time()
        allocation = replay.run(inputs)
        allocated = time.process_time()
        for explanation in reasons.explain(allocation):
            facts.to_facts(explanation)
        explained = time.process_time()
        replay.fingerprint(inputs)
        replay.dumps(inputs)
        took = allocated - begun, explained - allocated, time.process_time() - explained
        placed = sum(outcome.placed for outcome in allocation.outcomes)
        print(f"{size:>8} {took[0]:>11.2f} {took[1]:>11.2f} {took[2]:>23.2f} {placed:>8}")


def _inputs(size: int) -> Any:
    """A district with a group for four claims, 22 or 24 of its 25 places taken; a third of the claims has a radius."""
    from shanyraq.domains.placement.queries.norms import placement_norms
    from shanyraq.domains.placement.rules.claim import Claim, ClaimId, Group, GroupId, OrganisationId, Right
    from shanyraq.domains.placement.rules.replay import Inputs
    from shanyraq.domains.registry.rules.kinds import GroupKind, Language

    rng, rights = np.random.default_rng(1), tuple(Right)
    groups = tuple(
        Group(
            id=GroupId(UUID(int=10**6 + n)),
            organisation=OrganisationId(UUID(int=10**7 + n // 5)),
            kind=GroupKind.GENERAL,
            language=Language.KAZAKH,
            born_from=YEARS[n % 5],
            born_to=YEARS[n % 5],
            places=25,
            taken=24 if n % 3 else 22,
        )
        for n in range(size // 4)
    )
    claims = []
    for n in range(size):
        fitting = groups[n % 5 :: 5]
        home = int(rng.integers(len(fitting)))
        wished = fitting[home : home + (40 if n % 3 == 0 else 4)]
        claims.append(
            Claim(
                id=ClaimId(UUID(int=n + 1)),
                birth_year=YEARS[n % 5],
                kind=GroupKind.GENERAL,
                right=rights[2] if rng.random() < 0.8 else rights[int(rng.integers(3))],
                applied_at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=int(rng.integers(10**6))),
                number=n + 1,
                wishes=tuple(group.id for group in wished),
                organisations=tuple(group.organisation for group in wished[:4]),
                language=Language.KAZAKH,
            )
        )
    return Inputs(tuple(claims), groups, placement_norms(date(2026, 3, 2), "711110000").allocation, {})


if __name__ == "__main__":
    main()
