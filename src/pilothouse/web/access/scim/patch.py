"""SCIM PATCH (RFC 7644, section 3.5.2): operations on a user or on a group's members, as one change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pilothouse.web.access.scim.errors import ScimError

SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MEMBER = re.compile(r'members\[value eq "([^"]+)"\]', re.I)
# Paths that reach into a value, by the attribute of a user's body that they end in.
PATHS = {
    "active": "active",
    "username": "userName",
    "displayname": "displayName",
    "name.formatted": "displayName",
    "name.givenname": "givenName",
    "name.familyname": "familyName",
    "title": "title",
    "externalid": "externalId",
    "emails": "emails",
    "emails.value": "email",
    'emails[type eq "work"].value': "email",
    "emails[primary eq true].value": "email",
}
IGNORED = (
    "urn:ietf:params:scim:schemas:extension:",
    "addresses",
    "phonenumbers",
    "locale",
    "timezone",
    "nickname",
    "roles",
)


@dataclass(frozen=True, slots=True)
class Operation:
    op: str
    path: str
    value: Any


def operations(body: Mapping[str, Any]) -> Iterator[Operation]:
    """The operations of a PATCH body. Raises ScimError for what is none."""
    found = body.get("Operations")
    if not isinstance(found, list) or not found:
        raise ScimError(400, "A patch has Operations.", "invalidSyntax")
    for row in found:
        op = str(row.get("op", "")).lower() if isinstance(row, Mapping) else ""
        if op not in ("add", "replace", "remove"):
            raise ScimError(400, "An operation is add, replace or remove.", "invalidSyntax")
        yield Operation(op, str(row.get("path") or ""), row.get("value"))


def user_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that a patch sets, as a user's body. Attributes that we do not keep are left out."""
    merged: dict[str, Any] = {}
    for operation in operations(body):
        if operation.path:
            _set(merged, operation.path, None if operation.op == "remove" else operation.value)
        elif isinstance(operation.value, Mapping):
            for path, value in operation.value.items():
                _set(merged, str(path), value)
        else:
            raise ScimError(400, "An operation without a path has an object as its value.", "invalidValue")
    given, family = merged.pop("givenName", None), merged.pop("familyName", None)
    if (given or family) and "displayName" not in merged:
        merged["displayName"] = " ".join(filter(None, (given, family)))
    email = merged.pop("email", None)
    if email and "userName" not in merged:
        merged["userName"] = email
    return merged


def _set(merged: dict[str, Any], path: str, value: Any) -> None:
    name = path.lower()
    if name.startswith(IGNORED):
        return
    if name == "name" and isinstance(value, Mapping):
        for part, inner in value.items():
            _set(merged, f"name.{part}", inner)
        return
    if name not in PATHS:
        raise ScimError(400, f"We do not keep {path}.", "invalidPath")
    key = PATHS[name]
    if value is None:
        if key in ("userName", "displayName", "active"):
            raise ScimError(400, f"{path} cannot be removed.", "mutability")
        value = [] if key == "emails" else ""
    merged[key] = value


def member_changes(body: Mapping[str, Any], present: set[str]) -> tuple[set[str], set[str]]:
    """Whom a patch of a group adds and whom it removes, given who is in it."""
    wanted = set(present)
    for operation in operations(body):
        one = MEMBER.fullmatch(operation.path)
        if one and operation.op == "remove":
            wanted.discard(one[1])
        elif operation.path.lower() == "members":
            values = _values(operation.value)
            if operation.op == "replace":
                wanted = values
            elif operation.op == "add":
                wanted |= values
            else:
                wanted = wanted - values if values else set()
        elif not operation.path and isinstance(operation.value, Mapping) and "members" in operation.value:
            values = _values(operation.value["members"])
            wanted = values if operation.op == "replace" else wanted | values
        elif operation.path.lower() not in ("displayname", "externalid"):
            raise ScimError(400, "Of a group we change the members.", "invalidPath")
    return wanted - present, present - wanted


def _values(members: Any) -> set[str]:
    if members is None:
        return set()
    rows = members if isinstance(members, list) else [members]
    if not all(isinstance(row, Mapping) and isinstance(row.get("value"), str) for row in rows):
        raise ScimError(400, "A member has a value: the user's id.", "invalidValue")
    return {row["value"] for row in rows}
