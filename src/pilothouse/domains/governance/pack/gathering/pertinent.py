"""Which entries of the organisation's registers belong to one system. Pure.

A pack of one system is no place for all invoices and models of a house: what it names belongs to it, what names it,
and what those name in turn.
"""

from __future__ import annotations

from collections.abc import Iterable

from pilothouse.domains.governance.pack.material import Document
from pilothouse.kernel.domain import registry
from pilothouse.kernel.records.schema import references


def pertinent(documents: Iterable[Document], number: int) -> tuple[Document, ...]:
    """The documents of system `number` and the organisation's own that it rests on, in the order they came.

    Of a register of the organisation: the entries that a kept document refers to, and those that refer to the system.
    """
    found = list(documents)
    own = [one for one in found if one.of_system or not _listed(one)]
    ahead = [one for one in found if not one.of_system and _listed(one)]
    kept = {one.id for one in own}
    named = {name for one in own for name in _named(one)}
    this = ("system", str(number))
    while joined := [one for one in ahead if (one.kind, one.key) in named or this in _named(one)]:
        kept |= {one.id for one in joined}
        named |= {name for one in joined for name in _named(one)}
        ahead = [one for one in ahead if one.id not in kept]
    return tuple(one for one in found if one.id in kept)


def _listed(one: Document) -> bool:
    kind = registry.records.get(one.kind)
    return kind is not None and kind.many


def _named(one: Document) -> set[tuple[str, str]]:
    """What a document refers to, as (register, key)."""
    kind = registry.records.get(one.kind)
    if kind is None or one.body is None:
        return set()
    return {(register, key) for _, register, key in references(kind.schema, one.body)}
