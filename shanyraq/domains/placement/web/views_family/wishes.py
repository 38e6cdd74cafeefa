"""Choosing kindergartens and putting them in order, with buttons only: no script, no dragging."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.urls import reverse

from shanyraq.domains.placement.queries.family import application, choosing
from shanyraq.domains.placement.queries.family.choosing import KindergartenLine
from shanyraq.domains.placement.queries.family.own import ApplicationFacts
from shanyraq.domains.placement.services import applications
from shanyraq.domains.placement.web.forms_family import SaveWishesForm, WishMove
from shanyraq.domains.placement.web.views_family.base import FamilyForm
from shanyraq.domains.registry.queries import ResidenceCard
from shanyraq.foundation import norms
from shanyraq.foundation.text import LANGS
from shanyraq.foundation.ui.pages import Context

ON_A_PAGE = 15


class WishPage(FamilyForm):
    """The list of wishes above, the kindergartens to choose from below. Subclasses say where the list is kept."""

    form = WishMove

    def facts(self) -> ApplicationFacts:
        return self.draft().facts  # type: ignore[attr-defined, no-any-return]  # of the step that mixes this in

    def residence(self) -> ResidenceCard | None:
        return self.draft().residence  # type: ignore[attr-defined, no-any-return]

    def wishes(self) -> tuple[UUID, ...]:
        raise NotImplementedError

    def change(self, wishes: tuple[UUID, ...]) -> str:
        raise NotImplementedError

    def address(self) -> str:
        """Where the buttons post to."""
        return self.request.get_full_path()

    def submit(self, form: Any) -> str:
        return self.change(moved(self.wishes(), form.cleaned_data))

    def context(self) -> Context:
        facts, wishes = self.facts(), self.wishes()
        lines = choosing.kindergartens(facts, self.residence(), self.today)
        known = {line.card.id: line for line in lines}
        limit = norms.in_force("placement/max_wishes", on=self.today, territory=facts.district)
        shown = [line for line in found(lines, self.request.GET) if line.card.id not in wishes]
        return {
            **super().context(),
            "facts": facts,
            "wishes": [known[one] for one in wishes if one in known],
            "page": Paginator(shown, ON_A_PAGE).get_page(self.request.GET.get("page")),
            "all": len(lines),
            "limit": limit,
            "room": len(wishes) < limit.integer(),
            "asked": self.request.GET,
            "address": self.address(),
        }


def moved(wishes: tuple[UUID, ...], move: Mapping[str, UUID | None]) -> tuple[UUID, ...]:
    """The wishes after one press: added at the end, removed, one place up or one place down."""
    kept = [one for one in wishes if one != move.get("remove")]
    added = move.get("add")
    if added and added not in kept:
        kept.append(added)
    for name, step in (("up", -1), ("down", 1)):
        one = move.get(name)
        if one in kept:
            at = kept.index(one)
            to = min(max(at + step, 0), len(kept) - 1)
            kept[at], kept[to] = kept[to], kept[at]
    return tuple(kept)


def found(lines: tuple[KindergartenLine, ...], asked: Mapping[str, str]) -> list[KindergartenLine]:
    """Kindergartens that the search names: words in any language, only free ones, only those with a fitting group."""
    words = asked.get("q", "").casefold().split()
    shown = [line for line in lines if line.fits or asked.get("all")]
    if asked.get("free"):
        shown = [line for line in shown if line.free]
    return [line for line in shown if all(word in _searched(line) for word in words)]


def _searched(line: KindergartenLine) -> str:
    names = (line.card.name.in_lang(lang) for lang in LANGS)
    return " ".join((*names, line.card.address)).casefold()


class ChangeWishes(WishPage):
    """Other wishes for an application that was handed in: put in order first, then saved in one go.

    The order that is not saved yet stands in the address, so nothing is lost and nothing half done.
    """

    template = "placement/family/wishes.html"
    looks_at = "family.read_application"

    def page(self) -> application.WishesPage:
        if not hasattr(self, "_page"):
            self._page = application.wishes(self.actor, self.kwargs["application"], self.today)
            self.looked(self._page.facts.child, "placement_application", self._page.facts.id)
        return self._page

    def facts(self) -> ApplicationFacts:
        return self.page().facts

    def residence(self) -> ResidenceCard | None:
        return self.page().residence

    def wishes(self) -> tuple[UUID, ...]:
        return parsed(self.request.GET["w"]) if "w" in self.request.GET else self.page().wishes

    def change(self, wishes: tuple[UUID, ...]) -> str:
        kept = {name: value for name, value in self.request.GET.items() if name != "w"}
        return f"{self.start()}?{urlencode({**kept, 'w': joined(wishes)})}"

    def start(self) -> str:
        return reverse("family:wishes", args=[self.kwargs["application"]])

    def address(self) -> str:
        return self.change(self.wishes())

    def max_km(self) -> int:
        return norms.in_force("placement/radius", on=self.today, territory=self.facts().district).integer("max_km")

    def context(self) -> Context:
        first = {"w": joined(self.wishes()), "radius_km": self.facts().radius_km or ""}
        return {
            **super().context(),
            "save": SaveWishesForm(initial=first, max_km=self.max_km(), siblings=False),
            "changed": self.wishes() != self.page().wishes,
            "kept": joined(self.wishes()),
            "back": reverse("family:application", args=[self.facts().id]),
        }


class SaveWishes(ChangeWishes):
    """Save the wishes in the order that the page shows."""

    form = SaveWishesForm  # type: ignore[assignment]  # its own form: the page above has another
    done = "family.wishes.saved"

    def form_arguments(self) -> Mapping[str, Any]:
        return {"max_km": self.max_km(), "siblings": False}

    def wishes(self) -> tuple[UUID, ...]:
        return parsed(self.request.POST.get("w", ""))

    def submit(self, form: Any) -> str:
        applications.change_wishes(
            actor=self.actor,
            application=self.kwargs["application"],
            organisations=self.wishes(),
            radius_km=form.cleaned_data["radius_km"],
            now=self.now,
        )
        return reverse("family:application", args=[self.kwargs["application"]])


def parsed(text: str) -> tuple[UUID, ...]:
    """Ids from an address; what is no id is left out."""
    found: list[UUID] = []
    for part in text.split(","):
        with suppress(ValueError):
            found.append(UUID(part))
    return tuple(dict.fromkeys(found))


def joined(wishes: tuple[UUID, ...]) -> str:
    """Ids for an address."""
    return ",".join(map(str, wishes))
