"""Section h on a cluster: the indicators of people on Apache Spark, a master and two workers on loopback, at 1 and 10
times the country, beside polars in this process. Equal counts, or it stops.

    pip install pyspark==4.0.5        into a Python of its own (Java 17), since the product does not need it
    THAT_PYTHON -m bench.spark [--children 6600000]
"""

import argparse
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from bench.rows import Row
from shanyraq.analytics import cells, engine
from shanyraq.analytics.cards import cards
from shanyraq.analytics.indicators import formulas

DAY = date(2026, 11, 20)
FLAGS = (
    "preschool", "school", "tvet", "club", "state_order", "in_institution", "special_needs", "orphan", "supported",
    "dual_training", "public_life",
)  # fmt: skip
TIMES = 10
WORKER = {"cores": "1", "memory": "1500m"}


def country(folder: Path, children: int) -> None:
    """People of a snapshot, in twenty files."""
    rng = np.random.default_rng(1)
    (folder / "people").mkdir(parents=True)
    for region in range(20):
        size = children // 20
        district = np.array([f"{region + 10}{at:02d}00000" for at in range(11)])[rng.integers(0, 11, size)]
        table = {
            "kind": np.array(["kindergarten", "school", "college"])[rng.integers(0, 3, size)], "district": district,
            "rural": np.array(["urban", "rural"])[rng.integers(0, 2, size)],
            "language": np.array(["kk", "ru"])[rng.integers(0, 2, size)],
            "ownership": np.array(["state", "private"])[rng.integers(0, 2, size)],
            "age": rng.integers(0, 18, size), "study_year": rng.integers(1, 5, size),
        }  # fmt: skip
        table |= {name: rng.random(size) < 0.3 for name in FLAGS}
        pl.DataFrame(table).write_parquet(folder / "people" / f"region-{region}.parquet")
    _manifest(folder)


def years(folder: Path, into: Path) -> None:
    """The same children in ten years: ten times the rows."""
    (into / "people").mkdir(parents=True)
    for path in (folder / "people").iterdir():
        for at in range(TIMES):
            os.link(path, into / "people" / f"{at}-{path.name}")
    _manifest(into)


def _manifest(folder: Path) -> None:
    (folder / engine.MANIFEST).write_text(json.dumps({"on": DAY.isoformat(), "datasets": {"people": {}}}), "utf-8")


@contextmanager
def cluster() -> Iterator[str]:
    """A master and two workers on loopback; its address."""
    import pyspark

    home = Path(pyspark.__file__).parent
    os.environ["SPARK_LOCAL_IP"] = engine.LOOPBACK
    with socket.socket() as probe:
        probe.bind((engine.LOOPBACK, 0))
        port = probe.getsockname()[1]
    address, started = f"spark://{engine.LOOPBACK}:{port}", []
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    runs = [["org.apache.spark.deploy.master.Master", "--port", str(port)]]
    runs += [
        ["org.apache.spark.deploy.worker.Worker", "--cores", WORKER["cores"], "--memory", WORKER["memory"], address]
    ] * 2
    try:
        for run in runs:
            command = [
                str(home / "bin" / "spark-class"),
                run[0],
                "--host",
                engine.LOOPBACK,
                "--webui-port",
                "0",
                *run[1:],
            ]
            started.append(subprocess.Popen(command, env={**os.environ, "SPARK_HOME": str(home)}, **quiet))
            time.sleep(4)
        yield address
    finally:
        for one in started:
            one.kill()


def counted(folder: Path, address: str) -> tuple[float, pl.DataFrame]:
    began = time.perf_counter()
    tables = engine.opened(folder, address)
    found = cells.counted(tables, cards(), formulas())
    tables.close()
    return time.perf_counter() - began, found


def run(children: int = 6_600_000) -> list[Row]:
    """The rows of RESULTS.md."""
    with tempfile.TemporaryDirectory() as place, cluster() as address:
        one, ten = Path(place) / "one", Path(place) / "ten"
        country(one, children)
        years(one, ten)
        counted(one, address)  # the session begins, the code is compiled
        spark_one, first = counted(one, address)
        spark_ten, second = counted(ten, address)
        polars_one, third = counted(one, "polars")
        polars_ten, fourth = counted(ten, "polars")
        assert first.equals(third) and second.equals(fourth), "the engines differ"
        growth = spark_ten / spark_one
        return [
            Row("spark", f"{children:,} children: cells on Spark, two workers", f"{spark_one:.2f} s", "", None,
                f"polars: {polars_one:.2f} s"),
            Row("spark", f"{TIMES * children:,} child-years: cells on Spark", f"{spark_ten:.2f} s", "", None,
                f"polars: {polars_ten:.2f} s"),
            Row("spark", f"growth at {TIMES} times the rows", f"{growth:.1f}", f"≤ {TIMES}", growth <= TIMES),
            Row("spark", "cells of both engines at both sizes", "equal", "equal", True),
        ]  # fmt: skip


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--children", type=int, default=6_600_000)
    from bench.all import write

    rows = run(asked.parse_args().children)
    for row in rows:
        print(row)
    write("spark", rows)
