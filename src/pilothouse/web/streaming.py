"""Sending a long answer piece by piece.

Django under ASGI reads a plain iterator to its end before it sends the first byte, and FileResponse with it; an
asynchronous one is sent as it comes. The test client and WSGI take plain iterators.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import IO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

BLOCK = 256 * 1024


def stream(
    request: HttpRequest, pieces: Iterator[str] | Iterator[bytes], *, filename: str, content_type: str
) -> StreamingHttpResponse:
    """`pieces` as a download, each sent when it is made."""
    content = _in_turn(pieces) if isinstance(request, ASGIRequest) else pieces
    response = StreamingHttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    """A file's bytes in blocks; it is closed at the end."""
    with file:
        while block := file.read(BLOCK):
            yield block


async def _in_turn(pieces: Iterator[str] | Iterator[bytes]) -> AsyncIterator[str | bytes]:
    # Each piece is made in the request's own thread, where its database connection lives.
    while (piece := await sync_to_async(_following, thread_sensitive=True)(pieces)) is not None:
        yield piece


def _following(pieces: Iterator[str] | Iterator[bytes]) -> str | bytes | None:
    return next(pieces, None)
