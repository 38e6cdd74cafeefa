"""The seam to sign-in by eGov: a person proves at the state's identity provider who they are, and comes back.

OpenID Connect, authorisation code flow. The address of the provider, and the claim that holds the IIN, are settings:
the technical conditions of the national provider are given to each system by agreement.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.module_loading import import_string

from shanyraq.foundation.refusal import Refusal

SECONDS: Final = 10
FindPerson = Callable[[str], UUID | None]


@dataclass(frozen=True, slots=True)
class Subject:
    """Who came back: the IIN that the provider vouches for."""

    iin: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented person of the demonstration."""

    iin: str
    name: str


class IdentityProvider(Protocol):
    """Sends people to prove who they are, and says who they are when they come back."""

    def address(self, *, state: str, return_to: str) -> str:
        """Where to send the browser. `state` comes back unchanged."""
        ...

    def subject(self, *, code: str, return_to: str) -> Subject:
        """Who the code stands for; a code works once and soon.

        Raises Refusal("accounts.egov_refused") when the provider does not vouch, and
        Refusal("accounts.egov_away") when it does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """A real provider, over HTTPS."""

    authorise_url: str
    token_url: str
    userinfo_url: str
    client_id: str
    client_secret: str
    iin_claim: str = "iin"

    def address(self, *, state: str, return_to: str) -> str:
        """Where to send the browser."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": return_to,
            "scope": "openid",
            "state": state,
        }
        return f"{self.authorise_url}?{urlencode(query)}"

    def subject(self, *, code: str, return_to: str) -> Subject:
        """Who the code stands for: code to token, token to claims."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_to,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        token = _answer(Request(self.token_url, urlencode(form).encode()))  # noqa: S310 - the address is a setting
        bearer = {"Authorization": f"Bearer {token.get('access_token', '')}"}
        claims = _answer(Request(self.userinfo_url, headers=bearer))  # noqa: S310 - the address is a setting
        return Subject(_iin(claims.get(self.iin_claim)))


@dataclass(frozen=True, slots=True)
class FakeProvider:
    """The provider of the demonstration and of tests: its page asks for an IIN and vouches for anyone."""

    authorise_url: str = "/demo/egov/"

    def address(self, *, state: str, return_to: str) -> str:
        """The page of the demonstration that stands for the provider's."""
        return f"{self.authorise_url}?{urlencode({'state': state, 'redirect_uri': return_to})}"

    def code(self, *, iin: str, return_to: str) -> str:
        """What the fake provider's page gives to the browser."""
        return signing.dumps({"iin": iin, "return_to": return_to}, salt="egov-fake", compress=True)

    def subject(self, *, code: str, return_to: str) -> Subject:
        """Who the code stands for."""
        try:
            stood_for = signing.loads(code, salt="egov-fake", max_age=60)
        except signing.BadSignature:
            raise Refusal("accounts.egov_refused") from None
        if stood_for["return_to"] != return_to:
            raise Refusal("accounts.egov_refused")
        return Subject(_iin(stood_for["iin"]))


def provider() -> IdentityProvider | None:
    """The provider in use: the fake in the demonstration, the real one where it is configured, else none."""
    configured: Mapping[str, str] = getattr(settings, "EGOV", {})
    if configured:
        return OidcProvider(**configured)
    return FakeProvider() if settings.DEMO else None


def demo_people() -> tuple[DemoPerson, ...]:
    """Whom the fake provider offers to be, by the function that settings.DEMO_PEOPLE names; none without it."""
    path = getattr(settings, "DEMO_PEOPLE", "")
    return tuple(DemoPerson(*one) for one in import_string(path)()) if path else ()


def person_of(subject: Subject) -> UUID | None:
    """The person of an IIN, by the function that settings.PERSON_BY_IIN names: floors above know the registry."""
    path = getattr(settings, "PERSON_BY_IIN", "")
    if not path:
        raise Refusal("accounts.egov_away")
    find: FindPerson = import_string(path)
    return find(subject.iin)


def _iin(claim: object) -> str:
    if not (isinstance(claim, str) and len(claim) == 12 and claim.isdecimal()):
        raise Refusal("accounts.egov_refused")
    return claim


def _answer(request: Request) -> Mapping[str, Any]:
    try:
        with urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - the address is a setting
            answer = json.load(response)
    except HTTPError as problem:
        with problem:
            raise Refusal("accounts.egov_refused" if problem.code < 500 else "accounts.egov_away") from None
    except (OSError, ValueError):
        raise Refusal("accounts.egov_away") from None
    return answer if isinstance(answer, dict) else {}
