"""The API, version 1: every router of it. See docs/guides/vendor.md."""

from importlib import import_module
from importlib.util import find_spec
from typing import Final

from shanyraq.foundation.rest.api import Api

DESCRIPTION: Final = """
Work of a regional queue system: people, kindergartens and groups, applications, rounds, offers, enrolments; and what
anyone may see: territories, free places, the queue. Names come in Kazakh (`kk`), Russian (`ru`) and English (`en`).

Times are UTC (RFC 3339), days are ISO 8601. Refusals are problem details (RFC 9457) whose `code` never changes; their
sentences follow `Accept-Language`. The guide for vendors is docs/guides/vendor.md.
"""

# Module -> tag. Each has a `router`; the order is that of the document.
ROUTERS: Final = {
    "token": "token",
    "public": "public",
    "people": "people",
    "organisations": "organisations",
    "premises": "organisations",
    "groups": "groups",
    "employments": "employments",
    "guardianships": "people",
    "circumstances": "circumstances",
    "applications": "applications",
    "steps": "applications",
    "documents": "documents",
    "rounds": "rounds",
    "offers": "offers",
    "enrolments": "enrolments",
    "feed": "changes",
    "webhooks": "webhooks",
    "opendata": "open data",
    "conformance": "conformance",
}

api: Final = Api(title="Shanyraq", version="1", description=DESCRIPTION.strip(), urls_namespace="api-1")

for _name, _tag in ROUTERS.items():
    if find_spec(f"shanyraq.interfaces.api.{_name}") is not None:
        api.add_router("", import_module(f"shanyraq.interfaces.api.{_name}").router, tags=[_tag])
