"""The one error. Every face renders it in its own shape: problem+json, an HTML page, a CLI exit code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PilothouseError(Exception):
    """Something the caller did cannot be done, with the reason in plain words.

    `code` is stable and machine-readable, `status` is the HTTP status, `detail` one sentence for a person,
    `fields` maps a field's name to what is wrong with it.
    """

    code = "invalid"
    status = 400

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        status: int | None = None,
        fields: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.fields = dict(fields or {})
        self.data = dict(data or {})


class NotFound(PilothouseError):
    """Absent, or not for this actor to know of: the two look the same."""

    code = "not_found"
    status = 404

    def __init__(self, detail: str = "There is nothing here, or it is not yours to see.", **kwargs: Any) -> None:
        super().__init__(detail, **kwargs)


class Forbidden(PilothouseError):
    """The actor may see the thing, but not do this to it."""

    code = "forbidden"
    status = 403


class Invalid(PilothouseError):
    """The input is wrong; `fields` says where."""

    code = "invalid"
    status = 422


class Conflict(PilothouseError):
    """Someone else changed it first, or the state no longer allows it."""

    code = "conflict"
    status = 409
