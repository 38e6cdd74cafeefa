from typing import Any, ClassVar

from django import forms
from django.conf import settings

from shanyraq.foundation.ui.forms import Form


def _password(**attributes: str) -> forms.CharField:
    return forms.CharField(strip=False, max_length=200, widget=forms.PasswordInput(attrs=attributes))


class SignInForm(Form):
    texts: ClassVar[str] = "accounts.sign_in"
    sign_in_name = forms.CharField(
        max_length=80, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    )
    password = _password(autocomplete="current-password")

    def clean_sign_in_name(self) -> str:
        return str(self.cleaned_data["sign_in_name"]).strip().lower()


class CodeForm(Form):
    texts: ClassVar[str] = "accounts.second"
    code = forms.CharField(
        max_length=20, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "short"})
    )


class SetUpForm(CodeForm):
    texts: ClassVar[str] = "accounts.second.set_up"


class PasswordForm(Form):
    texts: ClassVar[str] = "accounts.password"
    present = _password(autocomplete="current-password")
    password = _password(autocomplete="new-password")
    again = _password(autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", forms.ValidationError(self.fields["again"].error_messages["differs"], "differs"))
        return cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.base_fields["again"].error_messages.setdefault("differs", "")
        super().__init__(*args, **kwargs)


class LanguageForm(Form):
    texts: ClassVar[str] = "accounts.language"
    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=forms.RadioSelect)


class IinForm(Form):
    texts: ClassVar[str] = "accounts.fake_egov"
    iin = forms.RegexField(regex=r"^\d{12}$", max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
