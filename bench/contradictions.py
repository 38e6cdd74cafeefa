"""Contradictions found in the synthetic country, against what was planted.

    DATABASE_URL=... SHANYRAQ_DEMO=1 python -m bench.contradictions [--learn]

The database holds a country of `shanyraq sandbox build`, and the folder of SHANYRAQ_VAR_DIR what was planted in it.
`--learn` writes the weights that this country teaches; measure them on countries of other seeds.
"""

import json
import os
import resource
import sys
import time
from datetime import date
from pathlib import Path

import django

HEAD = (
    "# Log-odds of the signs of a false enrolment, learned on one synthetic country by"
    " `python -m bench.contradictions --learn`."
)
DENIED = 3.0  # no country of the sandbox has answers of parents yet: by judgment, not by learning


def main() -> None:
    """Search, and print what was found and how long it took."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    from shanyraq.domains.accuracy.queries import contradictions
    from shanyraq.interfaces.sandbox import measured, truth

    folder = Path(settings.VAR_DIR) / "sandbox"
    built = json.loads((folder / "built.json").read_text("utf-8"))
    day = date.fromisoformat(built["as_of"])
    began = time.monotonic()
    everyone = contradictions.evidence(day, date(day.year - (day.month < 9), 9, 1), ())
    found = contradictions.suspects(everyone) if contradictions.WEIGHTS.exists() else everyone[:0]
    seconds, memory = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rows = measured.labelled(everyone, truth.read(folder / "truth.jsonl"))
    if "--learn" in sys.argv:
        note = f"\n# Country: scale {built['scale']}, seed {built['seed']}, {built['as_of']}, {len(rows)} enrolments.\n"
        told = measured.learned(rows).replace("  signs:\n", f"  signs:\n      denied: {DENIED}\n")
        contradictions.WEIGHTS.write_text(HEAD + note + told)
        contradictions.weights.cache_clear()
    print(f"scale {built['scale']} seed {built['seed']}: {len(everyone):,} enrolments, {len(found):,} found,"
          f" {seconds:.1f} s, {memory:,} MB")  # fmt: skip
    for family in measured.WANTED:
        seen = measured.quality(rows, contradictions.weights(), family)
        print(f"  {family}: precision {seen.precision:.3f}, recall {seen.recall:.3f} of {seen.planted:,};"
              f" {({name: round(share, 3) for name, share in seen.by_fault.items()})}")  # fmt: skip


if __name__ == "__main__":
    main()
