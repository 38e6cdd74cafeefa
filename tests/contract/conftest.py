"""What the contract tests stand on: a server, a client of it, and rows of their own."""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from contract_client import TODAY, Api, Receiver, done, fresh_bin

NEEDED = ("CONTRACT_URL", "CONTRACT_CLIENT", "CONTRACT_SECRET")
BORN = date(TODAY.year - 4, 5, 10)
HOME = {"address": "Contract street, 1", "lon": 71.43, "lat": 51.13}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in NEEDED if not os.environ.get(name)]
    here = os.path.dirname(__file__)
    for item in items:
        if missing and str(item.path).startswith(here):
            item.add_marker(pytest.mark.skip(reason=f"{', '.join(missing)} not set: docs/guides/contract-tests.md"))


@pytest.fixture(scope="session")
def api() -> Api:
    return Api(os.environ["CONTRACT_URL"].rstrip("/"), os.environ["CONTRACT_CLIENT"], os.environ["CONTRACT_SECRET"])


@pytest.fixture(scope="session")
def district(api: Api) -> str:
    """The district in which the tests work: a round of all of it is held."""
    return os.environ.get("CONTRACT_DISTRICT", "711110000")


@pytest.fixture(scope="session")
def patience() -> float:
    """Seconds until what happened must stand in the feed and reach a webhook."""
    return float(os.environ.get("CONTRACT_PATIENCE", "180"))


class Town:
    """Rows made through the API."""

    def __init__(self, api: Api, district: str) -> None:
        self.api, self.district = api, district

    def person(self, given: str, born: date, sex: str = "male") -> str:
        body = {"given": given, "surname": "Келісімов", "sex": sex, "born_on": born.isoformat()}
        home = {**HOME, "district": self.district}
        return str(done(self.api.post("/people", {**body, "residence": home}), 201)["id"])

    def family(self) -> dict[str, str]:
        """A child and its mother."""
        child, mother = self.person("Алихан", BORN), self.person("Айгүл", date(1990, 1, 15), "female")
        kept = {"guardian": mother, "kind": "mother", "on": TODAY.isoformat()}
        done(self.api.post(f"/people/{child}/guardians", kept), 201)
        return {"child": child, "applicant": mother}

    def kindergarten(self, places: int) -> dict[str, str]:
        """A kindergarten with one group for children of the year of BORN."""
        name = {"kk": "Келісім балабақшасы", "ru": "Детский сад «Контракт»", "en": "Contract Kindergarten"}
        began = (TODAY - timedelta(days=30)).isoformat()
        home = {
            "bin": fresh_bin(), "kind": "kindergarten", "ownership": "state", "name": name, "language": "kk",
            "district": self.district, **HOME, "on": began,
        }  # fmt: skip
        organisation = done(self.api.post("/organisations", home), 201)["id"]
        group = {
            "organisation": organisation, "name": "Contract", "language": "kk", "born_from": BORN.year,
            "born_to": BORN.year, "places": places, "on": began,
        }  # fmt: skip
        return {"organisation": organisation, "group": done(self.api.post("/groups", group), 201)["id"]}

    def application(self, *wishes: str, **more: Any) -> dict[str, Any]:
        return dict(done(self.api.post("/applications", {**self.family(), "wishes": list(wishes), **more}), 201))


@pytest.fixture(scope="session")
def town(api: Api, district: str) -> Town:
    return Town(api, district)


@pytest.fixture(scope="session")
def garden(town: Town) -> dict[str, str]:
    return town.kindergarten(20)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listens on CONTRACT_HOOK (host:port) where the server can reach it; on this machine when it is not set."""
    host, _, port = os.environ.get("CONTRACT_HOOK", "127.0.0.1:0").partition(":")
    made = Receiver(host, int(port or 0))
    yield made
    made.stop()
