#!/usr/bin/env python3
"""Runs a published round of Shanyraq again and checks it against the public log. One file; nothing but Python 3.10.

    python3 verify_round.py PACKAGE [--key KEY] [--checkpoint FILE]

PACKAGE: the zip, or its folder. KEY: the key of the log that you trust; without it the one in the package is believed.
FILE: a checkpoint you saved; is it the same log? It says "equal" (exit 0), or names every place where not (exit 1)."""

import base64
import heapq
import json
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

EQUAL = "equal: the round, run again, gives what was published, and the log holds what it was run from"
FILES = ("inputs.json", "outcomes.json", "log.json")
Json = dict[str, Any]
SECURED, OVERHANG, SIBLING, OTHER = range(4)  # who stands first for a group
RIGHTS = ("extraordinary", "priority", "general")
COUNTS = {"instant": 40, "second": 19, "minute": 16}  # so many signs of 2026-03-02T09:00:00.900000+00:00
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, RFC 8032
D, QUARTER = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


class Round:
    """A round of either model, run from its inputs: `outcomes` is what it decides."""

    def __init__(self, inputs: Json) -> None:
        self.inputs, self.norm, self.claims = inputs, inputs["norm"], inputs["claims"]
        self.tie = inputs["tie"] if "vouchers" in inputs else self.norm["tie"]
        self.by_time = {claim["code"]: self.time(claim) for claim in self.claims}
        self.outcomes = self.vouchers() if "vouchers" in inputs else self.places()

    def time(self, claim: Json) -> tuple[Any, ...]:
        lot = int.from_bytes(sha256((self.inputs["seed"] + claim["code"]).encode()).digest()[:8], "big")
        lot = lot if claim["number"] <= self.inputs["drawn"] else 1 << 64
        lot = lot if self.inputs["seed"] and self.tie["order"] == "lot" else 0
        return claim["applied_at"][: COUNTS[self.tie["resolution"]]], lot, claim["number"], claim["code"]

    def vouchers(self) -> list[Any]:
        """By right, then birth year, the oldest first; the youngest children after everyone else."""
        on, young, (month, day) = date.fromisoformat(self.inputs["on"]), self.inputs["young"], self.norm["season_end"]
        ended = date(on.year - (on <= date(on.year, month, day)), month, day)
        limit, oldest = self.norm["limit"], (ended + timedelta(1)).year - self.norm["limit"]
        of = {c["code"]: (RIGHTS.index(c["right"]), min(max(c["birth_year"] - oldest, 0), limit)) for c in self.claims}
        served = sorted(of, key=lambda code: (code in young, *of[code], self.by_time[code]))
        return [[code] for code in served[: self.inputs["vouchers"]]]

    def stand(self) -> list[tuple[int, Json]]:
        """Every claim with its place in the queue of its birth year and kind: by place, then time, lot, number."""
        queues: Any = defaultdict(lambda: {right: [] for right in RIGHTS})
        for claim in sorted(self.claims, key=lambda claim: self.by_time[claim["code"]]):
            queues[claim["birth_year"], claim["kind"]][claim["right"]].append(claim)
        turns, placed = {(year, kind): turn for year, kind, turn in self.inputs["turns"]}, list[tuple[int, Json]]()
        for key, of in queues.items():
            mixed, turn = of["extraordinary"], turns.get(key, 0)  # then in the ratio of the norm, until a side runs out
            first, general, ratio = of["priority"][::-1], of["general"][::-1], self.norm["serving"]
            while first and general:
                mixed.append((first if turn < ratio["priority"] else general).pop())
                turn = (turn + 1) % (ratio["priority"] + ratio["general"])
            placed += enumerate(mixed + first[::-1] + general[::-1], 1)
        return sorted(placed, key=lambda row: (row[0], self.by_time[row[1]["code"]]))

    def settle(self, joins: dict[int, str]) -> list[int]:
        """The group of each claim, or -1, by deferred acceptance. joins: who is led to a sibling's kindergarten."""
        rows, tiers = list(self.rows), list(self.tiers)
        for at, home in joins.items():
            first = [group for group in rows[at] if self.groups[group][1] == home]
            rows[at] = first + [group for group in rows[at] if group not in first]
            led = {group: min(SIBLING, tiers[at].get(group, OTHER)) for group in first}
            tiers[at] = {**tiers[at], **(led if self.norm["sibling_tier"] else {})}
        secured = Counter(group for mine in tiers for group, tier in mine.items() if tier == SECURED)
        free = [places - taken for *_, places, taken in self.groups]
        rows += [[at] for at, places in enumerate(free) for _ in range(-places) if secured[at]]
        tiers += [{row[0]: OVERHANG} for row in rows[len(tiers) :]]
        asks, held = [0] * len(rows), [list[tuple[int, int]]() for _ in free]
        for newcomer in range(len(rows)):
            claim = newcomer
            while asks[claim] < len(rows[claim]):  # each asks its wishes in turn; a group keeps who stands first for it
                group = rows[claim][asks[claim]]
                asks[claim] += 1
                bid = (-tiers[claim].get(group, OTHER), -claim)  # the worst is on top of the heap
                if len(held[group]) < max(free[group], 0) + secured[group]:
                    heapq.heappush(held[group], bid)
                    break
                claim = -heapq.heappushpop(held[group], bid)[1] if held[group] else claim
        given = {-minus: group for group, bids in enumerate(held) for _, minus in bids}
        return [given.get(claim, -1) for claim in range(len(self.rows))]

    def together(self) -> list[int]:
        """The whole round: families that it parts are led to one kindergarten, in a few passes; no place is lost."""
        home = [*(group[1] for group in self.groups), ""]  # of the group -1: nowhere
        found, members, held, common = self.settle({}), defaultdict[str, list[int]](list), dict[str, str](), {}
        for at, claim in enumerate(self.queue):
            members[claim["family"]].append(at)
        for one, of in members.items():
            homes, wished = [home[found[at]] for at in of], [[self.groups[g][1] for g in self.rows[at]] for at in of]
            if one and "" not in homes and len(set(homes)) > 1:  # where the children are now, then as the first ranks
                common[one] = [to for to in dict.fromkeys(homes + wished[0]) if all(to in other for other in wished)]
        for attempt in range(self.norm["together_passes"]):
            fresh = {one: to[attempt] for one, to in common.items() if one not in held and to[attempt:]}
            while fresh:
                leads = {**held, **fresh}
                tried = self.settle({at: to for one, to in leads.items() for at in members[one]})
                broken = {one for one, to in leads.items() if any(home[tried[at]] != to for at in members[one])}
                if not broken:
                    found, held = tried, leads
                fresh = {one: to for one, to in fresh.items() if one not in broken} if broken & {*fresh} else {}
        return found

    def places(self) -> list[Any]:
        standing, self.groups, outcomes = self.stand(), sorted(self.inputs["groups"]), list[Any]()
        self.queue, index = [claim for _, claim in standing], {group[0]: at for at, group in enumerate(self.groups)}
        self.rows, self.tiers = list[list[int]](), list[dict[int, int]]()
        for claim in self.queue:  # its wishes, its present place last, and the groups where it stands before others
            row = list(dict.fromkeys(index[wish] for wish in claim["wishes"]))
            present = index.get(claim["present"]) if self.norm["transfer_keeps_place"] else None
            if present is not None:
                row = [*(row[: row.index(present)] if present in row else row), present]
            siblings = claim["sibling_groups"] if self.norm["sibling_tier"] else ()
            tiers = {group: SIBLING for group in row if self.groups[group][0] in siblings}
            self.rows.append(row)
            self.tiers.append(tiers if present is None else {**tiers, present: SECURED})
        for (position, claim), place in zip(standing, self.together(), strict=True):
            homes = [*claim["organisations"], *(self.groups[index[wish]][1] for wish in claim["wishes"])]
            group, home = [*self.groups, ("", "")][place][:2]
            kept = bool(group) and group == claim["present"]
            rank = [*dict.fromkeys(homes)].index(home) + 1 if group and not kept else None
            outcomes.append([claim["code"], position, group, rank, kept])
        return outcomes


