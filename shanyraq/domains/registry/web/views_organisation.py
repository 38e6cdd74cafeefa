"""One organisation over time: its dated profile on both clocks, its figures through reorganisations; opening and
closing one, and changing what it is from a day."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import dropwhile
from typing import Any, Final, TypeAlias
from uuid import UUID

from django import forms
from django.http import Http404
from django.urls import reverse

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.queries import series
from shanyraq.domains.registry.queries.authorities import authorities
from shanyraq.domains.registry.queries.record import asking
from shanyraq.domains.registry.queries.record import home as homes
from shanyraq.domains.registry.queries.record import profile as profiles
from shanyraq.domains.registry.queries.record.organisations import learners_of
from shanyraq.domains.registry.rules.kinds import Language, OrganisationKind, Ownership
from shanyraq.domains.registry.web.views_lists import DESK_ROLES
from shanyraq.domains.registry.web.views_record import CHANGERS, RecordPage
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Lang, Text, show
from shanyraq.foundation.ui.charts import Chart, Series
from shanyraq.foundation.ui.forms import Choice, Day, Form, KeyedForm
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage

Choices: TypeAlias = Sequence[tuple[str, str]]
YEARS: Final = 6  # of a series
COUNTED: Final = (10, 1)  # month and day: the moves of September are over


class OfOrganisation(RecordPage):
    """A page about one organisation, on both clocks."""

    roles = DESK_ROLES

    def crumbs(self) -> Sequence[Crumb]:
        card = queries.organisation(self.kwargs["organisation"])
        own = (Crumb(show(card.name, self.lang), reverse("record:organisation", args=(card.id,))),) if card else ()
        return (*super().crumbs(), *own)


class Card(OfOrganisation):
    """What the organisation is and was, with what was known before."""

    template = "registry/card.html"

    def context(self) -> Context:
        pk: UUID = self.kwargs["organisation"]
        page = profiles.profile_page(self.actor, pk, self.wanted)
        if page is None:
            raise Http404
        may_change = self.actor.has(*CHANGERS) and homes.changeable_organisation(self.actor, pk)
        return {**self.clocks(), "page": page, "card": page.card, "may_change": may_change}


class SeriesPage(OfOrganisation):
    """Learners by year, with those of whom the organisation followed."""

    template = "registry/series.html"

    def context(self) -> Context:
        pk: UUID = self.kwargs["organisation"]
        page = profiles.profile_page(self.actor, pk, self.wanted)
        if page is None:
            raise Http404
        days = _days(self.wanted.valid)
        counted = series.learners_over((pk,), days, known=self.wanted.known)[pk]
        own = {day: learners_of((pk,), asking.Wanted(day, self.wanted.known)).get(pk, 0) for day in days}
        every = [(day, own[day], round(counted.get(day, 0))) for day in days]
        lines = list(dropwhile(lambda line: not line[1] and not line[2], every))
        kin = series.kin_of(pk, known=self.wanted.known)
        names = queries.organisation_cards({one for each in kin for one in (each.former, each.latter)})
        return {
            **self.clocks(),
            "card": page.card,
            "lines": lines,
            "chart": _chart(lines),
            "kin": [(one, names[one.former], names[one.latter]) for one in kin],
        }


def last_count(on: date) -> date:
    """The last day of counting before a day."""
    this_year = date(on.year, *COUNTED)
    return this_year if this_year < on else date(on.year - 1, *COUNTED)


def _days(last: date) -> list[date]:
    """The days of counting of some years up to a day, and that day itself."""
    newest = last_count(last)
    return [*(date(newest.year - back, *COUNTED) for back in reversed(range(YEARS))), last]


def _chart(lines: Sequence[tuple[date, int, int]]) -> Chart:
    labels = [f"{day:%d.%m.%Y}" for day, _, _ in lines]
    whole = Series("record.series.whole", [whole for _, _, whole in lines])
    return Chart("record.series.chart", labels, [Series("record.series.own", [own for _, own, _ in lines]), whole])


class ProfileForm(KeyedForm):
    texts = "record.profile"
    name_kk = forms.CharField(max_length=200)
    name_ru = forms.CharField(max_length=200)
    name_en = forms.CharField(max_length=200)
    kind = Choice(OrganisationKind)
    ownership = Choice(Ownership, show_as="radio")
    language = Choice(Language)
    district = forms.ChoiceField()
    authority = forms.ChoiceField(required=False)
    head_office = forms.CharField(max_length=12, required=False, widget=forms.TextInput(attrs={"class": "short"}))
    licence = forms.CharField(max_length=40, required=False)
    shifts = forms.IntegerField(min_value=1, max_value=3, widget=forms.NumberInput(attrs={"class": "short"}))
    on = Day()

    def __init__(self, *args: Any, districts: Choices, offices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = districts  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["authority"].choices = offices  # type: ignore[attr-defined]


class PlaceForm(FormPage):
    """A form with the districts of the actor and the offices."""

    roles = CHANGERS

    def form_arguments(self) -> Mapping[str, Any]:
        return {
            "districts": _districts(self.actor, self.today, self.lang),
            "offices": _offices(self.today, self.say("record.profile.authority.none"), self.lang),
        }


class ChangeProfile(PlaceForm):
    """What an organisation is from a day on."""

    template = "registry/profile.html"
    form = ProfileForm
    done = "record.profile.done"

    @cached_property
    def card(self) -> queries.OrganisationCard:
        """The organisation, when the actor may change it."""
        pk: UUID = self.kwargs["organisation"]
        card = queries.organisation(pk) if homes.changeable_organisation(self.actor, pk) else None
        if card is None:
            raise Http404
        return card

    def initial(self) -> dict[str, Any]:
        card = self.card
        names = {f"name_{lang}": getattr(card.name, lang) for lang in ("kk", "ru", "en")}
        kept = {
            name: getattr(card, name) for name in ("kind", "ownership", "language", "district", "licence", "shifts")
        }
        above = queries.organisation(card.head_office) if card.head_office else None
        return {
            **names,
            **kept,
            "authority": str(card.authority or ""),
            "head_office": above.bin if above else "",
            "on": self.today,
        }

    def submit(self, form: ProfileForm) -> str:
        told = form.cleaned_data
        name = Text(told["name_kk"], told["name_ru"], told["name_en"])
        kept = {one: told[one] for one in ("kind", "ownership", "language", "district", "licence", "shifts")}
        above = _head_office(told["head_office"])
        change = services.ProfileChange(
            name=name, **kept, authority=UUID(told["authority"]) if told["authority"] else None, head_office=above,
            independent=above is None,
        )  # fmt: skip
        services.change_profile(actor=self.actor, organisation=self.card.id, change=change, on=told["on"], now=self.now)
        return self.back()

    def back(self) -> str:
        """The page of the organisation."""
        return reverse("record:organisation", args=(self.card.id,))

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(show(self.card.name, self.lang), self.back()),)


class NewOrganisationForm(ProfileForm):
    bin = forms.CharField(max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}))
    address = forms.CharField(max_length=200)
    rural = forms.BooleanField(required=False)
    lat = forms.FloatField(widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
    lon = forms.FloatField(widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
    phone = forms.CharField(max_length=20, required=False)
    field_order = (
        "bin", "name_kk", "name_ru", "name_en", "kind", "ownership", "language", "district", "address", "rural", "lat",
        "lon", "phone", "authority", "head_office", "licence", "shifts", "on",
    )  # fmt: skip


class OpenOrganisation(PlaceForm):
    """An organisation that works from a day on."""

    template = "registry/open_organisation.html"
    form = NewOrganisationForm
    done = "record.open.done"

    def initial(self) -> Mapping[str, Any]:
        return {"shifts": 1, "ownership": Ownership.STATE, "on": self.today}

    def submit(self, form: NewOrganisationForm) -> str:
        told = dict(form.cleaned_data)
        told.pop("key")
        on = told.pop("on")
        name = Text(told.pop("name_kk"), told.pop("name_ru"), told.pop("name_en"))
        above = _head_office(told.pop("head_office"))
        office = told.pop("authority")
        new = services.NewOrganisation(
            name=name, authority=UUID(office) if office else None, head_office=above, **told
        )  # fmt: skip
        made = services.open_organisation(actor=self.actor, new=new, on=on, now=self.now)
        return reverse("record:organisation", args=(made,))

    def crumbs(self) -> Sequence[Crumb]:
        return (
            Crumb(self.say("record.title"), reverse("record:home")),
            Crumb(self.say("record.organisations"), reverse("record:organisations")),
        )


class CloseForm(KeyedForm):
    texts = "record.close"
    on = Day()


class CloseOrganisation(ChangeProfile):
    """The first day on which an organisation no longer works; who learns there must have left."""

    template = "registry/close_organisation.html"
    form = CloseForm  # type: ignore[assignment]  # another form of the same organisation
    done = "record.close.done"

    def form_arguments(self) -> Mapping[str, Any]:
        return {}

    def initial(self) -> dict[str, Any]:
        return {"on": self.today}

    def context(self) -> Context:
        learners = learners_of((self.card.id,), asking.Wanted(self.today)).get(self.card.id, 0)
        return {"card": self.card, "learners": learners}

    def submit(self, form: Form) -> str:
        services.close_organisation(
            actor=self.actor, organisation=self.card.id, on=form.cleaned_data["on"], now=self.now
        )
        return self.back()


def _head_office(written: str) -> UUID | None:
    if not written.strip():
        return None
    found = queries.find_organisation(written)
    if found is None:
        raise Refusal("registry.head_office_unknown", field="head_office")
    return found


def _districts(actor: Actor, today: date, lang: Lang) -> list[tuple[str, str]]:
    """The districts of the actor's territories, as choices."""
    own = tuple(grant.territory for grant in actor.grants if grant.role in CHANGERS and grant.territory)
    found = [one for one in queries.districts(None, today) if one.kato.startswith(own)]
    return [(one.kato, show(one.name, lang)) for one in found]


def _offices(today: date, none: str, lang: Lang) -> list[tuple[str, str]]:
    return [("", none), *((str(one.id), show(one.name, lang)) for one in authorities(today))]
