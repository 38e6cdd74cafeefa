"""From a number to the organisations that it adds up, for those who answer for them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.analytics.cards import Card, Component, Dataset, cards, code_of
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries.cards import OrganisationCard, TerritoryCard
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.ui.export import file_response
from shanyraq.foundation.ui.pages import Context, Crumb, Page
from shanyraq.interfaces.nation import drilling

READERS: Final = (Role.OFFICER, Role.REGION, Role.MINISTRY, Role.AUDITOR)
ON_A_PAGE: Final = 50
COLUMNS: Final = ("bin", "name", "territory", "answer")
ANSWERS: Final = ("no", "yes", "unknown")


class Rows(Page):
    """The organisations behind a number: those that do not count first, since they are the work to do."""

    template = "nation/rows.html"
    roles = READERS

    def asked(self) -> tuple[Card, Component]:
        """The card and the component. Raises Http404 for one whose rows are not organisations."""
        card = cards().get(self.kwargs["number"])
        if card is None or card.dataset is not Dataset.ORGANISATIONS:
            raise Http404
        return card, card.components.get(self.request.GET.get("component", "")) or next(iter(card.components.values()))

    def lines(self) -> tuple[tuple[OrganisationCard, str], ...]:
        """Organisations of the territory with their answers, as the actor may see them. 2 queries."""
        card, component = self.asked()
        answers = drilling.answers(card, component.key, allowed(self.actor, self.request.GET.get("place", "")))
        homes = registry.organisation_cards([UUID(one) for one in answers])
        wanted = self.request.GET.get("answer", "")
        found = [
            (home, answers[home.id.hex]) for home in homes.values() if not wanted or answers[home.id.hex] == wanted
        ]
        return tuple(sorted(found, key=lambda pair: (ANSWERS.index(pair[1]), pair[0].district, pair[0].bin)))

    def context(self) -> Context:
        card, component = self.asked()
        lines = self.lines()
        page = Paginator(lines, ON_A_PAGE).get_page(self.request.GET.get("page"))
        return {
            "card": card, "component": component, "page": page, "n": len(lines), "taken": drilling.taken(),
            "names": registry.territories([home.district for home, _ in page]), "answers": ANSWERS,
            "asked": self.request.GET.get("answer", ""), "place": self.request.GET.get("place", ""),
            "series": code_of(card.number, component.key), "query": self.request.GET.urlencode(),
        }  # fmt: skip

    def crumbs(self) -> Sequence[Crumb]:
        card, component = self.asked()
        address = reverse("nation:indicator", kwargs={"number": card.number})
        return (
            Crumb(self.say("nation.title"), reverse("nation:country")),
            Crumb(f"{card.number}. {card.short.in_lang(self.lang)}", f"{address}?component={component.key}"),
        )


class RowsFile(Rows):
    """The same as a file: exactly what is seen."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        card, component = self.asked()
        lines = self.lines()
        names = registry.territories([home.district for home, _ in lines])
        told = [
            (
                home.bin,
                home.name.in_lang(self.lang),
                self._place(home.district, names),
                self.say(f"nation.answer.{answer}"),
            )
            for home, answer in lines
        ]
        header = [self.say(f"nation.rows.{one}") for one in COLUMNS]
        name = f"rows-{code_of(card.number, component.key)}-{self.request.GET.get('place') or 'KZ'}"
        return file_response(str(self.kwargs["form"]), name, header, told)

    def _place(self, district: str, names: Mapping[str, TerritoryCard]) -> str:
        return names[district].name.in_lang(self.lang) if district in names else district


def allowed(actor: Actor, place: str) -> str:
    """The territory whose rows the actor may see: the one asked for, or their own. Raises NotAllowed."""
    own = [one.territory for one in actor.grants if one.role in READERS]
    if place in ("", "KZ"):
        return "" if "" in own else own[0]
    part = place[:2] if place.endswith("0000000") else place
    for territory in own:
        if place.startswith(territory):
            return part
        if territory.startswith(part):
            return territory
    raise NotAllowed("access.denied", action="nation.rows")
