"""Pages of duplicates: the work list, two records side by side, the merge with its preview, the way back."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.urls import reverse

from shanyraq.domains.accuracy.access import READERS
from shanyraq.domains.accuracy.queries import duplicates as queries
from shanyraq.domains.accuracy.rules.duplicates.states import DuplicateState
from shanyraq.domains.accuracy.services import duplicates, searching
from shanyraq.domains.registry.queries.cards import PersonCard
from shanyraq.domains.registry.queries.merging import MergePreview
from shanyraq.domains.registry.rules.merging import Conflict, Takeable, ending
from shanyraq.domains.registry.services import merging
from shanyraq.domains.registry.services.merging import Merge
from shanyraq.foundation.access import Role
from shanyraq.foundation.text import Lang, known, say
from shanyraq.foundation.ui.forms import Choice, Day, KeyedForm
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage, Page

DECIDERS = (Role.OFFICER, Role.REGION, Role.OPERATOR)
HOME = "duplicates:list"


class WorkList(Page):
    """Pairs that may be one person, most likely first."""

    template = "accuracy/duplicates.html"
    roles = READERS

    def context(self) -> Context:
        asked = self.request.GET.get("state", "")
        state = DuplicateState(asked) if asked in set(DuplicateState) else DuplicateState.OPEN
        number = self.request.GET.get("page", "")
        page = int(number) if number.isdecimal() and len(number) < 7 else 1
        found = queries.work_list(self.actor, state=state, page=page, today=self.today, now=self.now)
        return {
            "found": found,
            "state": state,
            "tabs": [(one, found.counts[one]) for one in DuplicateState],
            "may_search": self.actor.has(Role.OPERATOR),
        }


class Search(ConfirmPage):
    """Have all people searched now."""

    roles = (Role.OPERATOR,)
    texts = "duplicates.search"
    done = "duplicates.search.done"

    def back(self) -> str:
        return reverse(HOME)

    def submit(self, form: Any) -> str:
        searching.plan_search(actor=self.actor, now=self.now)
        return self.back()


class PairPages(Page):
    """What the pages of one pair share."""

    roles: ClassVar[tuple[Role, ...]] = READERS

    @cached_property
    def pair(self) -> queries.PairPage:
        """The two records."""
        return queries.pair(self.actor, self.kwargs["duplicate"], today=self.today, now=self.now)

    def address(self) -> str:
        """The page of the pair."""
        return reverse("duplicates:pair", args=[self.kwargs["duplicate"]])

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("duplicates.title"), reverse(HOME)),)


class DecisionForm(KeyedForm):
    """Two people, or a day on which to look again."""

    texts = "duplicates.decision"
    to = Choice(
        DuplicateState,
        members=(DuplicateState.DIFFERENT, DuplicateState.LATER, DuplicateState.OPEN),
        show_as="radio",
    )
    again_on = Day(required=False)
    words = forms.CharField(max_length=duplicates.LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))


class Pair(PairPages, FormPage):
    """Two records side by side with the reasons, and the decision."""

    template = "accuracy/pair.html"
    form = DecisionForm
    done = "duplicates.decided"

    def context(self) -> Context:
        return {"pair": self.pair, "fields": ("born_on", "sex")}

    def submit(self, form: Any) -> str:
        given = form.cleaned_data
        duplicates.decide(
            actor=self.actor, duplicate=self.kwargs["duplicate"], to=given["to"], words=given["words"],
            again_on=given["again_on"], now=self.now,
        )  # fmt: skip
        return reverse(HOME)


class MergeForm(KeyedForm):
    """Why the two are one; the choices of facts stand beside, since every pair has its own."""

    texts = "duplicates.merge"
    words = forms.CharField(max_length=duplicates.LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))


class MergePage(PairPages, FormPage):
    """The merge: which record stays, what it takes, what moves, what ends. `?kept=` names the one that stays."""

    template = "accuracy/merge.html"
    roles = DECIDERS
    form = MergeForm
    done = "duplicates.merged"

    @cached_property
    def preview(self) -> MergePreview:
        """What would happen. Raises Refusal where the two are no longer two."""
        people = queries.deciding(self.actor, self.kwargs["duplicate"])
        asked = self.request.POST.get("kept") or self.request.GET.get("kept", "")
        kept = next((one for one in people if str(one) == asked), None)
        found = merging.preview_merge(
            actor=self.actor, kept=kept or people[0], other=_other(people, kept), now=self.now
        )
        if kept is None and found.other.masked_iin and not found.kept.masked_iin:
            found = merging.preview_merge(actor=self.actor, kept=people[1], other=people[0], now=self.now)
        return found

    def context(self) -> Context:
        found = self.preview
        return {
            "preview": found,
            "swap_url": f"{self.request.path}?kept={found.other.id}",
            "takeable": [(one, _shown(found.other, one)) for one in Takeable if _differs(found, one)],
            "taken": set(self.request.POST.getlist("take")),
            "touched": [(_table(one.table, self.lang), one.rows) for one in found.touched],
            "settled": [
                (one, _table(one.table, self.lang), self._stays(one.key) or _later(one))
                for one in found.conflicts if one.settles
            ],
            "blocking": [(one, _table(one.table, self.lang)) for one in found.conflicts if not one.settles],
            "keeps_iin": bool(found.other.masked_iin) and not found.kept.masked_iin,
            "two_iins": bool(found.other.masked_iin) and bool(found.kept.masked_iin),
            "back": self.address(),
        }  # fmt: skip

    def submit(self, form: Any) -> str:
        found = self.preview
        chosen = {one.key: self._stays(one.key) for one in found.conflicts if one.settles}
        merge = Merge(
            found.kept.id, found.other.id, {key: stays for key, stays in chosen.items() if stays},
            [one for one in Takeable if one.value in self.request.POST.getlist("take")],
        )  # fmt: skip
        duplicates.merge_duplicate(
            actor=self.actor, duplicate=self.kwargs["duplicate"], merge=merge, words=form.cleaned_data["words"],
            now=self.now,
        )  # fmt: skip
        return self.address()

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("duplicates.pair.title"), self.address()))

    def _stays(self, key: str) -> UUID | None:
        with suppress(ValueError):
            return UUID(self.request.POST.get(f"stays.{key}", ""))
        return None


class UndoForm(KeyedForm):
    """Why two records are to be two again."""

    texts = "duplicates.undo"
    words = forms.CharField(max_length=duplicates.LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))


class Undo(PairPages, FormPage):
    """The way back, with what stands in it."""

    template = "accuracy/undo.html"
    roles = DECIDERS
    form = UndoForm
    done = "duplicates.undone"

    def context(self) -> Context:
        queries.deciding(self.actor, self.kwargs["duplicate"])
        obstacles = [(_table(one.table, self.lang), one) for one in self.pair.obstacles]
        return {"pair": self.pair, "obstacles": obstacles, "back": self.address()}

    def submit(self, form: Any) -> str:
        duplicates.take_back(
            actor=self.actor, duplicate=self.kwargs["duplicate"], words=form.cleaned_data["words"], now=self.now
        )
        return self.address()

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("duplicates.pair.title"), self.address()))


def _other(people: tuple[UUID, UUID], kept: UUID | None) -> UUID:
    return people[0] if kept == people[1] else people[1]


def _later(conflict: Conflict) -> UUID:
    """The fact that goes on when nobody chooses."""
    _, stays = ending(conflict, {})
    return stays.id


def _differs(found: MergePreview, what: Takeable) -> bool:
    return bool(_shown(found.kept, what) != _shown(found.other, what))


def _shown(person: PersonCard, what: Takeable) -> Any:
    return {Takeable.NAME: person.name, Takeable.SEX: person.sex, Takeable.BORN_ON: person.born_on}[what]


def _table(label: str, lang: Lang) -> str:
    """What readers call the rows of a table."""
    own = f"duplicates.table.{label}"
    return say(own if known(own) else "duplicates.table.other", lang)
