"""The texts inside a request or an answer, whatever its dialect: every string but names, ids and encoded files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Strings that are no text: identifiers, signatures, encoded bytes.
NOT_TEXT = frozenset(
    """model role type id object call_id tool_call_id tool_use_id item_id response_id previous_response_id
    conversation_id signature encrypted_content thought_signature file_data b64_json media_type mime_type service_tier
    finish_reason stop_reason system_fingerprint obfuscation status format detail""".split()
)
# Strings that hold JSON: what is put back into them must be written as JSON.
JSON_TEXT = frozenset({"arguments", "partial_json"})
Change = Callable[[str, bool], str]


def is_text(key: str, value: str, holder: dict[str, Any]) -> bool:
    """Whether the string at `key` is something that a person or a model wrote."""
    if key in NOT_TEXT or value.startswith("data:"):
        return False
    return not (key == "data" and ("media_type" in holder or "format" in holder))


def texts(node: Any) -> list[str]:
    """Every text in `node`, in order."""
    found: list[str] = []
    _gather(node, found)
    return found


def _gather(node: Any, found: list[str]) -> None:
    if isinstance(node, str):
        found.append(node)
    elif isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str):
                if is_text(key, value, node):
                    found.append(value)
            elif isinstance(value, (dict, list)):
                _gather(value, found)
    elif isinstance(node, list):
        for value in node:
            _gather(value, found)


def changed(node: Any, change: Change, json: bool = False) -> Any:
    """A copy of `node` with `change(text, holds_json)` applied to every text."""
    if isinstance(node, str):
        return change(node, json)
    if isinstance(node, dict):
        return {
            key: changed(value, change, key in JSON_TEXT)
            if not isinstance(value, str) or is_text(key, value, node)
            else value
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [changed(value, change) for value in node]
    return node
