"""Forms whose every word comes from the catalogue.

class WishForm(Form):
    texts = "placement.wish"                   # placement.wish.organisation = label, ...organisation.hint = hint
    organisation = forms.UUIDField()
    born_on = Day()
    language = Choice(Language, show_as="radio")
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Literal, TypeVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import get_language

from shanyraq.foundation import text
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.ui.refusals import Explained, explain
from shanyraq.foundation.uid import new_id

DAY_FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y")
YEARS = range(1850, 2201)
VALIDATOR_CODES = ("min_value", "max_value", "step_size", "min_length", "max_length", "invalid_extension")
E = TypeVar("E", bound=StrEnum)


class Message(str):
    """An error text by its code: put together when it is shown, in the language of the page."""

    __slots__ = ()

    def __mod__(self, params: Any) -> str:
        facts = {name: _plain(value) for name, value in params.items()} if isinstance(params, Mapping) else {}
        return text.say(str.__str__(self), _lang(), **facts)

    def __str__(self) -> str:
        return text.say(str.__str__(self), _lang())


class Day(forms.DateField):
    """A calendar day, written 05.09.2026 or 2026-09-05, of a year in which anyone alive may have had to do with us."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("input_formats", DAY_FORMATS)
        widget = forms.DateInput(format="%d.%m.%Y", attrs={"inputmode": "decimal", "class": "short"})
        super().__init__(**{"widget": widget, **options})

    def to_python(self, value: Any) -> date | None:
        found = super().to_python(value)
        if found is not None and found.year not in YEARS:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class Choice(forms.TypedChoiceField):
    """One member of an enum; the text of each member stands in the catalogue as <enum>.<value>."""

    def __init__(
        self,
        kind: type[E],
        *,
        members: Iterable[E] | None = None,
        show_as: Literal["select", "radio"] = "select",
        empty: str = "",
        **options: Any,
    ) -> None:
        self.kind = kind
        self.members = tuple(members if members is not None else kind)
        self.empty_code = empty
        widget = forms.RadioSelect() if show_as == "radio" else forms.Select()
        super().__init__(**{"coerce": kind, "empty_value": None, "choices": self._named, "widget": widget, **options})

    def _named(self) -> list[tuple[str, str]]:
        shown = [(member.value, text.show(member, _lang())) for member in self.members]
        named = [(value, shown_as[:1].upper() + shown_as[1:]) for value, shown_as in shown]
        return [("", text.say(self.empty_code, _lang())), *named] if self.empty_code else named


class Form(forms.Form):
    """Base of every form. `texts` is the prefix of its labels (<texts>.<field>) and hints (<texts>.<field>.hint)."""

    texts: ClassVar[str] = ""
    required_css_class = "required"
    use_required_attribute = False  # the server answers in the reader's language; browsers do it in their own

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal: Refusal | None = None
        for name, field in self.fields.items():
            self._put_texts(name, field)

    def _put_texts(self, name: str, field: forms.Field) -> None:
        prefix = f"{self.texts}.{name}"
        if field.label is None and not isinstance(field.widget, forms.HiddenInput):
            field.label = text.say(prefix, _lang())
        if not field.help_text and text.known(f"{prefix}.hint"):
            field.help_text = text.say(f"{prefix}.hint", _lang())
        for code in (*field.error_messages, *VALIDATOR_CODES):
            own = f"{prefix}.{code}"
            field.error_messages[code] = Message(own if text.known(own) else _general(code, field))

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal: at the field it names, and its reason and remedy above the form."""
        self.refusal = refusal
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, forms.ValidationError(self.explained.what, code="refusal"))

    @property
    def explained(self) -> Explained:
        """The refusal in the language of the page. Only when there is one."""
        if self.refusal is None:
            raise LookupError("the form was not refused")
        return explain(self.refusal, _lang())

    def summary(self) -> Sequence[tuple[str, str]]:
        """Every error with the field to jump to ("" for the form itself), in the order of the fields."""
        if not self.is_bound:
            return ()
        fields: list[tuple[str, str]] = []
        for bound in self.visible_fields():
            fields += [(str(error), _anchor(bound)) for error in bound.errors]
        whole = [] if self.refusal else [(str(error), "") for error in self.non_field_errors()]
        return (*whole, *fields)


class KeyedForm(Form):
    """A form whose POST counts once: it carries an idempotency key made when the page was shown."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)


class ConfirmForm(KeyedForm):
    """Nothing to fill in: only yes."""


def day(value: str | None) -> date | None:
    """A day from an address or a search form, or None when it is no day."""
    try:
        found: date | None = Day(required=False).clean(value)
    except forms.ValidationError:
        return None
    return found


def _general(code: str, field: forms.Field) -> str:
    for kind in type(field).__mro__:
        named = f"form.{code}.{kind.__name__.lower()}"
        if text.known(named):
            return named
    return f"form.{code}" if text.known(f"form.{code}") else "form.invalid"


def _anchor(bound: BoundField) -> str:
    if isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return str(bound.id_for_label or bound.auto_id)


def _plain(value: Any) -> text.Fact:
    return value if isinstance(value, int | float | Decimal | date) else str(value)


def _lang() -> text.Lang:
    return text.as_lang(get_language())
