"""The search for duplicates beside splink 5, on people made here with planted second records.

SHANYRAQ_DEMO=1 python -m bench.duplicates [small]

Families share surname, father and home; one birth in a hundred is of twins; half a percent of people stand twice: in
another script, with slips, exchanged names, a wrong day, a lost patronymic. The peer runs in the same run in
`.venv-bench` (`python3.11 tools/prepare.py bench`) on the same people, with our folded names, at a size it can do.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from bench.rows import Row

ROOT: Final = Path(__file__).resolve().parent.parent
PEERS: Final = ROOT / ".venv-bench" / "bin" / "python"
JOB: Final = "duplicates"
BESIDE, COUNTRY, SMALL = 200_000, 6_600_000, 50_000
SHARE: Final = 0.005
TAILS: Final = ("", "бай", "бек", "ғали", "жан", "мұрат", "ғазы", "хан", "қожа", "берген", "тай", "әлі")


def run(small: bool = False) -> list[Row]:
    """Every measurement; `small` a fraction of it."""
    beside = SMALL if small else BESIDE
    frame, truth = people(beside, seed=7)
    search(frame)  # compiled, or read from disk
    ours, found, _ = search(frame)
    right, complete = quality(found, truth)
    peer = _peer(frame, truth)
    rows = [
        Row(JOB, f"{beside:,} people, {len(truth):,} stand twice: found and weighed", f"{ours:.2f} s", "", None,
            f"splink {peer['version']}: {peer['seconds']:.1f} s", f"{peer['seconds'] / ours:.1f}"),
        Row(JOB, "  precision of what is listed, names, day and sex alone", f"{right:.3f}", "", None,
            f"{peer['precision']:.3f}"),
        Row(JOB, "  recall", f"{complete:.3f}", "", None, f"{peer['recall']:.3f}"),
    ]  # fmt: skip
    if not small:
        rows += _country()
    return rows


def _country() -> list[Row]:
    frame, truth = people(COUNTRY, seed=11)
    seconds, found, compared = search(frame)
    right, complete = quality(found, truth)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return [
        Row(JOB, f"{len(frame):,} people, {compared:,} pairs compared, two cores", f"{seconds:.0f} s", "minutes",
            seconds < 600),
        Row(JOB, "  precision, recall by names, day and sex alone", f"{right:.3f}, {complete:.3f}"),
        Row(JOB, "  memory at its highest", f"{peak:.1f} GB", "≤ 4 GB", peak <= 4),
    ]  # fmt: skip


def search(frame: pl.DataFrame) -> tuple[float, set[tuple[int, int]], int]:
    """(seconds, pairs that would be listed, pairs compared)."""
    from shanyraq.domains.accuracy.rules.duplicates import likeness
    from shanyraq.domains.accuracy.rules.duplicates import search as searching
    from shanyraq.domains.accuracy.rules.duplicates.columns import columns

    begun = time.perf_counter()
    found = columns(frame)
    pairs = searching.candidates(found)
    shares = found.shares()
    listed = set()
    wanted = np.unique(np.concatenate((pairs.left, pairs.right)))
    rows = {at: likeness.Record(*row) for at, row in zip(wanted.tolist(), frame[wanted].iter_rows(), strict=True)}
    for left, right, packed in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.packed.tolist(), strict=True):
        two = rows[left], rows[right]
        agreed = searching.unpacked(packed, two[0].male is two[1].male)
        if likeness.weighed(agreed, two, shares, likeness.Beside()).score >= likeness.LISTED:
            listed.add((min(left, right), max(left, right)))
    return time.perf_counter() - begun, listed, pairs.compared


def quality(found: set[tuple[int, int]], truth: set[tuple[int, int]]) -> tuple[float, float]:
    """Precision and recall."""
    hit = len(found & truth)
    return hit / max(len(found), 1), hit / max(len(truth), 1)


# ---- the people


def people(count: int, seed: int) -> tuple[pl.DataFrame, set[tuple[int, int]]]:
    """(surname, given, patronymic, born_on, male), and the pairs of rows that are one person."""
    from shanyraq.interfaces.sandbox import names

    lists, chance = names.lists()["kazakh"], np.random.default_rng(seed)
    roots = [f"{root}{tail}" for root in lists["surnames"] for tail in TAILS]
    boys = [f"{one}{tail}" for one in lists["boys"] for tail in ("", *TAILS[1:4])]
    girls = [f"{one}{tail}" for one in lists["girls"] for tail in ("", "гүл", "сұлу", "жан")]
    originals = int(count / (1 + SHARE))
    family = np.sort(chance.integers(0, int(originals / 1.9) + 1, originals))
    surname, father = _popular(len(roots), family.max() + 1, chance), _popular(len(boys), family.max() + 1, chance)
    male = chance.random(originals) < 0.51
    given = np.where(male, _popular(len(boys), originals, chance), _popular(len(girls), originals, chance))
    born = chance.integers(0, 18 * 365, originals)
    twin = np.flatnonzero((family[1:] == family[:-1]) & (chance.random(originals - 1) < 0.02)) + 1
    born[twin] = born[twin - 1]
    surnames = np.array([names.kazakh_surname(root) for root in roots], object)
    fathers = np.array([(f"{one}ұлы", f"{one}қызы") for one in boys], object)
    side = (~male).astype(int)
    columns = {
        "surname": surnames[surname[family], side],
        "given": np.where(male, np.array(boys, object)[given % len(boys)], np.array(girls, object)[given % len(girls)]),
        "patronymic": fathers[father[family], side],
        "born": (np.datetime64("2008-01-01") + born),
        "male": male,
    }
    twice = chance.choice(originals, count - originals, replace=False)
    copies = [_again({name: column[row] for name, column in columns.items()}, chance) for row in twice.tolist()]
    whole = pl.concat([_frame(columns), _frame({name: [copy[name] for copy in copies] for name in columns})])
    return whole, {(int(row), originals + at) for at, row in enumerate(twice)}


def _popular(size: int, count: int, chance: Any) -> Any:
    """Names as they are given: a few often, most seldom."""
    weights = 1 / (np.arange(size) + 8.0)
    return chance.permutation(size)[chance.choice(size, count, p=weights / weights.sum())]


def _frame(columns: Any) -> pl.DataFrame:
    return pl.DataFrame(
        {name: pl.Series([*columns[name]], dtype=pl.String) for name in ("surname", "given", "patronymic")}
    ).with_columns(
        pl.Series("born_on", np.array(columns["born"], "datetime64[D]")), pl.Series("male", np.array(columns["male"]))
    )


def _again(person: dict[str, Any], chance: Any) -> dict[str, Any]:
    """The same person as somebody else has written them down."""
    from shanyraq.domains.registry.rules import names

    made = dict(person)
    script = chance.random()
    if script < 0.75:
        written = names.in_russian_letters if script < 0.5 else names.in_latin_letters
        for name in ("surname", "given", "patronymic"):
            made[name] = written(str(made[name]))
    if script < 0.4:
        father = made["patronymic"].removesuffix("улы").removesuffix("кызы")
        made["patronymic"] = father + ("ович" if made["male"] else "овна")
    for fault in chance.choice(6, chance.choice((0, 1, 2), p=(0.35, 0.5, 0.15)), replace=False):
        _spoil(made, int(fault), chance)
    return made


def _spoil(made: dict[str, Any], fault: int, chance: Any) -> None:
    if fault <= 1:
        name = str(chance.choice(("surname", "given", "patronymic")))
        made[name] = _slip(str(made[name]), chance)
    elif fault == 2:
        one, other = (("surname", "given"), ("given", "patronymic"))[int(chance.integers(2))]
        made[one], made[other] = made[other], made[one]
    elif fault == 3:
        made["patronymic"] = ""
    else:
        day = made["born"].item()
        if fault == 4 and day.day <= 12 and day.day != day.month:
            made["born"] = np.datetime64(day.replace(day=day.month, month=day.day))
        else:
            made["born"] = np.datetime64(
                day.replace(year=day.year + (1 if day.year % 10 < 9 else -1), day=min(day.day, 28))
            )


def _slip(name: str, chance: Any) -> str:
    at, kind = int(chance.integers(1, max(len(name) - 1, 2))), chance.integers(3)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
    return name[:at] + "аеионр"[int(chance.integers(6))] + name[at + 1 :]


# ---- the peer


def _peer(frame: pl.DataFrame, truth: set[tuple[int, int]]) -> dict[str, Any]:
    from shanyraq.domains.accuracy.rules.duplicates import spelling

    with tempfile.TemporaryDirectory() as folder:
        given = frame.with_row_index("unique_id").with_columns(
            *(pl.col(name).replace_strict({one: fold(one) for one in frame[name].unique()}, return_dtype=pl.String)
              for name, fold in (("surname", spelling.root), ("given", spelling.skeleton),
                                 ("patronymic", spelling.root)))
        )  # fmt: skip
        given.with_columns(
            pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in ("surname", "given", "patronymic")
        ).write_parquet(Path(folder, "people.parquet"))
        Path(folder, "truth.json").write_text(json.dumps(sorted(truth)), "utf-8")
        command = [str(PEERS), str(Path(__file__).with_name("peers") / "linkage.py"), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    for row in run("small" in sys.argv[1:]):
        print(row)
