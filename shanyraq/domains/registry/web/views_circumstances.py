"""What entitles a person to support: noting, correcting, ending, taking back. Read by fewer than the name."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404
from django.urls import reverse

from shanyraq.domains.registry import queries, services
from shanyraq.domains.registry.queries.record import circumstances as grounds
from shanyraq.domains.registry.rules.kinds import CircumstanceKind
from shanyraq.domains.registry.web.previewing import PreviewPage, Shown
from shanyraq.domains.registry.web.views_staff import EDITORS
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.text import Fact, Text, show
from shanyraq.foundation.ui.forms import Choice, ConfirmForm, Day, KeyedForm
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, Page

WRITERS = (*EDITORS, Role.OPERATOR)


class Circumstances(Page):
    """A person's grounds of support; the reading is noted."""

    template = "registry/circumstances.html"
    private = True

    def context(self) -> Context:
        person: UUID = self.kwargs["person"]
        page = grounds.circumstances_of(self.actor, person, self.today)
        audit.read(
            self.actor, "registry.read_circumstance", at=self.now, child=person, subject="person", subject_id=person
        )
        return {"page": page, "may_note": page.may_note and self.actor.has(*WRITERS)}

    def crumbs(self) -> Sequence[Crumb]:
        person: UUID = self.kwargs["person"]
        return (Crumb(self.say("record.circumstances.person"), reverse("record:person", args=(person,))),)


class CircumstanceForm(KeyedForm):
    """A ground of support and the paper that shows it."""

    texts = "record.circumstance"
    kind = Choice(CircumstanceKind, show_as="radio")
    document = forms.CharField(max_length=60, required=False)
    on = Day()


class OfPerson(PreviewPage):
    """A page that writes a person's grounds of support."""

    roles = WRITERS
    template = "registry/circumstance_form.html"

    @property
    def person(self) -> UUID:
        """Whose they are."""
        raise NotImplementedError

    @cached_property
    def name(self) -> Text:
        if not grounds.notes_circumstances(self.actor, self.person):
            raise Http404
        return queries.names_of((self.person,))[self.person]

    def context(self) -> Context:
        return {**super().context(), "name": self.name}

    def told(self, form: Any) -> Sequence[Shown]:
        return ((self.say("record.column.name"), self.name),)

    def back(self) -> str:
        return grounds_page(self.person)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(show(self.name, self.lang), self.back()),)


class Note(OfPerson):
    """A ground of support begins."""

    form = CircumstanceForm
    texts = "record.note_circumstance"
    done = "record.note_circumstance.done"

    @property
    def person(self) -> UUID:
        """Whose ground of support it will be."""
        found: UUID = self.kwargs["person"]
        return found

    def initial(self) -> Mapping[str, Any]:
        return {"on": self.today}

    def submit(self, form: CircumstanceForm) -> str:
        told = form.cleaned_data
        services.note_circumstance(
            actor=self.actor, person=self.person, kind=told["kind"], document=told["document"], on=told["on"],
            now=self.now,
        )  # fmt: skip
        return self.back()


class OfCircumstance(OfPerson):
    """A page that changes one open ground of support."""

    @cached_property
    def line(self) -> grounds.CircumstanceLine:
        line = grounds.circumstance_line(self.actor, self.kwargs["circumstance"])
        if line is None:
            raise Http404
        return line

    @property
    def person(self) -> UUID:
        """Whose ground of support it is."""
        return self.line.person


class Correct(OfCircumstance):
    """A ground of support was written wrongly."""

    form = CircumstanceForm
    texts = "record.correct_circumstance"
    done = "record.correct_circumstance.done"

    def initial(self) -> Mapping[str, Any]:
        return {"kind": self.line.kind, "document": self.line.document, "on": self.line.since}

    def submit(self, form: CircumstanceForm) -> str:
        kept = {name: form.cleaned_data[name] for name in ("kind", "document", "on")}
        services.correct_circumstance(actor=self.actor, circumstance=self.line.id, now=self.now, **kept)
        return self.back()


class EndingForm(KeyedForm):
    """From which day a ground of support no longer holds."""

    texts = "record.circumstance"
    on = Day()


class End(OfCircumstance):
    """A ground of support holds no longer."""

    form = EndingForm
    texts = "record.end_circumstance"
    done = "record.end_circumstance.done"

    def initial(self) -> Mapping[str, Any]:
        return {"on": self.today}

    def told(self, form: EndingForm) -> Sequence[Shown]:
        return (*super().told(form), (self.say("record.circumstance.kind"), self.line.kind))

    def submit(self, form: EndingForm) -> str:
        services.end_circumstance(actor=self.actor, circumstance=self.line.id, on=form.cleaned_data["on"], now=self.now)
        return self.back()


class TakeBack(ConfirmPage):
    """A ground of support was noted by mistake: asked first, since it leaves the present record."""

    texts = "record.take_back"
    done = "record.take_back.done"
    roles = WRITERS
    danger = True

    @cached_property
    def line(self) -> grounds.CircumstanceLine:
        line = grounds.circumstance_line(self.actor, self.kwargs["circumstance"])
        if line is None:
            raise Http404
        return line

    def facts(self) -> Mapping[str, Fact]:
        name = queries.names_of((self.line.person,))[self.line.person]
        return {"kind": self.line.kind, "name": name, "since": self.line.since}

    def submit(self, form: ConfirmForm) -> str:
        back = self.back()
        services.take_back_circumstance(actor=self.actor, circumstance=self.line.id, now=self.now)
        return back

    def back(self) -> str:
        """The page of the person's grounds of support."""
        return grounds_page(self.line.person)


def grounds_page(person: UUID) -> str:
    """The page of a person's grounds of support."""
    return reverse("record:circumstances", args=(person,))
