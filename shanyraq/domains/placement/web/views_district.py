"""The pages of a district officer: tasks, papers, the queue, an application, rounds, search with break-glass."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.placement.queries import district as queries
from shanyraq.domains.placement.queries import rounds as round_queries
from shanyraq.domains.placement.queries.norms import model_in_force, placement_norms
from shanyraq.domains.placement.rules.claim import OPEN, Right, Status
from shanyraq.domains.placement.rules.documents import DocumentRefusal
from shanyraq.domains.placement.services import documents, records
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.queries import TerritoryCard
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import lookups
from shanyraq.foundation.exports.pages import ExportPage
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import show
from shanyraq.foundation.ui.forms import Choice, Form, KeyedForm
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page, see_other

FILTERS = ("birth_year", "kind", "right", "status", "number", "page")  # of the queue
PAPER_STATES = ("pending", "confirmed", "refused")
SHOWN = 200  # rows of a round on the screen; the file has all


class DistrictPage(Page):
    """A page of one of the actor's districts; another's does not exist for them."""

    roles = (Role.OFFICER,)

    @cached_property
    def own(self) -> tuple[TerritoryCard, ...]:
        return queries.own_districts(self.actor)

    @cached_property
    def district(self) -> TerritoryCard:
        for card in self.own:
            if card.kato == self.kwargs["kato"]:
                return card
        raise Http404

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(show(self.district.name, self.lang), self.address("home")),)

    def address(self, name: str, *arguments: Any) -> str:
        return reverse(f"district:{name}", args=(self.district.kato, *arguments))


class Pick(DistrictPage):
    """An officer of one district goes straight there; one of several chooses."""

    template = "placement/district/pick.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if len(self.own) == 1:
            return see_other(reverse("district:home", args=(self.own[0].kato,)))
        return self.render({"districts": self.own})

    def crumbs(self) -> Sequence[Crumb]:
        return ()


class Home(DistrictPage):
    template = "placement/district/home.html"

    def context(self) -> Context:
        return {
            "district": self.district,
            "tasks": queries.tasks(self.district.kato, self.today),
            "model": model_in_force(self.district.kato, self.today),
            "rounds": round_queries.rounds_of(self.district.kato, published_only=False, limit=3),
            "several": len(self.own) > 1,
        }

    def crumbs(self) -> Sequence[Crumb]:
        return ()


# ---- papers


class Papers(DistrictPage):
    template = "placement/district/papers.html"

    def context(self) -> Context:
        wanted = self.request.GET.get("status", "pending")
        status = wanted if wanted in PAPER_STATES else "pending"
        page = _number(self.request.GET.get("page")) or 1
        listing = queries.papers(self.actor, self.district.kato, status=status, page=page)
        children = {row.child.id for row in listing.rows}
        audit.read_many(self.actor, "placement.read_papers", at=self.now, children=list(children), subject="document")
        return {
            "listing": listing,
            "status": status,
            "states": PAPER_STATES,
            "district": self.district,
            "today": self.today,
        }


class PaperForm(KeyedForm):
    texts = "district.paper"
    decision = forms.ChoiceField(required=True)
    reason = Choice(DocumentRefusal, show_as="radio", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [("confirm", ""), ("refuse", "")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("decision") == "refuse" and not values.get("reason"):
            raise forms.ValidationError(
                {"reason": forms.ValidationError(self.fields["reason"].error_messages["required"])}
            )
        return values


class Paper(DistrictPage, FormPage):
    """One paper: confirm it, or refuse it with a reason."""

    template = "placement/district/paper.html"
    form = PaperForm
    done = "district.paper.done"

    @cached_property
    def paper(self) -> queries.Paper:
        found = queries.paper(self.actor, self.kwargs["document"])
        if found is None or found[1] != self.district.kato:
            raise Http404
        return found[0]

    def context(self) -> Context:
        seen = self.paper
        audit.read(
            self.actor,
            "placement.read_papers",
            at=self.now,
            child=seen.child.id,
            subject="document",
            subject_id=seen.id,
        )
        right = placement_norms(self.today, self.district.kato).benefit.right_of(seen.benefit)
        return {"paper": seen, "right": right, "district": self.district, "today": self.today}

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("district.papers.title"), self.address("papers")))

    def submit(self, form: PaperForm) -> str:
        if form.cleaned_data["decision"] == "confirm":
            documents.confirm_document(actor=self.actor, document=self.paper.id, now=self.now)
        else:
            reason = form.cleaned_data["reason"]
            documents.refuse_document(actor=self.actor, document=self.paper.id, reason=reason, now=self.now)
        return self.address("papers")


# ---- the queue and its applications


class Queue(DistrictPage):
    template = "placement/district/queue.html"

    @cached_property
    def wanted(self) -> queries.QueueFilter:
        asked = self.request.GET
        return queries.QueueFilter(
            birth_year=_number(asked.get("birth_year")),
            kind=_member(GroupKind, asked.get("kind")),
            right=_member(Right, asked.get("right")),
            status=_member(Status, asked.get("status")),
            number=_number(asked.get("number")),
        )

    def listing(self, page: int) -> queries.Listing[queries.QueueLine]:
        found = queries.queue(self.actor, self.district.kato, self.wanted, self.today, page=page)
        children = [row.child.id for row in found.rows if row.child is not None]
        audit.read_many(self.actor, "placement.read_queue", at=self.now, children=children, subject="application")
        return found

    def context(self) -> Context:
        kept = self.request.GET.copy()
        kept.pop("page", None)
        return {
            "listing": self.listing(_number(self.request.GET.get("page")) or 1),
            "wanted": self.wanted,
            "district": self.district,
            "birth_years": queries.birth_years(self.district.kato),
            "kinds": tuple(GroupKind),
            "rights": tuple(Right),
            "statuses": sorted(OPEN, key=list(Status).index),
            "kept": kept.urlencode(),
        }


class QueueFile(ExportPage, DistrictPage):
    """The page of the queue as it is on the screen, as a file."""

    kind = "district_queue_page"

    def asked(self) -> dict[str, str]:
        kept = {name: value for name, value in super().asked().items() if name in FILTERS}
        return {"kato": self.district.kato, **kept}

    def back(self) -> str:
        return self.address("queue")


class WholeQueueFile(QueueFile):
    """The whole list that the filters find, as a file."""

    kind = "district_queue"

    def asked(self) -> dict[str, str]:
        return {name: value for name, value in super().asked().items() if name != "page"}


class Application(DistrictPage):
    template = "placement/district/application.html"

    def context(self) -> Context:
        found = queries.application(self.actor, self.kwargs["application"], self.today)
        if found is None:
            raise Http404
        audit.read(
            self.actor,
            "placement.read_application",
            at=self.now,
            child=found.child.id,
            subject="application",
            subject_id=found.line.id,
        )
        return {"found": found, "outcome": round_queries.latest_outcome(found.line.id), "district": self.district}

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("district.queue.title"), self.address("queue")))


class FindForm(Form):
    texts = "district.find"
    number = forms.CharField(max_length=20)


class Find(DistrictPage, FormPage):
    """Find a child by IIN or universal ID. Outside the district the page says only that an application exists."""

    template = "placement/district/find.html"
    form = FindForm

    def submit(self, form: FindForm) -> str:
        typed = form.cleaned_data["number"].strip()
        lookups.note(actor=self.actor, now=self.now)
        digits = typed.replace(" ", "").replace("-", "")
        child = (
            registry.find_person(digits)
            if digits.isdecimal() and len(digits) == 12
            else registry.find_by_universal_id(typed)
        )
        if child is None:
            raise Refusal("placement.no_open_application", field="number")  # whether the person exists is not told
        audit.read(self.actor, "placement.find", at=self.now, child=child)  # what the answer tells is a look as well
        found = queries.open_application(child)
        if found is None:
            raise Refusal("placement.no_open_application", field="number")
        application, where = found
        if where == self.district.kato or child in self.actor.opened:
            return self.address("application", application)
        return self.address("open_record", child)


class OpenRecordForm(KeyedForm):
    texts = "district.open_record"
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=300)


class OpenRecord(DistrictPage, FormPage):
    """Break-glass: open a record of another district with a reason, for hours; the family is told."""

    template = "placement/district/open_record.html"
    form = OpenRecordForm
    done = "district.open_record.done"

    def context(self) -> Context:
        found = queries.open_application(self.kwargs["child"])
        if found is None:
            raise Http404
        return {"where": registry.territory(found[1]), "district": self.district}

    def submit(self, form: OpenRecordForm) -> str:
        child, given = self.kwargs["child"], form.cleaned_data
        records.open_record(actor=self.actor, child=child, reason=given["reason"], now=self.now, key=given["key"])
        found = queries.open_application(child)
        return self.address("application", found[0]) if found else self.address("find")


def _number(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 12 else None


def _member(kind: Any, typed: str | None) -> Any:
    return kind(typed) if typed in {member.value for member in kind} else None
