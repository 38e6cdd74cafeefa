"""The desk of the record, one organisation, and one person's timeline."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.registry import queries
from shanyraq.domains.registry.queries import record
from shanyraq.domains.registry.queries.record import circumstances, readers
from shanyraq.domains.registry.queries.record import home as homes
from shanyraq.domains.registry.queries.record import timeline as timelines
from shanyraq.domains.registry.queries.record.parsing import day, known_at, wanted_of
from shanyraq.domains.registry.rules.universal import grouped
from shanyraq.domains.registry.web.views_lists import DESK_ROLES, STAFF_ROLES, lists_of
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.ui.pages import Context, Crumb, Page, see_other

CHANGERS = (Role.OFFICER, Role.REGION)


class Home(Page):
    """Who belongs to one organisation goes straight there; everybody else to the list of theirs."""

    roles = DESK_ROLES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        own = homes.own_organisations(self.actor)
        if len(own) == 1:
            return see_other(reverse("record:organisation", args=own))
        return see_other(reverse("record:organisations"))


class RecordPage(Page):
    """A page on both clocks: `valid` and `known` in its address."""

    @cached_property
    def wanted(self) -> record.Wanted:
        return wanted_of(record.ORGANISATIONS, {name: self.request.GET.get(name, "") for name in CLOCKS}, self.today)

    def clocks(self) -> Context:
        return {"wanted": self.wanted, "today": self.today, "known": day(self.request.GET.get("known", ""))}

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("record.title"), reverse("record:home")),)


CLOCKS = ("valid", "known")


class Organisation(RecordPage):
    template = "registry/organisation.html"
    roles = DESK_ROLES

    def context(self) -> Context:
        pk: UUID = self.kwargs["organisation"]
        page = homes.organisation_page(self.actor, pk, self.wanted)
        if page is None:
            raise Http404
        card = page.card
        return {
            **self.clocks(),
            "page": page,
            "card": card,
            "district": queries.territory(card.district),
            "people": self.actor.has(*STAFF_ROLES),
            "heads": any(grant.role is Role.HEAD and grant.organisation == pk for grant in self.actor.grants),
            "may_change": self.actor.has(*CHANGERS) and homes.changeable_organisation(self.actor, pk),
            "lists": lists_of(self.actor, "", str(pk))[1:],
            "of": f"organisation={pk}",
        }


class Person(RecordPage):
    """One person's timeline: families read their own, staff the records that their scope opens; readings are noted."""

    template = "registry/person.html"
    private = True

    def context(self) -> Context:
        person: UUID = self.kwargs["person"]
        queries.readable(self.actor, person)
        known = known_at(self.request.GET.get("known", ""))
        found = timelines.timeline_of(self.actor, person, known)
        if found is None:
            raise Http404
        audit.read(self.actor, "registry.read_timeline", at=self.now, child=person, subject="person", subject_id=person)
        grounds = circumstances.reads_circumstances(self.actor, person)
        return {
            **self.clocks(),
            "found": found,
            "universal_id": grouped(found.universal_id),
            "grounds": grounds,
            "readers": readers.may_see_readers(self.actor, person),
        }

    def crumbs(self) -> Sequence[Crumb]:
        return super().crumbs() if self.actor.has(*DESK_ROLES) else ()
