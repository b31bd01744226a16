"""Names and addresses in one call's texts, and the refusal where they had to be looked for and were not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pilothouse.gateway.inspection import Inspected, Inspector, Read, texts
from pilothouse.gateway.inspection.deep.reader import Reader
from pilothouse.gateway.refusal import Refused

INSTALL = "Pilothouse is installed with its extra “deep” on the gateway's host, or the system's policy is changed."


async def names_in(reader: Reader, inspector: Inspector, *nodes: Any) -> Read:
    """What the reader finds in the texts of these, in the time that the system's rules give it. Raises Refused where
    there is no reader: rules that ask for one are not dropped for want of it."""
    if not reader.installed:
        raise Refused("unread", "Names and addresses must be looked for, and nothing here can do that.", INSTALL)
    reader.want(True)
    return await reader.read(_all(nodes), inspector.seconds)


def _all(nodes: Iterable[Any]) -> Iterable[str]:
    return (text for node in nodes for text in texts(node))


def unread(what: str, found: Inspected, link: str) -> Refused:
    """Why a call ends in which names had to be masked or stopped and were not looked for."""
    return Refused(
        "unread",
        f"{what} could not be read for names and addresses in time, and may not go on unread.",
        "Try again: what was read already is not read again. Or less is sent, or the system's policy gives it more "
        "time.",
        link,
        findings=found.counts,
    )
