"""Who calls: the key that is shown, what headers tell, and how much a stranger may send."""

from __future__ import annotations

from typing import Any

from pilothouse.contracts.policy.request import person_id
from pilothouse.contracts.policy.snapshot import Snapshot
from pilothouse.gateway.persons import HEADER, NotShown, Persons
from pilothouse.gateway.refusal import Refused
from pilothouse.gateway.state import State
from pilothouse.gateway.wire import Receive, TooLarge, read_body, text

MOST_OF_STRANGERS = 64 * 1024


def key_of(headers: dict[bytes, bytes]) -> str:
    """The caller's key, wherever the SDKs put it."""
    bearer = headers.get(b"authorization", b"")
    if bearer[:7].lower() == b"bearer ":
        return text(bearer[7:])
    return text(headers.get(b"x-api-key") or headers.get(b"api-key"))


def names(value: bytes | None) -> frozenset[str]:
    """A header with several names, with commas between them."""
    return frozenset(part for item in text(value).split(",") if (part := item.strip()))


def told_score(value: str | None) -> int | None:
    """A score from 0 to 1 in ‰, or None when nobody told one. What is no such number counts as the highest: whoever
    garbles a score must not get past a threshold by it."""
    if not value:
        return None
    try:
        score = float(value)
    except ValueError:
        return 1000
    return round(score * 1000) if 0 <= score <= 1 else 1000


async def body_for(state: State, key: str, receive: Receive, most: int) -> bytes:
    """The body of whoever shows the key with this hash; strangers get no room to fill our memory.

    Raises TooLarge, Gone, and Refused for a stranger with more to say.
    """
    known = state.current.key(key) is not None
    try:
        return await read_body(receive, most if known else MOST_OF_STRANGERS)
    except TooLarge:
        if known:
            raise
        raise Refused("unknown_key", "This key is not known here.", "A key is issued for the system.") from None


def person_of(
    persons: Persons, snapshot: Snapshot | None, key: str, headers: dict[bytes, bytes], told: str
) -> dict[str, Any]:
    """The fields of a `CallRequest` that say on whose behalf it is made. A token counts before what is only told, and
    one that shows nothing refuses the call; of strangers none is looked at."""
    if snapshot is None:
        return {}
    token = headers.get(HEADER) if key in snapshot.keys else None
    if token is None:
        return {"person": person_id(snapshot.organisation, told)} if told else {}
    try:
        called = persons.told(token, snapshot)
    except NotShown as error:
        return {"person_problem": str(error)}
    return {"person": person_id(snapshot.organisation, called), "person_verified": True}
