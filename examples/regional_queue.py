"""A regional queue system at the API of Shanyraq. Python 3.11, standard library only.

    python examples/regional_queue.py --base https://queue.example --client su562hbi22usq7aw \
        --secret-file /run/secrets/shanyraq --district 711110000 --guardian-iin 900101400123 --child-iin 220510500111

registers a parent and a child, applies for a place, holds and publishes the round, accepts the offer, enrols, and reads
what has changed. `Shanyraq` alone is what a real system takes from here: tokens, retries with keys, ETags, pages.
"""

import argparse
import json
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AGAIN = (429, 502, 503, 504)  # worth sending again
TRIES = 5


class Refused(Exception):
    """The platform said no. `code` never changes; `detail` and `todo` are for people."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('title', '')} {problem.get('todo', '')}")
        self.status, self.code, self.faults = status, str(problem.get("code", "")), problem.get("faults", [])


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: Any

    @property
    def tag(self) -> str:
        """What a change of it must name in If-Match."""
        return str(self.headers.get("ETag", ""))


class Shanyraq:
    """The API in the name of one client."""

    def __init__(
        self, base: str, client: str, secret: str, *, language: str = "ru", pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.base, self.client, self.secret, self.language, self.pause = (
            base.rstrip("/"),
            client,
            secret,
            language,
            pause,
        )
        self._token, self._ends = "", 0.0

    # ---- reading

    def get(self, path: str, **query: Any) -> Answer:
        """One thing, or one page."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._sent("GET", f"{path}?{urllib.parse.urlencode(given)}" if given else path)

    def all(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, page by page."""
        cursor = ""
        while True:
            page = self.get(path, cursor=cursor, **query).body
            yield from page["items"]
            cursor = page["next"]
            if not cursor:
                return

    def changes(self, since: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """What has changed after a version: (version to keep, change). Keep the version when the change is stored."""
        while True:
            page = self.get("/changes", since=since).body
            for change in page["items"]:
                yield change["version"], change
            if page["next"] == since or page["next"] >= page["latest"]:
                return
            since = page["next"]

    # ---- writing

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """Make something, or take a step. The key makes it count once, however often it has to be sent: keep it beside
        your own row before the first try, and use it again after a crash."""
        return self._sent("POST", path, {} if body is None else body, {"Idempotency-Key": key or str(uuid.uuid4())})

    def ask(self, path: str, body: Any) -> Answer:
        """A question that travels in a body: look-up by IIN, preview of a round."""
        return self._sent("POST", path, body)

    def change(self, path: str, change: Callable[[Any], Any], *, read: str | None = None) -> Answer:
        """Read, change, write; again when somebody else was quicker."""
        for _ in range(TRIES):
            before = self.get(read or path)
            try:
                return self._sent("PUT", path, change(before.body), {"If-Match": before.tag})
            except Refused as refused:
                if refused.status != 412:
                    raise
        raise RuntimeError(f"{path} never stood still")

    # ---- below

    def _sent(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            sent = {**(headers or {}), "Authorization": f"Bearer {self._fresh_token()}"}
            try:
                return self._once(method, f"/api/v1{path}", body, sent)
            except Refused as refused:
                if refused.status == 401 and not last:
                    self._token = ""  # it ended a moment ago, or was taken back: one more try with a new one
                elif refused.status not in AGAIN or last:
                    raise
                else:
                    self.pause(self._wait(refused, attempt))
            except OSError:  # nothing came back: it may have been done or not. The key makes the repetition safe
                if last:
                    raise
                self.pause(2.0**attempt)
        raise AssertionError("the last try returns or raises")

    def _wait(self, refused: Refused, attempt: int) -> float:
        after = next((one["wait"] for one in refused.faults if "wait" in one), None)
        return float(after) if after is not None else 2.0**attempt

    def _fresh_token(self) -> str:
        if not self._token or time.monotonic() > self._ends:
            form = {"grant_type": "client_credentials", "client_id": self.client, "client_secret": self.secret}
            given = self._once("POST", "/api/v1/token", urllib.parse.urlencode(form), {}).body
            self._token, self._ends = given["access_token"], time.monotonic() + given["expires_in"] * 0.9
        return self._token

    def _once(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        form = isinstance(body, str)
        sent = {
            "Accept": "application/json",
            "Accept-Language": self.language,
            **({} if body is None else {"Content-Type": FORM if form else "application/json"}),
            **headers,
        }
        raw = None if body is None else (body if form else json.dumps(body)).encode()
        request = urllib.request.Request(self.base + path, raw, sent, method=method)  # noqa: S310 - https, or loopback
        try:
            with urllib.request.urlopen(request, timeout=30, context=_context(self.base)) as response:  # noqa: S310
                text = response.read()
                return Answer(response.status, response.headers, json.loads(text) if text else None)
        except urllib.error.HTTPError as error:
            raise self._refused(error) from None

    def _refused(self, error: urllib.error.HTTPError) -> Refused:
        with error:
            try:
                problem = json.loads(error.read())
            except ValueError:
                problem = {}
        if "error" in problem:  # the token endpoint speaks the words of RFC 6749
            problem = {"code": problem["error"], "title": problem.get("error_description", "")}
        if error.headers.get("Retry-After"):
            problem.setdefault("faults", []).append({"wait": int(error.headers["Retry-After"])})
        return Refused(error.code, problem)


FORM = "application/x-www-form-urlencoded"


def _context(base: str) -> ssl.SSLContext | None:
    return ssl.create_default_context() if base.startswith("https:") else None


# ---- the work of a queue


def register_family(api: Shanyraq, guardian: dict[str, Any], child: dict[str, Any], on: str) -> tuple[str, str]:
    """Parent and child, found by IIN or registered; and that one answers for the other."""
    ids = [_found(api, person) or api.post("/people", person).body["id"] for person in (guardian, child)]
    known = api.get(f"/people/{ids[1]}").body["guardians"]
    if ids[0] not in [one["person"] for one in known]:
        api.post(f"/people/{ids[1]}/guardians", {"guardian": ids[0], "kind": "mother", "on": on})
    return ids[0], ids[1]


def _found(api: Shanyraq, person: dict[str, Any]) -> str | None:
    try:
        return str(api.ask("/people/lookup", {"iin": person["iin"]}).body["id"])
    except Refused as refused:
        if refused.status == 404:  # unknown, or of another territory: it is not said which
            return None
        raise


def kindergartens_with_places(api: Shanyraq, district: str, birth_year: int) -> list[str]:
    """Kindergartens of a district with a free place for the year, most places first. Open to anyone."""
    free: dict[str, int] = {}
    for row in api.all("/places", territory=district, birth_year=birth_year):
        free[row["kindergarten"]] = free.get(row["kindergarten"], 0) + row["free"]
    return sorted((home for home, places in free.items() if places), key=lambda home: (-free[home], home))


def apply(api: Shanyraq, guardian: str, child: str, wishes: list[str], key: str) -> dict[str, Any]:
    """Hand in an application: wishes are kindergartens, best first."""
    body = {"child": child, "applicant": guardian, "language": "kk", "wishes": wishes}
    return dict(api.post("/applications", body, key=key).body)


def hold_round(api: Shanyraq, district: str) -> str:
    """Preview, confirm exactly what was previewed, publish."""
    preview = api.ask("/rounds/previews", {"district": district}).body
    print(f"a round of {preview['claims']} would place {preview['placed']} on {preview['places']} places")
    made = api.post("/rounds", {"district": district, "fingerprint": preview["fingerprint"]}).body
    api.post(f"/rounds/{made['id']}/publication")
    return str(made["id"])


def accept_and_enrol(api: Shanyraq, application: str, order_number: str) -> dict[str, Any]:
    """The family takes the place, the kindergarten takes the child."""
    (offer,) = api.get("/offers", application=application, status="held").body["items"]
    api.post(f"/offers/{offer['id']}/acceptance")
    return dict(api.post("/enrolments", {"offer": offer["id"], "order_number": order_number}).body)


def _person(iin: str, given: str, surname: str, born_on: str, sex: str, district: str) -> dict[str, Any]:
    home = {"district": district, "address": "Абай көшесі, 1", "lon": 71.43, "lat": 51.13}
    return {"given": given, "surname": surname, "sex": sex, "born_on": born_on, "iin": iin, "residence": home}


def _day_of(iin: str) -> str:
    """The birth date that an IIN begins with."""
    century = {"3": "19", "4": "19", "5": "20", "6": "20"}[iin[6]]
    return f"{century}{iin[:2]}-{iin[2:4]}-{iin[4:6]}"


def _sex_of(iin: str) -> str:
    return "male" if int(iin[6]) % 2 else "female"


def main(arguments: list[str] | None = None) -> None:
    """From a family to an enrolled child."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "client", "secret-file", "district", "guardian-iin", "child-iin"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--today", default=time.strftime("%Y-%m-%d"))
    given = parser.parse_args(arguments)
    api = Shanyraq(given.base, given.client, Path(given.secret_file).read_text("utf-8").strip())

    people = [
        _person(iin, name, "Сынақова", _day_of(iin), _sex_of(iin), given.district)
        for iin, name in ((given.guardian_iin, "Айгүл"), (given.child_iin, "Алихан"))
    ]
    guardian, child = register_family(api, people[0], people[1], given.today)
    wishes = kindergartens_with_places(api, given.district, int(_day_of(given.child_iin)[:4]))[:3]
    application = apply(api, guardian, child, wishes, key=str(uuid.uuid5(uuid.NAMESPACE_URL, f"application {child}")))
    place = api.get(f"/applications/{application['id']}/position").body
    print(f"application {application['number']} stands {place['position']} of {place['of']}")
    hold_round(api, given.district)
    enrolment = accept_and_enrol(api, application["id"], "1")
    print(f"enrolled in {enrolment['organisation']} since {enrolment['since']}")
    for version, change in api.changes(0):
        print(version, change["change"], change["resource"], change["id"])


if __name__ == "__main__":
    try:
        main()
    except Refused as no:
        sys.exit(str(no))
