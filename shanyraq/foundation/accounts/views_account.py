from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from shanyraq.foundation.accounts import queries, second_factor, services, sessions
from shanyraq.foundation.accounts.forms import LanguageForm, PasswordForm, SetUpForm
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.accounts.views_sign_in import keep_language
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.ui.pages import Context, Crumb, FormPage, Page, see_other, to_sign_in


class Account(FormPage):
    """One's own account: language, password, second factor, sessions."""

    template = "accounts/account.html"
    private = True
    form = LanguageForm
    done = "accounts.language.done"

    def initial(self) -> dict[str, str]:
        return {"language": _user(self).language}

    def context(self) -> Context:
        user = _user(self)
        return {
            "account": queries.account(user.id, self.today),
            "second": second_factor.is_set_up(user),
            "sessions": sessions.own(user.id, self.request.session.session_key, self.now),
        }

    def submit(self, form: LanguageForm) -> str:
        services.choose_language(actor=self.actor, language=form.cleaned_data["language"], now=self.now)
        return reverse("account")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().post(request, *args, **kwargs)
        if isinstance(response, HttpResponseRedirect):
            keep_language(response, request.POST["language"])
        return response


class ChangePassword(FormPage):
    """A new password; every other session ends."""

    template = "accounts/password.html"
    private = True
    form = PasswordForm
    done = "accounts.password.done"

    def crumbs(self) -> list[Crumb]:
        return [Crumb(self.say("accounts.account.title"), reverse("account"))]

    def submit(self, form: PasswordForm) -> str:
        user = _user(self)
        if not user.has_usable_password():
            raise Refusal("accounts.no_password")
        if not user.check_password(form.cleaned_data["present"]):
            raise Refusal("accounts.wrong_password", field="present")
        services.set_password(actor=self.actor, user=user.id, password=form.cleaned_data["password"], now=self.now)
        sessions.keep_only_here(self.request, actor=self.actor, now=self.now)
        return reverse("account")


class EndSessions(Page):
    """Sign out everywhere but here."""

    private = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return see_other(reverse("account"))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        sessions.end_others(actor=self.actor, here=request.session.session_key, now=self.now)
        return see_other(reverse("account"))


class SetUpSecondFactor(FormPage):
    """A QR code for the authenticator, its first code back, and recovery codes once."""

    template = "accounts/second_set_up.html"
    form = SetUpForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return to_sign_in(request)
        proven = self.actor.user is not None  # past the second factor already, or none was asked for
        if not proven and second_factor.is_set_up(user):
            return HttpResponseRedirect(reverse("second_factor"))
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> Context:
        return {"setup": second_factor.begin(_user(self))}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SetUpForm(request.POST)
        if not form.is_valid():
            return self._answer(form, status=422)
        user = _user(self)
        actor = services.actor_of(user, self.now)
        try:
            device, codes = second_factor.confirm(actor=actor, user=user, code=form.cleaned_data["code"], now=self.now)
        except Refusal as refusal:
            form.refuse(refusal)
            return self._answer(form, status=422)
        sessions.verified(request, device)
        self.template = "accounts/recovery_codes.html"  # type: ignore[misc]  # of this request only
        return self.render({"codes": codes})


def _user(page: Page) -> User:
    user = page.request.user
    assert isinstance(user, User)
    return user
