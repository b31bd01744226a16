"""What rooms built on the inventory add to it, said explicitly at start (in a room's apps.py `ready`).

A listener runs inside the transaction of the change, so what it writes stands or falls with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import EVERYWHERE, Actor

Listener = Callable[[Actor, Sequence[UUID]], None]

_listeners: list[Listener] = []
_gathered: ContextVar[dict[UUID, None] | None] = ContextVar("gathered_changes", default=None)


def on_systems_changed(listener: Listener) -> None:
    """Call `listener(actor, system_ids)` after every write to systems, such as to judge them anew."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_changed(actor: Actor, system_ids: Sequence[UUID]) -> None:
    """Tell every listener that these systems changed.

    What follows from a permitted change needs no permission of its own: a token that may only change systems must not
    fail because judging them anew asks for the right to see the organisation. Who acted stays who acted.
    """
    gathered = _gathered.get()
    if gathered is not None:
        gathered.update(dict.fromkeys(system_ids))
    elif system_ids:
        following = replace(actor, grants={**actor.grants, "organisation.view": EVERYWHERE})
        for listener in _listeners:
            listener(following, system_ids)


@contextmanager
def told_together(actor: Actor) -> Iterator[None]:
    """Gather the changes made in this block and tell of each system once, at its end.

    For an action that makes many small changes: judging a system anew after each of them would cost as many times.
    """
    gathered: dict[UUID, None] = {}
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    tell_changed(actor, list(gathered))


@dataclass(frozen=True, slots=True)
class SystemFilter:
    """A parameter that another room adds to the list of systems, such as `finding=<check>:<status>`.

    `condition(actor, value)` is a Q over System (use `Exists` or `id__in` with a queryset, so that it stays one query);
    it raises Invalid with a plain sentence when the value makes no sense. `describe(value)` is the chip's text.
    """

    key: str
    title: str
    condition: Callable[[Actor, str], Q]
    describe: Callable[[str], str]


FILTERS: dict[str, SystemFilter] = {}


def add_filter(system_filter: SystemFilter) -> None:
    """Register a filter. Raises ValueError when the key is taken."""
    if system_filter.key in FILTERS:
        raise ValueError(f"filter {system_filter.key} is registered twice")
    FILTERS[system_filter.key] = system_filter


def filter_condition(actor: Actor, key: str, value: str) -> Q:
    """The condition that a registered filter makes of `value`. Raises Invalid for an unknown key."""
    if key not in FILTERS:
        raise Invalid(f"The list of systems has no filter “{key}”.", fields={key: "No such filter."})
    return FILTERS[key].condition(actor, value)
