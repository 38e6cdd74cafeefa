"""The ceremony of a round: the officer opens it and sees where it stands; everybody sees all of it and may hand in."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from shanyraq.domains.placement.queries import ceremonies as queries
from shanyraq.domains.placement.queries.ceremonies import CeremonyCard
from shanyraq.domains.placement.services import ceremonies
from shanyraq.domains.placement.services.ceremonies import NewCeremony
from shanyraq.domains.placement.web.views_district import DistrictPage
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page

LENGTHS: Final = {"commit_by": 24, "confirm_by": 48, "reveal_by": 72, "recover_by": 96}  # hours, unless changed
LOCAL: Final = "%Y-%m-%dT%H:%M"
PLACES: Final = (1, 2, 3)


class Instant(forms.DateTimeField):
    """A day and a time of the country, as browsers write it."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format=LOCAL, attrs={"type": "datetime-local", "class": "short"})
        super().__init__(**{"widget": widget, "input_formats": [LOCAL, "%d.%m.%Y %H:%M"], **options})


class OpenForm(Form):
    """Three parties by their key files, the days, and a public value or none."""

    texts = "ceremony.open"
    party_1 = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=2_000)
    party_2 = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=2_000)
    party_3 = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=2_000)
    beacon_source = forms.CharField(max_length=200, required=False)
    beacon_round = forms.CharField(max_length=60, required=False)
    commit_by = Instant()
    confirm_by = Instant()
    reveal_by = Instant()
    recover_by = Instant()


class HandInForm(Form):
    """A file with signed messages, or its text."""

    texts = "ceremony.hand_in"
    file = forms.FileField(required=False)
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=60_000, required=False)

    def content(self) -> str:
        """What was handed in; bytes that are no text become signs that are no JSON."""
        sent = self.cleaned_data.get("file")
        if sent is None:
            return str(self.cleaned_data["text"])
        return str(sent.read(ceremonies.MOST_LETTERS + 1).decode("utf-8", errors="replace"))


class GoOnForm(Form):
    """The public value, where one was named."""

    texts = "ceremony.go_on"
    beacon = forms.CharField(max_length=500, required=False)


class OpenCeremony(DistrictPage, FormPage):
    """Name three parties and the days; the next round of the district then waits for its seed."""

    template = "placement/district/open_ceremony.html"
    form = OpenForm
    done = "ceremony.open.done"

    def initial(self) -> Mapping[str, Any]:
        now = timezone.localtime(self.now).replace(second=0, microsecond=0)
        return {name: now + timedelta(hours=hours) for name, hours in LENGTHS.items()}

    def context(self) -> Context:
        return {"district": self.district, "ceremonies": queries.ceremonies_of(self.district.kato, limit=10)}

    def submit(self, form: OpenForm) -> str:
        given = form.cleaned_data
        days: Mapping[str, datetime] = {name: given[name] for name in LENGTHS}
        new = NewCeremony(
            district=self.district.kato,
            parties=tuple(given[f"party_{place}"] for place in PLACES),
            beacon_source=given["beacon_source"],
            beacon_round=given["beacon_round"],
            **days,
        )
        return self.address("ceremony", ceremonies.open_ceremony(actor=self.actor, new=new, now=self.now))


class DistrictCeremony(DistrictPage, FormPage):
    """Where the ceremony stands, and what the officer has to do: hand on files, go on, enter the public value."""

    template = "placement/district/ceremony.html"
    form = GoOnForm
    done = "ceremony.go_on.done"

    @cached_property
    def card(self) -> CeremonyCard:
        found = queries.ceremony(self.kwargs["ceremony"], self.now)
        if found is None or found.district != self.district.kato:
            raise Http404
        return found

    def context(self) -> Context:
        return {"ceremony": self.card, "district": self.district, "needs_beacon": _needs_beacon(self.card)}

    def submit(self, form: GoOnForm) -> str:
        ceremonies.go_on(actor=self.actor, ceremony=self.card.id, now=self.now, beacon=form.cleaned_data["beacon"])
        return self.address("ceremony", self.card.id)


class Ceremony(FormPage):
    """All of a ceremony, for everybody; a party hands in here, and its signature says who it is."""

    template = "placement/public_ceremony.html"
    form = HandInForm
    done = "ceremony.hand_in.done"

    @cached_property
    def card(self) -> CeremonyCard:
        found = queries.ceremony(self.kwargs["ceremony"], self.now)
        if found is None:
            raise Http404
        return found

    def context(self) -> Context:
        district = registry.territory(self.card.district)
        return {"ceremony": self.card, "district": district.name if district else self.card.district}

    def crumbs(self) -> tuple[Crumb, ...]:
        return (Crumb(self.say("ceremony.list"), reverse("public:ceremonies")),)

    def submit(self, form: HandInForm) -> str:
        ceremonies.hand_in(actor=self.actor, ceremony=self.card.id, file=form.content(), now=self.now)
        return reverse("public:ceremony", args=(self.card.id,))


class Ceremonies(Page):
    """The latest ceremonies, those that failed among them."""

    template = "placement/public_ceremonies.html"

    def context(self) -> Context:
        found = queries.ceremonies_of("")
        names = registry.territories([one.district_id for one in found])
        return {"rows": [{"ceremony": one, "district": names[one.district_id].name} for one in found]}


@require_safe
def ceremony_file(request: HttpRequest, ceremony: Any) -> HttpResponseBase:
    """The file of a ceremony, which the tool of the parties reads. Raises Http404."""
    text = queries.ceremony_file(ceremony)
    if text is None:
        raise Http404
    response = HttpResponse(text + "\n", content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="ceremony.json"'
    response["Cache-Control"] = "no-cache"
    return response


def _needs_beacon(card: CeremonyCard) -> bool:
    return card.status == "open" and bool(card.beacon_source) and card.phase == "ready"
