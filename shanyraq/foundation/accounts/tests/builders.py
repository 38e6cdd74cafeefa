from datetime import UTC, date, datetime

from shanyraq.foundation.access import Role, system
from shanyraq.foundation.accounts import services
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.uid import new_id

NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
PASSWORD = "тоғыз құмалақ тас"
OPERATOR = system("test")


def a_user(name: str = "aigul", *, password: str | None = PASSWORD, **fields) -> User:
    pk = services.create_user(actor=OPERATOR, sign_in_name=name, password=password, now=NOW, **fields)
    return User.objects.get(pk=pk)


def a_parent(name: str = "parent", **fields) -> User:
    return a_user(name, person=new_id(), **fields)


def an_officer(name: str = "officer", *, since: date = date(2026, 1, 1), **fields) -> User:
    user = a_user(name, **fields)
    services.grant(actor=OPERATOR, user=user.id, role=Role.OFFICER, territory="711110000", valid_from=since, now=NOW)
    return user
