"""Every total that a page of the portal shows equals the sum of the open data of the same instant, at 1:1000."""

import csv
import re
from collections import defaultdict
from datetime import datetime, time

from django.test import Client

from shanyraq.foundation import clock
from shanyraq.foundation.timeline import COUNTRY_ZONE
from shanyraq.interfaces.opendata import editions
from shanyraq.interfaces.sandbox import build as building
from shanyraq.interfaces.sandbox import country, life
from shanyraq.interfaces.sandbox.shares import SCALES
from shanyraq.interfaces.sandbox.tests.world import AS_OF

COLUMNS = ("free", "waiting", "places", "kindergartens")  # in this order in the tables of the portal
CELL = re.compile(r'data-value="(\d+)"')
ROW = re.compile(r"<tr><th scope=\"row\"><a href=\"/places/(\d{9})/\">.*?</tr>", re.S)
FOOT = re.compile(r"<tfoot>(.*?)</tfoot>", re.S)
NUMBER = re.compile(r'<td class="number"[^>]*>([\d\xa0\u202f,. ]+)</td>')


def test_every_total_of_the_portal_equals_the_files(db, tmp_path):
    country.load_territory_if_missing()
    life.live(building.build(building.Order(SCALES["1:1000"], 7, AS_OF), tmp_path / "truth.jsonl"))
    noon = datetime.combine(AS_OF, time(12), COUNTRY_ZONE)
    with clock.frozen_at(noon):
        tables = read(editions.write(tmp_path / "editions", noon).folder)
        pages = Client(headers={"accept-language": "en"})
        districts = by_district(tables)
        compared = compare_country(pages, districts)
        compared += sum(compare_region(pages, kato, districts) for kato in sorted({one[:2] for one in districts}))
        compared += compare_groups(tables, districts)
        compared += compare_queue(tables, districts)
        compared += compare_rounds(pages, tables)
    assert compared > 1_000


def read(folder) -> dict[str, list[dict[str, str]]]:
    return {path.stem: list(csv.DictReader(path.read_text("utf-8").splitlines())) for path in folder.glob("*.csv")}


def by_district(tables) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for table, names in (("places-districts", ("free", "places", "kindergartens")), ("queue-districts", ("waiting",))):
        for row in tables[table]:
            found[row["kato"]] |= {name: int(row[name]) for name in names}
    return found


def summed(districts, prefix: str) -> dict[str, int]:
    parts = [numbers for kato, numbers in districts.items() if kato.startswith(prefix)]
    return {name: sum(numbers[name] for numbers in parts) for name in COLUMNS}


def shown_rows(page: str):
    for found in ROW.finditer(page):
        values = CELL.findall(found[0])
        yield found[1], dict(zip(COLUMNS, (int(values[at]) for at in (0, 1, -2, -1)), strict=True))


def shown_total(page: str) -> dict[str, int]:
    cells = [int(re.sub(r"\D", "", cell)) for cell in NUMBER.findall("".join(FOOT.findall(page)))]
    return dict(zip(COLUMNS, (cells[0], cells[1], cells[-2], cells[-1]), strict=True))


def compare_country(pages: Client, districts) -> int:
    page = pages.get("/places/").content.decode()
    regions = dict(shown_rows(page))
    assert len(regions) == 20
    for kato, numbers in regions.items():
        assert numbers == summed(districts, kato[:2]), kato
    assert shown_total(page) == summed(districts, "")
    sheet = pages.get("/places/places.csv").content.decode("utf-8-sig").splitlines()
    for row in csv.reader(sheet[1:]):
        mine = districts[row[0]]
        assert [int(cell) for cell in (row[2], row[3], row[6], row[7])] == [
            mine[name] for name in ("kindergartens", "places", "free", "waiting")
        ]
    return len(regions) * 4 + 4 + len(sheet) * 4


def compare_region(pages: Client, region: str, districts) -> int:
    page = pages.get(f"/places/{region}0000000/").content.decode()
    shown = dict(shown_rows(page))
    assert set(shown) == {kato for kato in districts if kato.startswith(region)}
    for kato, numbers in shown.items():
        assert numbers == districts[kato], kato
    assert shown_total(page) == summed(districts, region)
    return len(shown) * 4 + 4


def compare_groups(tables, districts) -> int:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"free": 0, "places": 0})
    for row in tables["places-groups"]:
        for name in ("free", "places"):
            sums[row["kato"]][name] += int(row[name])
    for kato, numbers in sums.items():
        assert numbers == {name: districts[kato][name] for name in numbers}
    return len(sums) * 2


def compare_queue(tables, districts) -> int:
    cells = defaultdict(list)
    for row in tables["queue-years"]:
        cells[row["kato"]].append(row["waiting"])
    for kato, row in cells.items():
        told = sum(int(cell) for cell in row if cell != "*")
        assert told == districts[kato]["waiting"] if "*" not in row else told <= districts[kato]["waiting"]
    country = next(row for row in tables["waiting-times"] if row["level"] == "country")
    assert int(country["waiting"]) == summed(districts, "")["waiting"]
    return len(cells) + 1


def compare_rounds(pages: Client, tables) -> int:
    listed = pages.get("/rounds/").content.decode()
    for row in tables["rounds"]:
        assert f"/rounds/{row['round']}/" in listed
        page = pages.get(f"/rounds/{row['round']}/").content.decode()
        figures = [int(re.sub(r"\D", "", cell)) for cell in re.findall(r'figure-value">([\d\s,]+)<', page)]
        assert {int(row[name]) for name in ("claims", "places", "placed")} <= set(figures), row["round"]
        years = [one for one in tables["rounds-years"] if one["round"] == row["round"]]
        hidden = sum(one[name] == "*" for one in years for name in ("claims", "placed"))
        assert page.count("not shown</td>") >= hidden
    return len(tables["rounds"]) * 3
