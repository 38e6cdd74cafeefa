"""What the framework does not write into the OpenAPI document by itself: conditions, keys, limits, every refusal."""

from typing import Any, Final

from ninja import NinjaAPI
from ninja.operation import Operation

from shanyraq.foundation.clients.scopes import Resource, Verb
from shanyraq.foundation.rest import fields, problems, serving
from shanyraq.foundation.rest.serving import Traits

SCHEME: Final = "client"
TOKEN_ADDRESS: Final = "/api/v1/token"  # noqa: S105 - an address
WORDS: Final = {
    400: "the request cannot be read",
    401: "no token, or one that counts no more",
    403: "the client has no scope for this",
    404: "there is no such thing, or it is not for this client",
    405: "the address does not take this method",
    406: "only JSON is given",
    409: "the rules do not allow it now; `code` says which",
    412: "it has changed since it was read",
    413: "the body is too large",
    415: "the body is not JSON",
    422: "a value is wrong; `faults` says where",
    428: "If-Match is missing",
    429: "too many requests; Retry-After says when",
    500: "a fault of ours",
    503: "the database is away; repeat later",
}
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {"description": "digest of the whole representation", "schema": {"type": "string"}},
    "Location": {"description": "address of what was made", "schema": {"type": "string"}},
    "RateLimit": {"description": "what is left: requests and seconds", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "requests in a window of seconds", "schema": {"type": "string"}},
    "Retry-After": {"description": "seconds", "schema": {"type": "integer"}},
    "Idempotency-Replayed": {
        "description": "true: what the same request answered before",
        "schema": {"type": "string"},
    },
}


def completed(api: NinjaAPI, operations: list[Operation], document: dict[str, Any]) -> dict[str, Any]:
    """The document with what every operation has in common."""
    traits = {(one.operation_id or api.get_openapi_operation_id(one)): serving.traits_of(one) for one in operations}
    schemas = document["components"]["schemas"]
    schemas["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Fault"] = schemas["Problem"].pop("$defs")["Fault"]
    for methods in document["paths"].values():
        for method, operation in methods.items():
            found = traits.get(operation["operationId"])
            if found is not None:
                _complete(operation, method, found, schemas)
    document["components"]["headers"] = _HEADERS
    document["components"]["securitySchemes"] = {SCHEME: _scheme()}
    return document


def statuses(traits: Traits, method: str) -> list[int]:
    """The refusals that an operation may answer with."""
    found = [400, 404, 405, 406, 409, 422, 429, 500, 503]
    found += [401, 403] if traits.needs else []
    found += [413, 415] if traits.body else []
    found += [412, 428] if traits.conditional else []
    return sorted(found)


def _complete(operation: dict[str, Any], method: str, traits: Traits, schemas: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    parameters += _parameters(traits, method)
    responses = operation["responses"]
    for status in statuses(traits, method):
        responses.setdefault(status, _problem(status))
    if method == "get" and traits.renders:
        responses.setdefault(304, {"description": "unchanged since If-None-Match"})
    for status, answer in responses.items():
        if int(status) < 300:
            answer["headers"] = _named(_of_success(int(status), traits)) | answer.get("headers", {})
    if traits.selection is not None:
        _loosen(responses[traits.status], schemas)
    if traits.needs is not None:
        operation["security"] = [{SCHEME: [traits.needs.scope]}]


def _parameters(traits: Traits, method: str) -> list[dict[str, Any]]:
    found = []
    if traits.selection is not None:
        names = ", ".join(sorted(traits.selection.names))
        one = f"({'|'.join(sorted(traits.selection.names))})"
        words = f"only these properties, separated by commas: {names}"
        found.append(_parameter("query", fields.NAME, words, pattern=f"^({one}(,{one})*)?$"))
    if method == "get" and traits.renders:
        found.append(_parameter("header", "If-None-Match", "ETag of what the caller has: 304 when it is still so"))
    if traits.may_be_keyed:
        words = "a UUID of the request: sent again with it, the request counts once and gets the same answer"
        found.append(_parameter("header", "Idempotency-Key", words, required=traits.keyed, format="uuid"))
    if traits.conditional:
        found.append(_parameter("header", "If-Match", "ETag of the state to change", required=True, pattern=r"\S"))
    return found


def _parameter(where: str, name: str, words: str, *, required: bool = False, **more: str) -> dict[str, Any]:
    schema = {"type": "string", **more}
    return {"in": where, "name": name, "required": required, "description": words, "schema": schema}


def _problem(status: int) -> dict[str, Any]:
    names = ["Retry-After"] if status in (429, 503) else []
    schema = {"$ref": "#/components/schemas/Problem"}
    answer = {"description": WORDS[status], "content": {problems.MEDIA_TYPE: {"schema": schema}}}
    return {**answer, "headers": _named(names)} if names else answer


def _of_success(status: int, traits: Traits) -> list[str]:
    names = ["RateLimit", "RateLimit-Policy"]
    names += ["ETag"] if traits.renders else []
    names += ["Location"] if status == 201 else []
    return names + (["Idempotency-Replayed"] if traits.may_be_keyed else [])


def _named(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _loosen(answer: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Where `fields` may ask for a part, no property is promised: all of them are there unless it does."""
    schema = answer["content"]["application/json"]["schema"]
    shown = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    rows = shown.get("properties", {}).get("items", {}).get("items", {})
    target = schemas[rows["$ref"].rpartition("/")[2]] if "$ref" in rows else shown
    target.pop("required", None)


def _scheme() -> dict[str, Any]:
    scopes = {
        f"{verb}:{resource}": f"{verb} {resource} in the territory of the scope (`{verb}:{resource}:<KATO or *>`)"
        for verb in Verb
        for resource in Resource
    }
    flow = {"tokenUrl": TOKEN_ADDRESS, "scopes": scopes}
    return {
        "type": "oauth2",
        "description": "Client credentials (RFC 6749 4.4). The operator of the platform gives client and scopes.",
        "flows": {"clientCredentials": flow},
    }
