"""A whole, good body of every document of this room."""

from __future__ import annotations

from typing import Any

OWNER = "alice@harbour.example"


def attribute(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Sex",
        "held": "held",
        "special": "no",
        "lawful_because": "Applicants state it for equality statistics; kept for six months",
    } | changes


def bias_policy(**changes: Any) -> dict[str, Any]:
    return {
        "attributes": [attribute()],
        "measures": [
            {
                "metric": "four_fifths",
                "bar": "0.8",
                "because": "An applicant who is not invited is never seen, so being invited is what counts",
            }
        ],
        "least": 30,
        "withheld": 5,
        "without": "Names are changed in a sample each quarter",
        "cadence": "quarterly",
        "told": [OWNER],
        "then": "The owner stops the ranking; the CAIO decides whether it goes on",
        "review_by": "2027-09-30",
    } | changes


PAPERS: dict[str, dict[str, Any]] = {"governance.bias_policy": bias_policy()}
