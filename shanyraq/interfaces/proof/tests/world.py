"""A family whose application is in the log, at its browser: for the tests of receipts and of the log's pages."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from shanyraq.domains.placement.queries import receipts
from shanyraq.domains.placement.tests import builders, web_family
from shanyraq.foundation import clock, ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.uid import new_id

NOW = builders.NOW
AFTER = NOW + timedelta(minutes=3)


@dataclass
class Logged:
    """An application with its family and the family's browser."""

    family: builders.Family
    application: UUID
    browser: Client

    @property
    def page(self) -> str:
        return f"/family/applications/{self.application}/receipt/"

    @property
    def code(self) -> str:
        """The name of the application in the log."""
        return receipts.receipt(self.family.actor, self.application).code

    def receipt(self) -> Any:
        """The downloaded receipt."""
        answer = self.browser.get(self.page.rstrip("/") + ".json")
        assert answer.status_code == 200, answer.status_code
        return json.loads(answer.content)


def logged(lang: str = "en", *, sequenced: bool = True) -> Logged:
    """A family that has applied; its entries are in the log unless `sequenced` is False."""
    home = builders.kindergarten(3)
    family, browser = web_family.parent(lang)
    application = builders.application(home.id, of=family)
    if sequenced:
        ledger.sequence(NOW)
    return Logged(family, application, browser)


def more_entries(count: int, at: datetime = NOW) -> None:
    """The log grows by entries of others, and is signed."""
    for number in range(count):
        ledger.record("tests.Happened", new_id(), {"n": number}, at=at, open=("n",))
    ledger.sequence(at)


def browser_of(role: Role, lang: str = "en", territory: str = "") -> Client:
    """The browser of someone of the staff."""
    name = f"{role.value}-{new_id()}"
    user = accounts.create_user(actor=builders.OPERATOR, sign_in_name=name, now=NOW)
    accounts.grant(actor=builders.OPERATOR, user=user, role=role, valid_from=NOW.date(), now=NOW, territory=territory)
    client = Client()
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["language"] = lang
    return client


def then(moment: datetime = AFTER) -> Any:
    """A clock that stands at a moment, by default some minutes after everything."""
    return clock.frozen_at(moment)
