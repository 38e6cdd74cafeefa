"""Pages that belong to no single domain: home by role, the overview, the law, help."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from shanyraq.domains.placement.queries import public
from shanyraq.domains.placement.web.public_map import Shade, region_chart, region_map
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import TerritoryCard
from shanyraq.foundation import norms
from shanyraq.foundation.access import Role
from shanyraq.foundation.norms import telling
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Lang
from shanyraq.foundation.ui.pages import Context, Crumb, Page
from shanyraq.interfaces.portal import samples, shell

OVERSEERS = (Role.REGION, Role.MINISTRY)


class Home(Page):
    """For a stranger: what this is. For those who sign in: their desk, or the choice of their desks."""

    template = "portal/landing.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        desks, first = shell.desks(self.actor), shell.first_desks(self.actor)
        if len(first) == 1:
            return HttpResponseRedirect(first[0].url)
        if self.actor.user is not None:
            self.template = "portal/desks.html"  # type: ignore[misc]  # of this request only
            return self.render({"desks": desks})
        return super().get(request, *args, **kwargs)

    def context(self) -> Context:
        overview = public.country(self.today)
        return {
            "overview": overview,
            "map": region_map(overview, Shade.FREE, self.lang),
            "today": self.today,
            "regions": len(overview.parts),
        }


class Overview(Page):
    """Free places and the queue of the actor's territory: the country by region, or a region by district."""

    template = "portal/overview.html"
    roles = OVERSEERS

    def context(self) -> Context:
        kato = self._territory()
        card = registry.territory(kato) if kato else None
        overview = public.region(card, self.today) if card else public.country(self.today)
        return {
            "card": card,
            "overview": overview,
            "chart": region_chart(overview),
            "today": self.today,
            "map": None if card else region_map(overview, Shade.QUEUE, self.lang),
            "worst": _longest(overview),
        }

    def _territory(self) -> str:
        scopes = [grant.territory for grant in self.actor.grants if grant.role in OVERSEERS]
        return "" if not scopes or "" in scopes else f"{scopes[0][:2]}0000000"


class Law(Page):
    """Every norm with its values over time, its act, and how sure we are."""

    template = "portal/law.html"

    def context(self) -> Context:
        every = norms.all_norms()
        confirmed = sum(norm.confirmed for norm in every)
        places = registry.territories({_kato(norm.territory) for norm in every if norm.territory})
        return {
            "groups": _by_folder([_told(norm, places, self.lang) for norm in every]),
            "total": len(every),
            "confirmed": confirmed,
            "to_confirm": len(every) - confirmed,
            "tags": [{"tag": tag, "meaning": f"tag.{tag.value}.meaning"} for tag in norms.Tag],
        }


class Help(Page):
    """How the queue works, in plain words."""

    template = "portal/help.html"

    def context(self) -> Context:
        numbers = _numbers(self)
        return {
            "steps": [self._told(f"portal.help.step.{number}", numbers) for number in range(1, 8)],
            "questions": [self._told(f"portal.help.question.{number}", numbers) for number in range(1, 11)],
        }

    def _told(self, code: str, numbers: Mapping[str, str]) -> tuple[str, str]:
        return self.say(code), self.say(f"{code}.body", **numbers)


class StyleGuide(Page):
    """Every component on one page: for those who build, never in production."""

    template = "portal/styleguide.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (settings.DEMO or settings.DEBUG):
            raise Http404
        return super().get(request, *args, **kwargs)

    def context(self) -> Context:
        form = samples.SampleForm({"name": "", "born_on": "31.02.2026", "language": "kk", "agree": ""})
        return {
            "form": form,
            "chart": samples.CHART,
            "looks": samples.looks(),
            "icons": samples.ICONS,
            "events": samples.timeline(self.today),
            "refused": Refusal("page.stale"),
            "today": self.today,
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("portal.menu.home"), "/"),)


def _longest(overview: public.Overview) -> Sequence[public.Line]:
    measured = [line for line in overview.parts if line.per_100_places is not None]
    return sorted(measured, key=lambda line: -(line.per_100_places or 0))[:5]


def _told(norm: norms.Norm, places: Mapping[str, TerritoryCard], lang: Lang) -> Mapping[str, Any]:
    place = places.get(_kato(norm.territory))
    return {
        "norm": norm,
        "parts": telling.parts(norm, lang),
        "folder": norm.name.split("/")[0],
        "anchor": f"{norm.name}-{norm.territory}-{norm.valid_from}".replace("/", "-"),
        "where": place.name if place else norm.territory,
        "until": f"{norm.valid_to:%d.%m.%Y}" if norm.valid_to else "",
    }


def _kato(prefix: str) -> str:
    return prefix.ljust(9, "0")


def _by_folder(told: Sequence[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    folders: dict[str, list[Mapping[str, Any]]] = {}
    for one in told:
        folders.setdefault(one["folder"], []).append(one)
    return {f"portal.law.{name}": rows for name, rows in folders.items()}


def _numbers(page: Page) -> Mapping[str, str]:
    """The norms that the help text quotes, in words of the language."""

    def told(name: str) -> str:
        return telling.parts(norms.in_force(f"placement/{name}", page.today), page.lang)[0][1]

    names = ("exclusive_choice", "referral_validity", "age_limit", "queue_age", "declines_before_stop")
    return {name: told(name) for name in names}
