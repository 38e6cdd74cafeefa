"""The placement kernel beside its peers, on markets made here: children in districts of 55 kindergartens, five wishes.

SHANYRAQ_DEMO=1 python -m bench.matching [small]

Peers run in the same run on the same market, in `.venv-bench` (`python3.11 tools/prepare.py bench`): PyPI `matching`,
and the min-cost flow of ortools. Seconds are processor time; the quietest of several runs. `small` leaves out what
takes minutes.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.rows import Row

ROOT: Final = Path(__file__).resolve().parent.parent
PEERS: Final = ROOT / ".venv-bench" / "bin" / "python"
DISTRICT: Final = 55  # kindergartens
WISHES: Final = 5
SIZES: Final = {"small": (29_000, 1_100), "country": (290_000, 11_000), "tenfold": (3_000_000, 110_000)}
JOB: Final = "matching"


def run(small: bool = False) -> list[Row]:
    """Every measurement; `small` only the first market."""
    from shanyraq.foundation import matching

    rows = _first_call()
    why = matching.warm()
    if why:
        return [Row(JOB, f"no kernels: {why}", "", "the compiled twin", False)]
    with tempfile.TemporaryDirectory() as folder:
        rows += _beside_hospital_resident(Path(folder))
        if not small:
            alone = _country(rows)
            _tenfold(rows, alone)
            rows += _beside_flow(Path(folder))
    return rows


# ---- the markets


def market(size: str, seed: int = 1) -> Any:
    """A market of a size: popularity is skewed, 5 % too few seats, four tiers of benefits, then the date; a sibling
    at one wish in ten. Claims come in no order of districts, as they do from a queue by date."""
    from shanyraq.foundation import matching

    claims, schools = SIZES[size]
    chance = np.random.default_rng(seed)
    popular = np.log(chance.gamma(0.7, 1.0, schools) + 0.05).reshape(-1, DISTRICT).astype(np.float32)
    district = chance.permutation(np.arange(claims) * len(popular) // claims)
    prefs = np.empty((claims, WISHES), dtype=np.int64)
    for low in range(0, claims, 100_000):
        home = district[low : low + 100_000]
        liked = popular[home] + chance.gumbel(size=(len(home), DISTRICT)).astype(np.float32)
        prefs[low : low + 100_000] = np.argsort(-liked, axis=1)[:, :WISHES] + home[:, None] * DISTRICT
    benefit = chance.choice(4, claims, p=[0.05, 0.15, 0.1, 0.7])
    order = np.lexsort((chance.permutation(claims), benefit))
    ptr = np.arange(claims + 1, dtype=np.int64) * WISHES
    tiers = (chance.random(claims * WISHES) > 0.1).astype(np.int64)
    capacity = chance.multinomial(claims * 95 // 100, np.full(schools, 1 / schools)).astype(np.int64)
    return matching.Market(ptr, prefs.reshape(-1), matching.tiered_ranks(ptr, tiers, order), capacity)


def reserves(plain: Any, seed: int = 2) -> tuple[Any, Any]:
    """Every school sets a fifth of its seats aside; three claims in ten may take them."""
    chance = np.random.default_rng(seed)
    eligible = np.repeat((chance.random(plain.claims) < 0.3).astype(np.int64), WISHES)
    return eligible, plain.capacity // 5


def blocking(plain: Any, school_of: Any, here: Any = True) -> int:
    """Blocking pairs by the definition, by another way than the one measured: seats of a school in order of rank.

    here: by claim, whether it still wishes anything.
    """
    prefs, ranks = plain.prefs.reshape(-1, WISHES), plain.ranks.reshape(-1, WISHES)
    mine = prefs == school_of[:, None]
    has = np.where(mine.any(axis=1), mine.argmax(axis=1), WISHES)
    seated = np.flatnonzero(has < WISHES)
    schools, held = school_of[seated], ranks[seated, has[seated]]
    by_rank = np.lexsort((held, schools))
    last = np.flatnonzero(np.append(np.diff(schools[by_rank]) != 0, True))
    worst = np.full(len(plain.capacity), -1)
    worst[schools[by_rank][last]] = held[by_rank][last]
    open_ = np.bincount(schools, minlength=len(plain.capacity)) < plain.capacity
    better = (np.arange(WISHES) < has[:, None]) & np.reshape(here, (-1, 1))
    return int((better & (open_[prefs] | (worst[prefs] > ranks))).sum())


def _seconds(work: Callable[[], Any], times: int = 7) -> tuple[float, Any]:
    found, least = None, float("inf")
    for _ in range(times):
        begun = time.process_time()
        found = work()
        least = min(least, time.process_time() - begun)
    return least, found


def _show(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


# ---- the parts


def _first_call() -> list[Row]:
    """What a process pays that meets the kernels for the first time: without a kept one, and with."""
    code = "import time\nb = time.process_time()\nfrom shanyraq.foundation import matching\nm = time.process_time()\n"
    code += "why = matching.warm()\nassert not why, why\nprint(time.process_time() - m)"
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder, "PYTHONPATH": str(ROOT)}
        asked = [
            float(subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout)
            for _ in range(2)
        ]
    return [
        Row(JOB, "kernels, first time on a machine (compiled, then kept)", f"{asked[0]:.2f} s"),
        Row(JOB, "kernels, first time in a process (read from disk)", f"{asked[1]:.2f} s"),
    ]


def _beside_hospital_resident(folder: Path) -> list[Row]:
    from shanyraq.foundation import matching

    plain = market("small")
    ours, found = _seconds(lambda: matching.deferred_acceptance(*plain), 50)
    with matching.twin("pure"):
        readable, same = _seconds(lambda: matching.deferred_acceptance(*plain), 1)
    peer = _peer("hospital_resident", plain, folder)
    equal = (found.school_of == np.array(peer["school_of"])).all() and (same.school_of == found.school_of).all()
    ratio = peer["seconds"] / ours
    pairs = blocking(plain, found.school_of)
    size = "29,000 x 1,100 x 5"
    return [
        Row(JOB, f"{size}: same result as PyPI matching, checks included", _show(ours), "same result, ≥ 10,000 times",
            bool(equal and ratio >= 10_000), f"matching {peer['version']}: {_show(peer['seconds'])}", f"{ratio:,.0f}"),
        Row(JOB, f"{size}: the peer's own solve(), without building its objects", _show(ours), "", None,
            _show(peer["solving"]), f"{peer['solving'] / ours:,.0f}"),
        Row(JOB, f"{size}: readable twin, same result", _show(readable)),
        Row(JOB, f"{size}: blocking pairs by an independent count", str(pairs), "0", pairs == 0),
    ]  # fmt: skip


def _country(rows: list[Row]) -> tuple[float, float]:
    """The country; the seconds of a plain run, and of one with reserves."""
    from shanyraq.foundation import matching
    from shanyraq.foundation.matching.market import check

    plain, size = market("country"), "290,000 x 11,000 x 5"
    ours, found = _seconds(lambda: matching.deferred_acceptance(*plain))
    pairs = blocking(plain, found.school_of)
    checking, _ = _seconds(lambda: check(*plain))
    rows += [
        Row(JOB, f"{size}", _show(ours)),
        Row(JOB, f"{size}: share of the checks in it", _show(checking)),
        Row(JOB, f"{size}: blocking pairs by an independent count", str(pairs), "0", pairs == 0),
    ]
    reserved, same = _with_reserves(plain)
    rows.append(
        Row(JOB, f"{size} with reserves: split, matched, told, checks included", _show(reserved),
            "≤ 0.15 s, as the readable twin", reserved <= 0.15 and same)
    )  # fmt: skip
    counting, _ = _seconds(lambda: matching.justified_envy(plain, found))
    rows.append(Row(JOB, f"{size}: blocking pairs counted by the kernel", _show(counting)))
    rows += _one_place(plain, found, ours)
    return ours, reserved


def _with_reserves(plain: Any) -> tuple[float, bool]:
    from shanyraq.foundation import matching

    eligible, reserve = reserves(plain)

    def work() -> Any:
        pools = matching.with_reserves(plain, eligible, reserve)
        return matching.fold_reserves(plain, matching.deferred_acceptance(*pools))

    seconds, found = _seconds(work)
    if plain.claims > SIZES["country"][0]:
        return seconds, True
    with matching.twin("pure"):
        return seconds, bool((work().school_of == found.school_of).all())


def _one_place(plain: Any, found: Any, full: float, times: int = 2_000) -> list[Row]:
    """Families leave, one after the other; each seat starts its chain. Then nobody who is left may be passed over."""
    from shanyraq.foundation import matching

    lines = matching.queues(plain)
    leaving = np.random.default_rng(3).choice(np.flatnonzero(found.school_of >= 0), times, replace=False).tolist()
    least, moved = float("inf"), 0
    for _ in range(5):
        live = matching.Matching(found.school_of.copy(), found.choice.copy(), found.cutoffs.copy())
        gone = np.zeros(plain.claims, dtype=np.bool_)
        begun, moved = time.process_time(), 0
        for claim in leaving:
            school = int(live.school_of[claim])
            if school >= 0:
                gone[claim] = True
                live.school_of[claim] = live.choice[claim] = matching.UNPLACED
                moved += matching.refill_in_place(plain, live, school, lines, gone)
        least = min(least, (time.process_time() - begun) / times)
    pairs = blocking(plain, live.school_of, ~gone)
    return [
        Row(JOB, f"290,000 x 11,000: one freed place re-matched, {moved / times:.1f} children move", _show(least),
            "≤ 1/10,000 of a full run", full / least >= 10_000, f"full run {_show(full)}", f"{full / least:,.0f}"),
        Row(JOB, f"blocking pairs after {times:,} freed places, by an independent count", str(pairs), "0", pairs == 0),
    ]  # fmt: skip


def _tenfold(rows: list[Row], alone: tuple[float, float]) -> None:
    from shanyraq.foundation import matching

    plain, size = market("tenfold"), "3,000,000 x 110,000 x 5"
    before = _peak()
    ours, found = _seconds(lambda: matching.deferred_acceptance(*plain), 3)
    reserved, _ = _with_reserves(plain)
    after, pairs = _peak(), blocking(plain, found.school_of)
    for what, seconds, one in ((size, ours, alone[0]), (f"{size} with reserves", reserved, alone[1])):
        rows.append(Row(JOB, what, _show(seconds), "≤ 20 times the country", seconds / one <= 20, "the country: "
                        + _show(one), f"{seconds / one:.1f}"))  # fmt: skip
    rows.append(Row(JOB, f"{size}: blocking pairs by an independent count", str(pairs), "0", pairs == 0))
    rows.append(Row(JOB, f"{size}: peak memory of the process, beyond the market itself",
                    f"{after} MB, {after - before} MB"))  # fmt: skip


def _beside_flow(folder: Path) -> list[Row]:
    from shanyraq.foundation import matching

    plain, size = market("country"), "290,000 x 11,000 x 5"
    fair = matching.deferred_acceptance(*plain)
    ours, most = _seconds(lambda: matching.most_placed(plain.prefs_ptr, plain.prefs, plain.capacity), 3)
    peer = _peer("flow", plain, folder)
    school_of = np.array(peer["school_of"])
    placed, first = int((most.school_of >= 0).sum()), int((most.choice == 0).sum())
    theirs = int((school_of >= 0).sum())
    fairly = int((fair.school_of >= 0).sum())
    return [
        Row(JOB, f"{size}: most placed, {placed:,} ({first:,} first wishes)", _show(ours), "as many as the peer",
            placed == theirs, f"ortools {peer['version']}: {theirs:,}, {_show(peer['seconds'])}",
            f"{peer['seconds'] / ours:.1f}"),
        Row(JOB, f"{size}: the price of fairness: {placed - fairly:,} children fewer by the law's order",
            f"{fairly:,} placed, 0 passed over", "", None,
            f"the flow: {blocking(plain, school_of):,} pairs passed over", f"{placed / fairly:.3f}"),
        Row(JOB, f"{size}: pairs passed over by our own flow", f"{blocking(plain, most.school_of):,}"),
    ]  # fmt: skip


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


# ---- peers, run by the interpreter of .venv-bench


def _peer(which: str, plain: Any, folder: Path) -> Any:
    if not PEERS.exists():
        sys.exit("the peers are not installed: python3.11 tools/prepare.py bench")
    np.savez(folder / "market.npz", **plain._asdict())
    run = subprocess.run(
        [str(PEERS), "-m", "bench.matching", "peer", which, str(folder / "market.npz")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        sys.exit(run.stderr)
    return json.loads(run.stdout)


def _as_peer(which: str, path: str) -> None:
    with np.load(path) as stored:
        arrays = [stored[name] for name in ("prefs_ptr", "prefs", "ranks", "capacity")]
    print(json.dumps({"hospital_resident": _hospital_resident, "flow": _flow}[which](*arrays)))


def _hospital_resident(ptr: Any, prefs: Any, ranks: Any, capacity: Any) -> Any:
    """Dictionaries are made before the clock starts: the peer is measured from its own input to its own answer."""
    from importlib.metadata import version

    from matching.games import HospitalResident

    by_school = np.lexsort((ranks, prefs))
    claims = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))[by_school].tolist()
    bounds = np.cumsum(np.bincount(prefs, minlength=len(capacity)))
    residents = {claim: prefs[ptr[claim] : ptr[claim + 1]].tolist() for claim in range(len(ptr) - 1)}
    begins = np.append(0, bounds)
    wanted = [school for school in range(len(capacity)) if capacity[school] and bounds[school] > begins[school]]
    hospitals = {school: claims[begins[school] : bounds[school]] for school in wanted}
    seats = {school: int(capacity[school]) for school in hospitals}
    residents = {claim: [one for one in row if one in hospitals] for claim, row in residents.items()}
    residents = {claim: row for claim, row in residents.items() if row}
    begun = time.process_time()
    game = HospitalResident.create_from_dictionaries(residents, hospitals, seats)
    built = time.process_time()
    solved = game.solve(optimal="resident")
    ended = time.process_time()
    school_of = [-1] * (len(ptr) - 1)
    for hospital, taken in solved.items():
        for one in taken:
            school_of[one.name] = hospital.name
    return {"seconds": ended - begun, "solving": ended - built, "school_of": school_of, "version": version("matching")}


def _flow(ptr: Any, prefs: Any, ranks: Any, capacity: Any) -> Any:
    """As many as possible, and among those better wishes: cost by the wish, far more for no place."""
    from importlib.metadata import version

    from ortools.graph.python import min_cost_flow

    claims, schools = len(ptr) - 1, len(capacity)
    of_claim = np.repeat(np.arange(claims), np.diff(ptr))
    wish = np.arange(len(prefs)) - ptr[of_claim]
    begun = time.process_time()
    flow = min_cost_flow.SimpleMinCostFlow()
    one = np.ones(claims, dtype=np.int64)
    arcs, sink = flow.add_arcs_with_capacity_and_unit_cost, claims + schools
    wished = arcs(of_claim, claims + prefs, np.ones(len(prefs), dtype=np.int64), wish)
    arcs(claims + np.arange(schools), np.full(schools, sink), capacity, 0 * capacity)
    arcs(np.arange(claims), np.full(claims, sink), one, 1_000_000 * one)
    flow.set_nodes_supplies(np.arange(claims), one)
    flow.set_nodes_supplies(np.array([sink]), np.array([-claims]))
    assert flow.solve() == flow.OPTIMAL
    taken = np.flatnonzero(flow.flows(wished))
    seconds = time.process_time() - begun
    school_of = np.full(claims, -1)
    school_of[of_claim[taken]] = prefs[taken]
    return {"seconds": seconds, "school_of": school_of.tolist(), "version": version("ortools")}


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        _as_peer(*sys.argv[2:])
    else:
        print(*run(small="small" in sys.argv), sep="\n")
