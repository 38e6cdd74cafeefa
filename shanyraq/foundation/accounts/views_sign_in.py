import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from shanyraq.foundation import text
from shanyraq.foundation.access import system
from shanyraq.foundation.accounts import egov, lockout, queries, second_factor, services, sessions
from shanyraq.foundation.accounts.forms import CodeForm, IinForm, SignInForm
from shanyraq.foundation.accounts.models import User, Way
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import Lang
from shanyraq.foundation.ui.pages import Context, FormPage, Page, see_other, to_sign_in


class SignIn(FormPage):
    """By name and password."""

    template = "accounts/sign_in.html"
    form = SignInForm

    def context(self) -> Context:
        return {"egov": egov.provider() is not None, "next": after(self.request)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return see_other(after(request)) if self.actor.user else super().get(request, *args, **kwargs)

    def submit(self, form: SignInForm) -> str:
        lockout.require_open(self.request, form.cleaned_data["sign_in_name"], self.now)
        user = authenticate(self.request, **form.cleaned_data)
        if getattr(self.request, "axes_locked_out", False):
            self.request.axes_locked_out = False  # type: ignore[attr-defined]  # this page answers, not axes' own
            raise Refusal("accounts.locked", minutes=lockout.minutes())
        if not isinstance(user, User):
            raise Refusal("accounts.wrong_password", field="password")
        return enter(self, user, Way.PASSWORD)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return in_own_language(request, super().post(request, *args, **kwargs))


class SignOut(Page):
    """Out, from here only."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return see_other("/")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        sessions.end(request)
        return see_other("/")


class SecondFactor(FormPage):
    """The second step of staff: a code."""

    template = "accounts/second_factor.html"
    form = CodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return to_sign_in(request)
        if not second_factor.is_set_up(request.user):
            return HttpResponseRedirect(reverse("account_second"))
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> Context:
        return {"next": after(self.request)}

    def submit(self, form: CodeForm) -> str:
        user = self.request.user
        assert isinstance(user, User)
        sessions.verified(self.request, second_factor.check(user, form.cleaned_data["code"]))
        return after(self.request)


class EgovStart(Page):
    """To the state's identity provider."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        provider = egov.provider()
        if provider is None:
            raise Http404
        state = secrets.token_urlsafe(24)
        request.session["egov"] = {"state": state, "next": after(request)}
        return HttpResponseRedirect(provider.address(state=state, return_to=_return_to(request)))


class EgovReturn(Page):
    """Back from the state's identity provider."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        provider, begun = egov.provider(), request.session.pop("egov", None)
        state = request.GET.get("state", "")
        if provider is None or begun is None or not secrets.compare_digest(begun["state"].encode(), state.encode()):
            raise Refusal("accounts.egov_refused")
        subject = provider.subject(code=request.GET.get("code", ""), return_to=_return_to(request))
        person = egov.person_of(subject)
        if person is None:
            raise Refusal("accounts.person_unknown")
        user = services.user_of_person(actor=system("egov"), person=person, language=self.lang, now=self.now)
        if not user.is_active:
            raise Refusal("accounts.egov_refused")
        address = enter(self, user, Way.EGOV, then=begun["next"])
        return in_own_language(request, see_other(address))


class Demo(Page):
    """The demonstration: be anyone, with one click."""

    template = "accounts/demo.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> Context:
        shown = [_shown(persona, self.lang) for persona in queries.personas(self.today)]
        return {"personas": shown, "next": after(self.request)}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        user = queries.persona(request.POST.get("persona", ""))
        if user is None:
            raise Refusal("accounts.persona_unknown")
        return see_other(enter(self, user, Way.DEMO))


class FakeEgov(FormPage):
    """The page that stands for eGov in the demonstration: it asks for an IIN, and believes it."""

    template = "accounts/fake_egov.html"
    form = IinForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO or not isinstance(egov.provider(), egov.FakeProvider):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> Context:
        return {"people": egov.demo_people()}

    def submit(self, form: IinForm) -> str:
        return_to = _return_to(self.request)
        if self.request.GET.get("redirect_uri") != return_to:
            raise Refusal("accounts.egov_refused")
        code = egov.FakeProvider().code(iin=form.cleaned_data["iin"], return_to=return_to)
        return f"{return_to}?{urlencode({'code': code, 'state': self.request.GET.get('state', '')})}"


def enter(page: Page, user: User, way: Way, then: str = "") -> str:
    """Sign the user in; where to go: the second factor where it is asked for, else the page they came for."""
    address = then or after(page.request)
    sessions.begin(page.request, user, way, page.now)
    if settings.DEMO or not (user.is_staff or second_factor.is_set_up(user)):
        return address
    page.request.session[sessions.SECOND] = True
    return f"{reverse('second_factor')}?{urlencode({'next': address})}"


def after(request: HttpRequest) -> str:
    """The page that someone came for: of this site, or the home page."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own else "/"


def in_own_language(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The pages in the language of the account, unless the reader has chosen one here."""
    if isinstance(request.user, User) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        keep_language(response, request.user.language)
    return response


def keep_language(response: HttpResponseBase, language: str) -> None:
    """Remember a language in the browser for a year."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31_536_000, samesite="Lax", secure=secure)


def _shown(persona: queries.Persona, lang: Lang) -> dict[str, Any]:
    code = f"accounts.demo.{persona.sign_in_name.removeprefix(queries.DEMO_PREFIX)}"
    known = text.known(code)
    title = text.say(code, lang) if known else ", ".join(text.show(role, lang) for role in persona.roles)
    body = text.say(f"{code}.body", lang) if known else ""
    return {"name": persona.sign_in_name, "roles": persona.roles, "title": title, "body": body}


def _return_to(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("egov_return"))
