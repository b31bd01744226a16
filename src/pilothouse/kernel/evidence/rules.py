"""What may be evidence: kinds of file, sizes, dates, links. Pure."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from pilothouse.contracts.errors import Invalid

MAX_BYTES = 25 * 1024 * 1024
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
OFFICE: dict[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
}
TEXTS: dict[str, str] = {"csv": "text/csv", "md": "text/markdown", "txt": "text/plain", "eml": "message/rfc822"}

Standing = Literal["current", "not_yet", "expired", "superseded", "withdrawn"]


def media_type_of(filename: str, data: bytes) -> str:
    """What the bytes are, whatever the name says. Raises Invalid for what is not accepted as evidence."""
    ending = filename.rpartition(".")[2].lower()
    for signature, media_type in SIGNATURES:
        if data.startswith(signature):
            return media_type
    if data.startswith(b"PK\x03\x04") and ending in OFFICE:
        return OFFICE[ending]
    if ending == "json" and _is_json(data):
        return "application/json"
    if ending in TEXTS and _is_text(data):
        return TEXTS[ending]
    raise Invalid(
        "This kind of file is not taken as evidence.",
        fields={
            "file": "Send a PDF, PNG, JPEG, Office or OpenDocument file, ZIP, CSV, JSON, Markdown, e-mail or text."
        },
    )


def clean_filename(name: str) -> str:
    """The name without its folders and without characters that could confuse a header or a shell."""
    bare = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[^\w .()+,-]", "_", bare).strip(". ")[:200] or "file"


def check_link(url: str) -> str:
    """A web address as evidence. It is never fetched by this server. Raises Invalid."""
    url = url.strip()
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or len(url) > 1000:
        raise Invalid("That is not a web address.", fields={"url": "Begin with https://, without a password in it."})
    return url


def check_dates(effective_on: date, expires_on: date | None) -> None:
    """Raises Invalid when evidence would end before it begins."""
    if expires_on is not None and expires_on < effective_on:
        raise Invalid("It would expire before it begins.", fields={"expires_on": "Choose a later day, or none."})


def standing_of(
    *, effective_on: date, expires_on: date | None, superseded: bool, withdrawn: bool, today: date
) -> Standing:
    """Whether a piece counts today, and if not, why."""
    if withdrawn:
        return "withdrawn"
    if superseded:
        return "superseded"
    if expires_on is not None and expires_on < today:
        return "expired"
    return "current" if effective_on <= today else "not_yet"


def _is_text(data: bytes) -> bool:
    if b"\x00" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
