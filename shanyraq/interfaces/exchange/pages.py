"""Pages of exchange: the snapshots that anyone may see; rosters and school years for the operator."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, ClassVar, cast
from uuid import UUID

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.registry.queries.packed import YearScope
from shanyraq.domains.registry.queries.rosters import Looking
from shanyraq.foundation import ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.exports import Asked, rules
from shanyraq.foundation.ledger.notes import BadNote, Key
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import Fact
from shanyraq.foundation.ui.forms import ConfirmForm, Form
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage, Page, see_other
from shanyraq.interfaces.exchange import leaving, snapshots
from shanyraq.interfaces.exchange.oneroster import writing
from shanyraq.interfaces.exchange.package import loading, loads, making
from shanyraq.interfaces.exchange.states import LoadState

SECRET_AT_LEAST = 20


class Exchange(Page):
    """Dated snapshots with their fingerprints, and the ways for other systems."""

    template = "exchange/home.html"

    def context(self) -> Context:
        return {
            "snapshots": snapshots.listed(),
            "operator": self.actor.has(Role.OPERATOR),
            "loads": loads.cards(self.actor),
        }


class _Operators(FormPage):
    roles = (Role.OPERATOR,)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("exchange.title"), reverse("exchange:home")),)


class LeavingForm(Form):
    """What a second person has to know, or the code of what one agreed to."""

    texts = "exchange.package"
    approval = forms.CharField(max_length=20, required=False)
    purpose = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}), max_length=rules.PURPOSE_AT_MOST, required=False
    )  # fmt: skip


class _Leaving(_Operators):
    """A file that leaves at once when it is small, and else when a second person has agreed."""

    kind: ClassVar[str]

    def asked(self, given: Mapping[str, Any]) -> Asked:
        """What is wanted, as a request for a file names it."""
        return {}

    def file(self, given: Mapping[str, Any], code: str) -> FileResponse:
        """The file, which carries the code."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST)
        if not form.is_valid():
            return self._answer(form, status=422)
        given = form.cleaned_data
        asked = self.asked(given)
        try:
            code = leaving.let_out(
                actor=self.actor, name=self.kind, asked=asked, approval=given["approval"], lang=self.lang, now=self.now
            )  # fmt: skip
            return self.file(given, code)
        except NotAllowed:
            raise
        except Refusal as refusal:
            if not leaving.too_big(self.actor, self.kind, refusal, self.now) or not given["purpose"]:
                form.refuse(refusal)
                return self._answer(form, status=422)
        return self._requested(form, asked, given["purpose"])

    def _requested(self, form: Form, asked: Asked, purpose: str) -> HttpResponseBase:
        try:
            export = leaving.ask(
                actor=self.actor, name=self.kind, asked=asked, purpose=purpose, lang=self.lang, now=self.now
            )  # fmt: skip
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
            return self._answer(form, status=422)
        return see_other(reverse("exports_one", args=(export,)))


class PackForm(LeavingForm):
    field_order = ("year", "territory", "secret", "purpose", "approval")
    year = forms.IntegerField(min_value=1990, max_value=2199)
    territory = forms.RegexField(r"^([0-9]{2,9})?$", required=False)
    secret = forms.CharField(min_length=SECRET_AT_LEAST, max_length=200)


class Pack(_Leaving):
    """A school year as a file, sealed under the secret that the operator names."""

    template = "exchange/pack.html"
    form = PackForm
    kind = leaving.SCHOOL_YEAR

    def initial(self) -> Mapping[str, Any]:
        year = self.today.year if self.today.month >= 9 else self.today.year - 1
        return {"year": year, "secret": making.new_secret()}

    def asked(self, given: Mapping[str, Any]) -> Asked:
        return leaving.asked_of(YearScope(given["year"], given["territory"]))

    def file(self, given: Mapping[str, Any], code: str) -> FileResponse:
        scope = YearScope(given["year"], given["territory"])
        out = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the answer closes it
        try:
            making.make(
                actor=self.actor, scope=scope, out=out, secret=given["secret"], now=self.now, taken=code
            )  # fmt: skip
        except Refusal:
            out.close()
            raise
        out.seek(0)
        name = f"school-year-{scope.year}-{scope.territory or 'country'}-{code}{making.SUFFIX}"
        return FileResponse(out, as_attachment=True, filename=name)


