"""Where e-mail goes: to files in the data directory until a mail server is named."""

from __future__ import annotations

import os
from pathlib import Path

from pilothouse.site import home

DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("PILOTHOUSE_MAIL_FROM", "Pilothouse <pilothouse@localhost>")
EMAIL_HOST = os.environ.get("PILOTHOUSE_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("PILOTHOUSE_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("PILOTHOUSE_SMTP_USER", "")
# Port 465 speaks TLS from the first byte; any other begins plain and changes over, unless told not to.
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = not EMAIL_USE_SSL and os.environ.get("PILOTHOUSE_SMTP_TLS", "yes") != "no"
EMAIL_TIMEOUT = 15
EMAIL_SUBJECT_PREFIX = "Pilothouse: "
EMAIL_FILE_PATH = str(home.location() / "mail")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"


def _password() -> str:
    try:
        return Path(os.environ.get("PILOTHOUSE_SMTP_PASSWORD_FILE", "")).read_text().strip()
    except OSError:
        return ""


EMAIL_HOST_PASSWORD = _password()
