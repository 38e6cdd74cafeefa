"""One connection for all expressions: polars or DuckDB in this process, or Apache Spark at an address.

An address is `polars` (or empty: the fastest from Parquet, measured), `duckdb` (spills to the disk when the memory is
too small), `spark://host:port` (a cluster), `local[2]` (Spark in this process) or `sc://host:port` (Spark Connect).
Spark is an extra: `pip install pyspark`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import ibis
import polars as pl
from ibis.expr.types import Table

EMBEDDED: Final = ("", "polars", "duckdb")
MEMORY: Final = "2GB"  # of DuckDB; beyond it, it spills beside the snapshot
LOOPBACK: Final = "127.0.0.1"
MANIFEST: Final = "snapshot.json"


class NoEngine(RuntimeError):
    """The engine cannot be had; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a snapshot on an engine."""

    backend: Any
    by_name: Mapping[str, Table]
    on: date

    def run(self, expression: Table) -> pl.DataFrame:
        """What an expression gives."""
        if self.backend.name == "polars":
            found: pl.DataFrame = self.backend.compile(expression).collect(engine="streaming")
            return found
        return pl.from_arrow(self.backend.to_pyarrow(expression))  # type: ignore[return-value]

    def close(self) -> None:
        """Let the engine go. A session of Spark stays for the next count of this process: it takes seconds to begin."""
        if self.backend.name == "duckdb":
            self.backend.disconnect()


def opened(folder: Path, address: str = "") -> Tables:
    """The tables of the snapshot in a folder. Raises NoEngine, FileNotFoundError."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    backend = _embedded(folder, address) if address in EMBEDDED else _spark(address)
    tables = {name: _table(backend, name, folder / name) for name in manifest["datasets"]}
    return Tables(backend, tables, date.fromisoformat(manifest["on"]))


def _table(backend: Any, name: str, folder: Path) -> Table:
    if backend.name != "pyspark":
        return backend.read_parquet(str(folder / "*.parquet"), table_name=name)
    return backend.read_parquet(str(folder), table_name=name)


def _embedded(folder: Path, address: str) -> Any:
    if address != "duckdb":
        return ibis.polars.connect()
    backend = ibis.duckdb.connect(memory_limit=MEMORY, temp_directory=str(folder / "spill"))
    backend.raw_sql("SET enable_progress_bar = false")
    backend.raw_sql("SET autoinstall_known_extensions = false")
    return backend


def _spark(address: str) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise NoEngine(f"{address} needs Apache Spark: pip install -r requirements/spark.lock, and Java 17") from None
    maker = SparkSession.builder.appName("shanyraq")
    maker = maker.remote(address) if address.startswith("sc://") else maker.master(address)
    if LOOPBACK in address:  # else the executors call the outer address of the host, and are refused
        maker = maker.config("spark.driver.host", LOOPBACK).config("spark.driver.bindAddress", LOOPBACK)
    try:
        session = maker.config("spark.ui.enabled", "false").getOrCreate()
    except Exception as reason:
        raise NoEngine(f"{address} does not answer: {reason}") from reason
    return ibis.pyspark.connect(session)
