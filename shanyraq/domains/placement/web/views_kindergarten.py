"""The pages of a kindergarten's head: groups and places, arrivals, enrolment, exchanges."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.placement.queries import kindergarten as queries
from shanyraq.domains.placement.rules.referral import AdmissionRefusal
from shanyraq.domains.placement.services import offers, swaps, vouchers
from shanyraq.domains.registry import services as registry
from shanyraq.domains.registry.queries import GroupCard, OrganisationCard, group_cards
from shanyraq.domains.registry.rules.kinds import ExitReason, GroupKind, Language
from shanyraq.domains.registry.services import NewGroup
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.exports.pages import ExportPage
from shanyraq.foundation.text import Fact, show
from shanyraq.foundation.ui.forms import Choice, Form, KeyedForm
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage, Page, see_other

EXITS = (ExitReason.SCHOOL, ExitReason.MOVED, ExitReason.WISH, ExitReason.ERROR)


class HeadPage(Page):
    """A page of one of the actor's kindergartens; another's does not exist for them."""

    roles = (Role.HEAD,)

    @cached_property
    def own(self) -> tuple[OrganisationCard, ...]:
        return queries.own_organisations(self.actor)

    @cached_property
    def organisation(self) -> OrganisationCard:
        for card in self.own:
            if card.id == self.kwargs["organisation"]:
                return card
        raise Http404

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(show(self.organisation.name, self.lang), self.home()),)

    def home(self) -> str:
        return reverse("kindergarten:home", args=(self.organisation.id,))


class Pick(HeadPage):
    """A head of one kindergarten goes straight there; one of several chooses."""

    template = "placement/kindergarten/pick.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.own:  # the head of a school
            return see_other("/record/")
        if len(self.own) == 1:
            return see_other(reverse("kindergarten:home", args=(self.own[0].id,)))
        return self.render({"organisations": self.own})

    def crumbs(self) -> Sequence[Crumb]:
        return ()


class Home(HeadPage):
    template = "placement/kindergarten/home.html"

    def context(self) -> Context:
        page = queries.kindergarten(self.organisation, self.today)
        seen = [arrival.child.id for arrival in page.arrivals]
        audit.read_many(self.actor, "placement.read_arrivals", at=self.now, children=seen, subject="offer")
        return {"page": page, "several": len(self.own) > 1}

    def crumbs(self) -> Sequence[Crumb]:
        return ()


class GroupPage(HeadPage):
    """A page of one group of the kindergarten."""

    @cached_property
    def group(self) -> GroupCard:
        card = group_cards((self.kwargs["group"],)).get(self.kwargs["group"])
        if card is None or card.organisation != self.organisation.id:
            raise Http404
        return card

    def children(self) -> tuple[queries.Pupil, ...]:
        found = queries.pupils(self.group.id, self.organisation.id, self.today)
        audit.read_many(
            self.actor, "placement.read_group", at=self.now, children=[one.child.id for one in found], subject="group"
        )
        return found


class Group(GroupPage):
    template = "placement/kindergarten/group.html"

    def context(self) -> Context:
        line = queries.group_lines((self.group,), self.today)[0]
        return {"line": line, "organisation": self.organisation, "pupils": self.children()}


class GroupFile(ExportPage, GroupPage):
    """The list of a group as it is on the page."""

    kind = "group_list"

    def asked(self) -> dict[str, str]:
        return {
            "organisation": str(self.organisation.id),
            "group": str(self.group.id),
            "kato": self.organisation.district,
        }

    def back(self) -> str:
        return reverse("kindergarten:group", args=(self.organisation.id, self.group.id))


class PlacesForm(KeyedForm):
    texts = "kindergarten.places"
    places = forms.IntegerField()


class Places(GroupPage, FormPage):
    template = "placement/kindergarten/places.html"
    form = PlacesForm
    done = "kindergarten.places.done"

    def initial(self) -> Mapping[str, Any]:
        return {"places": self.group.places}

    def context(self) -> Context:
        return {"line": queries.group_lines((self.group,), self.today)[0], "back": self.home()}

    def submit(self, form: PlacesForm) -> str:
        registry.change_places(actor=self.actor, group=self.group.id, places=form.cleaned_data["places"], now=self.now)
        return self.home()


class NewGroupForm(KeyedForm):
    texts = "kindergarten.new_group"
    name = forms.CharField(max_length=60)
    kind = Choice(GroupKind, show_as="radio")
    language = Choice(Language, members=(Language.KAZAKH, Language.RUSSIAN, Language.OTHER), show_as="radio")
    born_from = forms.IntegerField()
    born_to = forms.IntegerField()
    places = forms.IntegerField()


class OpenGroup(HeadPage, FormPage):
    template = "placement/kindergarten/new_group.html"
    form = NewGroupForm
    done = "kindergarten.new_group.done"

    def initial(self) -> Mapping[str, Any]:
        youngest = self.today.year - 2
        return {
            "kind": GroupKind.GENERAL,
            "language": self.organisation.language,
            "born_from": youngest,
            "born_to": youngest,
        }

    def submit(self, form: NewGroupForm) -> str:
        new = NewGroup(organisation=self.organisation.id, **form.cleaned_data)
        registry.open_group(actor=self.actor, new=new, on=self.today, now=self.now)
        return self.home()


class ArrivalPage(HeadPage):
    """A page of one child who is coming to the kindergarten."""

    @cached_property
    def arrival(self) -> queries.Arrival:
        found = queries.arrival(self.kwargs["offer"], self.today)
        if found is None or found.group.organisation != self.organisation.id:
            raise Http404
        return found

    def noted(self) -> Context:
        seen = self.arrival
        audit.read(
            self.actor,
            "placement.read_arrivals",
            at=self.now,
            child=seen.child.id,
            subject="offer",
            subject_id=seen.offer,
        )
        return {"arrival": seen, "organisation": self.organisation, "back": self.home()}


class EnrolForm(KeyedForm):
    texts = "kindergarten.enrol"
    order_number = forms.CharField(max_length=40)


class Enrol(ArrivalPage, FormPage):
    template = "placement/kindergarten/enrol.html"
    form = EnrolForm
    done = "kindergarten.enrol.done"

    def context(self) -> Context:
        return self.noted()

    def submit(self, form: EnrolForm) -> str:
        number = form.cleaned_data["order_number"]
        offers.enrol(actor=self.actor, offer=self.arrival.offer, order_number=number, now=self.now)
        return self.home()


class RefuseForm(KeyedForm):
    texts = "kindergarten.refuse"
    reason = Choice(AdmissionRefusal, show_as="radio")


class Refuse(ArrivalPage, FormPage):
    template = "placement/kindergarten/refuse.html"
    form = RefuseForm
    done = "kindergarten.refuse.done"

    def context(self) -> Context:
        return self.noted()

    def submit(self, form: RefuseForm) -> str:
        reason = form.cleaned_data["reason"]
        offers.refuse_admission(actor=self.actor, offer=self.arrival.offer, reason=reason, now=self.now)
        return self.home()


class LeaveForm(KeyedForm):
    texts = "kindergarten.leave"
    reason = Choice(ExitReason, members=EXITS, show_as="radio")


class Leave(HeadPage, FormPage):
    """A child leaves the group: the place is free from today."""

    template = "placement/kindergarten/leave.html"
    form = LeaveForm
    done = "kindergarten.leave.done"

    @cached_property
    def pupil(self) -> queries.Pupil:
        found = queries.pupil(self.kwargs["enrolment"], self.organisation.id)
        if found is None:
            raise Http404
        return found

    def context(self) -> Context:
        child = self.pupil.child.id
        audit.read(self.actor, "placement.read_group", at=self.now, child=child, subject="enrolment")
        return {"pupil": self.pupil, "organisation": self.organisation, "back": self.home()}

    def submit(self, form: LeaveForm) -> str:
        reason = form.cleaned_data["reason"]
        registry.end_enrolment(
            actor=self.actor, enrolment=self.pupil.enrolment, reason=reason, on=self.today, now=self.now
        )
        return self.home()


class SwapConsent(HeadPage, ConfirmPage):
    """The kindergarten's consent to an exchange of two places, or its refusal."""

    texts = "kindergarten.swap_consent"
    done = "kindergarten.swap_consent.done"
    agrees = True

    @cached_property
    def swap(self) -> queries.SwapLine:
        wanted: UUID = self.kwargs["swap"]
        for line in queries.swaps(self.organisation.id):
            if line.id == wanted:
                return line
        raise Http404

    def facts(self) -> Mapping[str, Fact]:
        line = self.swap
        return {"child": line.ours.name, "group": line.our_group.name, "other": line.their_organisation.name}

    def back(self) -> str:
        return self.home()

    def submit(self, form: Form) -> str:
        verb = swaps.consent if self.agrees else swaps.refuse_swap
        verb(actor=self.actor, swap=self.swap.id, now=self.now)
        return self.home()


class SwapRefusal(SwapConsent):
    texts = "kindergarten.swap_refusal"
    done = "kindergarten.swap_refusal.done"
    danger = True
    agrees = False


class SignContract(ArrivalPage, ConfirmPage):
    """Voucher model: the contract with the family is signed."""

    texts = "kindergarten.contract"
    done = "kindergarten.contract.done"

    def facts(self) -> Mapping[str, Fact]:
        return {"child": self.arrival.child.name, "until": self.last_day()}

    def last_day(self) -> date:
        return self.arrival.valid_until

    def back(self) -> str:
        return self.home()

    def submit(self, form: Form) -> str:
        vouchers.sign_contract(actor=self.actor, application=self.arrival.application, now=self.now)
        return self.home()
