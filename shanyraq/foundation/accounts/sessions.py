"""Sessions: signing in with a fresh key, where one is signed in, signing out everywhere, idle staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final
from uuid import UUID

import django_otp
from django.contrib import auth
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor, Role, require_role
from shanyraq.foundation.accounts import services
from shanyraq.foundation.accounts.models import SignIn, User, Way
from shanyraq.foundation.refusal import NotAllowed

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
IDLE_STAFF: Final = timedelta(minutes=30)
SEEN_EVERY: Final = timedelta(minutes=1)  # how exactly idleness is measured: each note is a write
BROWSERS: Final = (  # the first mark that fits: most browsers also call themselves Chrome or Safari
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Safari/", "Safari"),
)
PLATFORMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
IIN_DIGITS: Final = 12
SEEN, SECOND, RIGHTS = "seen_at", "second_factor", "rights"


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A place where someone is signed in."""

    id: UUID
    way: Way
    device: str
    signed_in_at: datetime
    here: bool


@transaction.atomic
def begin(request: HttpRequest, user: User, way: Way, now: datetime) -> None:
    """Sign a user in: a new session key, so that a key known before is worthless; noted in the audit."""
    auth.login(request, user, backend=BACKEND)
    actor = services.actor_of(user, now)
    request.session[SEEN] = now.timestamp()
    request.session[RIGHTS] = _rights(actor)
    _note(request, user, way, now)
    audit.wrote(
        actor,
        "accounts.sign_in",
        at=now,
        subject="accounts_user",
        subject_id=user.id,
        facts={"way": way},
    )


def verified(request: HttpRequest, device: object) -> None:
    """The second factor was right: the session is the user's whole, under a new key."""
    before = request.session.session_key
    django_otp.login(request, device)  # type: ignore[no-untyped-call]  # django_otp has no types
    request.session.pop(SECOND, None)
    request.session.cycle_key()
    SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)


def keep_in_step(request: HttpRequest, actor: Actor) -> None:
    """A role was given or taken since the last request: the session goes on under a new key."""
    rights = _rights(actor)
    if request.session.get(RIGHTS, rights) == rights:
        return
    request.session[RIGHTS] = rights
    before = request.session.session_key
    request.session.cycle_key()
    SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)


def end(request: HttpRequest) -> None:
    """Sign out here."""
    SignIn.objects.filter(session_key=request.session.session_key).delete()
    auth.logout(request)


def own(user: UUID, here: str | None, now: datetime) -> tuple[OwnSession, ...]:
    """Where a user is signed in, newest first. 2 queries."""
    rows = list(SignIn.objects.filter(user_id=user).order_by("-signed_in_at", "-id"))
    keys = [row.session_key for row in rows]
    running = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=now).values_list("session_key", flat=True)
    )
    return tuple(
        OwnSession(row.id, Way(row.way), row.device, row.signed_in_at, row.session_key == here)
        for row in rows
        if row.session_key in running
    )


@transaction.atomic
def end_others(*, actor: Actor, here: str | None, now: datetime) -> int:
    """Sign out everywhere but here; how many sessions ended."""
    if actor.user is None:
        raise NotAllowed("access.denied", action="accounts.end_sessions")
    rows = SignIn.objects.filter(user_id=actor.user).exclude(session_key=here or "")
    keys = list(rows.values_list("session_key", flat=True))
    ended, _ = Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    facts = {"sessions": ended}
    audit.wrote(actor, "accounts.end_sessions", at=now, subject="accounts_user", subject_id=actor.user, facts=facts)
    return ended


@transaction.atomic
def forget_over(*, actor: Actor, now: datetime) -> int:
    """Remove sessions that are over, with what was noted of them, and failed sign-ins of yesterday; how many sessions.

    For the routine. Raises NotAllowed("access.denied").
    """
    require_role(actor, Role.OPERATOR)
    over, _ = Session.objects.filter(expire_date__lte=now).delete()
    running = Session.objects.values_list("session_key", flat=True)
    SignIn.objects.exclude(session_key__in=running).delete()
    attempts = import_module("axes.models").AccessAttempt.objects  # axes has no types
    attempts.filter(attempt_time__lt=now - timedelta(days=1)).delete()
    return over


def keep_only_here(request: HttpRequest, *, actor: Actor, now: datetime) -> None:
    """After a change of password: this session goes on under a new key, every other one ends."""
    user, before = request.user, request.session.session_key
    assert isinstance(user, User)
    user.refresh_from_db()
    auth.update_session_auth_hash(request, user)
    SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)
    end_others(actor=actor, here=request.session.session_key, now=now)


def idle(request: HttpRequest, now: datetime) -> bool:
    """Whether a member of staff has done nothing for too long; else the visit is noted, at most once a minute."""
    seen = datetime.fromtimestamp(request.session.get(SEEN, now.timestamp()), UTC)
    if now - seen > IDLE_STAFF:
        return True
    if now - seen >= SEEN_EVERY or SEEN not in request.session:
        request.session[SEEN] = now.timestamp()
    return False


def name_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The name under which failed sign-ins are counted. People type their IIN for it: that is kept as a hash only."""
    given = credentials.get("sign_in_name") if credentials else request.POST.get("sign_in_name")
    name = str(given or "").strip().lower()
    digits = "".join(sign for sign in name if sign.isdigit())
    return f"hash-{salted_hmac('name tried', digits).hexdigest()[:32]}" if len(digits) >= IIN_DIGITS else name


def device_of(agent: str) -> str:
    """What people call their device: "Chrome, Android"; empty when the browser does not say."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    platform = next((name for mark, name in PLATFORMS if mark in agent), "")
    return ", ".join(part for part in (browser, platform) if part)


def _rights(actor: Actor) -> str:
    return ";".join(sorted(f"{one.role}:{one.territory}:{one.organisation or ''}" for one in actor.grants))


def _note(request: HttpRequest, user: User, way: Way, now: datetime) -> None:
    if request.session.session_key is None:
        request.session.save()
    device = device_of(request.META.get("HTTP_USER_AGENT", ""))
    SignIn.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={"user": user, "way": way, "device": device, "signed_in_at": now},
    )
