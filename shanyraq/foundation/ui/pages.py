"""Pages: parse, one service or query, render. Views say what is theirs; the shell, the gate and refusals are here.

class Places(Page):
    template = "placement/public_places.html"

    def context(self) -> Context:
        return {"regions": public.regions(on=self.today)}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, TypeAlias
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views import View

from shanyraq.foundation import clock
from shanyraq.foundation.access import ANYONE, Actor, Role, require_role
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Fact, Lang, as_lang, say
from shanyraq.foundation.timeline import day_of
from shanyraq.foundation.ui.forms import ConfirmForm, Form

Context: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way back: the text and where it leads."""

    text: str
    url: str


class Page(View):
    """A page that is read. `roles`: one of them is needed; `private`: it is enough to be signed in."""

    template: ClassVar[str] = ""
    roles: ClassVar[tuple[Role, ...]] = ()
    private: ClassVar[bool] = False

    actor: Actor
    now: datetime
    today: date
    lang: Lang

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.actor = getattr(request, "actor", ANYONE)
        self.now = clock.now()
        self.today = day_of(self.now)
        self.lang = as_lang(get_language())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        gated = self.private or bool(self.roles)
        if gated and self.actor.user is None:
            return to_sign_in(request)
        if self.roles:
            require_role(self.actor, *self.roles)
        response = super().dispatch(request, *args, **kwargs)
        if self.actor.user is not None:
            patch_cache_control(response, private=True, no_store=True)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(self.context())

    def context(self) -> Context:
        """The plain values of the template. `self.kwargs` holds the parts of the address."""
        return {}

    def crumbs(self) -> Sequence[Crumb]:
        """The way back, from the top; the page itself is not in it."""
        return ()

    def say(self, code: str, **facts: Fact) -> str:
        """A text of the catalogue in the language of the page."""
        return say(code, self.lang, **facts)

    def render(self, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        """The template with the shell round it."""
        return render(self.request, self.template, {"crumbs": self.crumbs(), **context}, status=status)


class FormPage(Page):
    """A page with one form: parse -> one service call -> redirect. A refusal re-renders the page with its reason."""

    form: ClassVar[type[Form]]
    done: ClassVar[str] = ""  # code of the text that the next page shows on top

    def submit(self, form: Any) -> str:
        """Do the one thing and return the address to go to. May raise Refusal: the form then shows it."""
        raise NotImplementedError

    def initial(self) -> Mapping[str, Any]:
        """Values that stand in the fields at first."""
        return {}

    def form_arguments(self) -> Mapping[str, Any]:
        """What else the form needs, e.g. choices."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._answer(self.form(initial=dict(self.initial()), **self.form_arguments()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST, request.FILES, initial=dict(self.initial()), **self.form_arguments())
        if not form.is_valid():
            return self._answer(form, status=422)
        try:
            address = self.submit(form)
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
            return self._answer(form, status=422)
        if self.done:
            messages.success(request, self.say(self.done))
        return see_other(address)

    def _answer(self, form: Form, *, status: int = 200) -> HttpResponse:
        return self.render({"form": form, **self.context()}, status=status)


class ConfirmPage(FormPage):
    """A step that cannot be taken back. GET shows what will happen; POST does it. Works without JavaScript.

    `texts` names four catalogue entries: <texts>.title, .body, .yes and .no; `facts()` fills them.
    """

    form = ConfirmForm
    template = "ui/confirm.html"
    texts: ClassVar[str] = ""
    danger: ClassVar[bool] = False  # red button

    def facts(self) -> Mapping[str, Fact]:
        """The facts of the texts."""
        return {}

    def back(self) -> str:
        """Where "no" leads."""
        return "/"

    def context(self) -> Context:
        facts = self.facts()
        texts = {name: self.say(f"{self.texts}.{name}", **facts) for name in ("title", "body", "yes", "no")}
        return {**texts, "back": self.back(), "danger": self.danger}


def to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """To the sign-in page, and back here afterwards."""
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")


def see_other(address: str) -> HttpResponseRedirect:
    """303: the next request is a GET, so a reload repeats nothing."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response
