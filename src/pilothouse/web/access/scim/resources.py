"""Persons as SCIM users, roles as SCIM groups, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.kernel.access.models import Person, Role
from pilothouse.web.access.scim.errors import ScimError

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def user(person: Person, base: str) -> dict[str, Any]:
    """A person as a user. `memberships__role` should be prefetched."""
    body: dict[str, Any] = {
        "schemas": [USER, ENTERPRISE],
        "id": str(person.pk),
        "userName": person.email,
        "displayName": person.name,
        "name": {"formatted": person.name},
        "active": person.left_at is None,
        "emails": [{"value": person.email, "type": "work", "primary": True}] if person.email else [],
        "groups": [{"value": str(m.role_id), "display": m.role.title} for m in person.memberships.all()],
        "meta": {"resourceType": "User", "location": f"{base}/Users/{person.pk}"},
    }
    if person.external_id:
        body["externalId"] = person.external_id
    if person.title:
        body["title"] = person.title
    if person.unit is not None:
        body[ENTERPRISE] = {"department": person.unit.name}
    return body


def group(role: Role, base: str) -> dict[str, Any]:
    """A role as a group of those who hold it in the whole organisation. `memberships__person` should be prefetched."""
    return {
        "schemas": [GROUP],
        "id": str(role.pk),
        "externalId": role.key,
        "displayName": role.title,
        "members": [
            {"value": str(m.person_id), "display": m.person.name, "$ref": f"{base}/Users/{m.person_id}"}
            for m in role.memberships.all()
            if m.unit_id is None
        ],
        "meta": {"resourceType": "Group", "location": f"{base}/Groups/{role.pk}"},
    }


def facts_of(body: Mapping[str, Any]) -> tuple[dict[str, str], bool | None]:
    """What a user's body says of a person: our fields, and whether they are active (None: it does not say)."""
    body = {str(key).lower(): value for key, value in body.items()}
    facts: dict[str, str] = {}
    email = body.get("username") or _primary(body.get("emails"))
    if "username" in body or "emails" in body:
        facts["email"] = text(email or "", "userName")
    if "@" not in facts.get("email", "@") and facts["email"]:
        # Some providers name users by a login; then the address is the work address.
        facts["email"] = text(_primary(body.get("emails")) or "", "emails")
    name = _name(body)
    if name:
        facts["name"] = name
    for theirs, ours in (("externalid", "external_id"), ("title", "title")):
        if theirs in body:
            facts[ours] = text(body[theirs] or "", theirs)
    return facts, truth(body["active"]) if "active" in body else None


def _name(body: Mapping[str, Any]) -> str:
    parts = body.get("name") or {}
    if not isinstance(parts, Mapping):
        raise ScimError(400, "name is an object.", "invalidValue")
    whole = parts.get("formatted") or " ".join(filter(None, (parts.get("givenName"), parts.get("familyName"))))
    return text(body.get("displayname") or whole or "", "displayName")


def _primary(emails: Any) -> str:
    rows = [row for row in emails or [] if isinstance(row, Mapping) and row.get("value")]
    rows.sort(key=lambda row: not truth(row.get("primary", False)))
    return str(rows[0]["value"]) if rows else ""


def text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise ScimError(400, f"{name} is text.", "invalidValue")
    return value


def truth(value: Any) -> bool:
    """A boolean; some providers send it as a word."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise ScimError(400, "A boolean is true or false.", "invalidValue")
    return value
