"""Secrets that an organisation uses and the database must not hold: files that the operator lays down.

A room stores a secret's name; its value is the file `secrets/<organisation>/<name>` in the data directory. So a copy of
the database opens nothing, and nobody reaches another organisation's secret by naming it.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.models import Organisation

NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,58}[a-z0-9])?")


def clean_secret_name(text: str, field: str = "secret_name") -> str:
    """A name that a secret's file may have, or Invalid."""
    name = text.strip()
    if not NAME.fullmatch(name):
        raise Invalid(
            "That is no name of a secret.",
            fields={field: "Small letters, digits, hyphens and underscores; at most 60."},
        )
    return name


def secret_path(organisation: Organisation, name: str) -> Path:
    """Where the operator puts the secret; for telling them."""
    return Path(settings.HOME) / "secrets" / organisation.slug / clean_secret_name(name)


def secret_of(organisation: Organisation, name: str) -> str:
    """The secret's value. Raises Invalid when there is none, without saying anything of what is there."""
    try:
        value = secret_path(organisation, name).read_text().strip()
    except (OSError, UnicodeDecodeError):
        value = ""
    if not value:
        raise Invalid(
            f"The secret “{name}” is not there.",
            code="secret_missing",
            fields={
                "secret_name": f"The operator puts it in secrets/{organisation.slug}/{name} of the data directory."
            },
        )
    return value
