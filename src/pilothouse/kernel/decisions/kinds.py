"""The kinds of decision. Rooms and domains register theirs at start; this room knows none of them by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pilothouse.contracts.errors import Invalid

if TYPE_CHECKING:
    from pilothouse.kernel.access.actor import Actor
    from pilothouse.kernel.decisions.models import Decision


@dataclass(frozen=True, slots=True)
class Option:
    """A verdict that may be given, and what it does. One that `refuses` closes the decision at once."""

    id: str
    title: str
    effect: str
    refuses: bool = False


APPROVE = Option("approve", "Approve", "What is asked takes effect once every group has signed.")
REFUSE = Option("refuse", "Refuse", "Nothing changes; whoever asked is told why.", refuses=True)


def _nothing(decision: Decision, actor: Actor) -> None:
    """A kind that needs nothing done."""


def _no_context(decision: Decision, actor: Actor) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class DecisionKind:
    """One kind of decision.

    `current_hash(decision)` is the hash of the subject as it is now, or None when it is gone: when it differs from the
    one that was asked about, the decision is superseded. `hashes(decisions)` may give many at once.
    `apply(decision, actor)` carries out `decision.outcome` in the transaction of the last signature;
    `closed(decision, actor)` runs when it ends in any other way. `template` is a fragment that shows the evidence, fed
    by `context(decision, actor)`. A `standing` kind's signatures stay bound to the subject after it closed: a later
    change shows them void. `human_only` has no bypass (see HumanOnly).
    """

    id: str
    title: str
    current_hash: Callable[[Decision], str | None]
    hashes: Callable[[Sequence[Decision]], Mapping[UUID, str | None]] | None = None
    apply: Callable[[Decision, Actor], None] = _nothing
    closed: Callable[[Decision, Actor], None] = _nothing
    template: str = ""
    context: Callable[[Decision, Actor], Mapping[str, Any]] = _no_context
    options: tuple[Option, ...] = (APPROVE, REFUSE)
    days: int = 7
    allow_lone: bool = False
    standing: bool = False
    human_only: bool = False
    why_human: str = ""

    def hashes_of(self, decisions: Sequence[Decision]) -> Mapping[UUID, str | None]:
        """The current hash of each decision's subject, by the decision's id."""
        if self.hashes is not None:
            return self.hashes(decisions)
        return {decision.pk: self.current_hash(decision) for decision in decisions}

    def option(self, option_id: str) -> Option:
        """The option with this id. Raises Invalid."""
        for option in self.options:
            if option.id == option_id:
                return option
        raise Invalid(f"“{option_id}” is no verdict here.", fields={"verdict": "Choose one of the verdicts."})


class Kinds:
    """The kinds by id."""

    def __init__(self) -> None:
        self._kinds: dict[str, DecisionKind] = {}

    def register(self, kind: DecisionKind) -> None:
        """Add a kind. Raises ValueError when its id is taken."""
        if kind.id in self._kinds:
            raise ValueError(f"decision kind {kind.id} is registered twice")
        self._kinds[kind.id] = kind

    def __getitem__(self, kind_id: str) -> DecisionKind:
        return self._kinds[kind_id]

    def __contains__(self, kind_id: object) -> bool:
        return kind_id in self._kinds

    def all(self) -> list[DecisionKind]:
        """Every kind, by title."""
        return sorted(self._kinds.values(), key=lambda kind: kind.title)


kinds = Kinds()
