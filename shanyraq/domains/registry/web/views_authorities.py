"""The offices that look after education: a list on two clocks, beside the civil tree."""

from shanyraq.domains.registry.queries import record
from shanyraq.domains.registry.web.views_lists import DESK_ROLES, ListPage, PlainFile


class Authorities(ListPage):
    roles = DESK_ROLES
    table = record.AUTHORITIES


class AuthoritiesFile(PlainFile):
    table = record.AUTHORITIES
