from enum import StrEnum
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from shanyraq.foundation.access import Role
from shanyraq.foundation.uid import new_id


class Way(StrEnum):
    """How someone proved who they are."""

    PASSWORD = "password"  # noqa: S105 - a way to sign in, no secret
    EGOV = "egov"
    DEMO = "demo"


class UserManager(BaseUserManager["User"]):
    def create_user(self, sign_in_name: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(sign_in_name=sign_in_name.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """Someone who signs in. What they may do stands in their grants; who they are, in the registry."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sign_in_name = models.CharField(
        max_length=80, db_collation="C", db_comment="phone, e-mail or staff name, lower case"
    )
    person_id = models.UUIDField(null=True, blank=True, db_comment="the person in the registry, if known there")
    language = models.CharField(max_length=2, default="kk")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "sign_in_name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        db_table_comment = "People who sign in"
        constraints = (
            models.UniqueConstraint(fields=["sign_in_name"], name="user_sign_in_name_once"),
            models.UniqueConstraint(fields=["person_id"], name="user_person_once"),
            models.CheckConstraint(condition=Q(language__in=("kk", "ru", "en")), name="user_language_known"),
        )

    def __str__(self) -> str:
        return self.sign_in_name

    @property
    def is_staff(self) -> bool:
        """Staff must use a second factor: everyone who holds a grant."""
        return self.grants.exists()


class GrantRow(models.Model):
    """A role given to a user for a scope and a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(
        max_length=12, choices=[(role.value, role.value) for role in Role if role is not Role.SYSTEM]
    )
    territory = models.CharField(max_length=9, blank=True, db_comment="KATO prefix; empty is the country")
    organisation_id = models.UUIDField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "accounts_grant"
        db_table_comment = "Roles of users, with scope and period"
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="grant_period_holds_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(role="head") | Q(organisation_id__isnull=False), name="grant_head_has_an_organisation"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.territory or self.organisation_id or 'KZ'}"


class SignIn(models.Model):
    """One sign-in and the session it began, so that people see where they are signed in and can end it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, db_collation="C")
    way = models.CharField(max_length=8, choices=[(way.value, way.value) for way in Way])
    device = models.CharField(max_length=80, blank=True, db_comment="browser and platform in words")
    signed_in_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_sign_in"
        db_table_comment = "Sign-ins whose session may still run"
        constraints = (models.UniqueConstraint(fields=["session_key"], name="sign_in_session_once"),)

    def __str__(self) -> str:
        return f"{self.way} {self.signed_in_at:%Y-%m-%d %H:%M}"
