"""The page of a file: GET says what is in it and what it takes; POST gives it, or asks a second person."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse

from shanyraq.foundation.access import Role
from shanyraq.foundation.exports import queries, rules, services
from shanyraq.foundation.exports.rules import Way
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.ui.export import FORMS
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import Context, Page, see_other


class PurposeForm(Form):
    texts = "exports.ask"
    purpose = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=rules.PURPOSE_AT_MOST)


class ExportPage(Page):
    """A file of people's data. A list page posts here with one button; whoever opens the address sees what it is."""

    template = "exports/ask.html"
    kind: ClassVar[str]

    def asked(self) -> dict[str, str]:
        """Which rows: parts of the address and its filters, as text."""
        return {name: str(value) for name, value in self.request.GET.items() if value}

    def back(self) -> str:
        """The page that the file was asked from."""
        return reverse("exports")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._page(PurposeForm(), 200)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = self.asked()
        try:
            return sent(services.give(actor=self.actor, name=self.kind, asked=asked, lang=self.lang, now=self.now))
        except NotAllowed:
            raise
        except Refusal as refusal:
            if refusal.code == f"exports.{Way.OVER_QUOTA}":
                services.note_quota(actor=self.actor, name=self.kind, rows=str(refusal.facts["rows"]), now=self.now)
        if "purpose" not in request.POST:
            return see_other(request.get_full_path())
        return self._requested(PurposeForm(request.POST), asked)

    def _requested(self, form: PurposeForm, asked: dict[str, str]) -> HttpResponseBase:
        if not form.is_valid():
            return self._page(form, 422)
        purpose = form.cleaned_data["purpose"]
        try:
            export = services.request(
                actor=self.actor, name=self.kind, asked=asked, purpose=purpose, lang=self.lang, now=self.now
            )
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
            return self._page(form, 422)
        return see_other(reverse("exports_one", args=(export,)))

    def _page(self, form: PurposeForm, status: int) -> HttpResponseBase:
        plan = queries.plan(self.actor, self.kind, self.asked(), self.now)
        shown: Context = {"form": form, "plan": plan, "back": self.back(), "at_once": plan.way is Way.AT_ONCE}
        shown |= {"kind": f"exports.kind.{self.kind}", "purpose": f"exports.purpose.{self.kind}"}
        return self.render(shown, status=status)


class Exports(Page):
    """One's own files, those that wait for one's decision, and for the auditor those of others and the way back."""

    template = "exports/list.html"
    roles = (Role.OFFICER, Role.HEAD, Role.REGION, Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)

    def context(self) -> Context:
        watches = self.actor.has(*services.WATCHERS)
        shown: Context = {
            "own": queries.own(self.actor),
            "waiting": queries.to_decide(self.actor),
            "others": queries.of_others(self.actor),
            "watches": watches,
            "limits": rules.Limits.on(self.today),
            "code": self.request.GET.get("code", "")[:60],
        }
        return {**shown, **self._traced(shown["code"])} if watches and shown["code"] else shown

    def _traced(self, code: str) -> Context:
        try:
            return {"traced": queries.trace(self.actor, code)}
        except NotAllowed:
            raise
        except Refusal:
            return {"unknown": True}


class One(Page):
    """One file: what it is, where it stands, and what may be done with it."""

    template = "exports/one.html"
    roles = Exports.roles

    def context(self) -> Context:
        export = self.kwargs["export"]
        card = queries.card(self.actor, export)
        if card is None:
            raise NotAllowed("access.denied", action="exports.see")
        coded = card.decision if card.decision.startswith("exports.") else ""
        return {"one": card, "may_decide": queries.may_decide(self.actor, export), "coded": coded}


class Decide(Page):
    """A second person says yes or no. Without an answer the address shows the file."""

    roles = (Role.REGION, Role.MINISTRY, Role.AUDITOR)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if queries.card(self.actor, self.kwargs["export"]) is None:
            raise NotAllowed("access.denied", action="exports.see")
        return see_other(reverse("exports_one", args=(self.kwargs["export"],)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        export = self.kwargs["export"]
        if request.POST.get("answer") == "yes":
            services.approve(actor=self.actor, export=export, now=self.now)
        else:
            reason = request.POST.get("reason", "")
            services.refuse(actor=self.actor, export=export, reason=reason, now=self.now)
        return see_other(reverse("exports_one", args=(export,)))


class Fetch(Page):
    """The file itself, by a button."""

    roles = Exports.roles

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if queries.card(self.actor, self.kwargs["export"]) is None:
            raise NotAllowed("access.denied", action="exports.see")
        return see_other(reverse("exports_one", args=(self.kwargs["export"],)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return sent(services.fetch(actor=self.actor, export=self.kwargs["export"], now=self.now))


def sent(file: services.File) -> HttpResponseBase:
    """A file as an answer."""
    response = StreamingHttpResponse(file.content, content_type=FORMS[file.name.rsplit(".", 1)[-1]])
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response
