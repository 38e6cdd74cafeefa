"""The pages of a district officer about rounds: previewed, confirmed, published, run again."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404

from shanyraq.domains.placement.queries import district as queries
from shanyraq.domains.placement.queries import rounds as round_queries
from shanyraq.domains.placement.queries.norms import norm_editions
from shanyraq.domains.placement.services import rounds
from shanyraq.domains.placement.web.views_district import SHOWN, DistrictPage
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.ui.forms import Form, KeyedForm
from shanyraq.foundation.ui.pages import ConfirmPage, Context, Crumb, FormPage


class Rounds(DistrictPage):
    template = "placement/district/rounds.html"

    def context(self) -> Context:
        found = round_queries.rounds_of(self.district.kato, published_only=False, limit=100)
        return {"rounds": found, "district": self.district}


class ConfirmRoundForm(KeyedForm):
    texts = "district.round"
    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=64)


class NewRound(DistrictPage, FormPage):
    """What a round would decide now; confirmed, it decides exactly that or nothing."""

    template = "placement/district/new_round.html"
    form = ConfirmRoundForm
    done = "district.round.confirmed"

    def context(self) -> Context:
        try:
            preview = rounds.preview_round(actor=self.actor, district=self.district.kato, now=self.now)
        except NotAllowed:
            raise
        except Refusal as refusal:
            return {"refused": refusal, "district": self.district}
        first = sorted(preview.rows, key=lambda row: (row.birth_year, row.position))[:SHOWN]
        cards = registry.organisation_cards({row.organisation for row in first if row.organisation})
        shown = [(row, cards[row.organisation] if row.organisation else None) for row in first]
        norms = norm_editions(self.today, self.district.kato)
        return {"preview": preview, "rows": shown, "norms": norms, "district": self.district, "limit": SHOWN}

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("district.rounds.title"), self.address("rounds")))

    def submit(self, form: ConfirmRoundForm) -> str:
        seen = form.cleaned_data["fingerprint"]
        held = rounds.confirm_round(actor=self.actor, district=self.district.kato, fingerprint=seen, now=self.now)
        return self.address("round", held)


class RoundPage(DistrictPage):
    @cached_property
    def summary(self) -> round_queries.RoundSummary:
        found = round_queries.round_summary(self.kwargs["round"])
        if found is None or found.district != self.district.kato:
            raise Http404
        return found

    def crumbs(self) -> Sequence[Crumb]:
        return (*super().crumbs(), Crumb(self.say("district.rounds.title"), self.address("rounds")))


class Round(RoundPage):
    template = "placement/district/round.html"

    def context(self) -> Context:
        shown = round_queries.round_outcomes(self.summary.id, SHOWN)
        cards = registry.organisation_cards({line.organisation for line in shown if line.organisation})
        rows = {row.id: row for row in queries.queue_lines([line.application for line in shown])}
        table = [
            (line, rows[line.application], cards.get(line.organisation) if line.organisation else None)
            for line in shown
        ]
        return {
            "round": self.summary,
            "rows": table,
            "total": self.summary.claims,
            "limit": SHOWN,
            "district": self.district,
        }


class PublishRound(RoundPage, ConfirmPage):
    texts = "district.publish"
    done = "district.publish.done"

    def facts(self) -> Mapping[str, Any]:
        return {"n": self.summary.placed, "number": self.summary.number}

    def back(self) -> str:
        return self.address("round", self.summary.id)

    def submit(self, form: Form) -> str:
        rounds.publish_round(actor=self.actor, round=self.summary.id, now=self.now)
        return self.back()


class ReplayRound(RoundPage):
    """The round run again from what it kept."""

    template = "placement/district/replay.html"

    def context(self) -> Context:
        return {"replay": rounds.replay_round(self.summary.id), "round": self.summary, "district": self.district}
