"""How people sign in: settings of django-allauth, from the environment. `settings.py` takes them all in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

BASE_URL = os.environ.get("PILOTHOUSE_URL", "http://localhost:8000")
HOURS_12 = 12 * 3600

# Closed by default: people are invited. Open, an address must be proven before anything else.
SIGNUP_OPEN = os.environ.get("PILOTHOUSE_SIGNUP", "closed") == "open"
OIDC_PROVISION = os.environ.get("PILOTHOUSE_OIDC_PROVISION", "no") == "yes"

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# scrypt is memory-hard and in the standard library; the second reads what an older installation may hold.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

ACCOUNT_ADAPTER = "pilothouse.web.access.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if SIGNUP_OPEN else "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SESSION_COOKIE_AGE = HOURS_12
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key", "reset_password": "20/m/ip,5/m/key"}

MFA_ADAPTER = "pilothouse.web.access.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Pilothouse"
# Where accounts are given, whoever gave one knows the address; only an open door must wait for a proof of it.
MFA_ALLOW_UNVERIFIED_EMAIL = not SIGNUP_OPEN
# Browsers let a passkey be used over plain http on the machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BASE_URL.startswith("https:")

SOCIALACCOUNT_ADAPTER = "pilothouse.web.access.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

# Noting each page view would be a write for each; the list of sessions shows when one began.
USERSESSIONS_TRACK_ACTIVITY = False


def oidc_secret() -> str:
    """The client's secret, from the file that PILOTHOUSE_OIDC_CLIENT_SECRET_FILE names; empty when unreadable."""
    try:
        return Path(os.environ.get("PILOTHOUSE_OIDC_CLIENT_SECRET_FILE", "")).read_text().strip()
    except OSError:
        return ""


def oidc_providers(issuer: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    """The one identity provider, or none. Its user must have a verified address that a user here has."""
    if not (issuer and client_id):
        return {}
    app = {
        "provider_id": "sso",
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer.rstrip("/"), "oauth_pkce_enabled": True},
    }
    return {
        "openid_connect": {
            "APPS": [app],
            "EMAIL_AUTHENTICATION": True,
            "EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
        }
    }


SOCIALACCOUNT_PROVIDERS = oidc_providers(
    os.environ.get("PILOTHOUSE_OIDC_ISSUER", ""),
    os.environ.get("PILOTHOUSE_OIDC_CLIENT_ID", ""),
    oidc_secret(),
    os.environ.get("PILOTHOUSE_OIDC_NAME", "Single sign-on"),
)
