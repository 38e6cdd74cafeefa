"""The districts of the country as the plan sees them, read from the registry's own file."""

import csv
from datetime import date

from shanyraq.domains.registry.services.territory import FILE
from shanyraq.interfaces.sandbox.plan import District

AS_OF = date(2026, 11, 23)


def districts() -> list[District]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        return [
            District(line["kato"], line["parent"], line["kind"] == "city", float(line["lon"]), float(line["lat"]))
            for line in csv.DictReader(lines)
            if line["parent"]
        ]
