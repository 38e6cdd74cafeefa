"""The menu by role, who is signed in, and the count of unread notices: the shell's part that knows every floor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import PRESCHOOL_KINDS
from shanyraq.foundation.access import ANYONE, Actor, Role
from shanyraq.foundation.checks.access import READERS
from shanyraq.foundation.notices import queries as notices
from shanyraq.foundation.text import Lang, as_lang, say


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu: for anyone, or for those who hold one of the roles."""

    code: str
    url: str
    icon: str
    roles: tuple[Role, ...] = ()

    @property
    def about(self) -> str:
        """Code of the sentence that says what the desk is for."""
        return self.code.replace("portal.menu.", "portal.desk.")


DESKS: Final = (
    Entry("portal.menu.family", "/family/", "child", (Role.GUARDIAN,)),
    Entry("portal.menu.kindergarten", "/kindergarten/", "building", (Role.HEAD,)),
    Entry("portal.menu.district", "/district/", "list", (Role.OFFICER,)),
    Entry("portal.menu.overview", "/overview/", "chart", (Role.REGION, Role.MINISTRY)),
    Entry("portal.menu.audit", "/audit/", "shield", (Role.AUDITOR,)),
    Entry(
        "portal.menu.record",
        "/record/",
        "users",
        (Role.HEAD, Role.TEACHER, Role.OFFICER, Role.REGION, Role.MINISTRY, Role.AUDITOR),
    ),
    Entry("portal.menu.contingent", "/contingent/", "swap", (Role.HEAD, Role.OFFICER, Role.REGION)),
    Entry("portal.menu.checks", "/checks/", "check", READERS),
    Entry("portal.menu.reconciliation", "/reconciliation/", "scale", (Role.REGION, Role.MINISTRY, Role.AUDITOR)),
    Entry("portal.menu.duplicates", "/duplicates/", "users", (Role.OFFICER, Role.REGION, Role.AUDITOR, Role.OPERATOR)),
    Entry(
        "portal.menu.contradictions",
        "/contradictions/",
        "search",
        (Role.OFFICER, Role.REGION, Role.AUDITOR, Role.OPERATOR),
    ),
    Entry("portal.menu.webhooks", "/webhooks/", "list", (Role.OPERATOR,)),
)
FILES: Final = Entry("portal.menu.exports", "/exports/", "download", (Role.REGION, Role.MINISTRY, Role.AUDITOR))
IMPORTS: Final = Entry(
    "portal.menu.imports", "/imports/", "inbox", (Role.HEAD, Role.OFFICER, Role.REGION, Role.MINISTRY, Role.OPERATOR)
)
OPEN_TO_ALL: Final = (
    Entry("portal.menu.nation", "/nation/", "chart"),
    Entry("portal.menu.places", "/places/", "map"),
    Entry("portal.menu.rounds", "/rounds/", "calendar"),
    Entry("portal.menu.help", "/help/", "question"),
    Entry("portal.menu.law", "/law/", "scale"),
)
HOME: Final = Entry("portal.menu.home", "/", "home")
LOG: Final = Entry("portal.menu.log", "/log/", "shield")
FOOT: Final = (
    *OPEN_TO_ALL,
    LOG,
    Entry("portal.menu.dictionary", "/dictionary/", "list"),
    Entry("portal.menu.systems", "/certification/", "check"),
    Entry("portal.menu.opendata", "/open-data/", "download"),
)
DEMO_FOOT: Final = (Entry("portal.menu.styleguide", "/styleguide/", "eye"),)


def shell(request: HttpRequest) -> Mapping[str, Any]:
    """The shell of a page for who asks. At most 3 queries, none for a stranger."""
    actor: Actor = getattr(request, "actor", ANYONE)
    lang = as_lang(get_language())
    return {
        "menu": [_item(entry, request.path, lang) for entry in menu(actor)],
        "foot": [_item(entry, "", lang) for entry in (*FOOT, *(DEMO_FOOT if settings.DEMO else ()))],
        "user_name": "" if actor.user is None else _name(request, actor, lang),
        "role_names": _roles(actor, lang),
        "unread": 0 if actor.user is None else notices.unread_count(actor),
    }


def menu(actor: Actor) -> Sequence[Entry]:
    """The lines of the menu for an actor: their desks first."""
    files = (entry for entry in (IMPORTS, FILES) if actor.user is not None and actor.has(*entry.roles))
    return (*(desks(actor) or (HOME,)), *files, *OPEN_TO_ALL)


def desks(actor: Actor) -> tuple[Entry, ...]:
    """The desks at which the actor works. 1 query for a head, none for others."""
    found = tuple(entry for entry in DESKS if actor.user is not None and actor.has(*entry.roles))
    return found if _heads_kindergarten(actor) else tuple(one for one in found if one.url != "/kindergarten/")


def _heads_kindergarten(actor: Actor) -> bool:
    headed = [one.organisation for one in actor.grants if one.role is Role.HEAD and one.organisation]
    return (
        any(card.kind in PRESCHOOL_KINDS for card in registry.organisation_cards(headed).values()) if headed else False
    )


def first_desks(actor: Actor) -> tuple[Entry, ...]:
    """The desk at which each of the actor's roles begins its day."""
    first = [next((one for one in desks(actor) if grant.role in one.roles), None) for grant in actor.grants]
    return tuple(dict.fromkeys(one for one in first if one is not None))


def _item(entry: Entry, path: str, lang: Lang) -> Mapping[str, str]:
    here = "page" if path == entry.url else "true" if entry.url != "/" and path.startswith(entry.url) else ""
    return {"text": say(entry.code, lang), "url": entry.url, "icon": entry.icon, "here": here}


def _name(request: HttpRequest, actor: Actor, lang: Lang) -> str:
    card = registry.person_cards((actor.person,)).get(actor.person) if actor.person else None
    return card.name.in_lang(lang) if card else _roles(actor, lang) or str(request.user)


def _roles(actor: Actor, lang: Lang) -> str:
    return ", ".join(dict.fromkeys(say(f"portal.role.{grant.role.value}", lang) for grant in actor.grants))
