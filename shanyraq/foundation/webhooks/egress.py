"""The seam to the outside: a protocol, the sender over HTTP, and a fake that remembers.

The address is looked up once, judged, and connected to as it was judged: a name that points into a private network,
or comes to point there between the two, is refused. No redirect is followed, no proxy is used, nothing of the answer
is read but its status, and an attempt ends after TIMEOUT whatever the receiver does.
"""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.webhooks.states import Failure

TIMEOUT: Final = 10.0  # seconds for one attempt, all in all
LONGEST: Final = 300
_TRANSLATED: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Parcel:
    """One attempt: where to, with what."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Undeliverable(Exception):
    """The parcel did not arrive, or nobody knows whether it did."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Egress(Protocol):
    """Hands over one parcel and gives the status of the answer. Raises Undeliverable."""

    def post(self, parcel: Parcel) -> int:
        """Hand over the parcel."""
        ...


class HttpEgress:
    """Over HTTPS; in the demonstration also over HTTP to this machine."""

    def post(self, parcel: Parcel) -> int:
        """Connect, send, read the status."""
        parts = urlsplit(parcel.url)
        connection = _Direct(parts)
        timer = Timer(TIMEOUT, connection.cut)
        timer.daemon = True
        timer.start()
        try:
            connection.request(
                "POST", parts._replace(scheme="", netloc="").geturl() or "/", parcel.body, dict(parcel.headers)
            )
            return connection.getresponse().status
        except (OSError, HTTPException, ValueError, UnicodeError) as problem:
            raise Undeliverable(_failure(problem, connection)) from problem
        finally:
            timer.cancel()
            connection.close()


@dataclass(slots=True)
class RecordingEgress:
    """A fake that keeps what it was given and answers as told, in tests."""

    answers: list[int | Failure] = field(default_factory=list)  # then 204
    sent: list[Parcel] = field(default_factory=list)

    def post(self, parcel: Parcel) -> int:
        """Keep the parcel."""
        self.sent.append(parcel)
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, Failure):
            raise Undeliverable(answer)
        return answer


def egress() -> Egress:
    """The sender that settings.WEBHOOK_EGRESS names."""
    return import_string(settings.WEBHOOK_EGRESS)()  # type: ignore[no-any-return]  # the setting names a sender


def require_address(url: str) -> None:
    """Pass when a hook may have this address, as far as it can be seen from the text. No look-up.

    Raises Refusal("webhooks.address"), Refusal("webhooks.address_private").
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Refusal("webhooks.address", field="url") from None
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    whole = bool(host) and not (parts.username or parts.password or parts.fragment) and len(url) <= LONGEST
    if not (plain and whole and parts.scheme in ("https", "http")):
        raise Refusal("webhooks.address", field="url")
    literal = _literal(host)
    here = settings.WEBHOOK_LOCAL and (host == "localhost" or (literal is not None and literal.is_loopback))
    if parts.scheme == "http" and not here:
        raise Refusal("webhooks.address", field="url")
    named_inside = (
        host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host.strip(".")
    )
    if not here and ((literal is None and named_inside) or (literal is not None and not is_public(literal))):
        raise Refusal("webhooks.address_private", field="url")


def is_public(address: Address) -> bool:
    """Whether the address belongs to the open Internet, also when an IPv4 address is wrapped in it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class _Direct(HTTPConnection):
    """A connection to the one address that was judged."""

    def __init__(self, parts: SplitResult) -> None:
        self.tls = parts.scheme == "https"
        super().__init__(parts.hostname or "", parts.port or (443 if self.tls else 80), timeout=TIMEOUT)
        self.late = False

    def connect(self) -> None:
        plain = socket.create_connection((str(_judged(self.host, self.port)), self.port), TIMEOUT)
        self.sock = plain
        if self.tls:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)

    def cut(self) -> None:
        """End the attempt from outside."""
        self.late = True
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                sock.close()


def _judged(host: str, port: int) -> Address:
    """The first address of a host, when all of them may be connected to. Raises Undeliverable."""
    try:
        found = [ipaddress.ip_address(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        raise Undeliverable(Failure.UNREACHABLE) from None
    allowed = [one for one in found if is_public(one) or (settings.WEBHOOK_LOCAL and one.is_loopback)]
    if not found or len(allowed) != len(found):
        raise Undeliverable(Failure.FORBIDDEN)
    return allowed[0]


def _failure(problem: BaseException, connection: _Direct) -> Failure:
    return Failure.TIMEOUT if connection.late or isinstance(problem, TimeoutError) else Failure.UNREACHABLE


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return _inet(host)


def _inet(host: str) -> Address | None:
    """What a resolver makes of `127.1`, `0x7f000001` or `2130706433`: an IPv4 address in disguise."""
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
