"""What SCIM clients ask about us before they begin (RFC 7643, sections 5 to 7)."""

from __future__ import annotations

from typing import Any

from pilothouse.web.access.scim.resources import GROUP, USER

CORE = "urn:ietf:params:scim:schemas:core:2.0"


def service_provider_config(base: str) -> dict[str, Any]:
    no = {"supported": False}
    return {
        "schemas": [f"{CORE}:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": 200},
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Service token",
                "description": "A service token with the scope people.manage, issued under Settings.",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def resource_types(base: str) -> list[dict[str, Any]]:
    return [
        {
            "schemas": [f"{CORE}:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": f"/{name}s",
            "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"},
        }
        for name, schema in (("User", USER), ("Group", GROUP))
    ]


def all_schemas(base: str) -> list[dict[str, Any]]:
    user = [
        _attribute("userName", "The person's e-mail address.", required=True, unique="server"),
        _attribute("displayName", "The person's whole name."),
        _attribute("title", "The person's job title."),
        _attribute("externalId", "The person's id at the identity provider.", unique="server"),
        _attribute("active", "False: the person has left.", kind="boolean"),
        _complex("name", "The parts of the name.", [_attribute("formatted", "The whole name.")], many=False),
        _complex("emails", "The e-mail address.", [_attribute("value", "The address.")]),
        _complex("groups", "Roles held.", [_attribute("value", "The role's id.", writable=False)], writable=False),
    ]
    group = [
        _attribute("displayName", "The role's title.", required=True, writable=False),
        _complex("members", "Who holds it.", [_attribute("value", "The user's id.")]),
    ]
    return [
        {
            "schemas": [f"{CORE}:Schema"],
            "id": schema,
            "name": name,
            "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{schema}"},
        }
        for name, schema, attributes in (("User", USER, user), ("Group", GROUP, group))
    ]


def _attribute(
    name: str, text: str, *, kind: str = "string", required: bool = False, unique: str = "none", writable: bool = True
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "multiValued": False,
        "description": text,
        "required": required,
        "caseExact": False,
        "mutability": "readWrite" if writable else "readOnly",
        "returned": "default",
        "uniqueness": unique,
    }


def _complex(
    name: str, text: str, parts: list[dict[str, Any]], *, many: bool = True, writable: bool = True
) -> dict[str, Any]:
    return _attribute(name, text, kind="complex", writable=writable) | {"multiValued": many, "subAttributes": parts}
