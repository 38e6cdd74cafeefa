"""A published round as a package that anyone can run again: inputs, outcomes, norms, and where the log has them."""

import csv
import io
import json
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from shanyraq.domains.placement.models import Outcome, Round
from shanyraq.domains.placement.queries.rounds import VOUCHER
from shanyraq.domains.placement.rules import order, replay
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import CheckpointCard, Logged
from shanyraq.foundation.text import LANGS, Lang, say, show

Json = dict[str, Any]
FORM: Final = "shanyraq-round/1"
VERIFIER: Final = "verify_round.py"
SEQUENCED_WITHIN: Final = timedelta(minutes=2)  # the log takes what was committed every minute
FILED: Final = "placement.ApplicationFiled"
RIGHTS: Final = ("placement.DocumentConfirmed", "placement.DocumentRefused")
ALLOCATED: Final = "placement.PlacesAllocated"
PUBLISHED: Final = "placement.RoundPublished"
QUEUE_COLUMNS: Final = ("claim", "position", "group", "wish_rank", "kept")
VOUCHER_COLUMNS: Final = ("claim",)


@dataclass(frozen=True, slots=True)
class Sealing:
    """Whether a published round can be downloaded, and how far the log has sealed it."""

    public: bool  # a round of the first form has no public names and no package
    checkpoint: CheckpointCard | None
    sealed_after: datetime  # not before this instant, where there is no checkpoint yet
    allocated: int | None  # place in the log of the entry that holds the sums of the round


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the log has a round, what led to it and what it was run from."""

    allocated: int | None
    published: int | None
    ceremony: tuple[int, ...]
    claims: dict[str, list[int]]  # by code: filed, and the latest entry on its right before the round

    @property
    def all(self) -> list[int]:
        """All of them, rising."""
        own = [at for at in (self.allocated, self.published) if at is not None]
        return sorted({*own, *self.ceremony, *(at for some in self.claims.values() for at in some)})


def verifier() -> bytes:
    """The one-file verifier, as it lies in the package."""
    return resources.files("shanyraq.domains.placement").joinpath(VERIFIER).read_bytes()


def sealing(round: UUID) -> Sealing | None:
    """How far the log has sealed a published round; None when there is no such round. At most 5 queries."""
    row = _published(round).defer("inputs").first()
    if row is None:
        return None
    found = {one.kind: one.index for one in ledger.history([row.pk])}
    checkpoint = ledger.checkpoint_covering(found[PUBLISHED] + 1) if PUBLISHED in found else None
    return Sealing(row.form != replay.BY_ID, checkpoint, _published_at(row) + SEQUENCED_WITHIN, found.get(ALLOCATED))


def edition(round: UUID) -> str | None:
    """What the package of a round is made of, as a word for caches; None when there is none. At most 5 queries."""
    found = sealing(round)
    if found is None or not found.public:
        return None
    return f"{round.hex}-{found.checkpoint.size if found.checkpoint else 0}"


def package(round: UUID) -> bytes | None:
    """The package as a zip, the same bytes each time; None when there is none. At most 20 queries, whatever the number
    of claims."""
    row = _published(round).exclude(form=replay.BY_ID).first()
    if row is None:
        return None
    inputs = zlib.decompress(bytes(row.inputs))
    return _zipped(_files(row, inputs), _published_at(row))


def _published(round: UUID) -> Any:
    return Round.objects.filter(pk=round, status="published")


def _published_at(row: Round) -> datetime:
    assert row.published_at is not None  # by constraint
    return row.published_at


def _files(row: Round, inputs: bytes) -> dict[str, bytes]:
    rows = _outcomes(row, inputs)
    files = {
        "inputs.json": inputs,
        "outcomes.json": replay.canonical({"outcomes": rows}),
        "outcomes.csv": _csv(rows, QUEUE_COLUMNS if row.model == "queue" else VOUCHER_COLUMNS),
        "norms.json": replay.canonical(row.norms),
        "log.json": replay.canonical(_log(row)),
        VERIFIER: verifier(),
    }
    files |= {f"README.{lang}.md": _readme(row, lang).encode() for lang in LANGS}
    return {"datapackage.json": _described(row, files)} | files


def _outcomes(row: Round, inputs: bytes) -> list[list[Any]]:
    """What the round decided, from the rows as they are stored, in the order in which it was hashed."""
    found = replay.loads(inputs)
    stored = Outcome.objects.filter(round=row).order_by("position", "id")
    if isinstance(found, replay.VoucherInputs):
        return [[code] for code in stored.filter(reason=VOUCHER).values_list("application__code", flat=True)]
    place = {one.name: order.by_time(one) for one in order.draw(found.claims, found.seed, found.norm.tie)}
    columns = ("application__code", "position", "group_id", "wish_rank")
    rows = [
        [code, position, str(group or ""), rank, group is not None and rank is None]
        for code, position, group, rank in stored.values_list(*columns)
    ]
    return sorted(rows, key=lambda one: (one[1], place[one[0]]))


def _log(row: Round) -> Json:
    places = _places(row)
    body: Json = {
        "form": FORM,
        "round": row.pk.hex,
        "allocated": places.allocated,
        "claims": places.claims,
        "sealed_after": (_published_at(row) + SEQUENCED_WITHIN).isoformat(timespec="seconds"),
    }
    wanted = places.all
    sealed = places.published is not None and all(places.claims.values())
    checkpoint = ledger.checkpoint_covering(wanted[-1] + 1) if sealed else None
    if checkpoint is None:
        return body | {"checkpoint": "", "keys": [], "leaves": {}, "subtrees": {}}
    leaves = ledger.leaves_at(wanted)
    return body | {
        "checkpoint": checkpoint.note,
        "keys": [card.spelt for card in ledger.keys_listed() if card.valid_at(checkpoint.at)],
        "leaves": {str(at): leaves[at] for at in wanted},
        "subtrees": ledger.subtrees(wanted, checkpoint.size),
    }


def _places(row: Round) -> _Places:
    codes = dict(Outcome.objects.filter(round=row).values_list("application_id", "application__code"))
    told = ledger.history([*codes, row.pk, *([row.ceremony_id] if row.ceremony_id else [])])
    own = {one.kind: one.index for one in told if one.subject == row.pk}
    allocated = own.get(ALLOCATED)
    claims: dict[str, list[int]] = {code: [] for code in sorted(codes.values())}
    for one in told if allocated is not None else ():
        if one.subject in codes and one.index < (allocated or 0):
            _note(claims[codes[one.subject]], one)
    ceremony = tuple(one.index for one in told if one.subject == row.ceremony_id and one.index < (allocated or 0))
    return _Places(allocated, own.get(PUBLISHED), ceremony, claims)


def _note(places: list[int], one: Logged) -> None:
    """Keep where an application was filed, and its latest entry on a right."""
    if one.kind == FILED:
        places[:] = [one.index]
    elif one.kind in RIGHTS:
        places[1:] = [one.index]


def _readme(row: Round, lang: Lang) -> str:
    district = registry.territory(row.district_id)
    name = district.name.in_lang(lang) if district else row.district_id
    day = show(_published_at(row), lang)
    return say("placement.package.readme", lang, district=name, number=row.number, day=day)


def _described(row: Round, files: dict[str, bytes]) -> bytes:
    """A data package of Frictionless: what each file is, and the types of the table."""
    kinds = {"position": "integer", "wish_rank": "integer", "kept": "boolean"}
    columns = QUEUE_COLUMNS if row.model == "queue" else VOUCHER_COLUMNS
    schema = {
        "fields": [{"name": name, "type": kinds.get(name, "string")} for name in columns],
        "primaryKey": ["claim"],
    }
    resources_ = [
        {"name": name.partition(".")[0] + ("-table" if name.endswith(".csv") else ""), "path": name, "bytes": len(body)}
        | ({"profile": "tabular-data-resource", "schema": schema} if name.endswith(".csv") else {})
        for name, body in files.items()
        if name.endswith((".json", ".csv"))
    ]
    body = {
        "profile": "data-package",
        "name": f"round-{row.district_id}-{row.number}",
        "id": row.pk.hex,
        "created": _published_at(row).isoformat(),
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": resources_,
    }
    return json.dumps(body, indent=2, ensure_ascii=False).encode()


def _csv(rows: list[list[Any]], columns: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([json.dumps(cell) if isinstance(cell, bool) else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def _zipped(files: dict[str, bytes], at: datetime) -> bytes:
    body = io.BytesIO()
    with ZipFile(body, "w") as packed:
        for name, content in files.items():
            entry = ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            packed.writestr(entry, content)
    return body.getvalue()