def signed_by(public: bytes, text: bytes, signature: bytes) -> bool:
    def plus(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        t, x, y = D * a[0] * b[0] * a[1] * b[1], a[0] * b[1] + b[0] * a[1], a[1] * b[1] + a[0] * b[0]
        return x * pow(1 + t, -1, P) % P, y * pow(1 - t, -1, P) % P

    def times(n: int, point: tuple[int, int]) -> tuple[int, int]:
        above = times(n >> 1, plus(point, point)) if n else (0, 1)
        return plus(above, point) if n & 1 else above

    def point_of(raw: bytes) -> tuple[int, int]:
        y = int.from_bytes(raw, "little") & (1 << 255) - 1
        square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        x = pow(square, (P + 3) // 8, P)
        x = x if (x * x - square) % P == 0 else x * QUARTER % P
        return (P - x if x & 1 != raw[31] >> 7 else x), y if (x * x - square) % P == 0 and y < P else -1

    key, r, base = map(point_of, (public, signature[:32], (4 * pow(5, -1, P) % P).to_bytes(32, "little")))
    s, h = int.from_bytes(signature[32:], "little"), sha512(signature[:32] + public + text).digest()
    known = plus(r, times(int.from_bytes(h, "little") % ORDER, key))
    return -1 not in (key[1], r[1]) and len(signature) == 64 and s < ORDER and times(s, base) == known


class Package:
    def __init__(self, files: dict[str, bytes]) -> None:
        self.inputs, outcomes, self.log = (json.loads(files[name]) for name in FILES)
        self.published, self.round, self.files = outcomes["outcomes"], Round(self.inputs), files
        leaves = [{**json.loads(leaf), "index": int(at)} for at, leaf in self.log["leaves"].items()]
        self.opened: dict[int, Json] = {leaf["index"]: {**leaf["open"], **leaf} for leaf in leaves}

    def findings(self, key: str, saved: str) -> Iterator[str]:
        was, now = ({row[0]: row[1:] for row in rows} for rows in (self.published, self.round.outcomes))
        for code in (code for code in {**was, **now} if was.get(code) != now.get(code)):
            yield f"outcome of claim {code}: published {was.get(code)}, computed {now.get(code)}"
        if not self.log["checkpoint"]:
            yield f"log: the round is not sealed yet; download it again after {self.log['sealed_after']}"
            return
        yield from self.check_log(key, saved)
        held, sums = self.opened[self.log["allocated"]], [sha256(self.files[name]).hexdigest() for name in FILES]
        for name, found in zip(("inputs_hash", "outcomes_hash", "seed"), (*sums[:2], self.inputs["seed"]), strict=True):
            if held[name] != found:
                yield f"{name}: {found} in the package, {held[name]} in the log"
        yield from self.check_seed(self.inputs["seed"]) if self.inputs["seed"] else ()
        for claim in self.inputs["claims"]:
            yield from self.check_claim(claim, COUNTS[self.round.tie["resolution"]])

    def check_log(self, key: str, saved: str) -> Iterator[str]:
        text, _, tail = self.log["checkpoint"].partition("\n\n")  # a signed note of C2SP
        origin, size, root = text.split("\n")[:3]
        signatures = [base64.b64decode(line.split(" ")[2]) for line in tail.splitlines()]
        for spelt in [key] if key else self.log["keys"]:
            raw, message = base64.b64decode(spelt[-44:]), f"{text}\n".encode()
            by = [one[4:] for one in signatures if one[:4] == sha256(f"{origin}\n".encode() + raw).digest()[:4]]
            if not any(signed_by(raw[1:], message, one) for one in by):
                yield f"checkpoint: not signed by the key {spelt}"
        if self.root(0, int(size), sorted(self.opened)) != base64.b64decode(root):
            yield "log: the entries of the package do not lead to the root of the checkpoint"
        if saved and saved.split("\n")[:3] != [origin, size, root]:
            yield f"checkpoint: yours has {saved.split()[1]} leaves, this one {size}, or the roots or the names differ"

    def root(self, start: int, end: int, wanted: list[int]) -> bytes:
        """The root over the leaves [start, end), RFC 9162: from the wanted leaves, and subtrees without any of them."""
        if not wanted or end - start == 1:
            leaf = b"\0" + self.log["leaves"].get(str(start), "").encode()
            return sha256(leaf).digest() if wanted else bytes.fromhex(self.log["subtrees"][f"{start}:{end}"])
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        left = self.root(start, middle, [at for at in wanted if at < middle])
        return sha256(b"\1" + left + self.root(middle, end, [at for at in wanted if at >= middle])).digest()

    def check_seed(self, seed: str) -> Iterator[str]:
        steps: Any = defaultdict(dict)
        for entry in self.opened.values():
            steps[entry["kind"][10:]][entry.get("party", "")] = entry
        drawn, sealed = (steps[name].get("", {}) for name in ("SeedDrawn", "SeedSealed"))
        words = [drawn.get("code", ""), drawn.get("beacon", "")]
        for party in drawn.get("parties", ()):
            facts = steps["SeedRevealed"].get(party) or steps["SeedRecovered"][party]
            told = ["/".join((words[0], party, *two)) for two in zip(facts["holders"], facts["shares"], strict=True)]
            if [sha256(one.encode()).hexdigest() for one in told] != steps["SeedCommitted"][party]["hashes"]:
                yield f"seed: the shares of party {party} do not open what it had committed to"
            words += facts["shares"]
        if sha256(json.dumps(words, separators=(",", ":")).encode()).hexdigest() != seed:
            yield f"seed: {seed} is not what the shares and the public value make"
        first = sealed.get("index", -1) if sealed.get("drawn") == self.inputs["drawn"] else -1
        for claim in (one for one in self.inputs["claims"] if one["number"] <= self.inputs["drawn"]):
            if self.log["claims"][claim["code"]][0] > first:
                yield f"seed: claim {claim['code']} has a lot, but was filed when the seed could be known"

    def check_claim(self, claim: Json, signs: int) -> Iterator[str]:
        told: Json = {"right": "general"}  # as it was filed, then the latest entry on its right
        for at in (at for at in self.log["claims"].get(claim["code"], ()) if at < self.log["allocated"]):
            told |= self.opened[at] if self.opened[at]["code"] == claim["code"] else {}
        told |= {"applied_at": told.get("right_since", told.get("applied_at")), "kind": told.get("group_kind")}
        for name in ("number", "birth_year", "kind", "language", "right", "applied_at"):
            if str(claim[name])[:signs] != str(told.get(name))[:signs]:
                yield f"claim {claim['code']}: {name} is {claim[name]} in the round, {told.get(name)} in the log"


def main(package: str, *options: str) -> int:
    told, path = dict(zip(options[::2], options[1::2], strict=True)), Path(package)
    try:
        saved = Path(told["--checkpoint"]).read_text("utf-8") if "--checkpoint" in told else ""
        read = zipfile.ZipFile(path).read if path.is_file() else lambda name: (path / name).read_bytes()
        found = list(Package({name: read(name) for name in FILES}).findings(told.get("--key", ""), saved))
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError, zipfile.BadZipFile) as broken:
        found = [f"package: cannot be read as a round ({type(broken).__name__}: {broken})"]
    sys.stdout.write("\n".join(found or [EQUAL]) + "\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if sys.argv[1:] else __doc__)
