"""Whole bodies of every document of the model lifecycle, for tests that are about something else."""

from __future__ import annotations

from typing import Any

PAPERS: dict[str, dict[str, Any]] = {
    "model_lifecycle.model": {
        "name": "Tern 2",
        "kind": "language",
        "provider": "Tern Models",
        "access": "api",
        "provenance": "Trained by Tern Models on licensed text; reached under contract 2026-17",
        "licence": "Tern Models' terms of 1 March 2026",
        "licence_allows": "yes",
        "card": "https://models.example/tern-2/card",
        "owner": "bob@harbour.example",
    },
    "model_lifecycle.version": {
        "version": "tern-2-2026-06-01",
        "model": "Tern 2",
        "owner": "bob@harbour.example",
        "since": "2026-07-01",
        "pinned": True,
        "fine_tuned": False,
        "role": "Drafts the plan",
    },
    "model_lifecycle.selection": {
        "chosen": "Tern 2",
        "why": "As good as the large one at a fifth of the cost; choose again when plans grow longer",
        "criteria": [
            {"about": "accuracy", "least": "At least 92 % of 300 plans without error"},
            {"about": "cost", "least": "At most 0.02 EUR a plan"},
            {"about": "latency", "least": "At most 4 seconds for 95 of 100"},
            {"about": "interpretability", "least": "Names the tide table that it used"},
            {"about": "compliance", "least": "Answers are made in the EU"},
        ],
        "candidates": [
            {"name": "Tern 2 (2026-06-01)", "results": "94 % right, 0.011 EUR, 2.1 s, names its table, EU"},
            {"name": "Rules of the planning desk", "results": "81 % right, no cost, at once, plain"},
        ],
        "tests": "300 plans of last year, drawn by lot, judged blind by two planners",
        "tested_on": "2026-06-20",
        "decided_by": "alice@harbour.example",
        "review_by": "2036-06-30",
    },
    "model_lifecycle.fine_tuning": {
        "metric": "Plans without error, of 300",
        "unit": "%",
        "better": "higher",
        "needed": "92",
        "prompting": "84",
        "prompting_tried": "Eleven prompts with up to 40 examples on three models, over five weeks",
        "retrieval": "87",
        "retrieval_tried": "Tide tables and berth sheets at hand, in three sizes of piece",
        "tuned": "94",
        "data": "2,400 plans of 2019 to 2025, checked by two planners; our own",
        "currency": "EUR",
        "cost": {"p10": "9000", "p50": "14000", "p90": "25000"},
        "upkeep": "Bob tunes it again with each base model, twice a year",
        "evaluation": "300 plans that it never saw; refusals and other ports must not get worse",
        "owner": "bob@harbour.example",
        "review_by": "2036-06-30",
    },
}
