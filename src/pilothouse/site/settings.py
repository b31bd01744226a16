"""Settings, from the environment. docs/settings.md explains each variable; checks.py looks at them at start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pilothouse.site import home
from pilothouse.site.logs import logging_config
from pilothouse.site.mail import *  # noqa: F403
from pilothouse.site.sign_in import *  # noqa: F403

HOME = home.location()
PACKAGE = Path(__file__).resolve().parents[1]

DEBUG = False
SECRET_KEY = home.secret_key(HOME)
BASE_URL = os.environ.get("PILOTHOUSE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = (
    os.environ.get("PILOTHOUSE_HOSTS") or f"localhost,127.0.0.1,[::1],{urlsplit(BASE_URL).hostname or 'localhost'}"
).split(",")
TRUSTED_PROXIES = os.environ.get("PILOTHOUSE_TRUSTED_PROXIES", "127.0.0.1")
METRICS_TOKEN = os.environ.get("PILOTHOUSE_METRICS_TOKEN", "")
LOGGING = logging_config(
    os.environ.get("PILOTHOUSE_LOG_LEVEL", "").upper(), os.environ.get("PILOTHOUSE_LOG_FORMAT", "auto").lower()
)

# With https, cookies go over https alone and browsers are told to stay with it. Forwarded headers count only from
# TRUSTED_PROXIES: the server drops them from anyone else.
HTTPS = BASE_URL.startswith("https:")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_TRUSTED_ORIGINS = [BASE_URL]


def database(url: str) -> dict[str, Any]:
    """A Django database from `sqlite:///path` or `postgresql://user:password@host:port/name?host=/socket`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path,
            "OPTIONS": {
                # Take the write lock when a transaction begins, so two writers queue instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 60,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;"
                "PRAGMA foreign_keys=ON; PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728;",
            },
        }
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or query.get("port", "")),
        # Each request runs in a thread of its own, so a connection is borrowed from a pool and given back.
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 20, "timeout": 30}},
    }


DATABASES = {
    "default": database(os.environ.get("PILOTHOUSE_DATABASE_URL") or f"sqlite:///{HOME / 'pilothouse.sqlite3'}")
}
# The work engine's own state: a file beside SQLite's, or a schema of its own in PostgreSQL.
WORK_DATABASE_URL = os.environ.get("PILOTHOUSE_DATABASE_URL", "")
if not WORK_DATABASE_URL.startswith("postgresql"):
    WORK_DATABASE_URL = f"sqlite:///{HOME / 'work.sqlite3'}"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "pilothouse.kernel.access",
    "pilothouse.kernel.ledger",
    "pilothouse.kernel.work",
    "pilothouse.kernel.notify",
    "pilothouse.kernel.inventory",
    "pilothouse.kernel.evidence",
    "pilothouse.kernel.records",
    "pilothouse.kernel.checks",
    "pilothouse.kernel.decisions",
    "pilothouse.kernel.directory",
    "pilothouse.kernel.gates",
    "pilothouse.kernel.policy",
    "pilothouse.kernel.texts",
    "pilothouse.kernel.traffic",
    "pilothouse.kernel.reviews",
    "pilothouse.kernel.imports",
    "pilothouse.kernel.requests",
    "pilothouse.domains.governance.assessments",
    "pilothouse.domains.governance.classifier",
    "pilothouse.domains.governance.frameworks",
    "pilothouse.domains.governance.pack",
    "pilothouse.domains.governance.duties",
    "pilothouse.programme.interdependence",
    "pilothouse.web",
    "pilothouse.site",
]

# The domains, in the order of the house; each has a domain.py with a DOMAIN (see site/registration.py).
DOMAINS = [
    "pilothouse.domains.strategy",
    "pilothouse.domains.platform",
    "pilothouse.domains.security",
    "pilothouse.domains.architecture",
    "pilothouse.domains.model_lifecycle",
    "pilothouse.domains.mlops",
    "pilothouse.domains.experience",
    "pilothouse.domains.governance",
    "pilothouse.domains.talent",
    "pilothouse.domains.economics",
]

MIDDLEWARE = [
    "pilothouse.web.request_id.RequestIdMiddleware",
    "pilothouse.site.metrics.RequestLog",
    "pilothouse.site.api.ApiErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pilothouse.web.errors.ErrorPages",
]

# Nothing inline and nothing from elsewhere. `data:` is for one image: the QR code that allauth draws for TOTP.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

ROOT_URLCONF = "pilothouse.site.urls"
ASGI_APPLICATION = "pilothouse.site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps' own, so that our templates for sign-in win over allauth's.
        "DIRS": [PACKAGE / "web" / "templates", *sorted((PACKAGE / "domains").glob("*/templates"))],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Rate limits are counted in a cache that all processes share. SQLite means one machine, so files do, and counting never
# waits for the database's one write lock; PostgreSQL may serve several machines, so it holds the counts itself.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(HOME / "cache"),
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }
    if DATABASES["default"]["ENGINE"].endswith("sqlite3")
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "access_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
API_CALLS_PER_MINUTE = int(os.environ.get("PILOTHOUSE_API_CALLS_PER_MINUTE", "600"))
API_FAILURES_PER_MINUTE = int(os.environ.get("PILOTHOUSE_API_FAILURES_PER_MINUTE", "20"))

AUTH_USER_MODEL = "access.User"
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "pilothouse.web.errors.forbidden"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_TZ = True
TIME_ZONE = "UTC"

# Where signed checkpoints of the ledger go: file:///…, mailto:… or https://…, outside the operator's reach.
OTLP_ENDPOINT = os.environ.get("PILOTHOUSE_OTLP_ENDPOINT", "")
OTLP_HEADERS_FILE = os.environ.get("PILOTHOUSE_OTLP_HEADERS_FILE", "")
WITNESS = os.environ.get("PILOTHOUSE_WITNESS", "")
# An RFC 3161 authority that says when it saw the checkpoint of an audit pack.
TIMESTAMP = os.environ.get("PILOTHOUSE_TIMESTAMP", "")

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
MEDIA_ROOT = HOME / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Webhooks may reach private addresses only where the operator says so (see kernel/notify/reach.py).
WEBHOOK_ALLOW_PRIVATE = os.environ.get("PILOTHOUSE_WEBHOOK_ALLOW_PRIVATE", "no") == "yes"
