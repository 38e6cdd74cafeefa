"""Forms of the family's pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language

from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.rules.documents import DocumentKind
from shanyraq.domains.placement.rules.referral import DeclineReason
from shanyraq.domains.placement.services.drafts import NewDocument
from shanyraq.domains.registry.rules.kinds import GroupKind, Language
from shanyraq.foundation.text import as_lang, say, show
from shanyraq.foundation.ui.forms import Choice, ConfirmForm, Day, Form, KeyedForm

GROUP_LANGUAGES = (Language.KAZAKH, Language.RUSSIAN, Language.OTHER)
RADII = (1, 2, 3, 5, 10)
DECLINE_REASONS = tuple(one for one in DeclineReason if one is not DeclineReason.NO_ANSWER)


class ChildForm(Form):
    """For whom the application is."""

    texts = "family.child_form"
    child = forms.UUIDField(widget=forms.HiddenInput)


class BenefitForm(Form):
    """Which right the family has."""

    texts = "family.benefit_form"
    benefit = Choice(
        Benefit, members=(Benefit.NONE, *(one for one in Benefit if one is not Benefit.NONE)), show_as="radio"
    )


class GroupForm(Form):
    """Which kind of group, and in which language."""

    texts = "family.group_form"
    language = Choice(Language, members=GROUP_LANGUAGES, show_as="radio")
    kind = Choice(GroupKind, show_as="radio")


class PapersForm(Form):
    """Number and day of each paper that the application needs; left empty, the paper follows later."""

    texts = "family.papers_form"

    def __init__(self, *args: Any, kinds: Sequence[DocumentKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        for name, field in (part for kind in kinds for part in self._of(kind).items()):
            self.fields[name] = field
            self._put_texts(name, field)

    def _of(self, kind: DocumentKind) -> Mapping[str, forms.Field]:
        lang = as_lang(get_language())
        number = forms.CharField(
            max_length=40,
            required=False,
            label=say("family.papers_form.number", lang, paper=show(kind, lang)),
            help_text=say("family.papers_form.number.hint", lang),
        )
        issued_on = Day(
            required=False,
            label=say("family.papers_form.issued_on", lang),
            help_text=say("family.papers_form.issued_on.hint", lang),
        )
        return {f"number_{kind}": number, f"issued_on_{kind}": issued_on}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for kind in self.kinds:
            number, issued_on = given.get(f"number_{kind}"), given.get(f"issued_on_{kind}")
            field = (
                f"issued_on_{kind}"
                if number and not issued_on
                else f"number_{kind}"
                if issued_on and not number
                else ""
            )
            if field and field not in self.errors:
                self.add_error(field, forms.ValidationError(say("family.papers_form.both", as_lang(get_language()))))
        return given

    def documents(self) -> tuple[NewDocument, ...]:
        """The papers that were named in full."""
        given = self.cleaned_data
        return tuple(
            NewDocument(kind, given[f"number_{kind}"], given[f"issued_on_{kind}"])
            for kind in self.kinds
            if given.get(f"number_{kind}") and given.get(f"issued_on_{kind}")
        )


class RightForm(Form):
    """A right that appeared after the application was filed, with its paper."""

    texts = "family.right_form"
    benefit = Choice(Benefit, members=[one for one in Benefit if one is not Benefit.NONE], show_as="radio")
    number = forms.CharField(max_length=40)
    issued_on = Day()


class WishMove(Form):
    """One change of the list of wishes."""

    texts = "family.wishes"
    add = forms.UUIDField(required=False)
    remove = forms.UUIDField(required=False)
    up = forms.UUIDField(required=False)
    down = forms.UUIDField(required=False)


class MoreForm(Form):
    """What else the family accepts: anything near, siblings together."""

    texts = "family.more_form"
    radius_km = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, widget=forms.RadioSelect, choices=()
    )
    together = forms.BooleanField(required=False)

    def __init__(self, *args: Any, max_km: int, siblings: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = as_lang(get_language())
        near = [(km, say("family.more_form.radius_km.within", lang, n=km)) for km in RADII if km <= max_km]
        self.fields["radius_km"].choices = [("", say("family.more_form.radius_km.none", lang)), *near]  # type: ignore[attr-defined]
        if not siblings:
            del self.fields["together"]


class SaveWishesForm(MoreForm):
    """The wishes in their order, and how far "anything near" reaches."""

    w = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = self.fields["radius_km"]
        near.widget = forms.Select(choices=near.choices)  # type: ignore[attr-defined]  # one line: the list is the page


class SignedForm(KeyedForm):
    """A step that the family signs: the device of the person puts the signed document here."""

    texts = "family.sign_form"
    signature = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200_000)


class SignForm(SignedForm):
    """The statement of the family, and its signature."""

    correct = forms.BooleanField()
    consent = forms.BooleanField()


class DeclineForm(KeyedForm):
    """Why the family leaves the place: asked so that the district learns, never to judge."""

    texts = "family.decline_form"
    reason = Choice(DeclineReason, members=DECLINE_REASONS, show_as="radio")


class ExtendForm(KeyedForm):
    """Why and until when a referral should hold longer."""

    texts = "family.extend_form"
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    until = Day()


class OrganisationForm(ConfirmForm):
    """One kindergarten."""

    texts = "family.organisation_form"
    organisation = forms.UUIDField(widget=forms.HiddenInput)


class SwapForm(KeyedForm):
    """The place that the family would like in exchange."""

    texts = "family.swap_form"
    second = forms.UUIDField(widget=forms.HiddenInput)
