"""The pages of imports: what can be imported, a new file, its preview, its faults and changes, yes, undo."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.checks import subjects
from shanyraq.foundation.imports import queries, services, sheets, steps, taken
from shanyraq.foundation.imports.access import IMPORTERS, READERS
from shanyraq.foundation.imports.kinds import Action, Kind, Place
from shanyraq.foundation.imports.services import NewImport
from shanyraq.foundation.imports.states import ImportState
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Fact, Lang
from shanyraq.foundation.ui.forms import Day, Form, KeyedForm
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage, Page, see_other

REFRESH = "2"  # seconds between two looks at an import that a job is at work on


class Imports(Page):
    """What the actor may import, and what was imported."""

    template = "imports/list.html"
    roles = READERS

    def context(self) -> Context:
        return {
            "kinds": queries.kinds_of(self.actor, self.now, self.lang),
            "imports": queries.cards(self.actor, self.now),
        }


class OfKind(Page):
    """A page about a kind that the actor may import."""

    roles = IMPORTERS

    @property
    def kind(self) -> Kind:
        """The kind that the address names."""
        try:
            found = steps.known(self.kwargs["kind"])
        except Refusal:
            raise Http404 from None
        if not self.places:
            raise NotAllowed("access.denied", action="imports.receive")
        return found

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the actor may import the kind."""
        return steps.places(steps.known(self.kwargs["kind"]), self.actor, self.today)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("imports.title"), reverse("imports")),)


class Template(OfKind):
    """The file to fill in."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kind = self.kind
        if not kind.columns:
            raise Http404
        made = sheets.template if self.kwargs["form"] == "xlsx" else sheets.template_csv
        return sent(f"{kind.code.replace('.', '-')}.{self.kwargs['form']}", made(kind, self.lang))


class NewForm(KeyedForm):
    texts = "imports.new"
    file = forms.FileField(max_length=200)
    place = forms.ChoiceField()
    holds_from = Day()
    replace = forms.BooleanField(required=False)

    def __init__(self, *args: Any, kind: Kind, places: Sequence[Place], lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (str(number), place.label.in_lang(lang)) for number, place in enumerate(places)
        ]
        self.places = places
        if not kind.replaces:
            del self.fields["replace"]
        if len(places) == 1:
            self.fields["place"].widget = forms.HiddenInput()
            self.fields["place"].initial = "0"


class New(OfKind, FormPage):
    """A file is brought."""

    template = "imports/new.html"
    form = NewForm

    def context(self) -> Context:
        places = self.places
        only = places[0].label.in_lang(self.lang) if len(places) == 1 else ""
        return {"kind": self.kind, "title": f"imports.kind.{self.kind.code}", "place": only}

    def initial(self) -> Mapping[str, Any]:
        return {"holds_from": self.today}

    def form_arguments(self) -> Mapping[str, Any]:
        return {"kind": self.kind, "places": self.places, "lang": self.lang}

    def submit(self, form: NewForm) -> str:
        given = form.cleaned_data
        place = form.places[int(given["place"])]
        file = given["file"]
        with NamedTemporaryFile(prefix="shanyraq-upload-") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
            kept.flush()
            new = NewImport(
                self.kwargs["kind"], Path(kept.name), file.name or "-", place.territory, place.organisation,
                given["holds_from"], given.get("replace", False), self.lang,
            )  # fmt: skip
            owner = services.receive(actor=self.actor, new=new, now=self.now, key=given["key"])
        return address("imports_one", owner)


class OfImport(Page):
    """A page about one import."""

    roles: ClassVar[tuple[Role, ...]] = IMPORTERS

    @property
    def owner(self) -> UUID:
        """The import that the address names."""
        found: UUID = self.kwargs["upload"]
        return found

    def require_hand(self) -> None:
        """Pass when the actor may work on the import. Raises NotAllowed("access.denied")."""
        if not queries.may_work(self.actor, self.owner):
            raise NotAllowed("access.denied", action="imports.apply")

    def crumbs(self) -> Sequence[Crumb]:
        return (
            Crumb(self.say("imports.title"), reverse("imports")),
            Crumb(self.say("imports.one.crumb"), address("imports_one", self.owner)),
        )


class One(OfImport):
    """One import: where it stands, what was found, what it does, and what may be done with it."""

    template = "imports/one.html"
    roles = READERS

    def crumbs(self) -> Sequence[Crumb]:
        return super().crumbs()[:1]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        context = self.context()
        response = self.render(context)
        if context["one"].busy:
            response["Refresh"] = REFRESH
        return response

    def context(self) -> Context:
        one = queries.card(self.actor, self.owner, self.now)
        return {
            "one": one,
            "title": f"imports.kind.{one.kind}",
            "place": self._place(one),
            "found": queries.preview(self.actor, self.owner, self.lang),
            "open": queries.may_read(self.actor, self.owner),
            "hand": queries.may_work(self.actor, self.owner),
            "step": STEP[one.state],
            "actions": [(action, one.counts.get(action, 0)) for action in Action],
            "checks": taken.checked(one.batch, self.lang),
        }

    def _place(self, one: queries.Card) -> str:
        """The name of the organisation, or of the territory where it is one of the actor's."""
        if one.organisation:
            named = subjects.names().organisations(self.actor, [one.organisation])
            return named[one.organisation].name.in_lang(self.lang) if named else ""
        places = steps.places(steps.known(one.kind), self.actor, self.today)
        same = (each for each in places if (each.territory, each.organisation) == (one.territory, one.organisation))
        return next((each.label.in_lang(self.lang) for each in same), one.territory)


