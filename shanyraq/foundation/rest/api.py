"""The API object that every router is added to: served in our way, described in full."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import pydantic_core
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.operation import Operation, PathView
from ninja.parser import Parser
from ninja.router import BoundRouter

from shanyraq.foundation.rest import document, problems, serving


class JsonParser(Parser):
    """JSON as RFC 8259 has it: no NaN, no half of a letter, nothing that a database cannot keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body read. Raises ValueError."""
        if b"\\u0000" in request.body:
            raise ValueError("NUL is no text")
        return pydantic_core.from_json(request.body, allow_inf_nan=False)


class Api(NinjaAPI):
    """NinjaAPI with our way of serving. Routers are added as to any other: `api.add_router("", router)`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(parser=JsonParser(), docs_url=None, **settings)  # docs_url would load scripts from elsewhere
        problems.install(self)

    def _get_bound_routers(self) -> list[BoundRouter]:
        fresh = self._bound_routers_cache is None
        bound = super()._get_bound_routers()
        if fresh:
            for router in bound:
                for view in router.path_operations.values():
                    _bind(self, view)
        return bound

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        """The OpenAPI 3.1 document, put together once."""
        return self._document

    def operations(self) -> list[Operation]:
        """Every operation, in the order of the routers."""
        routers = self._get_bound_routers()
        return [one for router in routers for view in router.path_operations.values() for one in view.operations]

    @cached_property
    def _document(self) -> Any:
        return document.completed(self, self.operations(), super().get_openapi_schema())


_METHODS: dict[Callable[..., Any], list[str]] = {}


def methods_of(view: Callable[..., Any]) -> list[str]:
    """The methods that an address takes."""
    return _METHODS.get(view, ["GET", "HEAD", "OPTIONS"])


def _bind(api: NinjaAPI, view: PathView) -> None:
    """Serve each operation of an address in our way, and remember its methods."""
    methods = {method for one in view.operations for method in one.methods} | {"OPTIONS"}
    methods |= {"HEAD"} if "GET" in methods else set()
    plain = view.get_view

    def get_view() -> Callable[..., Any]:
        answers = plain()
        _METHODS[answers] = sorted(methods)
        return answers

    view.get_view = get_view  # type: ignore[method-assign]
    for operation in view.operations:
        operation.run = serving.Served(api, operation)  # type: ignore[method-assign]
