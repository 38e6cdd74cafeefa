"""People who sign in: their accounts, their grants, and the actor that a signed-in user is."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.accounts.models import GrantRow, User
from shanyraq.foundation.timeline import day_of


@transaction.atomic
def create_user(
    *,
    actor: Actor,
    sign_in_name: str,
    now: datetime,
    password: str | None = None,
    person: UUID | None = None,
    language: str = "kk",
    email: str = "",
    phone: str = "",
) -> UUID:
    """A new account; its id. Without a password one signs in only by eGov, or by one click in the demonstration."""
    user = User.objects.create_user(
        sign_in_name,
        password,
        person_id=person,
        language=language,
        email=email,
        phone=phone,
        created_at=now,
    )
    audit.wrote(actor, "accounts.create_user", at=now, subject="accounts_user", subject_id=user.id)
    return user.id


@transaction.atomic
def grant(
    *,
    actor: Actor,
    user: UUID,
    role: Role,
    valid_from: date,
    now: datetime,
    territory: str = "",
    organisation: UUID | None = None,
    valid_to: date | None = None,
) -> UUID:
    """Give a user a role for a scope and a time; id of the grant."""
    row = GrantRow.objects.create(
        user_id=user,
        role=role,
        territory=territory,
        organisation_id=organisation,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    facts = {"role": role, "territory": territory, "organisation": organisation, "valid_from": valid_from}
    audit.wrote(actor, "accounts.grant", at=now, subject="accounts_grant", subject_id=row.id, facts=facts)
    return row.id


def actor_of(user: User, now: datetime) -> Actor:
    """The actor that a user is at an instant: grants in force, and guardianship where the person is known. 1 query."""
    today = day_of(now)
    in_force = GrantRow.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today), user=user, valid_from__lte=today
    )
    grants = [Grant(Role(row.role), row.territory, row.organisation_id) for row in in_force.order_by("id")]
    if user.person_id:
        grants.append(Grant(Role.GUARDIAN))
    return Actor(user=user.id, person=user.person_id, grants=tuple(grants))
