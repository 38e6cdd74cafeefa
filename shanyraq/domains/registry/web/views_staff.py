"""Who works in an organisation: appointing, another post, load or category, leaving; the spells of one person."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404
from django.urls import reverse

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.queries import finding
from shanyraq.domains.registry.queries.record import employment as work
from shanyraq.domains.registry.rules.kinds import Category, LeavingReason, Post, Qualification, Sex
from shanyraq.domains.registry.web.previewing import PreviewPage, Shown
from shanyraq.domains.registry.web.views_lists import STAFF_ROLES
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import lookups
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import show
from shanyraq.foundation.ui.forms import Choice, Day, KeyedForm
from shanyraq.foundation.ui.pages import Context, Crumb, Page

EDITORS: Final = (Role.HEAD, Role.OFFICER, Role.REGION)


class Work(Page):
    """One person's work in one organisation, with its past."""

    template = "registry/employment.html"
    roles = STAFF_ROLES

    def context(self) -> Context:
        page = work.employment_page(self.actor, self.kwargs["employment"])
        audit.read(
            self.actor, "registry.read_staff", at=self.now, child=page.person, subject="employment",
            subject_id=page.spell.id,
        )  # fmt: skip
        running = page.spell.until is None
        return {
            "page": page, "spell": page.spell, "running": running, "today": self.today,
            "lapsed": page.spell.lapsed(self.today), "staff": staff_list(page.home.id),
            "imports": reverse("imports") if self.actor.has(*EDITORS) else "",
        }  # fmt: skip

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("record.title"), reverse("record:home")),)


class Load(forms.DecimalField):
    """A share of a full rate, written 0.5 or 0,5."""

    def __init__(self) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "short"})
        super().__init__(max_digits=4, decimal_places=2, widget=widget)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class PostForm(KeyedForm):
    """A post and what goes with it."""

    texts = "record.work"
    post = Choice(Post, empty="record.work.choose")
    subject = forms.CharField(max_length=60, required=False)
    load = Load()
    category = Choice(Category, empty="record.work.no_category", required=False)
    category_until = Day(required=False)
    qualification = Choice(Qualification, empty="record.work.unknown", required=False)
    on = Day()
    order_number = forms.CharField(max_length=40, required=False)
    order_on = Day(required=False)


class KnownForm(PostForm):
    """A person whom the registry knows."""

    number = forms.CharField(max_length=20)
    born_on = Day()
    field_order = ("number", "born_on")


class NewcomerForm(PostForm):
    """A person whom nobody has registered."""

    iin = forms.CharField(max_length=14)
    surname = forms.CharField(max_length=60, required=False)
    given = forms.CharField(max_length=60)
    patronymic = forms.CharField(max_length=60, required=False)
    sex = Choice(Sex, show_as="radio")
    born_on = Day()
    field_order = ("iin", "surname", "given", "patronymic", "sex", "born_on")


class Appointing(PreviewPage):
    """A page on which someone comes to work in an organisation."""

    roles = EDITORS
    done = "record.appoint.done"

    @cached_property
    def home(self) -> queries.OrganisationCard:
        card = work.changes_staff(self.actor, self.kwargs["organisation"])
        if card is None:
            raise Http404
        return card

    def initial(self) -> Mapping[str, Any]:
        return {"load": "1", "on": self.today}

    def counted(self, form: Any) -> None:
        lookups.note(actor=self.actor, now=self.now)

    def context(self) -> Context:
        return {**super().context(), "home": self.home}

    def back(self) -> str:
        return staff_list(self.home.id)

    def crumbs(self) -> Sequence[Crumb]:
        return home_crumbs(self)

    def employment(self, told: Mapping[str, Any], person: UUID) -> services.NewEmployment:
        """What the form says of the work."""
        kept = ("post", "subject", "load", "category", "category_until", "order_number", "order_on")
        return services.NewEmployment(
            person, self.home.id, qualification=told["qualification"], **{name: told[name] for name in kept}
        )


