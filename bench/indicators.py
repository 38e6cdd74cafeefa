"""Section h: 29 indicators of 6.6 million children by 880 groups, beside polars in the same run.

    python -m bench.indicators [--children 6600000]

cold    from Parquet to the counts of all groups: DuckDB by our expressions' way, flags, and polars streaming
warm    a full recount in memory: flags, and polars
change  one changed child in the counts, beside a full recount
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import polars as pl

from bench.rows import Row
from shanyraq.analytics import flags

INDICATORS, COLUMNS, DISTRICTS = 29, 20, 220
GROUPS = ("district", "rural", "sex")


def country(children: int, file: Path) -> None:
    rng = np.random.default_rng(1)
    table = {
        "district": rng.integers(0, DISTRICTS, children, dtype=np.int16),
        "rural": rng.integers(0, 2, children, dtype=np.int8), "sex": rng.integers(0, 2, children, dtype=np.int8),
    }  # fmt: skip
    table |= {f"c{at}": rng.random(children, dtype=np.float32) < 0.15 + 0.035 * at for at in range(COLUMNS)}
    pl.DataFrame(table).write_parquet(file, compression="zstd", row_group_size=500_000)


def conditions(of: Callable[[str], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Conjunctions of columns: who is asked, and who counts."""
    known = {f"i{at}": of(f"c{at % COLUMNS}") & of(f"c{(at + 7) % COLUMNS}") for at in range(INDICATORS)}
    counted = {f"i{at}": of(f"c{(at + 3) % COLUMNS}") & of(f"c{(at + 11) % COLUMNS}") for at in range(INDICATORS)}
    return known, counted


def by_polars(rows: pl.LazyFrame, engine: str) -> pl.DataFrame:
    known, counted = conditions(pl.col)
    sums = [known[one].sum().alias(f"{one}k") for one in known]
    sums += [(known[one] & counted[one]).sum().alias(f"{one}c") for one in known]
    return rows.group_by(GROUPS).agg(sums).collect(engine=engine).sort(GROUPS)


def by_duckdb(file: Path) -> pl.DataFrame:
    backend = ibis.duckdb.connect()
    backend.raw_sql("SET enable_progress_bar = false")
    table = backend.read_parquet(str(file))
    known, counted = conditions(lambda name: table[name])
    sums = {f"{one}k": known[one].cast("int64").sum() for one in known}
    sums |= {f"{one}c": (known[one] & counted[one]).cast("int64").sum() for one in known}
    found = pl.from_arrow(backend.to_pyarrow(table.group_by(*GROUPS).agg(**sums)))
    backend.disconnect()
    return found.sort(GROUPS)


def by_expressions(file: Path) -> pl.DataFrame:
    """As shanyraq.analytics.cells does: Ibis expressions, on the engine that counts the country by default."""
    backend = ibis.polars.connect()
    table = backend.read_parquet(str(file), table_name="children")
    known, counted = conditions(lambda name: table[name])
    sums = {f"{one}k": known[one].sum() for one in known}
    sums |= {f"{one}c": (known[one] & counted[one]).sum() for one in known}
    return backend.compile(table.group_by(*GROUPS).agg(**sums)).collect(engine="streaming").sort(GROUPS)


def by_flags(file: Path) -> flags.Flags:
    known, counted = conditions(pl.col)
    return flags.packed(pl.scan_parquet(file), GROUPS, known, counted)


def table_of(packed: flags.Flags, counts: flags.Counts) -> pl.DataFrame:
    parts = {f"{one}k": counts[:, 2 * at] for at, one in enumerate(packed.names)}
    parts |= {f"{one}c": counts[:, 2 * at + 1] for at, one in enumerate(packed.names)}
    return packed.groups.with_columns(**{name: pl.Series(value) for name, value in parts.items()})


def whole(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(pl.all().cast(pl.Int64))


def timed(what: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    best, found = float("inf"), None
    for _ in range(times):
        began = time.perf_counter()
        found = what()
        best = min(best, time.perf_counter() - began)
    return best, found


def measured(children: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "children.parquet"
        country(children, file)
        polars_cold, right = timed(lambda: by_polars(pl.scan_parquet(file), "streaming"))
        ours_cold, ours = timed(lambda: by_expressions(file))
        duckdb_cold, theirs = timed(lambda: by_duckdb(file))
        flags_cold, packed = timed(lambda: by_flags(file))
        packed.recounted()  # compiled before it is timed; the first call is in flags_first
        flags_warm, counts = timed(packed.recounted, 9)
        memory = pl.read_parquet(file)
        polars_warm, _ = timed(lambda: by_polars(memory.lazy(), "streaming"))
        for other in (ours, theirs, table_of(packed, counts)):
            assert whole(right).equals(whole(other.select(right.columns))), "the counts differ"
        rng = np.random.default_rng(2)
        live = flags.Flags(packed.words.copy(), packed.starts, packed.groups, packed.names)
        rows = rng.integers(0, children, 20_000)
        lanes = np.uint64(1) << rng.integers(0, 2 * INDICATORS, 20_000).astype(np.uint64)
        words = live.words[rows] ^ lanes  # one answer of one child changes
        flags.changed(counts, live, rows[:0], words[:0])
        one, _ = timed(lambda: flags.changed(counts, live, rows, words), 1)
        assert np.array_equal(counts, live.recounted())
        return _told(children, polars_cold, ours_cold, duckdb_cold, flags_cold, polars_warm, flags_warm, one / 20_000)


def _told(
    children: int, polars_cold: float, ours_cold: float, duckdb_cold: float, built: float, polars_warm: float,
    warm: float, change: float,
) -> list[Row]:  # fmt: skip
    job, n = "indicators", f"{children:,} children, 29 indicators, 880 groups"
    cold, quick, live = ours_cold / polars_cold, polars_warm / warm, polars_warm / change
    return [
        Row(job, f"{n}: cold, expressions on polars", f"{ours_cold:.3f} s", "≤ 1.5 times polars", cold <= 1.5,
            f"polars streaming by hand: {polars_cold:.3f} s", f"{cold:.2f}"),
        Row(job, "the same expressions on DuckDB", f"{duckdb_cold:.3f} s", "", None,
            f"polars streaming by hand: {polars_cold:.3f} s", f"{duckdb_cold / polars_cold:.2f}"),
        Row(job, "warm: a full recount from flags", f"{1000 * warm:.2f} ms", "≥ 25 times polars", quick >= 25,
            f"polars in memory: {1000 * polars_warm:.1f} ms", f"{quick:.1f}"),
        Row(job, "one changed answer in the counts", f"{1e6 * change:.3f} us", "≤ 1/100,000 of polars' recount",
            live >= 100_000, f"polars in memory: {1000 * polars_warm:.1f} ms", f"1/{live:,.0f}"),
        Row(job, "the same, of a recount from flags", f"{1e6 * change:.3f} us", "", None,
            f"flags: {1000 * warm:.2f} ms", f"1/{warm / change:,.0f}"),
        Row(job, "flags built from Parquet, once", f"{built:.3f} s", "", None,
            f"polars streaming by hand: {polars_cold:.3f} s", f"{built / polars_cold:.2f}"),
        Row(job, "counts of all four ways", "equal"),
    ]  # fmt: skip


def run() -> list[Row]:
    """The rows of RESULTS.md. Asserts that every way gives the same counts."""
    return measured(6_600_000)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--children", type=int, default=6_600_000)
    for row in measured(asked.parse_args().children):
        print(row)
