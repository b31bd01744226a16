"""The one write path: permit, write, ledger, in one transaction.

Pages, the API, the CLI and jobs all call the same functions. `@action` names the permission, refuses before anything is
touched and opens the transaction; the function itself writes and calls `ledger.record`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What the architecture tests and the permission pages know of an action."""

    name: str
    permission: str
    on: str | None
    function: Callable[..., Any]


ACTIONS: dict[str, ActionSpec] = {}


def action(permission: str, *, on: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a keyword-only function `f(*, actor, ...)` as the way to do one thing.

    `permission` must be held by the actor; with `on="system"` it must be held on the argument of that name.
    Raises NotFound or Forbidden (see Actor.require).
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        name = f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            actor: Any = kwargs["actor"]
            actor.require(permission, kwargs[on] if on else None)
            with transaction.atomic():
                return function(*args, **kwargs)

        ACTIONS[name] = ActionSpec(name, permission, on, run)
        return run

    return wrap
