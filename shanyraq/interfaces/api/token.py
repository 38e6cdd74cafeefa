"""The token endpoint: OAuth 2 client credentials (RFC 6749, 4.4), with the errors of that RFC."""

import base64
import binascii
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Router
from pydantic import BaseModel, Field

from shanyraq.foundation.clients import limits, services
from shanyraq.foundation.clients.queries import ClientCard
from shanyraq.foundation.rest import serving
from shanyraq.foundation.rest.needs import now_of

router = Router()
FORM: Final = "application/x-www-form-urlencoded"
ATTEMPTS: Final = 60  # a minute from one address: a secret cannot be guessed, and trying costs us a query each
KNOWN: Final = {"grant_type", "client_id", "client_secret", "scope"}


class TokenOut(BaseModel):
    """An access token, for the header `Authorization: Bearer`."""

    access_token: str
    token_type: str = Field(description="Bearer")
    expires_in: int = Field(description="seconds")
    scope: str = Field(description="verb:resource:territory, separated by spaces")


class TokenError(BaseModel):
    """Why there is no token (RFC 6749, 5.2)."""

    error: str = Field(description="invalid_request, invalid_client, unsupported_grant_type or invalid_scope")
    error_description: str


_REQUEST: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "additionalProperties": False,
                    "properties": {
                        "grant_type": {"type": "string", "const": "client_credentials"},
                        "client_id": {"type": "string", "description": "or HTTP Basic"},
                        "client_secret": {"type": "string"},
                        "scope": {"type": "string", "description": "a part of the client's scopes; all when left out"},
                    },
                }
            }
        },
    }
}


@router.post(
    "/token",
    response={200: TokenOut, 400: TokenError, 401: TokenError},
    openapi_extra=_REQUEST,
    summary="Get an access token (client credentials)",
)
def token(request: HttpRequest) -> HttpResponse:
    """Client and secret come by HTTP Basic or in the form. A token counts for minutes; get the next when it ends."""
    attempts = limits.take(f"token {serving.address_of(request)}", ATTEMPTS if settings.API_OPEN_RATE else 0)
    if attempts is not None and not attempts.passes:
        return refused("invalid_request", "too many attempts", status=429, wait=attempts.wait)
    if request.content_type != FORM:
        return refused("invalid_request", f"the body must be {FORM}")
    form = QueryDict(request.body, encoding="utf-8")
    if form.keys() - KNOWN or any(len(values) > 1 for _, values in form.lists()):
        return refused("invalid_request", "a parameter is unknown or comes twice")
    if form.get("grant_type") != "client_credentials":
        named = "grant_type" in form
        return refused(
            "unsupported_grant_type" if named else "invalid_request", "grant_type must be client_credentials"
        )
    return _given(request, form)


def _given(request: HttpRequest, form: QueryDict) -> HttpResponse:
    card = proven(request, form, now_of(request))
    if card is None:
        return refused("invalid_client", "client and secret are missing or wrong", status=401)
    asked = set(form.get("scope", "").split())
    if asked - {str(scope) for scope in card.scopes}:
        return refused("invalid_scope", "the client does not have every scope asked for")
    made = services.token_for(card, now=now_of(request))
    answer = TokenOut(access_token=made.token, token_type="Bearer", expires_in=made.seconds, scope=made.scope)  # noqa: S106
    return _response(answer.model_dump_json(), 200)


def proven(request: HttpRequest, form: QueryDict, now: datetime) -> ClientCard | None:
    """The client that the header or the form proves; None without proof."""
    basic = request.META.get("HTTP_AUTHORIZATION", "")
    sent = _from_header(basic) if basic else (form.get("client_id", ""), form.get("client_secret", ""))
    if sent is None or "" in sent:
        return None
    return services.sign_in(code=sent[0], secret=sent[1], now=now)


def _from_header(header: str) -> tuple[str, str] | None:
    """Client and secret of HTTP Basic, each encoded as in a form (RFC 6749, 2.3.1)."""
    kind, _, text = header.partition(" ")
    try:
        plain = base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    code, colon, secret = plain.partition(":")
    return (unquote_plus(code), unquote_plus(secret)) if kind.lower() == "basic" and colon else None


def refused(code: str, words: str, *, status: int = 400, wait: int = 0) -> HttpResponse:
    """No token, in the words of the RFC."""
    response = _response(TokenError(error=code, error_description=words).model_dump_json(), status)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="shanyraq"'
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _response(body: str, status: int) -> HttpResponse:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)
