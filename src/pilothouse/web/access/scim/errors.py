"""SCIM's own error shape (RFC 7644, section 3.12)."""

from __future__ import annotations

from pilothouse.contracts.errors import PilothouseError

SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(Exception):
    """An error with SCIM's detail code, such as invalidFilter or uniqueness."""

    def __init__(self, status: int, detail: str, scim_type: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.scim_type = status, detail, scim_type

    def body(self) -> dict[str, object]:
        told: dict[str, object] = {"schemas": [SCHEMA], "status": str(self.status), "detail": self.detail}
        return told | ({"scimType": self.scim_type} if self.scim_type else {})


def of(error: PilothouseError) -> ScimError:
    """Our error in SCIM's words."""
    said = " ".join([error.detail, *error.fields.values()])
    if error.status == 422:
        return ScimError(400, said, "invalidValue")
    return ScimError(error.status, said, "uniqueness" if error.status == 409 else "")
