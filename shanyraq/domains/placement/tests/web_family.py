"""A family at its browser: what the tests of its pages share."""

from django.test import Client

from shanyraq.domains.placement.models import Application, Offer
from shanyraq.domains.placement.services import rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.uid import new_id

NOW = builders.NOW
LANGS = ("kk", "ru", "en")


def client_of(guardian, *, name: str = "", lang: str = "en") -> Client:
    user = accounts.create_user(
        actor=builders.OPERATOR, sign_in_name=name or f"parent-{guardian}", now=NOW, person=guardian
    )
    client = Client()
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["language"] = lang
    return client


def parent(lang: str = "en") -> tuple[builders.Family, Client]:
    family = builders.family()
    return family, client_of(family.guardian, lang=lang)


def offered(kindergarten: builders.Kindergarten, family: builders.Family) -> Offer:
    """The offer that a published round made to the family."""
    application = Application.objects.filter(child=family.child).first()
    if application is None:
        builders.application(kindergarten.id, of=family)
    held_round()
    return Offer.objects.get(application__child_id=family.child, closed_at=None)


def held_round(now=NOW) -> None:
    officer = builders.officer_of()
    preview = rounds.preview_round(actor=officer, district=builders.DISTRICT, now=now)
    row = rounds.confirm_round(actor=officer, district=builders.DISTRICT, fingerprint=preview.fingerprint, now=now)
    rounds.publish_round(actor=officer, round=row, now=now)


def drafted(client: Client, family: builders.Family) -> str:
    """The address of a fresh draft."""
    response = client.post("/family/apply/", {"child": str(family.child)})
    assert response.status_code == 303
    return str(response.headers["Location"]).removesuffix("right/")


def sure() -> dict[str, str]:
    """The form of a page that asks once more."""
    return {"key": str(new_id())}


def agreed() -> dict[str, str]:
    """The signed statement."""
    return {**sure(), "correct": "on", "consent": "on"}
