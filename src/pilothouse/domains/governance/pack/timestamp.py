"""RFC 3161: an outside authority says when it saw the checkpoint. Off unless PILOTHOUSE_TIMESTAMP names one."""

from __future__ import annotations

import httpx
from cryptography import x509
from django.conf import settings
from rfc3161_client import (
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.errors import VerificationError

SECONDS = 20
LARGEST = 1 << 20


class NoTokenError(Exception):
    """The authority gave no token; the message says why."""


def configured() -> str:
    """The authority's address, or the empty string."""
    return str(getattr(settings, "TIMESTAMP", "") or "")


def token_over(note: str) -> bytes:
    """The authority's answer over a checkpoint's text, as it came. Raises NoTokenError."""
    asked: TimeStampRequest = TimestampRequestBuilder().data(note.encode()).build()
    try:
        answer = httpx.post(
            configured(),
            content=asked.as_bytes(),
            headers={"Content-Type": "application/timestamp-query"},
            timeout=SECONDS,
            follow_redirects=False,
        ).raise_for_status()
    except httpx.HTTPStatusError as error:
        raise NoTokenError(f"The time-stamping authority answered {error.response.status_code}.") from None
    except httpx.HTTPError as error:
        raise NoTokenError(f"The time-stamping authority was not reached ({type(error).__name__}).") from None
    if len(answer.content) > LARGEST:
        raise NoTokenError("The time-stamping authority answered too much.")
    told = _read(answer.content)
    if told.tst_info.message_imprint.message != asked.message_imprint.message or told.tst_info.nonce != asked.nonce:
        raise NoTokenError("The time-stamping authority answered for another text.")
    return answer.content


def verify_token(token: bytes, note: str, roots: list[x509.Certificate]) -> str:
    """When the authority saw the checkpoint, as text, if one of `roots` stands behind it. Works offline.

    Raises NoTokenError.
    """
    told = _read(token)
    try:
        VerifierBuilder(roots=roots).build().verify_message(told, note.encode())
    except (VerificationError, ValueError) as error:
        raise NoTokenError(f"The token does not hold: {error}") from None
    return f"{told.tst_info.gen_time:%Y-%m-%d %H:%M:%S} UTC"


def _read(token: bytes) -> TimeStampResponse:
    try:
        told = decode_timestamp_response(token)
    except ValueError:
        raise NoTokenError("The time-stamping authority's answer cannot be read.") from None
    if told.status not in (0, 1):
        raise NoTokenError(f"The time-stamping authority refused (status {told.status}).")
    return told
