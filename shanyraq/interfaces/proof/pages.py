"""The public log, for people: what it is, its checkpoints, its entries, and proofs. No page here knows a name."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.placement.queries import receipts
from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import notes, tree
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import known
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import Context, Crumb, Page
from shanyraq.interfaces.proof.verify_receipt import Damage, check_consistency, root_of

ON_A_PAGE: Final = 50
CODE_LETTERS: Final = 32


class LogPage(Page):
    """A page of the log; they all lead back to its front page."""

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("proof.title"), reverse("proof:log")),)

    def words(self, kind: str) -> str:
        """What kind of thing happened, in words where there are words."""
        code = f"proof.kind.{kind}"
        return self.say(code) if known(code) else kind

    def lines(self, leaves: Mapping[int, str]) -> list[Mapping[str, Any]]:
        """Public leaves as lines of a table."""
        return [self.line(index, leaf) for index, leaf in leaves.items()]

    def line(self, index: int, leaf: str) -> Mapping[str, Any]:
        """A public leaf in words."""
        told = json.loads(leaf)
        return {
            "index": index,
            "at": datetime.fromisoformat(told["at"]),
            "kind": told["kind"],
            "words": self.words(told["kind"]),
            "code": told["code"],
            "open": [
                (name, value_text(value)) for name, value in sorted(told["open"].items()) if value not in (None, "")
            ],
            "seal": told["seal"],
        }


class Log(LogPage):
    """What the log is, its newest checkpoint, who signs and who watches."""

    template = "proof/log.html"

    def context(self) -> Context:
        newest = ledger.latest_checkpoint()
        keys = ledger.keys_listed()
        return {
            "log": settings.LOG_NAME,
            "checkpoint": newest,
            "keys": [{"key": key, "now": key.valid_at(self.now)} for key in keys],
            "witnesses": _watchers(newest, ledger.witnesses()),
            "address": (settings.PUBLIC_ADDRESS or self.request.build_absolute_uri("/")).rstrip("/"),
            "five": [f"proof.about.{number}" for number in range(1, 6)],
        }

    def crumbs(self) -> Sequence[Crumb]:
        return ()


class Checkpoints(LogPage):
    """Every signed state of the log, the newest first."""

    template = "proof/checkpoints.html"

    def context(self) -> Context:
        below = number_of(self.request, "below")
        rows = ledger.checkpoints_listed(below=below, limit=ON_A_PAGE + 1)
        shown, watching = rows[:ON_A_PAGE], ledger.witnesses()
        return {
            "rows": [{"card": card, "witnesses": len(_watchers(card, watching, signed_only=True))} for card in shown],
            "older": shown[-1].size if len(rows) > ON_A_PAGE else 0,
            "deep": below is not None,
        }


class Checkpoint(LogPage):
    """One signed state: the note as it stands, and what each line means."""

    template = "proof/checkpoint.html"

    def context(self) -> Context:
        card = ledger.checkpoint_at(bounded(self.kwargs["size"]))
        if card is None:
            raise Http404
        note = notes.Note.parse(card.note)
        signed = [
            {"key": key, "good": (line := note.by(key.key)) is not None, "line": line} for key in ledger.keys_listed()
        ]
        return {
            "card": card,
            "signed": [one for one in signed if one["good"]],
            "witnesses": _watchers(card, ledger.witnesses()),
            "newest": ledger.latest_checkpoint(),
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("proof.checkpoints"), reverse("proof:checkpoints")))


class Entries(LogPage):
    """The public leaves: page by page from the newest, or those of one code."""

    template = "proof/entries.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = CodeForm(request.GET)
        valid = form.is_valid()
        code = form.cleaned_data.get("code", "") if valid else ""
        newest = ledger.latest_checkpoint()
        size = newest.size if newest else 0
        end = min(size, number_of(request, "below") or size)
        leaves = self.of_code(code, size) if code else self.between(max(0, end - ON_A_PAGE), end)
        context = {
            "form": form,
            "code": code,
            "size": size,
            "rows": self.lines(leaves) if valid else [],
            "older": max(0, end - ON_A_PAGE) if not code else 0,
            "deep": end < size and not code,
        }
        return self.render(context, status=200 if valid else 422)

    def between(self, start: int, end: int) -> Mapping[int, str]:
        """Leaves of a stretch, the newest first."""
        found = ledger.leaves(start, end)
        return {start + at: found[at] for at in reversed(range(len(found)))}

    def of_code(self, code: str, size: int) -> Mapping[int, str]:
        """Leaves with one code, the oldest first: an application's, or a round's, whose code is its own id."""
        subjects = [one for one in (receipts.application_of_code(code), UUID(code)) if one]
        places = [one.index for one in ledger.history(subjects) if one.code == code and one.index < size]
        leaves = ledger.leaves_at(places)
        return {place: leaves[place] for place in sorted(leaves)}


class Entry(LogPage):
    """One entry: its public leaf, where it stands, and the path to the root."""

    template = "proof/entry.html"

    def context(self) -> Context:
        index = bounded(self.kwargs["index"])
        try:
            proof = ledger.inclusion(index, number_of(self.request, "size"))
        except Refusal as refusal:
            if refusal.code.startswith("ledger.no_"):
                raise Http404 from refusal
            raise
        path = [bytes.fromhex(step) for step in proof.path]
        leaf_hash = tree.leaf_hash(proof.leaf.encode())
        return {
            "line": self.line(index, proof.leaf),
            "proof": proof,
            "leaf_hash": leaf_hash.hex(),
            "root": (root_of(leaf_hash, index, proof.size, path) or b"").hex(),
            "before": index - 1 if index else None,
            "after": index + 1 if index + 1 < proof.size else None,
            "checkpoint": ledger.checkpoint_at(proof.size),
        }

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("proof.entries"), reverse("proof:entries")))


class Consistency(LogPage):
    """Whether one signed state is the beginning of another."""

    template = "proof/consistency.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        newest = ledger.latest_checkpoint()
        form = ConsistencyForm(request.GET or None)
        context: Context = {"form": form, "newest": newest}
        if form.is_bound and form.is_valid():
            context |= self.compared(form, form.cleaned_data["first"], form.cleaned_data.get("second"), newest)
        return self.render(context, status=422 if form.is_bound and form.errors else 200)

    def compared(
        self, form: "ConsistencyForm", first: int, second: int | None, newest: ledger.CheckpointCard | None
    ) -> Context:
        """What the two checkpoints are to one another; an error at the field whose size is none."""
        older, newer = ledger.checkpoint_at(first), newest if second is None else ledger.checkpoint_at(second)
        for name, card, size in (("first", older, first), ("second", newer, second or 0)):
            if card is None:
                form.refuse(Refusal("proof.no_checkpoint_of", field=name, size=str(size)))
                return {}
        assert older is not None and newer is not None
        if older.size > newer.size:
            older, newer = newer, older
        path = ledger.consistency(older.size, newer.size)
        try:
            check_consistency(older.note, newer.note, path)
        except Damage:
            return {"older": older, "newer": newer, "path": path, "good": False}
        return {"older": older, "newer": newer, "path": path, "good": True}


class CodeForm(Form):
    """Which application."""

    texts = "proof.find"
    code = forms.RegexField(rf"^[0-9a-f]{{{CODE_LETTERS}}}$", required=False, strip=True)


class ConsistencyForm(Form):
    """Which two states."""

    texts = "proof.compare"
    first = forms.IntegerField(min_value=1, max_value=10**15)
    second = forms.IntegerField(min_value=1, max_value=10**15, required=False)


def _watchers(
    card: ledger.CheckpointCard | None, watching: Sequence[ledger.KeyCard], *, signed_only: bool = False
) -> list[Mapping[str, Any]]:
    """The witnesses, and when each signed the checkpoint."""
    note = notes.Note.parse(card.note) if card else None
    lines = [(witness, note.by(witness.key) if note else None) for witness in watching]
    return [
        {"witness": witness, "signed_at": line.cosigned_at if line else None}
        for witness, line in lines
        if line is not None or not signed_only
    ]


def number_of(request: HttpRequest, name: str) -> int | None:
    """A whole number of the query, or None."""
    told = request.GET.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None


def bounded(number: int) -> int:
    """A number that a database can hold; larger ones are not in the log either."""
    return min(number, 2**62)


def value_text(value: Any) -> str:
    """A public fact as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
