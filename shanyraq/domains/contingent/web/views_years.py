"""The turn of the year as a wizard: mark single pupils, rehearse with the diff, apply, take back."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase

from shanyraq.domains.contingent.access import turns_year_of
from shanyraq.domains.contingent.queries import people, years
from shanyraq.domains.contingent.queries.years import Scope, YearCard
from shanyraq.domains.contingent.rules.year import RolloverState, YearOutcome
from shanyraq.domains.contingent.services import rollovers
from shanyraq.domains.contingent.web.views_transfers import HOME, CasePage
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import OrganisationCard
from shanyraq.foundation import audit, history
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.forms import KeyedForm
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage, see_other

READERS = (Role.HEAD, Role.OFFICER, Role.REGION, Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)
TURNERS = (Role.HEAD, Role.OFFICER, Role.REGION, Role.OPERATOR)


class YearPage(CasePage):
    """A page of the turn of the year."""

    roles: ClassVar[tuple[Role, ...]] = READERS

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("contingent.years.title"), f"{HOME}years/"))


class Years(YearPage):
    """What was turned, and what one may turn."""

    template = "contingent/years.html"

    def context(self) -> Context:
        cards = years.year_cards(self.actor)
        homes = registry.organisation_cards([one.organisation for one in cards if one.organisation])
        names = registry.territories({one.territory.ljust(9, "0") for one in cards if one.territory})
        own = [one.territory for one in self.actor.grants if one.role in (Role.OFFICER, Role.REGION) and one.territory]
        return {
            "years": [(one, _name(one, homes, names)) for one in cards],
            "schools": people.own_organisations(self.actor),
            "territories": [
                (one, names.get(one.ljust(9, "0")) or registry.territory(one.ljust(9, "0"))) for one in own
            ],
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("contingent.title"), HOME),)


class TurnForm(KeyedForm):
    """Yes, exactly as it was rehearsed."""

    texts = "contingent.turn"


class TurnPage(YearPage, FormPage):
    """The rehearsal of a scope with its diff; POST applies what was shown."""

    form = TurnForm
    roles: ClassVar[tuple[Role, ...]] = TURNERS
    done = "contingent.turn.done"

    @cached_property
    def scope(self) -> Scope:
        """Whose year turns. Raises Http404."""
        raise NotImplementedError

    def context(self) -> Context:
        year, seen = rollovers.rehearse(actor=self.actor, scope=self.scope, now=self.now)
        first = years.begins_on(year + 1, self.today)
        counts = {one: seen.count(one) for one in YearOutcome}
        return {
            "year": year, "years": f"{year}/{(year + 1) % 100:02}", "begins_on": first, "seen": seen,
            "counts": list(counts.items()), "moves": seen.moves if self.scope.organisation else (),
        }  # fmt: skip

    def submit(self, form: TurnForm) -> str:
        given = self.request.POST.get("fingerprint", "")
        made = rollovers.apply(actor=self.actor, scope=self.scope, fingerprint=given, now=self.now)
        return f"{HOME}years/done/{made}/"


class SchoolPage(YearPage):
    """A page of one organisation; another's does not exist for the reader."""

    roles: ClassVar[tuple[Role, ...]] = TURNERS

    @cached_property
    def organisation(self) -> OrganisationCard:
        """The organisation. Raises Http404."""
        found = registry.organisation(self.kwargs["organisation"])
        if found is None or not turns_year_of(self.actor, organisation=found.id, territory=found.district):
            raise Http404
        return found


class SchoolYear(SchoolPage, TurnPage):
    """The turn of the year of one organisation."""

    template = "contingent/year.html"

    @cached_property
    def scope(self) -> Scope:
        return Scope(self.organisation.district, self.organisation.id)

    def context(self) -> Context:
        own = any(one.role is Role.HEAD and one.organisation == self.organisation.id for one in self.actor.grants)
        return {**super().context(), "organisation": self.organisation, "marks": own, "name": self.organisation.name}


