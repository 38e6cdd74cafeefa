"""Classes and groups: opening, changing, closing; the page of one with its learners."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404
from django.urls import reverse

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.queries.record import class_page as classes
from shanyraq.domains.registry.queries.record import employment as work
from shanyraq.domains.registry.rules.kinds import STAGE_OF, GroupKind, Language, Stage
from shanyraq.domains.registry.rules.places import GRADES
from shanyraq.domains.registry.web.previewing import PreviewPage, Shown
from shanyraq.domains.registry.web.views_lists import DESK_ROLES
from shanyraq.domains.registry.web.views_record import RecordPage
from shanyraq.domains.registry.web.views_staff import EDITORS, home_crumbs
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.text import show
from shanyraq.foundation.ui.forms import Choice, Day, KeyedForm
from shanyraq.foundation.ui.pages import Context, Crumb

LANGUAGES: Final = (Language.KAZAKH, Language.RUSSIAN, Language.OTHER)
TAKERS: Final = (Role.HEAD, Role.OFFICER, Role.REGION, Role.AUDITOR)


class Class(RecordPage):
    """One class or group, on both clocks, with its learners; each reading of a record is noted."""

    template = "registry/class.html"
    roles = DESK_ROLES

    def context(self) -> Context:
        page = classes.class_page(self.actor, self.kwargs["group"], self.wanted)
        if page is None:
            raise Http404
        children = [line.person for line in page.pupils if line.person]
        audit.read_many(self.actor, "registry.read_list", at=self.now, children=children, subject="group")
        asked = f"group={page.id}&valid={self.wanted.valid}"
        return {
            **self.clocks(), "page": page, "file": self.actor.has(*TAKERS) and page.pupils and asked,
            "may_change": page.may_change and page.until is None and self.actor.has(*EDITORS),
        }  # fmt: skip


class ClassForm(KeyedForm):
    """A class or group of any stage; what a stage does not have is left out."""

    texts = "record.class"
    name = forms.CharField(max_length=60)
    grade = forms.IntegerField()
    language = Choice(Language, members=LANGUAGES, show_as="radio")
    kind = Choice(GroupKind, show_as="radio")
    born_from = forms.IntegerField()
    born_to = forms.IntegerField()
    places = forms.IntegerField()
    shifts = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    room = forms.TypedChoiceField(coerce=UUID, empty_value=None, required=False)
    on = Day()

    def __init__(
        self, *args: Any, stage: Stage, shifts: Sequence[int], rooms: Sequence[tuple[str, str]], dated: bool,
        empty: str, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        gone = {"born_from", "born_to"} if stage is not Stage.PRESCHOOL or not dated else set()
        gone |= set() if stage in GRADES else {"grade"}
        gone |= {"shifts", "room"} if stage is Stage.PRESCHOOL and dated else set()
        gone |= set() if dated else {"on"}
        for name in gone:
            del self.fields[name]
        for name, options in (("shifts", [(str(one), str(one)) for one in shifts]), ("room", rooms)):
            if name in self.fields:
                self.fields[name].choices = [("", empty), *options]  # type: ignore[attr-defined]  # a choice field


class ClassFormPage(PreviewPage):
    """A page with the form of a class."""

    roles = EDITORS
    form = ClassForm
    template = "registry/class_form.html"

    def choices(self, home: queries.OrganisationCard, stage: Stage, *, dated: bool) -> Mapping[str, Any]:
        """What the form needs to know of the organisation. 1 query."""
        rooms = [(str(one.id), self._room(one)) for one in classes.rooms_of(home.id, self.today)]
        shifts = range(1, home.shifts + 1)
        return {
            "stage": stage,
            "shifts": shifts,
            "rooms": rooms,
            "dated": dated,
            "empty": self.say("record.class.none"),
        }

    def _room(self, room: classes.RoomChoice) -> str:
        return self.say("record.class.room.option", name=room.name, n=room.seats)


class OpenClass(ClassFormPage):
    """A new class, college group, club or kindergarten group."""

    texts = "record.open_class"
    done = "record.open_class.done"

    @cached_property
    def home(self) -> queries.OrganisationCard:
        card = work.changes_classes(self.actor, self.kwargs["organisation"])
        if card is None:
            raise Http404
        return card

    @cached_property
    def stage(self) -> Stage:
        asked = self.request.GET.get("stage", "")
        return next((one for one in self._stages() if one == asked), STAGE_OF[self.home.kind])

    def _stages(self) -> tuple[Stage, ...]:
        own = STAGE_OF[self.home.kind]
        beside = {Stage.SCHOOL: (Stage.PRESCHOOL, Stage.ADDITIONAL), Stage.TVET: (Stage.ADDITIONAL,)}
        return (own, *beside.get(own, ()))

    def form_arguments(self) -> Mapping[str, Any]:
        return self.choices(self.home, self.stage, dated=True)

    def initial(self) -> Mapping[str, Any]:
        kept = {"kind": GroupKind.GENERAL, "on": self.today, "places": 25}
        return kept if self.home.language is Language.MIXED else {**kept, "language": self.home.language}

    def context(self) -> Context:
        stages = [(one, one is self.stage) for one in self._stages()]
        return {**super().context(), "home": self.home, "stages": stages if len(stages) > 1 else ()}

    def told(self, form: ClassForm) -> Sequence[Shown]:
        return ((self.say("record.column.organisation"), self.home.name), (self.say("record.column.stage"), self.stage))

    def submit(self, form: ClassForm) -> str:
        told = form.cleaned_data
        plain = {name: told[name] for name in ("name", "language", "kind")}
        if self.stage is Stage.PRESCHOOL:
            years = {name: told[name] for name in ("places", "born_from", "born_to")}
            group = services.NewGroup(organisation=self.home.id, key=told["key"], **plain, **years)
            return class_address(services.open_group(actor=self.actor, new=group, on=told["on"], now=self.now))
        new = services.NewClass(
            self.home.id, self.stage, seats=told["places"], grade=told.get("grade"), shift=told["shifts"],
            room=told["room"], **plain,
        )  # fmt: skip
        return class_address(services.open_class(actor=self.actor, new=new, on=told["on"], now=self.now))

    def back(self) -> str:
        return f"{reverse('record:classes')}?organisation={self.home.id}"

    def crumbs(self) -> Sequence[Crumb]:
        return home_crumbs(self)


class OfClass(PreviewPage):
    """A page that changes one open class."""

    roles = EDITORS

    @cached_property
    def page(self) -> classes.ClassPage:
        page = classes.changeable_class(self.actor, self.kwargs["group"], self.today)
        if page is None or page.until is not None:
            raise Http404
        return page

    def context(self) -> Context:
        return {**super().context(), "page": self.page}

    def back(self) -> str:
        return class_address(self.page.id)

    def crumbs(self) -> Sequence[Crumb]:
        home = Crumb(show(self.page.home.name, self.lang), reverse("record:organisation", args=(self.page.home.id,)))
        return (home, Crumb(self.page.name, self.back()))


class ChangeClass(OfClass, ClassFormPage):
    """Another name, grade, language, shift, room, kind or number of seats."""

    texts = "record.change_class"
    done = "record.change_class.done"

    def form_arguments(self) -> Mapping[str, Any]:
        return self.choices(self.page.home, self.page.stage, dated=False)

    def initial(self) -> Mapping[str, Any]:
        page = self.page
        kept = {name: getattr(page, name) for name in ("name", "grade", "language", "kind", "room")}
        return {**kept, "places": page.seats, "shifts": page.shift}

    def told(self, form: ClassForm) -> Sequence[Shown]:
        before = (self.page.name, self.page.seats, self.page.learners)
        sentence = self.say("record.change_class.before", name=before[0], seats=before[1], learners=before[2])
        return ((self.say("record.change_class.was"), sentence),)

    def submit(self, form: ClassForm) -> str:
        told = form.cleaned_data
        gone = {"shift": told["shifts"] is None, "room": told["room"] is None}
        change = services.ClassChange(
            name=told["name"], kind=told["kind"], language=told["language"], grade=told.get("grade"),
            shift=told["shifts"], room=told["room"], seats=told["places"],
            without=frozenset(name for name, empty in gone.items() if empty),
        )  # fmt: skip
        services.change_class(actor=self.actor, group=self.page.id, change=change, now=self.now)
        return self.back()


class ClosingForm(KeyedForm):
    """From which day a class no longer works."""

    texts = "record.class"
    on = Day()


class CloseClass(OfClass):
    """A class or group ends; nobody may be left in it."""

    form = ClosingForm
    template = "registry/class_form.html"
    texts = "record.close_class"
    done = "record.close_class.done"
    danger = True

    def initial(self) -> Mapping[str, Any]:
        return {"on": self.today}

    def told(self, form: ClosingForm) -> Sequence[Shown]:
        return ((self.say("record.column.class"), self.page.name), (self.say("record.column.learners"), 0))

    def submit(self, form: ClosingForm) -> str:
        services.close_group(actor=self.actor, group=self.page.id, on=form.cleaned_data["on"], now=self.now)
        return self.back()


def class_address(group: UUID) -> str:
    """The page of one class."""
    return reverse("record:class", args=(group,))
