"""How a chain of calls is drawn: callers to the left, what they call to their right. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 168, 52, 72, 22, 8
LETTERS = 22


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the system: where its box stands, its name (and as much of it as fits), and what it is."""

    name: str
    what: str
    x: int
    y: int

    @property
    def short(self) -> str:
        return self.name if len(self.name) <= LETTERS else f"{self.name[: LETTERS - 1]}…"


@dataclass(frozen=True, slots=True)
class Edge:
    """A call: the path of its line, and what is said of it."""

    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chain with the size of its picture."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def drawn(chain: Sequence[Mapping[str, Any]]) -> Drawing:
    """Place every part in a column by how many calls away it is from where the chain begins."""
    what = {call["calls"].casefold(): call["what"] for call in chain}
    names: dict[str, str] = {}
    for call in chain:
        for name in (call["caller"], call["calls"]):
            names.setdefault(name.casefold(), name)
    columns = _columns(chain, list(names))
    filled: dict[int, int] = {}
    places: dict[str, tuple[int, int]] = {}
    for key in names:
        row = filled.get(columns[key], 0)
        filled[columns[key]] = row + 1
        places[key] = (MARGIN + columns[key] * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y))
    nodes = tuple(Node(names[key], what.get(key, "caller"), *places[key]) for key in names)
    edges = tuple(Edge(_path(places[_a(call)], places[_b(call)]), _words(call)) for call in chain)
    wide, high = max(columns.values(), default=0) + 1, max(filled.values(), default=1)
    width = 2 * MARGIN + wide * (WIDTH + GAP_X) - GAP_X
    # The last gap below the boxes is for calls that go back.
    return Drawing(width, 2 * MARGIN + high * (HEIGHT + GAP_Y), nodes, edges)


def _columns(chain: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, int]:
    """Each part's column: breadth first from those that nobody calls; a ring begins at its first caller."""
    called = {_b(call) for call in chain}
    columns = {key: 0 for key in keys if key not in called}
    for start in (*columns, *keys):
        if start in columns and start in called:
            continue
        columns.setdefault(start, 0)
        edge = [start]
        while edge:
            reached = [_b(call) for call in chain if _a(call) in edge and _b(call) not in columns]
            columns |= dict.fromkeys(reached, columns[edge[0]] + 1)
            edge = list(dict.fromkeys(reached))
    return columns


def _a(call: Mapping[str, Any]) -> str:
    return str(call["caller"]).casefold()


def _b(call: Mapping[str, Any]) -> str:
    return str(call["calls"]).casefold()


def _path(start: tuple[int, int], end: tuple[int, int]) -> str:
    """A line from right to left side; a call within a column or back goes round below."""
    if end[0] > start[0]:
        x, y, to_x, to_y = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
        half = (to_x - x) // 2
        return f"M{x} {y}C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}"
    x, y, to_x, to_y = start[0] + WIDTH // 2, start[1] + HEIGHT, end[0] + WIDTH // 2 + 24, end[1] + HEIGHT
    low = max(y, to_y) + GAP_Y
    return f"M{x} {y}C{x} {low} {to_x} {low} {to_x} {to_y}"


def _words(call: Mapping[str, Any]) -> str:
    shares = f", shares: {call['shares']}" if call.get("shares") else ""
    return f"{call['caller']} calls {call['calls']}{shares}"
