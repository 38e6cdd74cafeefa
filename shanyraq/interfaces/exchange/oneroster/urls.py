"""Addresses of the rostering service: those of the standard."""

from collections.abc import Mapping

from django.urls import path

from shanyraq.interfaces.exchange.oneroster.collections import COLLECTIONS
from shanyraq.interfaces.exchange.oneroster.service import Rostering, Token

app_name = "oneroster"
V = "rostering/v1p2/"
Within = Mapping[str, tuple[str, str]]

# address under another row -> the collection it gives, and how its rows lean on what the address names
_PUPILS: Within = {"klass": ("classes", "enrolments__group_id")}
UNKNOWN = "-"  # the record does not say who teaches which class
NESTED: Mapping[str, tuple[str, Within]] = {
    "schools/<str:school>/classes": ("classes", {"school": ("schools", "organisation_id")}),
    "schools/<str:school>/courses": ("courses", {"school": ("schools", "organisation_id")}),
    "schools/<str:school>/terms": ("terms", {"school": ("schools", "organisation_id")}),
    "schools/<str:school>/enrollments": ("enrollments", {"school": ("schools", "group__organisation_id")}),
    "schools/<str:school>/students": ("students", {"school": ("schools", "enrolments__group__organisation_id")}),
    "schools/<str:school>/teachers": ("teachers", {"school": ("schools", "employments__organisation_id")}),
    "schools/<str:school>/classes/<str:klass>/enrollments": (
        "enrollments",
        {"school": ("schools", "group__organisation_id"), "klass": ("classes", "group_id")},
    ),
    "schools/<str:school>/classes/<str:klass>/students": (
        "students",
        {"school": ("schools", "enrolments__group__organisation_id"), **_PUPILS},
    ),
    "schools/<str:school>/classes/<str:klass>/teachers": (
        "teachers",
        {"school": ("schools", "employments__organisation_id"), "klass": ("classes", UNKNOWN)},
    ),
    "classes/<str:klass>/students": ("students", _PUPILS),
    "classes/<str:klass>/teachers": ("teachers", {"klass": ("classes", UNKNOWN)}),
    "courses/<str:course>/classes": ("classes", {"course": ("courses", "course")}),
    "students/<str:student>/classes": ("classes", {"student": ("students", "enrolments__child_id")}),
    "users/<str:user>/classes": ("classes", {"user": ("users", "enrolments__child_id")}),
    "teachers/<str:teacher>/classes": ("classes", {"teacher": ("teachers", UNKNOWN)}),
    "terms/<str:term>/classes": ("classes", {"term": ("terms", "year")}),
    "terms/<str:term>/gradingPeriods": ("gradingPeriods", {"term": ("terms", UNKNOWN)}),
}
urlpatterns = [
    path("token", Token.as_view(), name="token"),
    *(path(f"{V}{name}", Rostering.as_view(collection=name), name=name) for name in COLLECTIONS),
    *(path(f"{V}{name}/<str:key>", Rostering.as_view(collection=name), name=f"{name}_one") for name in COLLECTIONS),
    *(
        path(f"{V}{address}", Rostering.as_view(collection=name, within=within), name=f"nested_{at}")
        for at, (address, (name, within)) in enumerate(NESTED.items())
    ),
]
