"""Pages of exchange: the snapshots that anyone may see; rosters and school years for the operator."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.registry.queries.packed import YearScope
from shanyraq.domains.registry.queries.rosters import Looking
from shanyraq.foundation import ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.ledger.notes import BadNote, Key
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page
from shanyraq.interfaces.exchange import snapshots
from shanyraq.interfaces.exchange.oneroster import writing
from shanyraq.interfaces.exchange.package import loading, making

SECRET_AT_LEAST = 20


class Exchange(Page):
    """Dated snapshots with their fingerprints, and the ways for other systems."""

    template = "exchange/home.html"

    def context(self) -> Context:
        return {"snapshots": snapshots.listed(), "operator": self.actor.has(Role.OPERATOR)}


class _Operators(FormPage):
    roles = (Role.OPERATOR,)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("exchange.title"), reverse("exchange:home")),)


class PackForm(Form):
    texts = "exchange.package"
    year = forms.IntegerField(min_value=1990, max_value=2199)
    territory = forms.RegexField(r"^([0-9]{2,9})?$", required=False)
    secret = forms.CharField(min_length=SECRET_AT_LEAST, max_length=200)


class Pack(_Operators):
    """A school year as a file, sealed under the secret that the operator names."""

    template = "exchange/pack.html"
    form = PackForm

    def initial(self) -> Mapping[str, Any]:
        year = self.today.year if self.today.month >= 9 else self.today.year - 1
        return {"year": year, "secret": making.new_secret()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = PackForm(request.POST)
        if not form.is_valid():
            return self._answer(form, status=422)
        given = form.cleaned_data
        scope = YearScope(given["year"], given["territory"])
        out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
        try:
            making.make(actor=self.actor, scope=scope, out=cast(BinaryIO, out), secret=given["secret"], now=self.now)
        except NotAllowed:
            out.close()
            raise
        except Refusal as refusal:
            out.close()
            form.refuse(refusal)
            return self._answer(form, status=422)
        out.seek(0)
        name = f"school-year-{scope.year}-{scope.territory or 'country'}{making.SUFFIX}"
        return FileResponse(out, as_attachment=True, filename=name)


class ReconcileForm(Form):
    texts = "exchange.reconcile"
    file = forms.FileField()
    secret = forms.CharField(max_length=200)
    key = forms.CharField(max_length=300, required=False)


class Reconcile(_Operators):
    """A package against what stands here, table by table. Nothing is written: loading is for the command line."""

    template = "exchange/reconcile.html"
    form = ReconcileForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ReconcileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._answer(form, status=422)
        given = form.cleaned_data
        try:
            report = loading.reconcile(
                actor=self.actor, source=given["file"], secret=given["secret"].strip(), trusted=trusted(given["key"])
            )
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
            return self._answer(form, status=422)
        return self.render({"form": form, "report": report})


class Roster(Page):
    """The OneRoster package of everything, by a button."""

    template = "exchange/roster.html"
    roles = (Role.OPERATOR,)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("exchange.title"), reverse("exchange:home")),)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
        writing.write(cast(BinaryIO, out), Looking(self.actor, self.today), now=self.now)
        out.seek(0)
        response: HttpResponse | FileResponse = FileResponse(
            out, as_attachment=True, filename=f"oneroster-{self.today.isoformat()}.zip"
        )
        return response


def trusted(spelt: str) -> list[Key]:
    """The key that the operator names, else the keys of our own log. Raises Refusal."""
    if not spelt.strip():
        return [card.key for card in ledger.keys_listed()] + [signer.key for signer in making.own_signers()]
    try:
        return [Key.parse(spelt)]
    except BadNote:
        raise Refusal("exchange.package_not_signed", field="key") from None
