"""What the reader of names finds, and how long it takes: `python bench/names.py`. Needs the extra `deep`.

Span F1 on our own labelled set (overlap of at least half, kind and place), and documents that still leak a part of a
name or an address; then time on one core for texts of our own prose, which were never read before.
"""

from __future__ import annotations

import time
from collections import Counter
from statistics import median

from calls.load import PROSE

from pilothouse.gateway.inspection.deep.model import Model
from pilothouse.gateway.inspection.tests.labelled import Labelled
from pilothouse.gateway.inspection.tests.people import TEMPLATES, people_set

LETTERS_THAT_LEAK = 2


def found_in(model: Model, text: str) -> list[tuple[str, int, int]]:
    data = text.encode()
    *_, spans = model.read(text)
    return [(kind, len(data[:start].decode()), len(data[:end].decode())) for kind, start, end in spans or ()]


def score(model: Model, rows: list[Labelled]) -> None:
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    leaks = labelled = 0
    for row in rows:
        left = set(row.spans)
        found = found_in(model, row.text)
        for kind, start, end in found:
            hit = next((span for span in left if _same(span, kind, start, end)), None)
            left.discard(hit or ("", 0, 0))
            (right if hit else wrong).update([kind, row.locale, "all"])
        for kind, _, _ in left:
            missed.update([kind, row.locale, "all"])
        covered = {at for _, start, end in found for at in range(start, end)}
        labelled += bool(row.spans)
        leaks += any(
            sum(row.text[at].isalnum() and at not in covered for at in range(start, end)) >= LETTERS_THAT_LEAK
            for _, start, end in row.spans
        )
    print(f"{len(rows)} texts, {right['all'] + missed['all']} names and addresses")
    for key in ("name", "address", *TEMPLATES, "all"):
        f1 = 2 * right[key] / (2 * right[key] + wrong[key] + missed[key])
        print(f"{key:>8}  F1 {f1:.3f}  right {right[key]:>4}  wrong {wrong[key]:>3}  missed {missed[key]:>3}")
    print(f"documents that leak a part of one: {leaks} of {labelled} ({leaks / labelled:.0%})")


def _same(span: tuple[str, int, int], kind: str, start: int, end: int) -> bool:
    shared = min(end, span[2]) - max(start, span[1])
    return span[0] == kind and shared >= 0.5 * (max(end, span[2]) - min(start, span[1]))


def speed(model: Model) -> None:
    print(f"\n{'text':>14}{'processor ms':>14}{'ms per kB':>12}")
    for size in (900, 10_000, 100_000):
        text = (PROSE * (size // len(PROSE) + 1))[:size]
        times = []
        for _ in range(5 if size < 50_000 else 2):
            began = time.process_time_ns()
            for _ in model.read(text):
                pass
            times.append((time.process_time_ns() - began) / 1e6)
        print(f"{size:>8,} bytes{median(times):>14,.0f}{median(times) / size * 1000:>12,.0f}")


def main() -> None:
    began = time.perf_counter()
    model = Model()
    print(f"loaded in {time.perf_counter() - began:.1f} s")
    score(model, [row for seed in (7, 2026) for row in people_set(seed)])
    speed(model)


if __name__ == "__main__":
    main()