class ReconcileForm(Form):
    texts = "exchange.reconcile"
    file = forms.FileField()
    secret = forms.CharField(max_length=200)
    key = forms.CharField(max_length=300, required=False)


class Reconcile(_Operators):
    """A package against what stands here, table by table. Nothing is written."""

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


class Load(_Operators):
    """A package is brought: proved, compared, and kept until someone says yes."""

    template = "exchange/load.html"
    form = ReconcileForm

    def submit(self, form: ReconcileForm) -> str:
        given = form.cleaned_data
        owner = loading.receive(
            actor=self.actor, source=given["file"], secret=given["secret"].strip(), trusted=trusted(given["key"]),
            now=self.now,
        )  # fmt: skip
        return reverse("exchange:loaded", args=(owner,))


class _OfLoad(_Operators):
    """A page about one package that came in."""

    @property
    def owner(self) -> UUID:
        """The load that the address names."""
        found: UUID = self.kwargs["load"]
        return found

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("exchange.load.one"), reverse("exchange:loaded", args=(self.owner,))))


class SecretForm(Form):
    texts = "exchange.load"
    secret = forms.CharField(max_length=200, widget=forms.PasswordInput)


class One(_OfLoad):
    """One package that came in: its preview, the yes with its secret, its result and the way back."""

    template = "exchange/loaded.html"
    form = SecretForm
    done = "exchange.load.done"

    def crumbs(self) -> Sequence[Crumb]:
        return super().crumbs()[:1]

    def context(self) -> Context:
        one = loads.card(self.actor, self.owner)
        waits = one.state is LoadState.EXAMINED and one.missing > 0 and not one.different
        return {"one": one, "waits": waits, "step": STEP[one.state], "takes_back": one.state is LoadState.APPLIED}

    def submit(self, form: SecretForm) -> str:
        loading.apply(
            actor=self.actor, owner=self.owner, secret=form.cleaned_data["secret"].strip(), now=self.now
        )  # fmt: skip
        return reverse("exchange:loaded", args=(self.owner,))


STEP = {LoadState.EXAMINED: 2, LoadState.EXPIRED: 2, LoadState.APPLIED: 4, LoadState.UNDONE: 4}


class Undo(_OfLoad, ConfirmPage):
    """A load is taken back; what stands in the way is listed."""

    template = "exchange/undo.html"
    form = ConfirmForm
    texts = "exchange.undo"
    danger = True
    done = "exchange.undo.done"

    def facts(self) -> Mapping[str, Fact]:
        return {"n": loads.card(self.actor, self.owner).missing}

    def back(self) -> str:
        return reverse("exchange:loaded", args=(self.owner,))

    def context(self) -> Context:
        return {**super().context(), "obstacles": loads.obstacles(self.actor, self.owner)}

    def submit(self, form: Form) -> str:
        loading.undo(actor=self.actor, owner=self.owner, now=self.now)
        return self.back()


class Roster(_Leaving):
    """The OneRoster package of everything."""

    template = "exchange/roster.html"
    form = LeavingForm
    kind = leaving.ROSTER

    def file(self, given: Mapping[str, Any], code: str) -> FileResponse:
        out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
        writing.write(cast(BinaryIO, out), Looking(self.actor, self.today), now=self.now, taken=code)
        out.seek(0)
        return FileResponse(out, as_attachment=True, filename=f"oneroster-{self.today.isoformat()}-{code}.zip")


def trusted(spelt: str) -> list[Key]:
    """The key that the operator names, else the keys of our own log. Raises Refusal."""
    if not spelt.strip():
        return [card.key for card in ledger.keys_listed()] + [signer.key for signer in making.own_signers()]
    try:
        return [Key.parse(spelt)]
    except BadNote:
        raise Refusal("exchange.package_not_signed", field="key") from None
