"""What `bench/gateway.py` prints: each gateway's figures, how ours compare, and which goals they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from calls.load import Cell, Measured

DIRECT, OURS = "upstream alone", "Pilothouse"
HEADS = ("calls/s", "calls/s and core", "p50 ms", "p99 ms", "added p50", "added p99", "failed")
TIMES_LITELLM, TIMES_PORTKEY = 20, 3
A_CORE = {False: 3_000, True: 1_500}  # small calls a second and core: whole, streamed
ADDED, ADDED_LARGE = {50: 1.5, 99: 6.0}, 2.0  # ms: at 16 calls at a time and a slow upstream; for 100 KB at the median


@dataclass
class Results:
    """What was measured, by the name of the gateway; `memory` is resident megabytes after the run."""

    cells: dict[str, dict[Cell, Measured]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)

    def peers(self) -> list[str]:
        return [name for name in self.cells if name != DIRECT and not name.startswith(OURS)]

    def added(self, name: str, cell: Cell, percent: int) -> float:
        """Milliseconds that a gateway adds to the same call made without it."""
        return self.cells[name][cell].at(percent) - self.cells[DIRECT][cell].at(percent)

    def ratio(self, peer: str, cell: Cell, figure: Callable[[Measured], float]) -> float | None:
        """Ours for one of theirs; None where theirs failed or was not measured."""
        theirs = self.cells[peer].get(cell)
        if theirs is None or theirs.calls <= theirs.failed or not figure(theirs):
            return None
        return figure(self.cells[OURS][cell]) / figure(theirs)


def tables(results: Results, markdown: bool) -> str:
    """Every gateway's table, then how ours compare."""
    parts = []
    for name, cells in results.cells.items():
        rows = [(cell.name, *_figures(results, name, cell)) for cell in cells]
        memory = f", {results.memory[name]:.0f} MB resident" if name in results.memory else ""
        parts.append(_table(name + memory, ("call", *HEADS), rows, markdown))
    peers = results.peers()
    if OURS in results.cells and peers:
        rows = [(cell.name, *(_compared(results, peer, cell) for peer in peers)) for cell in results.cells[OURS]]
        title = "Ours for one of theirs: calls/s, and calls/s and core"
        parts.append(_table(title, ("call", *peers), rows, markdown))
    return "\n\n".join(parts)


def _figures(results: Results, name: str, cell: Cell) -> list[str]:
    m, ours = results.cells[name][cell], name in results.memory
    added = [f"{results.added(name, cell, p):.2f}" if ours else "–" for p in (50, 99)]
    core = f"{m.a_core:,.0f}" if ours else "–"
    return [f"{m.a_second:,.0f}", core, f"{m.at(50):.2f}", f"{m.at(99):.2f}", *added, f"{m.failed:,}"]


def _compared(results: Results, peer: str, cell: Cell) -> str:
    both = [results.ratio(peer, cell, figure) for figure in (lambda m: m.a_second, lambda m: m.a_core)]
    return ", ".join("failed" if ratio is None else f"{ratio:.1f} ×" for ratio in both)


def goals(results: Results, markdown: bool) -> str:
    """Which goals are met in which cell. It says so and judges nothing: a busy machine misses many."""
    if OURS not in results.cells:
        return "Ours did not run, so no goal can be looked at."
    rows = [(cell, goal, figure, "met" if met else "missed") for cell, goal, figure, met in _goals(results)]
    return _table("Goals", ("call", "goal", "measured", ""), rows, markdown)


def _goals(results: Results) -> Iterator[tuple[str, str, str, bool]]:
    for cell, ours in results.cells[OURS].items():
        small = cell.size < 2_000
        if small:
            least = A_CORE[cell.stream]
            yield cell.name, f"≥ {least:,} calls/s and core", f"{ours.a_core:,.0f}", ours.a_core >= least
        elif cell.at_once == 1:
            added = results.added(OURS, cell, 50)
            yield cell.name, f"adds ≤ {ADDED_LARGE} ms at the median", f"{added:.2f} ms", added <= ADDED_LARGE
        if small and cell.at_once == 16 and cell.delay:
            for percent, most in ADDED.items():
                added = results.added(OURS, cell, percent)
                yield cell.name, f"adds ≤ {most} ms, p{percent}", f"{added:.2f} ms", added <= most
        for peer in results.peers():
            times = TIMES_LITELLM if peer.startswith("LiteLLM") else TIMES_PORTKEY
            ratio = None if cell.stream else results.ratio(peer, cell, lambda m: m.a_core)
            if ratio is not None:
                yield cell.name, f"≥ {times} × {peer}, a core", f"{ratio:.1f} ×", ratio >= times


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]], markdown: bool) -> str:
    if markdown:
        lines = [f"**{title}**", "", _row(heads), _row(["---"] * len(heads)), *map(_row, rows)]
        return "\n".join(lines)
    widths = [max(len(words[at]) for words in (heads, *rows)) + 3 for at in range(len(heads))]
    lines = [
        f"{words[0]:{widths[0]}}"
        + "".join(f"{text:>{width}}" for text, width in zip(words[1:], widths[1:], strict=True))
        for words in (heads, *rows)
    ]
    return "\n".join([title, *lines])


def _row(words: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(words) + " |"
