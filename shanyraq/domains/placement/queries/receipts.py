"""The receipt of an application: what the log holds of it, and the salts that open the seals. For its family alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Max, Min, Window
from django.db.models.functions import Lag

from shanyraq.domains.placement.access import APPLICATIONS, Do
from shanyraq.domains.placement.models import Application
from shanyraq.domains.placement.queries.family import own
from shanyraq.domains.placement.queries.family.application import Happening, names_in, unpublished_rounds
from shanyraq.domains.placement.queries.family.own import ApplicationFacts
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import OrganisationCard, PersonCard
from shanyraq.foundation import access, ledger
from shanyraq.foundation.access import Actor
from shanyraq.foundation.ledger.canonical import canonical, digest
from shanyraq.foundation.ledger.tree import leaf_hash
from shanyraq.foundation.refusal import NotAllowed

FORM: Final = "shanyraq-receipt/1"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the receipt; `index` is its number in the log, None while it waits for the next checkpoint."""

    happening: Happening
    entry: UUID
    index: int | None
    leaf: str  # empty while it waits


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that happened to an application, as the log holds it, oldest first."""

    facts: ApplicationFacts
    code: str
    child: PersonCard
    lines: tuple[Line, ...]
    names: Mapping[str, OrganisationCard]  # kindergartens that the entries name
    checkpoint: ledger.CheckpointCard | None

    @property
    def logged(self) -> tuple[Line, ...]:
        """Entries that the checkpoint covers."""
        return tuple(line for line in self.lines if line.index is not None)

    @property
    def waiting(self) -> tuple[Line, ...]:
        """Entries that the next checkpoint will cover."""
        return tuple(line for line in self.lines if line.index is None)


def receipt(actor: Actor, pk: UUID) -> Receipt:
    """The receipt of an application of the actor's child. A fixed number of queries.

    Nobody but a guardian gets it, whatever their role: the salts in it open what the log keeps sealed.
    Raises NotAllowed("access.denied").
    """
    row = Application.objects.select_related("district")
    found = row.filter(access.rows(APPLICATIONS, Do.TAKE_RECEIPT, actor), pk=pk).exclude(number=None).first()
    if found is None:
        raise NotAllowed("access.denied", action=str(Do.TAKE_RECEIPT))
    facts = own.as_published([own.facts_of(found)])[0]
    checkpoint = ledger.latest_checkpoint()
    lines = _lines(pk, checkpoint.size if checkpoint else 0)
    return Receipt(
        facts=facts,
        code=found.code,
        child=registry.person_cards((facts.child,))[facts.child],
        lines=lines,
        names=names_in(line.happening for line in lines),
        checkpoint=checkpoint,
    )


def _lines(pk: UUID, size: int) -> tuple[Line, ...]:
    secret = unpublished_rounds(pk)
    known = [one for one in ledger.entries(pk) if one.payload.get("round") not in secret]
    places = {entry: index for entry, index in ledger.leaves_of([one.id for one in known]).items() if index < size}
    leaves = ledger.leaves_at(places.values())
    return tuple(
        Line(
            Happening(one.recorded_at, one.kind.removeprefix("placement."), one.payload),
            one.id,
            places.get(one.id),
            leaves[places[one.id]] if one.id in places else "",
        )
        for one in known
    )


def document(told: Receipt) -> Mapping[str, ledger.Json]:
    """The receipt as a file: what `verify_receipt.py` and the page /log/check/ read. Some queries for each entry.

    Holds no name and no number of a person. The same state of the log gives the same document.
    """
    assert told.checkpoint is not None and told.logged, "the page offers no file before there is an entry in it"
    size = told.checkpoint.size
    return {
        "form": FORM,
        "log": settings.LOG_NAME,
        "code": told.code,
        "checkpoint": told.checkpoint.note,
        "keys": [key.spelt for key in ledger.keys_listed()],
        "entries": [_entry(line, told.facts.id, size) for line in told.logged],
        "waiting": [{"at": _instant(one.happening.at), "kind": one.happening.kind} for one in told.waiting],
    }


def _entry(line: Line, subject: UUID, size: int) -> ledger.Json:
    assert line.index is not None
    payload = line.happening.payload
    return {
        "index": line.index,
        "leaf": line.leaf,
        "leaf_hash": hash_of(line.leaf).hex(),
        "salt": ledger.opening(line.entry).salt,
        "subject": str(subject),
        "payload": payload,
        "digest": digest(canonical({"payload": payload, "subject": str(subject)})).hex(),
        "path": list(ledger.inclusion(line.index, size).path),
    }


def hash_of(leaf: str) -> bytes:
    """The hash under which a leaf stands in the tree."""
    return leaf_hash(leaf.encode())


def _instant(at: datetime) -> str:
    return at.isoformat()


def children_of(applications: Collection[UUID]) -> Mapping[UUID, UUID]:
    """The children of applications: so that a look at an entry of the log stands in the trail of the child. 1 query."""
    return dict(Application.objects.filter(pk__in=applications).values_list("pk", "child_id"))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of applications, which are given one by one and never used again."""

    first: int
    last: int
    held: int

    @property
    def missing(self) -> int:
        """How many numbers between the first and the last no application has."""
        return self.last - self.first + 1 - self.held if self.held else 0


def numbers() -> Numbers:
    """The numbers that applications hold. 1 query."""
    told = Application.objects.exclude(number=None).aggregate(
        first=Min("number"), last=Max("number"), held=Count("number")
    )
    return Numbers(told["first"] or 0, told["last"] or 0, told["held"])


def missing_numbers(limit: int) -> tuple[tuple[int, int], ...]:
    """Gaps between neighbouring numbers of applications: (from, to), both missing, the latest first.

    1 query over the numbers; asked only when `numbers` says that some are missing.
    """
    before = Window(Lag("number"), order_by="number")
    held = Application.objects.exclude(number=None).annotate(before=before).filter(number__gt=F("before") + 1)
    pairs = held.order_by("-number").values_list("before", "number")[:limit]
    return tuple((before + 1, number - 1) for before, number in pairs if number is not None)


def application_of_code(code: str) -> UUID | None:
    """The application that the log names by a code. 1 query. The answer itself is not public: its leaves are."""
    return Application.objects.filter(code=code).values_list("pk", flat=True).first() if code else None