class TerritoryYear(TurnPage):
    """The turn of the year of all organisations of a territory that have not turned theirs."""

    template = "contingent/year.html"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICER, Role.REGION, Role.OPERATOR)

    @cached_property
    def scope(self) -> Scope:
        card = registry.territory(self.kwargs["kato"].ljust(9, "0"))
        if card is None or not turns_year_of(self.actor, organisation=None, territory=self.kwargs["kato"]):
            raise Http404
        return Scope(card.kato if card.parent else card.kato[:2])

    def context(self) -> Context:
        card = registry.territory(self.scope.territory.ljust(9, "0"))
        return {**super().context(), "organisation": None, "marks": False, "name": card and card.name}


class Class(SchoolPage):
    """The pupils of a class, and what becomes of each: one form for the whole class."""

    template = "contingent/year_class.html"
    roles: ClassVar[tuple[Role, ...]] = (Role.HEAD,)
    refusal: Refusal | None = None

    def context(self) -> Context:
        group = years.old_class(self.kwargs["group"], self.today)
        if group is None or group.organisation != self.organisation.id:
            raise Http404
        pupils = people.pupils(group.id, self.today)
        audit.read_many(self.actor, "contingent.read_class", at=self.now, children=[one.child for one in pupils])
        marks = years.marks_of(group.id) | self._said()  # what was refused stays on the page
        usual = years.usual(group, self.today)
        return {
            "group": group, "organisation": self.organisation, "usual": usual, "outcomes": list(YearOutcome),
            "pupils": [(one, marks.get(one.enrolment, usual)) for one in pupils], "refused": self.refusal,
            "year": f"{HOME}years/organisation/{self.organisation.id}/",
        }  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save what was said of the class."""
        try:
            rollovers.mark_class(actor=self.actor, group=self.kwargs["group"], outcomes=self._said(), now=self.now)
        except Refusal as refusal:
            if refusal.code.startswith("access."):
                raise
            self.refusal = refusal
            return self.render(self.context(), status=422)
        return see_other(f"{HOME}years/organisation/{self.organisation.id}/")

    def _said(self) -> dict[UUID, YearOutcome]:
        said = {}
        for name, value in self.request.POST.items():
            if name.startswith("pupil-") and value in set(YearOutcome):
                said[_uuid(name.removeprefix("pupil-"))] = YearOutcome(value)
        return said


class Done(YearPage):
    """A turn that was applied: counts, and whether it can be taken back."""

    template = "contingent/year_done.html"

    @cached_property
    def card(self) -> YearCard:
        """The turn. Raises Http404."""
        found = years.year_card(self.actor, self.kwargs["rollover"])
        if found is None:
            raise Http404
        return found

    def context(self) -> Context:
        card = self.card
        may = turns_year_of(self.actor, organisation=card.organisation, territory=card.territory)
        undoable = may and card.state is not RolloverState.UNDONE
        return {
            "card": card, "counts": [(one, card.counts.get(one.value, 0)) for one in YearOutcome],
            "obstacles": len(history.obstacles(card.batch)) if undoable else 0, "undoable": undoable,
            "years": f"{card.school_year}/{(card.school_year + 1) % 100:02}",
        }  # fmt: skip


class Undo(Done, ConfirmPage):
    """Take a turn back."""

    template = "ui/confirm.html"
    roles: ClassVar[tuple[Role, ...]] = TURNERS
    texts = "contingent.undo"
    danger = True
    done = "contingent.undo.done"

    def facts(self) -> dict[str, Fact]:
        return {"n": sum(self.card.counts.get(one.value, 0) for one in YearOutcome)}

    def back(self) -> str:
        return f"{HOME}years/done/{self.card.id}/"

    def context(self) -> Context:
        return ConfirmPage.context(self)

    def submit(self, form: object) -> str:
        rollovers.undo(actor=self.actor, rollover=self.card.id, now=self.now)
        return self.back()


def _name(card: YearCard, homes: dict[UUID, OrganisationCard], names: Any) -> Fact:
    if card.organisation:
        return homes[card.organisation].name
    found = names.get(card.territory.ljust(9, "0"))
    return found.name if found else ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refusal("page.bad") from None
