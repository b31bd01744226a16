"""Handing checkpoints to a witness outside the installation, so that not even its operator can rewrite the past unseen.

PILOTHOUSE_WITNESS names it: `file:///path` (appended to; on a disk the operator does not own), `mailto:address`, or the
https:// address of a second machine that keeps what is posted to it.
"""

from __future__ import annotations

import os
import smtplib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from django.conf import settings
from django.core.mail import EmailMessage

SECONDS = 20


class WitnessRefusedError(Exception):
    """The witness did not take the checkpoint; the message says why."""


def configured() -> str:
    """The witness's URL, or the empty string: then the operator could rewrite the log."""
    return str(getattr(settings, "WITNESS", "") or "")


def shown(url: str) -> str:
    """The witness for people to read, without any password in its address."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return unquote(parts.path)
    if parts.scheme == "mailto":
        return parts.path
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def problem_with(url: str) -> str:
    """Why this URL cannot be a witness, or the empty string."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = Path(unquote(parts.path))
        if parts.netloc not in ("", "localhost") or not path.is_absolute():
            return "Give the file's absolute path, as in file:///mnt/witness/pilothouse.txt."
        if path.resolve().is_relative_to(Path(settings.HOME).resolve()):
            return "A witness inside PILOTHOUSE_HOME is no witness: who can change the log can change it too."
        return ""
    if parts.scheme == "mailto":
        return "" if "@" in parts.path else "Give an e-mail address, as in mailto:audit@example.org."
    if parts.scheme in ("https", "http"):
        return "" if parts.hostname else "Give the machine's whole address."
    return "A witness is a file:, mailto:, or https: address."


def hand_over(url: str, note: str, subject: str) -> None:
    """Give a signed note to the witness. Raises WitnessRefusedError with the reason in plain words."""
    wrong = problem_with(url)
    if wrong:
        raise WitnessRefusedError(wrong)
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            _append(Path(unquote(parts.path)), note)
        elif parts.scheme == "mailto":
            EmailMessage(subject, note, to=[parts.path]).send()
        else:
            httpx.post(
                url,
                content=note.encode(),
                headers={"Content-Type": "text/plain; charset=utf-8"},
                timeout=SECONDS,
                follow_redirects=False,
            ).raise_for_status()
    except httpx.HTTPStatusError as error:
        raise WitnessRefusedError(f"It answered {error.response.status_code}.") from None
    except (OSError, httpx.HTTPError, smtplib.SMTPException) as error:
        raise WitnessRefusedError(f"{type(error).__name__}: {error}"[:300]) from None


def _append(path: Path, note: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), "wb") as file:
        file.write(note.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
