"""The receipt of an application: a page, a file, a paper and a code to scan. For the family alone; looks are noted."""

import base64
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from shanyraq.domains.placement.queries import receipts
from shanyraq.domains.placement.queries.receipts import Line, Receipt
from shanyraq.domains.placement.web.views_family.application import in_words
from shanyraq.domains.placement.web.views_family.base import FamilyPage
from shanyraq.foundation import ledger
from shanyraq.foundation.text import Fact, known, show
from shanyraq.foundation.ui.pages import Context, Crumb
from shanyraq.foundation.ui.pdf import pdf_response, render

PAPER: Final = Path(__file__).resolve().parent.parent / "templates/placement/receipt.typ"
IN_THE_CODE: Final = 3  # entries that the scanned code names: the filing and the latest ones
SLOW: Final = timedelta(minutes=15)  # the log is signed every minute; a longer wait is a fault worth saying
CHECK: Final = "/log/check/"


class ReceiptPage(FamilyPage):
    """Every entry of the application in the log, with what its seal holds, and the files to keep."""

    template = "placement/receipt.html"
    looks_at: ClassVar[str] = "family.read_receipt"

    def receipt(self) -> Receipt:
        """The receipt, with the look noted."""
        found = receipts.receipt(self.actor, self.kwargs["application"])
        self.looked(found.child.id, "placement_application", found.facts.id)
        return found

    def context(self) -> Context:
        told = self.receipt()
        return {
            "told": told,
            "lines": [self.line(one, told) for one in told.lines],
            "slow": any(self.now - one.happening.at > SLOW for one in told.waiting),
            "qr": drawn(scanned(told, self.request)) if told.logged else "",
            "number": str(told.facts.number),
        }

    def line(self, one: Line, told: Receipt) -> Mapping[str, Fact]:
        """An entry in words."""
        return {
            "at": one.happening.at,
            "words": self.words(one, told),
            "index": "" if one.index is None else str(one.index),
            "hash": receipts.hash_of(one.leaf).hex() if one.leaf else "",
        }

    def words(self, one: Line, told: Receipt) -> str:
        """What happened, as a sentence."""
        kind = one.happening.kind
        if known(f"family.event.{kind}"):
            return in_words(one.happening, told.names, self.lang)
        return (
            self.say(f"receipt.event.{kind}")
            if known(f"receipt.event.{kind}")
            else self.say("receipt.event", kind=kind)
        )

    def crumbs(self) -> Sequence[Crumb]:
        here = reverse("family:application", args=[self.kwargs["application"]])
        return (*super().crumbs(), Crumb(self.say("family.application.crumb"), here))


class ReceiptFile(ReceiptPage):
    """What all files of a receipt share: there is none before the log holds the first entry."""

    looks_at = "family.take_receipt"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        told = self.receipt()
        if not told.logged:
            raise Http404
        return self.file(told, f"receipt-{told.facts.number}")

    def file(self, told: Receipt, name: str) -> HttpResponse:
        """The file, under its name without the ending."""
        raise NotImplementedError


class ReceiptJson(ReceiptFile):
    """The receipt as verify_receipt.py and /log/check/ read it."""

    def file(self, told: Receipt, name: str) -> HttpResponse:
        response = JsonResponse(receipts.document(told), json_dumps_params={"ensure_ascii": False, "indent": 1})
        response["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return response


class ReceiptCode(ReceiptFile):
    """The code to scan, as a drawing."""

    def file(self, told: Receipt, name: str) -> HttpResponse:
        response = HttpResponse(svg(scanned(told, self.request)), content_type="image/svg+xml")
        response["Content-Disposition"] = f'attachment; filename="{name}.svg"'
        return response


class ReceiptPaper(ReceiptFile):
    """The receipt on paper."""

    def file(self, told: Receipt, name: str) -> HttpResponse:
        address = scanned(told, self.request)
        return pdf_response(name, render(PAPER, self.values(told, address), drawings={"qr": svg(address)}))

    def values(self, told: Receipt, address: str) -> Mapping[str, Any]:
        """What the paper says, ready to be set."""
        assert told.checkpoint is not None
        number, size = str(told.facts.number), str(told.checkpoint.size)
        names = (
            "lead",
            "when",
            "what",
            "entry",
            "hash",
            "log",
            "check",
            "check.one",
            "check.two",
            "check.three",
            "scan",
        )
        return {
            "lang": self.lang,
            "title": self.say("receipt.paper.title", number=number),
            "said": {
                "entries": self.say("receipt.entries"),
                **{one: self.say(f"receipt.paper.{one}") for one in names},
            },
            "facts": [
                [self.say("receipt.paper.child"), show(told.child.name, self.lang)],
                [self.say("receipt.paper.district"), show(told.facts.district_name, self.lang)],
                [self.say("receipt.paper.code"), told.code],
            ],
            "lines": [
                {name: show(value, self.lang) for name, value in self.line(one, told).items()} for one in told.lines
            ],
            "waits": self.say("receipt.waits"),
            "checkpoint": [
                [self.say("receipt.paper.origin"), settings.LOG_NAME],
                [self.say("receipt.paper.size"), size],
                [self.say("receipt.paper.root"), told.checkpoint.root],
                [self.say("receipt.paper.signed"), show(told.checkpoint.at, self.lang)],
                *([self.say("receipt.paper.key"), key.spelt] for key in ledger.keys_listed()),
            ],
            "address": address.partition("?")[0],
        }


def scanned(told: Receipt, request: HttpRequest) -> str:
    """The address that the code holds: enough for the page to say whether the log still holds these very entries.

    No salt is in it: what is printed may be seen by others.
    """
    chosen = (*told.logged[:1], *told.logged[1:][-(IN_THE_CODE - 1) :])
    entries = [("e", f"{one.index}.{_short(one.leaf)}") for one in chosen]
    root = settings.PUBLIC_ADDRESS or request.build_absolute_uri("/")
    return f"{root.rstrip('/')}{CHECK}?{urlencode([('code', told.code), *entries])}"


def _short(leaf: str) -> str:
    return base64.urlsafe_b64encode(receipts.hash_of(leaf)).decode().rstrip("=")


def svg(content: str) -> str:
    """A QR code as a drawing of its own."""
    drawing = io.BytesIO()
    segno.make(content, error="m", micro=False).save(drawing, kind="svg", scale=4, border=2, xmldecl=False)
    return drawing.getvalue().decode()


def drawn(content: str) -> SafeString:
    """A QR code inside a page, without inline style."""
    made = segno.make(content, error="m", micro=False)
    inline = made.svg_inline(scale=4, border=2, omitsize=True, svgclass="qr wide", lineclass="")
    return mark_safe(inline)  # noqa: S308 - drawn by the library from our own address
