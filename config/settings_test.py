"""The settings of the tests: as in production where behaviour is concerned, quick where it is not."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("SHANYRAQ_DEMO", "1")

from config.settings import *  # noqa: F403
from config.settings import DATABASES, EMBEDDED, TEMPLATES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WEBHOOK_EGRESS = "shanyraq.foundation.webhooks.egress.RecordingEgress"
OPEN_DATA_DIR = Path(tempfile.mkdtemp(prefix="shanyraq-open-data-"))
atexit.register(shutil.rmtree, OPEN_DATA_DIR, ignore_errors=True)
LOG_DIR = Path(tempfile.mkdtemp(prefix="shanyraq-log-"))
atexit.register(shutil.rmtree, LOG_DIR, ignore_errors=True)
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "UNDEFINED-VARIABLE"
if EMBEDDED:
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # one per worker of the tests
