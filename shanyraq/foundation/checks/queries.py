"""What pages, commands and other parts of the house ask of the runs of checks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import F, Max, Sum

from shanyraq.foundation import access
from shanyraq.foundation.access import Actor
from shanyraq.foundation.checks import asking
from shanyraq.foundation.checks.access import EXPLANATION_RULES, Do, owns, sees_territory, tallies, territories
from shanyraq.foundation.checks.asking import Finding
from shanyraq.foundation.checks.check import Check, CheckSeverity, CheckShow, Key, RunState, Scope
from shanyraq.foundation.checks.loader import load
from shanyraq.foundation.checks.models import CheckExplanation, CheckRun, CheckTally
from shanyraq.foundation.checks.standing import Standing, standing
from shanyraq.foundation.refusal import NotAllowed

ORDER: Final = tuple(CheckSeverity)
TREND: Final = 60  # runs on the chart
WORST: Final = 50  # organisations with the most findings


@dataclass(frozen=True, slots=True)
class Line:
    """One check with what its last run found in the scope of the actor, and how much of that is explained."""

    check: Check
    found: int
    explained: int = 0

    @property
    def due(self) -> int:
        """How much of it somebody has still to mend or to explain."""
        return self.found - self.explained


@dataclass(frozen=True, slots=True)
class Point:
    """One run on the trend."""

    at: datetime
    found: int
    explained: int = 0

    @property
    def due(self) -> int:
        """How much of it was neither mended nor explained."""
        return self.found - self.explained


@dataclass(frozen=True, slots=True)
class Place:
    """A territory or an organisation, how much was found there, and how much of that is explained."""

    id: str
    found: int
    explained: int = 0

    @property
    def due(self) -> int:
        """How much of it somebody has still to mend or to explain."""
        return self.found - self.explained


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of a check, for operators and for the page of a batch."""

    check: Check
    state: RunState
    found: int
    seconds: float
    at: datetime


def board(actor: Actor) -> tuple[Line, ...]:
    """Every check, worst first: by severity, then by what is due in the scope of the actor. 1 query."""
    rows = CheckTally.objects.filter(tallies(actor)).values("code").annotate(n=Sum("found"), of=Sum("explained"))
    found = {code: (n, of) for code, n, of in rows.values_list("code", "n", "of").order_by("code")}
    lines = (Line(check, *found.get(code, (0, 0))) for code, check in load().items())
    return tuple(sorted(lines, key=lambda one: (ORDER.index(one.check.severity), -one.due, -one.found, one.check.code)))


def last_run_at() -> datetime | None:
    """When a check last ran over the whole record. 1 query."""
    latest: datetime | None = CheckRun.objects.filter(batch__isnull=True).aggregate(at=Max("ran_at"))["at"]
    return latest


def found(actor: Actor, check: Check) -> Line:
    """How much the last run of a check found in the scope of the actor. 1 query."""
    rows = CheckTally.objects.filter(tallies(actor), code=check.code)
    counted = rows.aggregate(n=Sum("found"), of=Sum("explained"))
    return Line(check, counted["n"] or 0, counted["of"] or 0)


def places(actor: Actor, code: str, territory: str = "") -> tuple[Place, ...]:
    """Where the last run found how much: regions, or the districts of one; most due first. 1 query."""
    rows = CheckTally.objects.filter(tallies(actor), code=code, territory__startswith=territory)
    counted: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    summed = rows.values("territory").annotate(n=Sum("found"), of=Sum("explained"))
    for kato, n, of in summed.values_list("territory", "n", "of"):
        at = kato if territory or not kato else f"{kato[:2]}0000000"
        counted[at] += n
        explained[at] += of
    found = (Place(kato, n, explained[kato]) for kato, n in counted.items())
    return tuple(sorted(found, key=lambda one: (-one.due, -one.found, one.id)))


def organisations(actor: Actor, code: str, territory: str = "") -> tuple[Place, ...]:
    """The organisations where most is due, at most WORST. 1 query."""
    rows = CheckTally.objects.filter(
        tallies(actor), code=code, territory__startswith=territory, organisation_id__isnull=False
    )
    worst = rows.order_by(F("explained") - F("found"), "-found", "organisation_id")
    return tuple(
        Place(str(pk), n, of) for pk, n, of in worst.values_list("organisation_id", "found", "explained")[:WORST]
    )


