"""Models in the demo: what there is, which version runs where, and how it was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.demo.papers.case import Case, Firm


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    for at, (name, vendor) in enumerate(firm.models):
        told = at % 9 != 8  # of some nobody has read the terms
        yield (
            "model_lifecycle.model",
            {
                "name": name,
                "kind": "language" if "Text" in name or "language" in name else "classical",
                "provider": vendor or "Our own team",
                "access": "api" if vendor else "own",
                "provenance": (
                    f"Trained by {vendor}; reached under the framework contract of 2025"
                    if vendor
                    else "Trained here on our own records; the run and its data are kept with their checksums"
                ),
                "licence": f"{vendor}'s terms of 1 March 2025" if vendor else "Our own",
                "licence_allows": "yes" if told else "unknown",
                "card": f"https://models.example/{at + 1}/card" if at % 3 != 2 else None,
                "owner": firm.engineer,
            },
        )


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    model, version = case.model
    yield (
        "model_lifecycle.selection",
        {
            "chosen": model,
            "why": "As good as the larger one at a fifth of the cost; choose again when cases grow longer",
            "criteria": [
                {"about": "accuracy", "least": "At least 90 % of 300 labelled cases right"},
                {"about": "cost", "least": "At most 0.03 EUR a case"},
                {"about": "latency", "least": "At most 4 seconds for 95 of 100 cases"},
                {"about": "interpretability", "least": "A clerk sees what the result rests on"},
                {"about": "compliance", "least": "Answers are made in the EU"},
            ],
            "candidates": [
                {"name": f"{model} {version}", "results": "93 % right, 0.012 EUR, 2.1 s, shows its grounds, EU"},
                {"name": "Rules of the desk", "results": "81 % right, no cost, at once, plain"},
            ],
            "tests": "300 cases of last year, drawn by lot, judged blind by two clerks",
            "tested_on": case.ago(9),
            "decided_by": case.owner,
            "review_by": case.ahead(case.pick.choice((150, 390, 390))),
        },
    )


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    model, version = case.model
    yield (
        "model_lifecycle.version",
        {
            "version": f"{model} {version}",
            "model": model,
            "owner": case.owner,
            "since": case.ago(40),
            "pinned": not (case.line.vendor and case.pick.random() < 0.25),
            "fine_tuned": False,
            "role": case.line.outputs[:200],
            "card": f"https://models.example/cards/{case.number}",
        },
    )
