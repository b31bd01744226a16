"""Settings for the tests: they work on a machine where nothing is set.

`PILOTHOUSE_TEST_DATABASE=postgresql` runs the same tests on PostgreSQL; tests/postgres.py starts the server.
"""

from __future__ import annotations

import os
import tempfile

# Nothing of the caller's own installation may leak into a test.
for _name in [name for name in os.environ if name.startswith("PILOTHOUSE_")]:
    if not _name.startswith("PILOTHOUSE_TEST_") and _name != "PILOTHOUSE_SHARED":
        del os.environ[_name]
os.environ["PILOTHOUSE_SECRET_KEY"] = "a-key-that-only-the-tests-use-0123456789abcdef"  # noqa: S105
# The first process makes the folder; the workers that it starts inherit its name.
if "PILOTHOUSE_TEST_HOME" not in os.environ:
    os.environ["PILOTHOUSE_TEST_HOME"] = tempfile.mkdtemp(prefix="pilothouse-")
os.environ["PILOTHOUSE_HOME"] = os.environ["PILOTHOUSE_TEST_HOME"]

from pilothouse.site.settings import *  # noqa: E402, F403
from pilothouse.site.settings import DATABASES, HOME, STATIC_ROOT, database  # noqa: E402

if os.environ.get("PILOTHOUSE_TEST_DATABASE", "sqlite") == "postgresql":
    DATABASES["default"] = database(f"postgresql://postgres@/pilothouse?host={HOME}/socket&port=5432")
    DATABASES["default"]["OPTIONS"] = {}  # a pool would hold on to the databases that the tests drop
else:
    # A file, not memory: only so do threads and processes meet the same locks as in an installation.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}

STATIC_ROOT.mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
