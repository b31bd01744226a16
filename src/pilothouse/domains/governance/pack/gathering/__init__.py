"""Reading everything about one system as of a moment, in a number of queries that does not grow with its history.

What the rows themselves no longer tell (a field that was changed since) is told back from the ledger. What ended, was
superseded or withdrawn after the moment still held at it.
"""

from __future__ import annotations

from datetime import datetime

from pilothouse.domains.governance.pack.gathering.called import policy, usage
from pilothouse.domains.governance.pack.gathering.judged import events, findings, rulings
from pilothouse.domains.governance.pack.gathering.papers import documents, evidence
from pilothouse.domains.governance.pack.gathering.register import house, subject
from pilothouse.domains.governance.pack.gathering.told import history
from pilothouse.domains.governance.pack.material import Material
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.models import System

__all__ = ["gather"]


def gather(system: System, as_of: datetime) -> Material:
    """The material of a system. The caller has asked for the permission: this reads whatever there is of the system,
    of confidential kinds of document the hash alone."""
    return Material(
        as_of=as_of,
        house=house(system),
        system=subject(system, as_of),
        documents=documents(system, as_of),
        evidence=evidence(system, as_of),
        findings=findings(system, as_of),
        rulings=rulings(system, as_of),
        events=events(system, as_of),
        policy=policy(system, as_of),
        usage=usage(system, as_of),
        history=history(system, as_of),
        checks={check.id: check.title for check in registry.checks.values()},
    )
