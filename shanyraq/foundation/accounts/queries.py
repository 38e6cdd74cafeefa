"""Reading accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from shanyraq.foundation.access import Grant, Role
from shanyraq.foundation.accounts.models import GrantRow, User

DEMO_PREFIX = "demo-"


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone whom a visitor of the demonstration can be."""

    user: UUID
    sign_in_name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What people see of their own account."""

    sign_in_name: str
    language: str
    email: str
    phone: str
    has_password: bool
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """A grant of a user: for the operator's list."""

    id: UUID
    sign_in_name: str
    grant: Grant
    valid_from: date
    valid_to: date | None


def staff(on: date) -> tuple[Staff, ...]:
    """Grants in force on the day, by sign-in name. 1 query."""
    rows = GrantRow.objects.filter(_in_force(on)).select_related("user").order_by("user__sign_in_name", "id")
    return tuple(
        Staff(
            row.id,
            row.user.sign_in_name,
            Grant(Role(row.role), row.territory, row.organisation_id),
            row.valid_from,
            row.valid_to,
        )
        for row in rows
    )


def holders(roles: Iterable[Role], on: date, *, over: str | None = None) -> frozenset[UUID]:
    """Users who hold one of the roles on the day; with `over`, those whose territory holds that KATO. 1 query."""
    rows = GrantRow.objects.filter(_in_force(on), role__in=tuple(roles), user__is_active=True)
    held = rows.values_list("user_id", "territory")
    return frozenset(user for user, territory in held if over is None or over.startswith(territory))


def user_named(sign_in_name: str) -> UUID | None:
    """The user of a sign-in name. 1 query."""
    return User.objects.filter(sign_in_name=sign_in_name.strip().lower()).values_list("id", flat=True).first()


def grant_exists(grant: UUID) -> bool:
    """Whether there is such a grant. 1 query."""
    return GrantRow.objects.filter(pk=grant).exists()


def personas(on: date) -> tuple[Persona, ...]:
    """The users of the demonstration, by the first role and name. 2 queries."""
    users = User.objects.filter(sign_in_name__startswith=DEMO_PREFIX, is_active=True).prefetch_related("grants")
    found = [Persona(user.id, user.sign_in_name, _roles(user, on)) for user in users]
    order = list(Role)
    return tuple(sorted(found, key=lambda one: ([order.index(role) for role in one.roles], one.sign_in_name)))


def demo_persons() -> tuple[UUID, ...]:
    """The registry's people behind the users of the demonstration, by sign-in name. 1 query."""
    users = User.objects.filter(sign_in_name__startswith=DEMO_PREFIX, is_active=True, person_id__isnull=False)
    return tuple(one for one in users.order_by("sign_in_name").values_list("person_id", flat=True) if one)


def persona(sign_in_name: str) -> User | None:
    """The user of the demonstration with this name, if there is one. 1 query."""
    if not sign_in_name.startswith(DEMO_PREFIX) or not sign_in_name.isprintable():
        return None
    return User.objects.filter(sign_in_name=sign_in_name, is_active=True).first()


def account(user: UUID, on: date) -> Account:
    """A user's own account. 2 queries."""
    row = User.objects.get(pk=user)
    grants = GrantRow.objects.filter(_in_force(on), user_id=user).order_by("id")
    return Account(
        row.sign_in_name,
        row.language,
        row.email,
        row.phone,
        row.has_usable_password(),
        tuple(Grant(Role(grant.role), grant.territory, grant.organisation_id) for grant in grants),
    )


def _roles(user: User, on: date) -> tuple[Role, ...]:
    held = {
        Role(row.role) for row in user.grants.all() if row.valid_from <= on and (not row.valid_to or on < row.valid_to)
    }
    if user.person_id and not held:
        held.add(Role.GUARDIAN)
    return tuple(role for role in Role if role in held)


def _in_force(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
