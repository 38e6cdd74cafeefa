"""One operation of the API, from the request to the answer: who asks, how often, what exactly, under which condition.

Everything that endpoints share is here, so that an endpoint is only: values in, one service or query, values out. The
framework reads path, query and body and describes them; `Served` takes the place of its `run`.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.constants import NOT_SET
from ninja.errors import ValidationError
from ninja.operation import Operation
from pydantic import BaseModel

from shanyraq.foundation.clients import answers, limits
from shanyraq.foundation.clients.answers import Answered
from shanyraq.foundation.clients.scopes import Verb
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.rest import conditions, fields, keys, problems
from shanyraq.foundation.rest.fields import Selection
from shanyraq.foundation.rest.needs import Needs, client_of, now_of

JSON: Final = "application/json"
CHANGING: Final = frozenset(("PUT", "PATCH"))


@dataclass(frozen=True, slots=True)
class Made:
    """What a request has created, and its address."""

    value: BaseModel
    location: str


@dataclass(frozen=True, slots=True)
class Traits:
    """What follows from how an operation was declared; the OpenAPI document says the same."""

    needs: Needs | None
    status: int  # of success
    selection: Selection | None
    names: frozenset[str]  # of the query
    body: bool
    keyed: bool  # an Idempotency-Key must come
    may_be_keyed: bool
    conditional: bool  # an If-Match must come
    hides: bool  # a row named in the address: what may not be seen does not exist
    renders: bool  # we write the JSON, not the view


def traits_of(operation: Operation) -> Traits:
    """The traits of an operation."""
    needs = next((one for one in operation.auth_callbacks if isinstance(one, Needs)), None)
    method = operation.methods[0]
    writes = needs is not None and needs.verb is Verb.WRITE
    status = min(code for code in operation.response_models if isinstance(code, int))
    answer = operation.response_models[status]
    annotation: Any = answer.model_fields["response"].annotation if answer and answer is not NOT_SET else None
    selection = fields.selection_of(annotation) if method == "GET" else None
    sources = {model.__ninja_param_source__ for model in operation.models}
    asked = {name for model in operation.models if model.__ninja_param_source__ == "query" for name in _names(model)}
    return Traits(
        needs=needs,
        status=status,
        selection=selection,
        names=frozenset(asked | ({fields.NAME} if selection else set())),
        body=bool({"body", "form"} & sources),
        keyed=writes and method == "POST",
        may_be_keyed=writes,
        conditional=writes and method in CHANGING,
        hides="{" in operation.path,
        renders=annotation is not None,
    )


class Served:
    """Answers the requests of one operation."""

    def __init__(self, api: NinjaAPI, operation: Operation) -> None:
        self.api, self.operation, self.traits = api, operation, traits_of(operation)

    def __call__(self, request: HttpRequest, **path: Any) -> HttpResponseBase:
        """The answer; a problem when anything raises."""
        try:
            return self._answer(request, path)
        except NotAllowed as raised:
            refused = problems.hidden(raised) if self.traits.hides else raised
            return self.api.on_exception(request, refused)
        except Exception as raised:
            return self.api.on_exception(request, raised)

    def _answer(self, request: HttpRequest, path: dict[str, Any]) -> HttpResponseBase:
        traits = self.traits
        self._admit(request)
        self._require_readable(request)
        include = self._selected(request)
        if traits.conditional and not request.META.get("HTTP_IF_MATCH"):
            raise Refusal("rest.match_missing", field="header.If-Match")
        if traits.keyed:
            keys.key_of(request)
        values = self.operation._get_values(request, path, None)  # type: ignore[arg-type]  # none of ours writes to it
        if traits.may_be_keyed and (traits.keyed or request.META.get("HTTP_IDEMPOTENCY_KEY")):
            return self._once(request, values)
        result = self._act(request, values)
        return result if isinstance(result, HttpResponseBase) else self._rendered(request, result, include)

    def _admit(self, request: HttpRequest) -> None:
        """Let in who may ask this, as often as it may. Raises Refusal."""
        needs = self.traits.needs
        if needs is None:
            allowance = limits.take(f"address {address_of(request)}", settings.API_OPEN_RATE)
        else:
            card = client_of(request)
            allowance = limits.take(card.code, card.rate)
        request.allowance = allowance  # type: ignore[attr-defined]  # ours: the middleware writes it into the headers
        if allowance is not None and not allowance.passes:
            raise Refusal("rest.too_many", n=allowance.wait)
        if needs is not None:
            needs(request)

    def _require_readable(self, request: HttpRequest) -> None:
        """Pass when every name in the query is known, the body is JSON and the caller takes JSON. Raises Refusal,
        ValidationError."""
        unknown = request.GET.keys() - self.traits.names if request.META.get("QUERY_STRING") else ()
        if unknown:
            raise ValidationError([{"loc": ("query", name), "type": "extra_forbidden"} for name in sorted(unknown)])
        accepted = request.META.get("HTTP_ACCEPT", "")
        if self.traits.renders and accepted and not accepts_json(accepted):
            raise Refusal("rest.not_acceptable")
        if self.traits.body and request.content_type != JSON:
            raise Refusal("rest.media_type")

    def _selected(self, request: HttpRequest) -> Any:
        asked = request.GET.get(fields.NAME) if self.traits.selection and request.META.get("QUERY_STRING") else None
        return None if asked is None or self.traits.selection is None else self.traits.selection.read(asked)

    def _act(self, request: HttpRequest, values: dict[str, Any]) -> Any:
        result = self.operation.view_func(request, **values)
        if self.traits.conditional and not getattr(request, "matched", False):
            raise AssertionError(f"{self.operation.view_func.__name__} did not look at If-Match")
        return result

    def _once(self, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
        def act() -> Answered:
            return self._answered(self._act(request, values))

        answer, repeated = answers.once(
            client=client_of(request).id,
            key=keys.key_of(request),
            digest=keys.digest_of(request),
            now=now_of(request),
            act=act,
        )
        response = _response(answer)
        if repeated:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    def _answered(self, result: Any) -> Answered:
        value, location = (result.value, result.location) if isinstance(result, Made) else (result, "")
        if value is None:
            return Answered(self.traits.status, b"", location, "")
        body = conditions.written(value)
        return Answered(self.traits.status, body, location, conditions.tag_of(body))

    def _rendered(self, request: HttpRequest, result: Any, include: Any) -> HttpResponse:
        answer = self._answered(result)
        if request.method == "GET" and answer.tag and conditions.unchanged(request, answer.tag):
            return _response(Answered(304, b"", "", answer.tag))
        if include is not None:
            part = result.__pydantic_serializer__.to_json(result, include=include)
            answer = Answered(answer.status, part, answer.location, answer.tag)
        return _response(answer)


def address_of(request: HttpRequest) -> str:
    """The address of the caller; behind our proxy, the one that the proxy names last."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return forwarded.rpartition(",")[2].strip()[:45] or str(request.META.get("REMOTE_ADDR", ""))


def accepts_json(header: str) -> bool:
    """Whether JSON is among what the caller takes."""
    if "*/*" in header or JSON in header:
        return True
    return any(part.split(";")[0].strip().lower() == "application/*" for part in header.split(","))


def _names(model: Any) -> set[str]:
    return {name for name in getattr(model, "__ninja_flatten_map__", {})}


def _response(answer: Answered) -> HttpResponse:
    if answer.body:
        response = HttpResponse(answer.body, status=answer.status, content_type=JSON)
    else:
        response = HttpResponse(status=answer.status)
        del response.headers["Content-Type"]
    if answer.tag:
        response.headers["ETag"] = answer.tag
    if answer.location:
        response.headers["Location"] = answer.location
    return response
