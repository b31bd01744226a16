"""Passages of marked documents, as the policy names them."""

from __future__ import annotations

from pilothouse.contracts.fingerprints import fingerprints, pack
from pilothouse.contracts.policy.events import Refusal
from pilothouse.contracts.policy.snapshot import Inspection
from pilothouse.gateway.tests.conftest import Door

TEXT = " ".join(f"clause{number} of the merger with the northern pilots" for number in range(20))
PASSAGE = f"Put this in plain words: {TEXT[200:420]}"


def test_a_passage_is_stopped_and_counted_while_its_document_is_marked(door: Door) -> None:
    door.house.with_system(inspection=Inspection(prompt={"corpus": "block"}))
    door.refresh()
    assert door.chat(PASSAGE).status_code == 200
    door.house.write(corpora={"merger": pack(fingerprints(TEXT))})
    door.refresh()
    answer = door.chat(PASSAGE)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked")
    assert door.chat("Put this in plain words: the tide is low").status_code == 200
    [refusal] = door.house.events(Refusal)
    assert refusal.findings == {"corpus": 1}
    door.house.write(corpora={})
    door.refresh()
    assert door.chat(PASSAGE).status_code == 200