def trend(actor: Actor, code: str) -> tuple[Point, ...]:
    """What the last runs found in the territories of the actor, oldest first; nothing for a head. 1 query."""
    seen = territories(actor)
    if not seen:
        return ()
    rows = CheckRun.objects.filter(code=code, batch__isnull=True, state=RunState.DONE).order_by("-ran_at", "-id")
    points = [
        Point(at, _within(found, seen), _within(explained, seen))
        for at, found, explained in rows.values_list("ran_at", "places", "explained_places")[:TREND]
    ]
    return tuple(reversed(points))


def _within(by: Mapping[str, int], seen: tuple[str, ...]) -> int:
    return sum(n for kato, n in by.items() if kato.startswith(seen))


def scope_for(actor: Actor, *, territory: str = "", organisation: UUID | None = None) -> Scope:
    """The scope whose rows an actor may see: a district of their territory, an organisation in it, or their own.

    Raises NotAllowed("access.denied"). At most 1 query.
    """
    if organisation is not None:
        known = (
            owns(actor, organisation)
            or CheckTally.objects.filter(tallies(actor), organisation_id=organisation).exists()
        )
        if known:
            return Scope(organisation=organisation)
    elif len(territory) == 9 and sees_territory(actor, territory):
        return Scope(territory=territory)
    raise NotAllowed("access.denied", action="checks.see")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of findings, and those explanations of the scope that stand."""

    findings: Sequence[Finding]
    explained: Mapping[Key, Standing]


def findings(
    check: Check, scope: Scope, today: date, *, show: CheckShow = CheckShow.ALL, limit: int, offset: int = 0
) -> Listed:
    """Rows of a scope that `scope_for` gave, as they are now: those that are due, explained, or all. 2 or 3 queries.

    Raises OperationalError: the time of the check is over.
    """
    explained = standing(check, scope, today)
    if show is CheckShow.EXPLAINED and not explained:
        return Listed((), explained)
    limits = {CheckShow.DUE: {"without": explained}, CheckShow.EXPLAINED: {"within": explained}, CheckShow.ALL: {}}
    return Listed(asking.findings(check, scope, today, limit=limit, offset=offset, **limits[show]), explained)


@dataclass(frozen=True, slots=True)
class Given:
    """One explanation that somebody gave, whether or not it still stands."""

    code: str
    key: Key
    words: str
    until: date


def explanation(actor: Actor, pk: UUID) -> Given:
    """An explanation that the actor may take back. 1 query. Raises NotAllowed("access.denied")."""
    row = CheckExplanation.objects.filter(access.rows(EXPLANATION_RULES, Do.EXPLAIN, actor), pk=pk).first()
    if row is None:
        raise NotAllowed("access.denied", action=str(Do.EXPLAIN))
    return Given(row.code, Key.parse(row.finding), row.words, row.until_on)


def runs(*, batch: UUID | None = None) -> tuple[RunLine, ...]:
    """The runs on the rows of a batch, or the last run of each check over the whole record. 1 query."""
    rows = CheckRun.objects.filter(batch=batch).order_by("code", "-ran_at", "-id")
    known, kept = load(), {}
    for row in rows if batch else rows.filter(pk__in=_latest()):
        if row.code in known and row.code not in kept:
            kept[row.code] = RunLine(known[row.code], RunState(row.state), row.found, row.seconds, row.ran_at)
    return tuple(sorted(kept.values(), key=lambda one: (ORDER.index(one.check.severity), -one.found, one.check.code)))


def _latest() -> list[UUID]:
    """The last run of each check."""
    newest = CheckRun.objects.filter(batch__isnull=True).values("code").annotate(at=Max("ran_at"))
    wanted = {(row["code"], row["at"]) for row in newest}
    rows = CheckRun.objects.filter(batch__isnull=True, ran_at__in={at for _, at in wanted})
    return [row.pk for row in rows.only("pk", "code", "ran_at") if (row.code, row.ran_at) in wanted]
