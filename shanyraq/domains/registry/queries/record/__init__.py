"""Lists and timelines of the record, on both clocks: what held on a day, as it was known at an instant."""

from shanyraq.domains.registry.queries.record.asking import Line, Listing, Table, Wanted
from shanyraq.domains.registry.queries.record.classes import CLASSES
from shanyraq.domains.registry.queries.record.listing import every_line, how_many, listing
from shanyraq.domains.registry.queries.record.offices import AUTHORITIES
from shanyraq.domains.registry.queries.record.organisations import ORGANISATIONS
from shanyraq.domains.registry.queries.record.premises import BUILDINGS, ROOMS
from shanyraq.domains.registry.queries.record.pupils import PUPILS
from shanyraq.domains.registry.queries.record.staff import STAFF

TABLES = {table.name: table for table in (PUPILS, STAFF, CLASSES, ORGANISATIONS, BUILDINGS, ROOMS, AUTHORITIES)}

__all__ = [
    "AUTHORITIES",
    "BUILDINGS",
    "CLASSES",
    "ORGANISATIONS",
    "PUPILS",
    "ROOMS",
    "STAFF",
    "TABLES",
    "Line",
    "Listing",
    "Table",
    "Wanted",
    "every_line",
    "how_many",
    "listing",
]
