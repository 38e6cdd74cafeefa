"""What the pages of a family share: only guardians enter, a foreign record does not exist, each look is noted."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from babel import dates
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from shanyraq.domains.placement.services import signing
from shanyraq.foundation import audit
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.text import LOCALES, Fact, Lang, say
from shanyraq.foundation.ui.pages import ConfirmPage, Crumb, FormPage, Page

DAY_IN_WORDS: Final[Mapping[Lang, str]] = {"kk": "d MMMM, EEEE", "ru": "EEEE, d MMMM", "en": "EEEE d MMMM"}


class FamilyPage(Page):
    """A page for guardians. What is not the family's own answers 404, as if it were not there."""

    roles = (Role.GUARDIAN,)
    looks_at: ClassVar[str] = ""  # the action under which reading the child's record is noted

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotAllowed as refusal:
            if self.kwargs:
                raise Http404 from refusal
            raise

    def looked(self, child: UUID, subject: str = "", subject_id: UUID | None = None) -> None:
        audit.read(self.actor, self.looks_at, at=self.now, child=child, subject=subject, subject_id=subject_id)

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(self.say("family.home.title"), reverse("family:home")),)


class FamilyForm(FamilyPage, FormPage):
    """A page of a family with one form."""


class SignedPage(FamilyForm):
    """A step that counts only with the person's signature under the statement that the page shows."""

    def statement(self) -> str:
        """What is signed."""
        raise NotImplementedError

    def sign(self, form: Any, *, subject: str, subject_id: UUID, child: UUID) -> None:
        signing.sign(
            actor=self.actor,
            statement=self.statement(),
            document=form.cleaned_data["signature"],
            subject=subject,
            subject_id=subject_id,
            child=child,
            now=self.now,
        )


class FamilyConfirm(FamilyPage, ConfirmPage):
    """A step of a family that is shown before it is done."""


def in_words(day: date, lang: Lang) -> str:
    """Thursday 3 December: deadlines are near, so the year would only be in the way."""
    return str(dates.format_date(day, DAY_IN_WORDS[lang], locale=LOCALES[lang]))


def deadline(day: date | None, today: date, lang: Lang) -> str:
    """The last day of a step and how many days are left, in words; empty when there is none."""
    if day is None:
        return ""
    left = (day - today).days
    facts: dict[str, Fact] = {"day": in_words(day, lang), "n": left}
    code = "over" if left < 0 else "today" if left == 0 else "left"
    return say(f"family.deadline.{code}", lang, **facts)
