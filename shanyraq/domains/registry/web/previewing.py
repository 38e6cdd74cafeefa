"""Forms that are rehearsed first: all is done, shown and taken back; the second press does it."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import Context, FormPage, see_other

Shown = tuple[str, Fact]  # a label in words, a value


class PreviewPage(FormPage):
    """A form whose first press shows what will be written, or why it cannot be; `step` says which press it is."""

    preview: ClassVar[str] = "registry/preview.html"
    texts: ClassVar[str] = ""  # <texts>.title, .lead and .yes stand on the preview as well
    danger: ClassVar[bool] = False

    def counted(self, form: Any) -> None:
        """What a press costs, whatever comes of it: a search by number, say. May raise Refusal."""

    def told(self, form: Any) -> Sequence[Shown]:
        """What the form alone does not say: names found, rows that end."""
        return ()

    def back(self) -> str:
        """Where "no" leads."""
        raise NotImplementedError

    def context(self) -> Context:
        words = {name: self.say(f"{self.texts}.{name}") for name in ("title", "lead", "yes")}
        return {**words, "back": self.back(), "danger": self.danger}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        step = request.POST.get("step", "")
        if step == "edit":
            return self._answer(self.form(initial=request.POST.dict(), **self.form_arguments()))
        form = self.form(request.POST, initial=dict(self.initial()), **self.form_arguments())
        if not form.is_valid():
            return self._answer(form, status=422)
        try:
            self.counted(form)
            if step != "apply":
                return self._shown(form, self._rehearsed(form))
            address = self.submit(form)
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
            return self._answer(form, status=422)
        messages.success(request, self.say(self.done))
        return see_other(address)

    def _rehearsed(self, form: Form) -> Sequence[Shown]:
        with transaction.atomic():
            self.submit(form)
            transaction.set_rollback(True)
        return self.told(form)

    def _shown(self, form: Form, told: Sequence[Shown]) -> HttpResponseBase:
        typed = [(str(bound.label), value_of(form, bound)) for bound in form.visible_fields()]
        shown = [one for one in (*told, *typed) if one[1] not in ("", None)]
        hidden = [bound.as_hidden() for bound in form]
        context = {"crumbs": self.crumbs(), "rows": shown, "hidden": hidden, **self.context()}
        return render(self.request, self.preview, context)


def value_of(form: Form, bound: BoundField) -> Fact:
    """A field as people read it: the words of a choice, yes or nothing for a tick."""
    value = form.cleaned_data.get(bound.name)
    choices = getattr(bound.field, "choices", None)
    if choices and value is not None and not isinstance(value, Enum):
        return str({str(key): label for key, label in choices}.get(str(value), value))
    found: Fact = value
    return found
