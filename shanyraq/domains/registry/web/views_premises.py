"""Buildings and rooms: lists, the premises of one organisation, and what is added, changed or closed from a day."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404
from django.urls import reverse

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.queries import record
from shanyraq.domains.registry.queries.record import premises
from shanyraq.domains.registry.queries.record.premises import Premise, RoomCard
from shanyraq.domains.registry.rules.kinds import Condition, RoomKind
from shanyraq.domains.registry.web.views_lists import DESK_ROLES, ListPage, PlainFile
from shanyraq.domains.registry.web.views_record import RecordPage
from shanyraq.foundation.access import Role
from shanyraq.foundation.text import show
from shanyraq.foundation.ui.forms import Choice, Day, Form, KeyedForm
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage

CHANGERS = (Role.HEAD, Role.OFFICER, Role.REGION)
LOOKS: Final = {Condition.SOUND: "ok", Condition.REPAIR: "wait", Condition.EMERGENCY: "bad"}


class Buildings(ListPage):
    roles = DESK_ROLES
    table = record.BUILDINGS
    leads = {"building": "record:premises"}


class Rooms(ListPage):
    roles = DESK_ROLES
    table = record.ROOMS
    leads = {"building": "record:premises"}


class BuildingsFile(PlainFile):
    table = record.BUILDINGS


class RoomsFile(PlainFile):
    table = record.ROOMS


class Premises(RecordPage):
    """Where one organisation works: for how many it was built, how many learn there."""

    template = "registry/premises.html"
    roles = DESK_ROLES

    def context(self) -> Context:
        pk: UUID = self.kwargs["organisation"]
        page = premises.premises_page(self.actor, pk, self.wanted)
        if page is None:
            raise Http404
        open_now = page.card.until is None and self.wanted.known is None and self.wanted.valid == self.today
        may_change = open_now and self.actor.has(*CHANGERS) and premises.may_change_premises(self.actor, pk)
        return {
            **self.clocks(),
            "page": page,
            "card": page.card,
            "buildings": [(one, LOOKS[one.condition]) for one in page.buildings],
            "over": page.learners - page.total,
            "may_change": may_change,
        }

    def crumbs(self) -> Sequence[Crumb]:
        card = queries.organisation(self.kwargs["organisation"])
        return (*super().crumbs(), *((_crumb(card, self.lang),) if card else ()))


class BuildingForm(KeyedForm):
    texts = "record.building"
    name = forms.CharField(max_length=100)
    address = forms.CharField(max_length=200)
    capacity = forms.IntegerField(min_value=0, widget=forms.NumberInput(attrs={"class": "short"}))
    built = forms.IntegerField(required=False, widget=forms.NumberInput(attrs={"class": "short"}))
    lat = forms.FloatField(widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
    lon = forms.FloatField(widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
    on = Day()


class NewBuildingForm(BuildingForm):
    condition = Choice(Condition, show_as="radio")
    field_order = ("name", "address", "capacity", "condition", "built", "lat", "lon", "on")


class PremisesForm(FormPage):
    """A form about the premises of one organisation; back to them afterwards."""

    roles = CHANGERS
    template = "registry/premises_form.html"
    words: str = ""  # prefix of the texts: .title, .lead, .save

    @property
    def home(self) -> UUID:
        """The organisation. Raises Http404."""
        raise NotImplementedError

    def context(self) -> Context:
        words = {name: self.say(f"{self.words}.{name}") for name in ("title", "lead", "save")}
        return {**words, "back": self.back(), "building": None, "room": None, "ending": False, "classes": ()}

    def back(self) -> str:
        """The premises of the organisation."""
        return reverse("record:premises", args=(self.home,))

    def crumbs(self) -> Sequence[Crumb]:
        card = queries.organisation(self.home)
        own = (_crumb(card, self.lang),) if card else ()
        return (*own, Crumb(self.say("record.premises"), self.back()))


class AddBuilding(PremisesForm):
    """A building in which the organisation works from a day on."""

    form = NewBuildingForm
    words = "record.building.add"
    done = "record.building.add.done"

    @cached_property
    def card(self) -> queries.OrganisationCard:
        """The organisation, when the actor may change its premises."""
        card = queries.organisation(self.kwargs["organisation"])
        if card is None or card.until is not None or not premises.may_change_premises(self.actor, card.id):
            raise Http404
        return card

    @property
    def home(self) -> UUID:
        return self.card.id

    def initial(self) -> Mapping[str, Any]:
        card = self.card
        point = {"lon": card.lon, "lat": card.lat, "address": card.address}
        return {**point, "condition": Condition.SOUND, "on": self.today}

    def submit(self, form: Form) -> str:
        told = dict(form.cleaned_data)
        on = told.pop("on")
        new = services.NewBuilding(organisation=self.card.id, **told)
        services.add_building(actor=self.actor, new=new, on=on, now=self.now)
        return self.back()


class BuildingPage(PremisesForm):
    """A form about one building that the actor may change."""

    @cached_property
    def building(self) -> Premise:
        """The building. Raises Http404."""
        found = premises.changeable_building(self.actor, self.kwargs["building"], record.Wanted(self.today))
        if found is None:
            raise Http404
        return found

    @property
    def home(self) -> UUID:
        return self.building.organisation

    def context(self) -> Context:
        return {**super().context(), "building": self.building}

    def initial(self) -> Mapping[str, Any]:
        return {"on": self.today}


class ChangeBuilding(BuildingPage):
    """What a building is from a day on."""

    form = BuildingForm
    words = "record.building.change"
    done = "record.building.change.done"

    def initial(self) -> Mapping[str, Any]:
        kept = {name: getattr(self.building, name) for name in ("name", "address", "capacity", "built", "lat", "lon")}
        return {**kept, "on": self.today}

    def submit(self, form: Form) -> str:
        told = dict(form.cleaned_data)
        told.pop("key")
        on = told.pop("on")
        change = services.BuildingChange(**told)
        services.change_building(
            actor=self.actor, building=self.building.id, change=change, on=on, now=self.now
        )  # fmt: skip
        return self.back()


class InspectForm(KeyedForm):
    texts = "record.building"
    condition = Choice(Condition, show_as="radio")
    on = Day()


class InspectBuilding(BuildingPage):
    """The state in which an inspection found a building."""

    form = InspectForm
    words = "record.building.inspect"
    done = "record.building.inspect.done"

    def initial(self) -> Mapping[str, Any]:
        return {"condition": self.building.condition, "on": self.today}

    def submit(self, form: Form) -> str:
        told = form.cleaned_data
        services.inspect_building(
            actor=self.actor, building=self.building.id, condition=told["condition"], on=told["on"], now=self.now
        )
        return self.back()


class EndForm(KeyedForm):
    texts = "record.premises.end"
    on = Day()


class EndBuilding(BuildingPage):
    """The first day on which the organisation no longer works in a building."""

    form = EndForm
    words = "record.building.end"
    done = "record.building.end.done"

    def context(self) -> Context:
        return {**super().context(), "ending": True, "classes": self.building.classes}

    def submit(self, form: Form) -> str:
        services.end_building(
            actor=self.actor, building=self.building.id, on=form.cleaned_data["on"], now=self.now
        )  # fmt: skip
        return self.back()


class RoomForm(KeyedForm):
    texts = "record.room"
    name = forms.CharField(max_length=60)
    kind = Choice(RoomKind)
    seats = forms.IntegerField(min_value=0, widget=forms.NumberInput(attrs={"class": "short"}))
    square_metres = forms.DecimalField(
        required=False, max_digits=7, decimal_places=1, localize=True, widget=forms.TextInput(attrs={"class": "short"})
    )
    on = Day()


class AddRoom(BuildingPage):
    """A room of a building from a day on."""

    form = RoomForm
    words = "record.room.add"
    done = "record.room.add.done"

    def submit(self, form: Form) -> str:
        told = dict(form.cleaned_data)
        told.pop("key")
        on = told.pop("on")
        new = services.NewRoom(building=self.building.id, **told)
        services.add_room(actor=self.actor, new=new, on=on, now=self.now)
        return self.back()


class RoomPage(PremisesForm):
    """A form about one room that the actor may change."""

    @cached_property
    def found(self) -> tuple[Premise, RoomCard]:
        """The building and the room. Raises Http404."""
        found = premises.changeable_room(self.actor, self.kwargs["room"], record.Wanted(self.today))
        if found is None:
            raise Http404
        return found

    @property
    def home(self) -> UUID:
        return self.found[0].organisation

    def context(self) -> Context:
        building, room = self.found
        return {**super().context(), "building": building, "room": room}

    def initial(self) -> Mapping[str, Any]:
        return {"on": self.today}


class ChangeRoom(RoomPage):
    """What a room is from a day on."""

    form = RoomForm
    words = "record.room.change"
    done = "record.room.change.done"

    def initial(self) -> Mapping[str, Any]:
        _, room = self.found
        kept = {name: getattr(room, name) for name in ("name", "kind", "seats", "square_metres")}
        return {**kept, "on": self.today}

    def submit(self, form: Form) -> str:
        told = dict(form.cleaned_data)
        told.pop("key")
        on = told.pop("on")
        change = services.RoomChange(**told)
        services.change_room(actor=self.actor, room=self.found[1].id, change=change, on=on, now=self.now)
        return self.back()


class EndRoom(RoomPage):
    """The first day on which a room is no longer used."""

    form = EndForm
    words = "record.room.end"
    done = "record.room.end.done"

    def context(self) -> Context:
        return {**super().context(), "ending": True, "classes": self.found[1].classes}

    def submit(self, form: Form) -> str:
        services.end_room(actor=self.actor, room=self.found[1].id, on=form.cleaned_data["on"], now=self.now)
        return self.back()


def _crumb(card: queries.OrganisationCard, lang: Any) -> Crumb:
    return Crumb(show(card.name, lang), reverse("record:organisation", args=(card.id,)))
