"""The first page of a family: its children, and what each of them needs next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse

from shanyraq.domains.placement.queries.family import home
from shanyraq.domains.placement.queries.family.home import ApplicationCard, ChildCard
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.web.views_family.base import FamilyPage, deadline
from shanyraq.foundation.notices import queries as notices
from shanyraq.foundation.text import Lang, say
from shanyraq.foundation.ui.pages import Context

LETTERS: Final = 3
# where the one big button of a card leads, by state
OFFER_PAGES: Final[Mapping[Status, str]] = {Status.OFFERED: "family:offer", Status.REFERRED: "family:referral"}
APPLICATION_PAGES: Final[Mapping[Status, str]] = {
    Status.DRAFT: "family:draft",
    Status.STOPPED: "family:resume",
    Status.VOUCHER_OFFERED: "family:voucher",
    Status.VOUCHER_ACCEPTED: "family:voucher",
    Status.LISTED: "family:voucher",
    Status.CHOSEN: "family:voucher",
    Status.CONTRACTED: "family:voucher",
    Status.INACTIVE: "family:voucher",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A card with the words of the next step."""

    card: ChildCard
    state: str  # a word of state for the chip
    next_step: str
    deadline: str
    url: str
    action: str
    urgent: bool


class Home(FamilyPage):
    """The children of the family as cards: those that wait for an answer come first."""

    template = "placement/family/home.html"

    def context(self) -> Context:
        assert self.actor.person is not None  # a guardian is a person
        cards = home.children(self.actor.person, self.today)
        letters = notices.inbox(self.actor, self.lang).object_list[:LETTERS]
        rows = [shown(card, self.today, self.lang) for card in cards]
        return {"cards": sorted(rows, key=lambda one: not one.urgent), "letters": letters}

    def crumbs(self) -> tuple[()]:
        return ()


def shown(card: ChildCard, today: date, lang: Lang) -> Shown:
    """A card in words: the state of the application, else of the place, else that there is neither."""
    if card.application is None and card.grown and not card.place:
        return Shown(card, "grown", say("family.next.grown", lang), "", "", "", False)
    if card.application is None:
        word = "enrolled" if card.place else "none"
        code = "family.card.change_place" if card.place else "family.card.apply"
        return Shown(card, word, say(f"family.next.{word}", lang), "", reverse("family:apply"), say(code, lang), False)
    return _with_application(card, card.application, today, lang)


def _with_application(card: ChildCard, application: ApplicationCard, today: date, lang: Lang) -> Shown:
    status = application.facts.status
    return Shown(
        card=card,
        state=status.value,
        next_step=say(f"family.next.{status.value}", lang),
        deadline=deadline(application.facts.due_on, today, lang),
        url=_address(application),
        action=say(f"family.action.{status.value}", lang),
        urgent=status in OFFER_PAGES or status in APPLICATION_PAGES,
    )


def _address(application: ApplicationCard) -> str:
    status = application.facts.status
    if application.offer and status in OFFER_PAGES:
        return reverse(OFFER_PAGES[status], args=[application.offer])
    return reverse(APPLICATION_PAGES.get(status, "family:application"), args=[application.facts.id])
