"""A client of the API for the contract tests: the standard library only."""

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT = 60
TODAY = datetime.now(timezone(timedelta(hours=5))).date()  # in Kazakhstan


@dataclass
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The stable code of a refusal."""
        assert self.headers["content-type"] == "application/problem+json", (self.status, self.body[:300])
        return str(self.json["code"])


@dataclass
class Api:
    """The API at an address, with the token of a client."""

    url: str
    client: str = ""
    secret: str = ""
    _token: str = field(default="", repr=False)
    _until: float = 0

    def token(self) -> str:
        """A token that counts for a while."""
        if time.monotonic() > self._until:
            form = urlencode(
                {"grant_type": "client_credentials", "client_id": self.client, "client_secret": self.secret}
            )
            answer = self.plain("POST", "/token", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
            assert answer.status == 200, answer.body
            self._token = answer.json["access_token"]
            self._until = time.monotonic() + answer.json["expires_in"] - 30
        return self._token

    def plain(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """A request without a token."""
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
        try:
            address = path if path.startswith(("/api/", "/open-data/")) else f"/api/v1{path}"
            connection.request(method, address, body, headers or {})
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Answer:
        """A request of the client; a POST brings an idempotency key. Waits once when it asked too often."""
        sent = {"Authorization": f"Bearer {self.token()}", **{name.replace("_", "-"): v for name, v in headers.items()}}
        if method in ("POST", "DELETE"):
            sent["Idempotency-Key"] = key or str(uuid.uuid4())
        plain = None if body is None else json.dumps(body).encode()
        if plain is not None:
            sent["Content-Type"] = "application/json"
        answer = self.plain(method, path, plain, sent)
        if answer.status == 429:
            time.sleep(int(answer.headers["retry-after"]) + 1)
            answer = self.plain(method, path, plain, sent)
        return answer

    def get(self, path: str, **query: Any) -> Answer:
        """Read."""
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def every(self, path: str, **query: Any) -> list[Any]:
        """All rows of a list, page by page."""
        found: list[Any] = []
        cursor = ""
        while True:
            told = self.get(path, **query, cursor=cursor).json
            found += told["items"]
            cursor = told["next"]
            if not cursor:
                return found

    def post(self, path: str, body: Any = None, *, key: str = "") -> Answer:
        """Write."""
        return self.ask("POST", path, {} if body is None else body, key=key)

    def changes(self, since: int, **query: Any) -> tuple[list[Any], int]:
        """All changes after a version, and the version to ask after next time."""
        found: list[Any] = []
        while True:
            page = self.get("/changes", since=since, **query).json
            found += page["items"]
            since = page["next"]
            if since >= page["latest"]:
                return found, since


def done(answer: Answer, status: int = 200) -> Any:
    """The content of an answer that must be this."""
    assert answer.status == status, (answer.status, answer.body[:600])
    return answer.json


def fresh_bin() -> str:
    """A valid business identification number that nobody has: of 2026, a resident's, with a random serial."""
    while True:
        digits = [2, 6, 0, 1, 4, 0, *map(int, f"{uuid.uuid4().int % 100_000:05d}")]
        for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
            check = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
            if check < 10:
                return "".join(map(str, [*digits, check]))


def signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    """What `webhook-signature` must hold for a secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    plain = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, plain, hashlib.sha256).digest()).decode()


class Receiver(ThreadingHTTPServer):
    """What a vendor writes to hear of changes: keeps every message, answers as told, then 204."""

    daemon_threads = True

    def __init__(self, host: str, port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/{uuid.uuid4()}"

    def wait(self, count: int, seconds: float) -> bool:
        """Whether so many messages came in the time."""
        end = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.2)
        return len(self.got) >= count

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
