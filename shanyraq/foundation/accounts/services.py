"""People who sign in: their accounts, their grants, and the actor that a signed-in user is."""

from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor, Grant, Role, require_role
from shanyraq.foundation.accounts.models import GrantRow, User
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.text import LANGS
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
    """A new account; its id. Without a password one signs in only by eGov, or by one click in the demonstration.

    Raises NotAllowed("access.denied"), Refusal("accounts.name_taken"), Refusal("accounts.weak_password").
    """
    require_role(actor, Role.OPERATOR)
    name = sign_in_name.strip().lower()
    if User.objects.filter(sign_in_name=name).exists():
        raise Refusal("accounts.name_taken", field="sign_in_name", sign_in_name=name)
    if password is not None:
        _require_strong(password)
    user = User.objects.create_user(
        name, password, person_id=person, language=language, email=email, phone=phone, created_at=now
    )
    audit.wrote(actor, "accounts.create_user", at=now, subject="accounts_user", subject_id=user.id)
    return user.id


@transaction.atomic
def set_password(*, actor: Actor, user: UUID, password: str, now: datetime) -> None:
    """Give a user a new password; all their sessions end. The user themself, or the operator.

    Raises NotAllowed("access.denied"), Refusal("accounts.weak_password").
    """
    if actor.user != user:
        require_role(actor, Role.OPERATOR)
    _require_strong(password)
    row = User.objects.select_for_update().get(pk=user)
    row.set_password(password)
    row.save(update_fields=["password"])
    audit.wrote(actor, "accounts.set_password", at=now, subject="accounts_user", subject_id=user)


@transaction.atomic
def choose_language(*, actor: Actor, language: str, now: datetime) -> None:
    """The language of the actor's notices and pages. Raises NotAllowed, Refusal("accounts.language_unknown")."""
    if actor.user is None:
        raise NotAllowed("access.denied", action="accounts.choose_language")
    if language not in LANGS:
        raise Refusal("accounts.language_unknown", field="language")
    User.objects.filter(pk=actor.user).update(language=language)
    facts = {"language": language}
    audit.wrote(actor, "accounts.choose_language", at=now, subject="accounts_user", subject_id=actor.user, facts=facts)


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
    """Give a user a role for a scope and a time; id of the grant. Guardianship is never granted: the registry knows it.

    Raises NotAllowed("access.denied"), Refusal("accounts.grant_scope").
    """
    require_role(actor, Role.OPERATOR)
    of_organisation = role in (Role.HEAD, Role.TEACHER)
    if role in (Role.GUARDIAN, Role.SYSTEM) or of_organisation != (organisation is not None):
        raise Refusal("accounts.grant_scope", field="role", role=role)
    if valid_to is not None and valid_to <= valid_from:
        raise Refusal("accounts.grant_scope", field="valid_to", role=role)
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


@transaction.atomic
def revoke(*, actor: Actor, grant: UUID, on: date, now: datetime) -> None:
    """End a grant on a day: its last day is the one before. A grant that has not begun is removed.

    Raises NotAllowed("access.denied"), Refusal("accounts.grant_ended").
    """
    require_role(actor, Role.OPERATOR)
    row = GrantRow.objects.select_for_update().get(pk=grant)
    if row.valid_to is not None and row.valid_to <= on:
        raise Refusal("accounts.grant_ended", on=row.valid_to)
    if on <= row.valid_from:
        row.delete()
    else:
        row.valid_to = on
        row.save(update_fields=["valid_to"])
    audit.wrote(actor, "accounts.revoke", at=now, subject="accounts_grant", subject_id=grant, facts={"on": on})


@transaction.atomic
def user_of_person(*, actor: Actor, person: UUID, language: str, now: datetime) -> User:
    """The account of a person whom the state vouches for; a new one, without a password, at their first visit."""
    user = User.objects.filter(person_id=person).first()
    if user is not None:
        return user
    name = f"egov-{person.hex[-12:]}"
    return User.objects.get(pk=create_user(actor=actor, sign_in_name=name, person=person, language=language, now=now))


def actor_of(user: User, now: datetime) -> Actor:
    """The actor that a user is at an instant: grants in force, and guardianship where the person is known.

    1 query; 2 for staff, whose open break-glass records count too.
    """
    today = day_of(now)
    begun = GrantRow.objects.filter(user=user, valid_from__lte=today)
    in_force = begun.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today)).order_by("id")
    grants = [Grant(Role(row.role), row.territory, row.organisation_id) for row in in_force]
    opened = audit.queries.opened_by(user.id, now) if grants else frozenset()
    if user.person_id:
        grants.append(Grant(Role.GUARDIAN))
    return Actor(user=user.id, person=user.person_id, grants=tuple(grants), opened=opened)


def _require_strong(password: str) -> None:
    try:
        validate_password(password)
    except ValidationError:
        raise Refusal("accounts.weak_password", field="password") from None
