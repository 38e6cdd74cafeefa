"""Wiring of Django. Every setting that an operator may change comes from the environment: docs/guides/operator.md."""

import os
import tomllib
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"]
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

os.environ.setdefault("NUMBA_CACHE_DIR", str(VAR_DIR / "kernels"))  # of foundation/matching, compiled once
if env.flag("PURE"):
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # the readable twins of the kernels run

DEMO = env.flag("DEMO")
DEBUG = env.flag("DEBUG")
DEMO_SECRET = "demo-only-never-in-production"  # noqa: S105 - refused below outside the demo
SECRET_KEY = env.text("SECRET_KEY", DEMO_SECRET if DEMO else "")
IDENTITY_KEY = env.text("IDENTITY_KEY", DEMO_SECRET if DEMO else "")  # encrypts IIN; keys its blind index
_secrets = {SECRET_KEY, IDENTITY_KEY}
if not DEMO and (len(_secrets) < 2 or min(map(len, _secrets)) < 40 or DEMO_SECRET in _secrets):
    raise ImproperlyConfigured(
        "SHANYRAQ_SECRET_KEY and SHANYRAQ_IDENTITY_KEY must be two secrets of 40 characters or more, from the "
        "environment or from files (SHANYRAQ_SECRET_KEY_FILE). `shanyraq secrets` prints a pair. "
        "For a demonstration set SHANYRAQ_DEMO=1."
    )
if DEBUG and not DEMO:
    raise ImproperlyConfigured(
        "SHANYRAQ_DEBUG=1 shows code and settings to whoever meets a fault. It is for the demonstration only."
    )
BACKUP_KEY = env.secret("BACKUP_KEY", DEMO_SECRET if DEMO else "")  # seals backups; asked for when one is made
IDENTITY_KEY_NUMBER = env.number("IDENTITY_KEY_NUMBER", 1)  # raise it when the key changes
IDENTITY_RETIRED_KEYS = {
    int(number): secret for number, _, secret in (one.partition(":") for one in env.words("IDENTITY_RETIRED_KEYS"))
}
# The public log: the secret key that signs it, the next one while two overlap, its name in signed notes.
LOG_KEY = env.text("LOG_KEY")  # the demonstration derives one
LOG_KEY_NEXT = env.text("LOG_KEY_NEXT")
LOG_DIR = VAR_DIR / "log"  # what was signed, outside of the database: `ledger verify` finds a lost tail by it
_name_in_key = LOG_KEY.removeprefix("PRIVATE+KEY+").split("+")[0]
LOG_NAME = env.text("LOG_NAME", "demo.shanyraq.invalid/log" if DEMO else _name_in_key)
ANALYTICS_URL = env.text("ANALYTICS_URL")  # where indicators are counted: empty is here
ALLOWED_HOSTS = env.words("HOSTS", "127.0.0.1,localhost,[::1]" if DEMO else "")
if not DEMO and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "SHANYRAQ_HOSTS must name the hosts under which the portal answers, as portal.example; it is empty or *."
    )
CSRF_TRUSTED_ORIGINS = env.words("ORIGINS")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "shanyraq.foundation.accounts",
    "shanyraq.foundation.audit",
    "shanyraq.foundation.exports",
    "shanyraq.foundation.history",
    "shanyraq.foundation.imports",
    "shanyraq.foundation.checks",
    "shanyraq.foundation.gateway",
    "shanyraq.foundation.clients",
    "shanyraq.foundation.ledger",
    "shanyraq.foundation.notices",
    "shanyraq.foundation.ui",
    "shanyraq.foundation.webhooks",
    "shanyraq.domains.registry",
    "shanyraq.domains.placement",
    "shanyraq.domains.accuracy",
    "shanyraq.domains.certification",
    "shanyraq.domains.contingent",
    "shanyraq.interfaces.dictionary",
    "shanyraq.interfaces.exchange",
    "shanyraq.interfaces.nation",
    "shanyraq.interfaces.opendata",
    "shanyraq.interfaces.portal",
    "shanyraq.interfaces.proof",
]
MIDDLEWARE = [
    "shanyraq.foundation.rest.middleware.ApiMiddleware",
    "shanyraq.foundation.ui.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shanyraq.foundation.ui.middleware.LanguageMiddleware",
    "shanyraq.interfaces.portal.shape.ShapeMiddleware",
    "shanyraq.foundation.ui.middleware.TextMiddleware",
    "django.middleware.common.CommonMiddleware",
    "shanyraq.foundation.imports.middleware.UploadMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "shanyraq.foundation.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "shanyraq.foundation.ui.middleware.RefusalMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["shanyraq.foundation.ui.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "shanyraq.foundation.ui.context.shell",
            ],
        },
    }
]