class Appoint(Appointing):
    """Someone whom the registry knows comes to work: found by a number and the birth date."""

    template = "registry/appoint.html"
    form = KnownForm
    texts = "record.appoint"

    def submit(self, form: KnownForm) -> str:
        told = form.cleaned_data
        new = self.employment(told, self._found(form))
        return work_page(services.appoint(actor=self.actor, new=new, on=told["on"], now=self.now))

    def told(self, form: KnownForm) -> Sequence[Shown]:
        person = self._found(form)
        audit.read(self.actor, "registry.read_person", at=self.now, child=person, subject="person", subject_id=person)
        return ((self.say("record.column.name"), queries.names_of((person,))[person]),)

    def _found(self, form: KnownForm) -> UUID:
        person = finding.born_under(form.cleaned_data["number"], form.cleaned_data["born_on"])
        if person is None:
            raise Refusal("registry.person_not_found", field="number")
        return person


class AppointNewcomer(Appointing):
    """Someone whom nobody has registered comes to work."""

    template = "registry/appoint_newcomer.html"
    form = NewcomerForm
    texts = "record.newcomer"

    def submit(self, form: NewcomerForm) -> str:
        told = form.cleaned_data
        kept = ("given", "sex", "born_on", "iin", "surname", "patronymic")
        colleague = services.NewColleague(**{name: told[name] for name in kept})
        new = self.employment(told, self.home.id)  # the person's id comes with the registration
        made = services.appoint_newcomer(actor=self.actor, colleague=colleague, new=new, on=told["on"], now=self.now)
        return work_page(made)


class OfEmployment(PreviewPage):
    """A page that changes one open employment."""

    roles = EDITORS
    template = "registry/employment_form.html"

    @cached_property
    def page(self) -> work.EmploymentPage:
        page = work.employment_page(self.actor, self.kwargs["employment"])
        if not page.may_change or page.spell.until is not None:
            raise Http404
        return page

    def context(self) -> Context:
        return {**super().context(), "page": self.page}

    def told(self, form: Any) -> Sequence[Shown]:
        return ((self.say("record.column.name"), self.page.name),)

    def back(self) -> str:
        return work_page(self.page.spell.id)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(show(self.page.name, self.lang), self.back()),)


class ChangeWork(OfEmployment):
    """Another post, load, category or qualification from a day on."""

    form = PostForm
    texts = "record.change_work"
    done = "record.change_work.done"

    def initial(self) -> Mapping[str, Any]:
        spell = self.page.spell
        kept = ("post", "subject", "category", "category_until", "qualification")
        load = spell.load.quantize(Decimal("0.01")).normalize()
        return {**{name: getattr(spell, name) for name in kept}, "load": f"{load:f}", "on": self.today}

    def submit(self, form: PostForm) -> str:
        told = form.cleaned_data
        gone = frozenset(name for name in ("category", "category_until", "qualification") if not told[name])
        kept = ("post", "subject", "load", "category", "category_until", "qualification", "order_on")
        change = services.EmploymentChange(
            **{name: told[name] for name in kept}, order_number=told["order_number"] or None, without=gone
        )
        made = services.change_employment(
            actor=self.actor, employment=self.page.spell.id, change=change, on=told["on"], now=self.now
        )
        return work_page(made)


class LeavingForm(KeyedForm):
    """Why and from which day someone no longer works in a post."""

    texts = "record.work"
    reason = Choice(LeavingReason, show_as="radio")
    on = Day()


class EndWork(OfEmployment):
    """Someone leaves a post."""

    form = LeavingForm
    texts = "record.end_work"
    done = "record.end_work.done"
    danger = True

    def initial(self) -> Mapping[str, Any]:
        return {"on": self.today}

    def submit(self, form: LeavingForm) -> str:
        told, spell = form.cleaned_data, self.page.spell
        services.end_employment(
            actor=self.actor, employment=spell.id, reason=told["reason"], on=told["on"], now=self.now
        )
        return work_page(spell.id)

    def told(self, form: LeavingForm) -> Sequence[Shown]:
        return (*super().told(form), (self.say("record.column.post"), self.page.spell.post))


def home_crumbs(page: Any) -> Sequence[Crumb]:
    """The way back to the organisation of a page."""
    return (Crumb(show(page.home.name, page.lang), reverse("record:organisation", args=(page.home.id,))),)


def staff_list(organisation: UUID) -> str:
    """The list of those who work in an organisation."""
    return f"{reverse('record:staff')}?organisation={organisation}"


def work_page(employment: UUID) -> str:
    """The page of one employment."""
    return reverse("record:work", args=(employment,))