STEP = {
    ImportState.RECEIVED: 1,
    ImportState.REFUSED: 1,
    ImportState.EXAMINED: 2,
    ImportState.EXPIRED: 2,
    ImportState.APPLYING: 3,
    ImportState.APPLIED: 4,
    ImportState.UNDONE: 4,
}


class Faults(OfImport):
    """Faults of a file one by one."""

    template = "imports/faults.html"

    def context(self) -> Context:
        asked = self.request.GET.get("fault", "")[:120]
        code, _, column = asked.partition(":")
        lines = queries.lines(self.actor, self.owner, self.lang, code=code, column=column)
        found = queries.preview(self.actor, self.owner, self.lang)
        page = Paginator(lines, queries.ON_A_PAGE).get_page(self.request.GET.get("page"))
        return {"page": page, "asked": asked, "found": found, "total": len(lines), "upload": self.owner}


class Changes(OfImport):
    """What an import does, subject by subject. Looking at children's records is noted."""

    template = "imports/changes.html"

    def context(self) -> Context:
        asked = self.request.GET.get("action", "")
        action = Action(asked) if asked in set(Action) else Action.ADDED
        one = queries.card(self.actor, self.owner, self.now)
        number = self.request.GET.get("page", "1")
        at = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 8 else 1
        shown, total = queries.changes(self.actor, self.owner, action=action, page=at)
        audit.read_many(
            self.actor, "imports.changes", at=self.now, children=[each.child for each in shown if each.child],
            subject="imports_import",
        )  # fmt: skip
        page = Paginator(range(total), queries.ON_A_PAGE).get_page(at)
        actions = [(each, one.counts.get(each, 0)) for each in Action if each is not Action.UNCHANGED]
        return {"rows": shown, "page": page, "total": total, "action": action, "actions": actions, "one": one}


class Step(OfImport):
    """A button that does one thing; the address alone shows the import."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.require_hand()
        return see_other(address("imports_one", self.owner))


class FailedRows(Step):
    """The rows that were not taken, as a file with what is wrong in its first column."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        services.note_failed_rows(actor=self.actor, owner=self.owner, now=self.now)
        return sent(*taken.failed_rows(self.actor, self.owner, self.lang, form=self.kwargs["form"]))


class ApplyForm(KeyedForm):
    texts = "imports.apply"
    explanation = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=services.REASON_AT_MOST
    )

    def __init__(self, *args: Any, needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needed:
            del self.fields["explanation"]


class Apply(OfImport, FormPage):
    """Yes to a preview."""

    template = "imports/apply.html"
    form = ApplyForm

    def context(self) -> Context:
        self.require_hand()
        one = queries.card(self.actor, self.owner, self.now)
        found = queries.preview(self.actor, self.owner, self.lang)
        actions = [(each, one.counts.get(each, 0)) for each in Action]
        return {"one": one, "found": found, "actions": actions, "title": f"imports.kind.{one.kind}"}

    def form_arguments(self) -> Mapping[str, Any]:
        return {"needed": queries.card(self.actor, self.owner, self.now).counts.get("explain", 0) > 0}

    def submit(self, form: ApplyForm) -> str:
        explanation = form.cleaned_data.get("explanation", "")
        services.apply(actor=self.actor, owner=self.owner, explanation=explanation, now=self.now)
        return address("imports_one", self.owner)


class Undo(OfImport, ConfirmPage):
    """An import is taken back; what stands in the way is listed."""

    template = "imports/undo.html"
    texts = "imports.undo"
    danger = True
    done = "imports.undo.done"

    def facts(self) -> Mapping[str, Fact]:
        return {"n": queries.card(self.actor, self.owner, self.now).done}

    def back(self) -> str:
        return address("imports_one", self.owner)

    def context(self) -> Context:
        self.require_hand()
        return {**super().context(), "obstacles": queries.obstacles(self.actor, self.owner, self.lang)}

    def submit(self, form: Form) -> str:
        services.undo(actor=self.actor, owner=self.owner, now=self.now)
        return self.back()


class Resume(Step):
    """A stopped import goes on."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        services.resume(actor=self.actor, owner=self.owner, now=self.now)
        return see_other(address("imports_one", self.owner))


class PutAside(Step):
    """A file that will not be applied is dropped."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        services.put_aside(actor=self.actor, owner=self.owner, now=self.now)
        return see_other(reverse("imports"))


def address(name: str, owner: UUID) -> str:
    """The address of a page about an import."""
    return reverse(name, args=(owner,))


def sent(name: str, content: bytes) -> HttpResponse:
    """A file as an answer."""
    response = HttpResponse(content, content_type=sheets.content_type(name))
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
