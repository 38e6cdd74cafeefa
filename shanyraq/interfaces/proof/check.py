"""The page where anyone checks a receipt: a file, a text, or the address of a scanned code. Nothing is kept."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from shanyraq.foundation import ledger
from shanyraq.foundation.text import catalogue, known
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import Context, FormPage
from shanyraq.interfaces.proof import checking
from shanyraq.interfaces.proof.checking import MOST_BYTES, Finding, Report
from shanyraq.interfaces.proof.pages import LogPage
from shanyraq.interfaces.proof.verify_receipt import Damage

IN_BROWSER: Final = ("proof.step.", "proof.damage.", "proof.browser.")


class ReceiptForm(Form):
    """A receipt, as a file or as text."""

    texts = "proof.receipt"
    file = forms.FileField(required=False, widget=forms.FileInput(attrs={"accept": ".json,application/json"}))
    told = forms.CharField(required=False, max_length=MOST_BYTES, widget=forms.Textarea(attrs={"spellcheck": "false"}))

    def clean_file(self) -> Any:
        """The file, unless it is far larger than any receipt."""
        found = self.cleaned_data.get("file")
        if found and (found.size or 0) > MOST_BYTES:
            raise forms.ValidationError(self.fields["file"].error_messages["invalid"], code="invalid")
        return found

    def clean(self) -> dict[str, Any]:
        """One of the two must be there."""
        found = super().clean() or {}
        if not self.errors and not (found.get("file") or found.get("told")):
            self.add_error(
                "file", forms.ValidationError(self.fields["file"].error_messages["required"], code="required")
            )
        return found

    def receipt(self) -> str:
        """What is to be checked; what is no text in UTF-8 reads as a damaged file."""
        found = self.cleaned_data["file"]
        raw: bytes = found.read() if found else self.cleaned_data["told"].encode()
        return raw.decode("utf-8-sig", errors="replace")


class Check(LogPage, FormPage):
    """What was checked, step by step, and what is wrong where."""

    template = "proof/check.html"
    form = ReceiptForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        code, told = request.GET.get("code", ""), request.GET.getlist("e")
        context = {"form": ReceiptForm(), **self.context()}
        if code or told:
            context["scanned"] = self.scanned(code, told)
        return self.render(context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ReceiptForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render({"form": form, **self.context()}, status=422)
        report = checking.check(form.receipt())
        return self.render({"form": ReceiptForm(), "report": self.told(report), **self.context()})

    def context(self) -> Context:
        return {
            "log": settings.LOG_NAME,
            "offline": {
                "log": settings.LOG_NAME,
                "keys": [key.spelt for key in ledger.keys_listed()],
                "texts": {code: self.say(code) for code in catalogue() if code.startswith(IN_BROWSER)},
            },
        }

    def told(self, report: Report) -> Mapping[str, Any]:
        """The report in words: first the receipt as a whole, then each entry."""
        whole = [self.step(one) for one in report.findings if not one.entry]
        entries = [
            {
                "shown": shown,
                "words": self.words(f"placement.{shown.kind}"),
                "steps": [self.step(one) for one in report.findings if one.entry == shown.number],
            }
            for shown in report.entries
        ]
        return {"report": report, "whole": whole, "entries": entries, "good": not report.damages}

    def step(self, one: Finding) -> Mapping[str, Any]:
        """A step in words."""
        return {
            "title": self.say(f"proof.step.{one.step}"),
            "good": not one.damage,
            "body": self.say(f"proof.damage.{one.damage}") if one.damage else self.say(f"proof.step.{one.step}.ok"),
            "where": one.where if one.damage else "",
        }

    def scanned(self, code: str, told: Sequence[str]) -> Mapping[str, Any]:
        """What the log says of the entries that a scanned code names."""
        try:
            found = checking.check_scanned(code, told)
        except Damage:
            return {"rows": (), "good": False, "code": ""}
        rows = [
            {
                "one": one,
                "words": self.words(f"placement.{one.kind}") if one.kind else "",
                "body": self.say(f"proof.damage.{one.damage}") if one.damage else self.say("proof.scanned.ok"),
            }
            for one in found
        ]
        return {"rows": rows, "good": bool(rows) and not any(one.damage for one in found), "code": code}

    def words(self, kind: str) -> str:
        code = f"proof.kind.{kind}"
        return self.say(code) if known(code) else kind.removeprefix("placement.")
