from datetime import date

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from shanyraq.foundation.norms import Tag
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS, known, say
from shanyraq.foundation.ui.forms import Choice, Day, Form, KeyedForm, Message, day


class Sample(Form):
    texts = "portal.sample"
    name = forms.CharField(max_length=5, min_length=2)
    born_on = Day()
    language = Choice(Tag, members=(Tag.V, Tag.GK), show_as="radio")
    agree = forms.BooleanField()
    note = forms.CharField(required=False, widget=forms.Textarea)


GOOD = {"name": "Әсел", "born_on": "05.09.2022", "language": "GK", "agree": "on"}


def shown(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


@pytest.mark.parametrize("written", ["05.09.2022", "2022-09-05", "5.9.2022", "05/09/2022"])
def test_a_day_is_read_as_people_write_it(written):
    form = Sample({**GOOD, "born_on": written})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born_on"] == date(2022, 9, 5)


def test_a_choice_becomes_a_member_of_its_enum():
    form = Sample(GOOD)
    assert form.is_valid()
    assert form.cleaned_data["language"] is Tag.GK


@pytest.mark.parametrize("lang", LANGS)
def test_labels_hints_and_errors_are_in_the_language_of_the_page(lang):
    with translation.override(lang):
        form = Sample({"name": "тым ұзын есім", "born_on": "31.02.2022", "language": "xx"})
        assert form.fields["name"].label == say("portal.sample.name", lang)
        assert form.fields["name"].help_text == say("portal.sample.name.hint", lang)
        assert form.errors["name"] == [say("form.max_length", lang, limit_value=5, show_value=13)]
        assert form.errors["born_on"] == [say("form.invalid.datefield", lang)]
        assert form.errors["language"] == [say("form.invalid_choice", lang)]
        assert form.errors["agree"] == [say("form.required.booleanfield", lang)]


def test_every_message_of_every_field_of_django_has_a_text():
    kinds = [kind for kind in vars(forms).values() if isinstance(kind, type) and issubclass(kind, forms.Field)]
    codes = {code for kind in kinds for base in kind.__mro__ for code in getattr(base, "default_error_messages", {})}
    special = {"invalid_image", "invalid_pk_value", "invalid_date", "invalid_time"}  # of fields that we do not use
    assert {code for code in codes - special if not known(f"form.{code}")} == set()


def test_a_refusal_stands_at_the_field_it_names_and_above_the_form():
    form = Sample(GOOD)
    form.is_valid()
    form.refuse(Refusal("page.stale", field="born_on"))
    what = say("refusal.page.stale.what", "kk")
    with translation.override("kk"):
        assert form.errors["born_on"] == [what]
        html = shown("{% fields form %}", form=form)
    assert say("refusal.page.stale.todo", "kk") in html
    assert "page.stale" in html
    assert 'href="#id_born_on"' in html


def test_a_refusal_of_the_whole_form_is_said_once():
    form = Sample(GOOD)
    form.is_valid()
    form.refuse(Refusal("page.stale"))
    with translation.override("en"):
        assert shown("{% fields form %}", form=form).count(say("refusal.page.stale.what", "en")) == 1


def test_errors_are_linked_to_their_inputs():
    html = shown("{% fields form %}", form=Sample({**GOOD, "name": ""}))
    assert 'href="#id_name"' in html
    assert 'aria-describedby="id_name_hint id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_group_of_radio_buttons_is_a_fieldset_and_its_error_leads_to_the_first():
    html = shown("{% fields form %}", form=Sample({**GOOD, "language": ""}))
    assert "<legend>" in html
    assert 'href="#id_language_0"' in html


def test_a_keyed_form_carries_a_fresh_key_and_needs_it():
    first, second = KeyedForm(), KeyedForm()
    assert first["key"].value() != second["key"].value()
    assert not KeyedForm({}).is_valid()


def test_a_message_speaks_the_language_of_the_moment():
    message = Message("form.required")
    with translation.override("ru"):
        assert str(message) == say("form.required", "ru")
    with translation.override("kk"):
        assert str(message) == say("form.required", "kk")


def test_a_day_of_an_address_that_is_no_day_is_none():
    assert day("2026-02-30") is None
    assert day("") is None
    assert day("05.09.2026") == date(2026, 9, 5)
