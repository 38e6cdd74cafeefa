"""Reorganisations as a wizard: choose, rehearse with the consequences, apply what was rehearsed, take back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.queries import reorganising as plans
from shanyraq.domains.registry.queries import series
from shanyraq.domains.registry.queries.record import home as homes
from shanyraq.domains.registry.queries.reorganising import GroupChoice, ReorganisationPage
from shanyraq.domains.registry.rules.kinds import Post, SuccessionKind
from shanyraq.domains.registry.rules.reorganising import GroupMove, HeirLine, Rehearsal
from shanyraq.domains.registry.web.views_organisation import last_count
from shanyraq.domains.registry.web.views_record import CHANGERS
from shanyraq.foundation.access import Role
from shanyraq.foundation.history import BatchState
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Fact, Text, known, show
from shanyraq.foundation.ui.forms import Day, Form, KeyedForm
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage, Page, see_other

READERS: Final = (Role.OFFICER, Role.REGION, Role.MINISTRY, Role.AUDITOR)
HEIRS: Final = ("heir_1", "heir_2", "heir_3", "heir_4")
STAYS: Final = "stays"
OWN: Final = ("csrfmiddlewaretoken", "step", "fingerprint")
ICONS: Final = {
    SuccessionKind.MERGE: "arrow-right",
    SuccessionKind.SPLIT: "swap",
    SuccessionKind.RENAME: "edit",
    SuccessionKind.REPLACEMENT: "refresh",
}


class Reorganisations(Page):
    """What was reorganised in the territory."""

    template = "registry/reorganisations.html"
    roles = READERS

    def context(self) -> Context:
        return {"found": plans.reorganisations(self.actor)}

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("record.title"), reverse("record:home")),)


class OfFormer(Page):
    """A page about an organisation that the actor may reorganise."""

    roles = CHANGERS

    @cached_property
    def card(self) -> queries.OrganisationCard:
        """The organisation. Raises Http404."""
        pk: UUID = self.kwargs["organisation"]
        card = queries.organisation(pk) if homes.changeable_organisation(self.actor, pk) else None
        if card is None:
            raise Http404
        return card

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(show(self.card.name, self.lang), reverse("record:organisation", args=(self.card.id,))),)


class Choose(OfFormer):
    """What is to happen to the organisation."""

    template = "registry/reorganise.html"

    def context(self) -> Context:
        kinds = [
            (self.say(f"record.plan.{kind.value}"), self.say(f"record.plan.{kind.value}.lead"),
             reverse(f"record:{kind.value}", args=(self.card.id,)), icon)
            for kind, icon in ICONS.items()
        ]  # fmt: skip
        return {"card": self.card, "kinds": kinds}


class PlanForm(KeyedForm):
    """When and by which order; which organisations follow, by BIN."""

    texts = "record.plan"
    on = Day()
    order_number = forms.CharField(max_length=40, required=False)
    heir_1 = forms.CharField(max_length=12)
    heir_2 = forms.CharField(max_length=12, required=False)
    heir_3 = forms.CharField(max_length=12, required=False)
    heir_4 = forms.CharField(max_length=12, required=False)
    closes = forms.BooleanField(required=False)

    def __init__(self, *args: Any, kind: SuccessionKind, groups: Sequence[GroupChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.split = kind is SuccessionKind.SPLIT
        for name in HEIRS:
            self.fields[name].widget.attrs.update({"list": "heirs", "inputmode": "numeric", "class": "short"})
        if not self.split:
            for name in (*HEIRS[1:], "closes"):
                del self.fields[name]
        self.fields["on"].widget.attrs["autocomplete"] = "off"
        self.groups = groups

    def heirs(self) -> Mapping[str, str]:
        """The BINs that are given, by field."""
        return {name: bin_ for name in HEIRS if (bin_ := self.cleaned_data.get(name, "").strip())}

    def places(self) -> dict[UUID, str]:
        """Where each group is to go: a field of an heir, or that it stays."""
        if not self.split:
            return {one.id: HEIRS[0] for one in self.groups}
        given = {one.id: self.data.get(f"group-{one.id}", STAYS) for one in self.groups}
        return {pk: place if place in HEIRS else STAYS for pk, place in given.items()}


@dataclass(frozen=True, slots=True)
class Shown:
    """A rehearsal in words: names of the heirs, and series that stay comparable."""

    seen: Rehearsal
    heirs: Sequence[tuple[HeirLine, Text]]
    moves: Sequence[tuple[GroupMove, Text]]
    queue: Sequence[plans.Touched]
    days: Sequence[date]
    series: Sequence[tuple[Text, Sequence[tuple[date, int]]]]


class Plan(OfFormer, FormPage):
    """The form of one kind; POST rehearses it, and applies it once the rehearsal was seen."""

    template = "registry/plan.html"
    form = PlanForm
    kind: ClassVar[SuccessionKind]
    done = "record.plan.done"

    @cached_property
    def groups(self) -> tuple[GroupChoice, ...]:
        """The open groups of the organisation."""
        return plans.movable_groups(self.card.id)

    def form_arguments(self) -> Mapping[str, Any]:
        return {"kind": self.kind, "groups": self.groups}

    def initial(self) -> Mapping[str, Any]:
        return {"on": self.today, "closes": False}

    def context(self) -> Context:
        return {
            "card": self.card,
            "kind": self.kind,
            "title": self.say(f"record.plan.{self.kind.value}"),
            "lead": self.say(f"record.plan.{self.kind.value}.lead"),
            "possible": plans.possible_heirs(self.actor, self.card),
            "groups": self.groups,
            "shown": None,
            "rows": (),
            "places": (),
        }

    def render(self, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        form = context.get("form")
        if isinstance(form, PlanForm) and form.split:
            chosen = form.places() if form.is_bound else {one.id: STAYS for one in self.groups}
            places = [(STAYS, "record.plan.stays"), *((name, f"record.plan.to_{name}") for name in HEIRS)]
            context = {**context, "rows": [(one, chosen[one.id]) for one in self.groups], "places": places}
        return super().render(context, status=status)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST, initial=dict(self.initial()), **self.form_arguments())
        step = request.POST.get("step", "")
        if not form.is_valid() or step == "choose":
            return self._answer(form, status=200 if step == "choose" else 422)
        try:
            if step == "apply":
                return self._applied(form)
            return self._rehearsed(form)
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
            return self._answer(form, status=422)

    def _applied(self, form: PlanForm) -> HttpResponseBase:
        batch = services.reorganise(
            actor=self.actor, plan=self._plan(form), on=form.cleaned_data["on"], now=self.now,
            fingerprint=self.request.POST.get("fingerprint", ""),
        )  # fmt: skip
        return see_other(reverse("record:reorganisation", args=(batch,)))

    def _rehearsed(self, form: PlanForm) -> HttpResponseBase:
        plan, on = self._plan(form), form.cleaned_data["on"]
        seen = services.rehearse_reorganisation(actor=self.actor, plan=plan, on=on, now=self.now)
        kept = [(name, value) for name, value in self.request.POST.items() if name not in OWN]
        return self.render({**self.context(), "form": form, "shown": self._shown(seen), "kept": kept})

    def _plan(self, form: PlanForm) -> services.Reorganisation:
        heirs = self._heirs(form)
        moves = {pk: heirs[place] for pk, place in form.places().items() if place != STAYS and place in heirs}
        unnamed = [place for place in form.places().values() if place != STAYS and place not in heirs]
        if unnamed:
            raise Refusal("registry.heir_missing", field=unnamed[0])
        closes = not form.split or form.cleaned_data["closes"]
        order = form.cleaned_data["order_number"]
        return services.Reorganisation(self.kind, self.card.id, moves, closes, order)

    def _heirs(self, form: PlanForm) -> dict[str, UUID]:
        given = form.heirs()
        found = plans.changeable_by_bin(self.actor, list(given.values()))
        for name, bin_ in given.items():
            if bin_ not in found:
                raise Refusal("registry.heir_unknown", field=name, bin=bin_)
        return {name: found[bin_] for name, bin_ in given.items()}

    def _shown(self, seen: Rehearsal) -> Shown:
        told = [*(one.organisation for one in seen.heirs), *(() if seen.closes else (seen.former,))]
        names = {pk: card.name for pk, card in queries.organisation_cards(told).items()}
        before = last_count(seen.on)
        planned = [series.Step(seen.former, one.organisation, one.share, seen.on) for one in seen.heirs]
        over = series.learners_over(told, [before, seen.on], planned=planned)
        then = {one.organisation: one.then for one in seen.heirs} | {seen.former: seen.staying}
        lines = [(names[one], [(before, round(over[one].get(before, 0))), (seen.on, then[one])]) for one in told]
        return Shown(
            seen, [(one, names[one.organisation]) for one in seen.heirs],
            [(one, names[one.heir]) for one in seen.moves], plans.touched_elsewhere(seen.former, seen.on),
            [before, seen.on], lines,
        )  # fmt: skip


class Merge(Plan):
    kind = SuccessionKind.MERGE


class Split(Plan):
    kind = SuccessionKind.SPLIT


class Replace(Plan):
    kind = SuccessionKind.REPLACEMENT


class RenameForm(KeyedForm):
    texts = "record.profile"
    name_kk = forms.CharField(max_length=200)
    name_ru = forms.CharField(max_length=200)
    name_en = forms.CharField(max_length=200)
    on = Day()


class Rename(OfFormer, FormPage):
    """Only the name changes; the rehearsal says what stays."""

    template = "registry/rename.html"
    form = RenameForm
    done = "record.plan.done"

    def initial(self) -> Mapping[str, Any]:
        return {**{f"name_{lang}": getattr(self.card.name, lang) for lang in ("kk", "ru", "en")}, "on": self.today}

    def context(self) -> Context:
        return {"card": self.card, "rehearsed": None, "kept": ()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST, initial=dict(self.initial()))
        step = request.POST.get("step", "")
        if step == "apply":
            return super().post(request, *args, **kwargs)
        if not form.is_valid() or step == "choose":
            return self._answer(form, status=200 if step == "choose" else 422)
        learners = sum(one.learners for one in plans.movable_groups(self.card.id))
        kept = [(name, value) for name, value in request.POST.items() if name not in OWN]
        after = Text(*(form.cleaned_data[f"name_{lang}"] for lang in ("kk", "ru", "en")))
        rehearsed = {"name": after, "on": form.cleaned_data["on"], "learners": learners}
        return self.render({**self.context(), "form": form, "rehearsed": rehearsed, "kept": kept})

    def submit(self, form: Form) -> str:
        told = form.cleaned_data
        name = Text(told["name_kk"], told["name_ru"], told["name_en"])
        batch = services.rename_organisation(
            actor=self.actor, organisation=self.card.id, name=name, on=told["on"], now=self.now
        )
        return reverse("record:reorganisation", args=(batch,))


class One(Page):
    """One reorganisation: what it did, and whether it can be taken back."""

    template = "registry/reorganisation.html"
    roles: ClassVar[tuple[Role, ...]] = READERS

    @cached_property
    def page(self) -> ReorganisationPage:
        """The reorganisation. Raises Http404."""
        found = plans.reorganisation_page(self.actor, self.kwargs["reorganisation"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def undoable(self) -> bool:
        """Whether the actor may take it back, were nothing in the way."""
        concerned = {self.page.former.id, *(one.latter for one in self.page.successions)}
        theirs = self.actor.has(*CHANGERS) and all(homes.changeable_organisation(self.actor, one) for one in concerned)
        return theirs and self.page.batch.state is BatchState.APPLIED

    def context(self) -> Context:
        page = self.page
        cards = queries.organisation_cards([page.former.id, *(one.latter for one in page.successions)])
        counts = [(self._table(label), one) for label, one in page.batch.counts.items()]
        return {
            "page": page,
            "heirs": [
                (one, cards[one.latter].name, [name for name, heir in page.groups if heir == one.latter])
                for one in page.successions
            ],
            "counts": counts,
            "undoable": self.undoable,
            "obstacles": self.obstacles(),
        }

    def obstacles(self) -> list[Mapping[str, Any]]:
        """Later facts in the way, as people find them."""
        if not self.undoable:
            return []
        return [
            {
                "about": self._table(one.table),
                "name": Post(one.name) if one.table == "registry.employment" and one.name else one.name,
                "fact": one,
                "change": f"record.later.{one.change}",
            }
            for one in plans.later_facts(self.page.batch.id)
        ]

    def _table(self, label: str) -> str:
        code = f"record.table.{label}"
        return self.say(code) if known(code) else label

    def crumbs(self) -> Sequence[Crumb]:
        return (
            Crumb(self.say("record.title"), reverse("record:home")),
            Crumb(self.say("record.reorganisations"), reverse("record:reorganisations")),
        )


class Undo(One, ConfirmPage):
    """A reorganisation is taken back; what stands in the way is listed."""

    template = "registry/undo_reorganisation.html"
    roles: ClassVar[tuple[Role, ...]] = CHANGERS
    texts = "record.undo"
    danger = True
    done = "record.undo.done"

    def facts(self) -> Mapping[str, Fact]:
        return {"name": self.page.former.name, "n": self.page.learners}

    def back(self) -> str:
        """The page of the reorganisation."""
        return reverse("record:reorganisation", args=(self.page.batch.id,))

    def context(self) -> Context:
        if not self.undoable:
            raise Http404
        return {**ConfirmPage.context(self), "obstacles": self.obstacles()}

    def submit(self, form: Form) -> str:
        services.undo_reorganisation(actor=self.actor, batch=self.page.batch.id, now=self.now)
        return self.back()
