"""Files of PISA: taken in by cycle, kept as Parquet, estimated when indicators are counted."""

from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl
from django.conf import settings

from shanyraq.analytics import pisa
from shanyraq.analytics.cards import Cadence, cards
from shanyraq.analytics.territories import Number
from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.uid import new_id

LOADERS: Final = (Role.MINISTRY, Role.OPERATOR)


def folder() -> Path:
    """Where snapshots and studies lie."""
    return Path(settings.VAR_DIR) / "numbers"


def files() -> tuple[Path, ...]:
    """The studies that are kept."""
    return tuple(sorted((folder() / "studies").glob("*.parquet")))


def cycles() -> tuple[int, ...]:
    """The cycles of PISA that the Concept has targets for."""
    found = {
        year for card in cards().values() if card.cadence is Cadence.CYCLE
        for component in card.components.values() for year in component.targets
    }  # fmt: skip
    return tuple(sorted(found))


def load(*, actor: Actor, file: Path, cycle: int, now: datetime) -> int:
    """Keep a file of pupils (CSV or Parquet) as the study of a cycle; how many pupils. Loaded again, it is replaced.

    Raises NotAllowed("access.denied"), Refusal("nation.cycle"), Refusal("nation.study").
    """
    if not actor.has(*LOADERS):
        raise NotAllowed("access.denied", action="nation.load_study")
    if cycle not in cycles():
        raise Refusal("nation.cycle", field="cycle", cycle=str(cycle), cycles=", ".join(map(str, cycles())))
    try:
        table = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema_length=None)
        pisa.study(table)
    except (pisa.BadStudy, pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as reason:
        raise Refusal("nation.study", field="file", why=str(reason).partition("\n")[0]) from reason
    target = _path(cycle)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".part")
    table.write_parquet(beside)
    beside.replace(target)
    audit.wrote(actor, "nation.load_study", at=now, subject="study", subject_id=new_id())
    return len(table)


def numbers(year: int) -> list[Number]:
    """The estimates of the last cycle up to a year, as numbers of its series; none when no study was loaded."""
    known = [cycle for cycle in cycles() if cycle <= year and _path(cycle).exists()]
    if not known:
        return []
    found = pisa.everything(pisa.study(pl.read_parquet(_path(known[-1]))))
    return [
        Number(series, place, cut, one.pupils, one.pupils, one.pupils, one.value, error=one.error)
        for (series, place, cut), one in sorted(found.items())
    ]


def _path(cycle: int) -> Path:
    return folder() / "studies" / f"pisa-{cycle}.parquet"