# ---- database
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # a writer waits at BEGIN instead of failing at its first write
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=268435456",
}
DATABASE_URL = env.address("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'shanyraq.sqlite3'}"
DATABASES: dict[str, Any] = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
EMBEDDED = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if EMBEDDED:
    DATABASES["default"]["ENGINE"] = "config.sqlite"
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # uniqueness is a constraint: the field option would make a second index
if EMBEDDED:
    SILENCED_SYSTEM_CHECKS += ["fields.W163", "models.W046"]  # SQLite keeps no comments
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- people who sign in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PERSON_BY_IIN = "shanyraq.domains.registry.queries.people.find_person"  # so that foundation need not know the registry
DEMO_PEOPLE = "shanyraq.interfaces.portal.demo.people" if DEMO else ""
EGOV = (
    {
        "authorise_url": env.text("EGOV_AUTHORISE_URL"),
        "token_url": env.text("EGOV_TOKEN_URL"),
        "userinfo_url": env.text("EGOV_USERINFO_URL"),
        "client_id": env.text("EGOV_CLIENT_ID"),
        "client_secret": env.text("EGOV_CLIENT_SECRET"),
    }
    if env.text("EGOV_CLIENT_ID")
    else {}
)
GATEWAY_URL = env.text("GATEWAY_URL")  # the state gateway (SmartBridge); empty: nothing is asked
GATEWAY_SENDER = env.text("GATEWAY_SENDER")
GATEWAY_PASSWORD = env.text("GATEWAY_PASSWORD")
GATEWAY_KEY = env.text("GATEWAY_KEY")  # of the organisation, PKCS#12 as base64: NCANode signs envelopes with it
GATEWAY_KEY_PASSWORD = env.text("GATEWAY_KEY_PASSWORD")
NCANODE_URL = env.text("NCANODE_URL")  # the service that verifies national signatures
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "shanyraq.foundation.accounts.lockout.address_of"
LOCK_NAME_AFTER, LOCK_ADDRESS_AFTER = 20, 200  # whatever the address; whatever the name: phones share addresses
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "sign_in_name"
AXES_VERBOSE = False
AXES_USERNAME_CALLABLE = "shanyraq.foundation.accounts.sessions.name_tried"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "sign_in_name"]

# ---- systems that work through the API
API_URLCONF = "shanyraq.interfaces.api.urls"
API_WORKERS = env.number("API_WORKERS", 1)  # workers of the house: each gives a client its share of the rate
API_OPEN_RATE = env.number("API_OPEN_RATE", 600)  # requests a minute of one address without a token; 0: no limit
API_ORIGINS = env.words("API_ORIGINS")  # web pages elsewhere that may read the API; none unless named
API_MOST_BYTES = 256 * 1024  # of a request
CLIENT_RATE = env.number("CLIENT_RATE", 600)  # requests a minute of a new client
CLIENT_TOKEN_SECONDS = env.number("CLIENT_TOKEN_SECONDS", 600)

# ---- jobs, notices
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"], "ENQUEUE_ON_COMMIT": False}}
EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.console.EmailBackend" if DEBUG else "django.core.mail.backends.dummy.EmailBackend",
)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "no-reply@shanyraq.invalid")
PUBLIC_ADDRESS = env.text("PUBLIC_ADDRESS", "http://127.0.0.1:8000" if DEMO else "")  # for links in e-mail
SMS_GATEWAY = env.text("SMS_GATEWAY", "shanyraq.foundation.notices.sms.SilentGateway")

OPEN_DATA_DIR = Path(env.text("OPEN_DATA_DIR", str(VAR_DIR / "open-data")))  # one folder for all hosts of the portal

WEBHOOK_EGRESS = env.text("WEBHOOK_EGRESS", "shanyraq.foundation.webhooks.egress.HttpEgress")
WEBHOOK_LOCAL = DEMO  # addresses of this machine, over HTTP too: for trying it out

# ---- language and time
LANGUAGE_CODE = "kk"
LANGUAGES = [("kk", "Қазақша"), ("ru", "Русский"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Almaty"

# ---- files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 31_536_000

# ---- security
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of a request beside its file
FILE_ADDRESSES = ("/imports/new/", "/exchange/")  # where a request may bring a file of some size
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 1
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = env.flag("HTTPS", default=not DEMO)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.flag("BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
