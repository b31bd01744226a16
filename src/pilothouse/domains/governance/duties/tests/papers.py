"""A whole, good body of each document of this room."""

from __future__ import annotations

from typing import Any

from pilothouse.domains.governance.duties.lawbook import shipped_text

PAPERS: dict[str, dict[str, Any]] = {
    "governance.notice": {
        "case": 1,
        "kind": "initial",
        "to": "Market surveillance authority of the Netherlands",
        "under": "EU AI Act, Art. 73(4)",
        "clocks": ["ai_act_73_4:report:NL"],
        "harm": "A bag fell from a crane that the planner had moved",
    },
    "governance.duty_rules": {
        "capacities": ["provider", "controller"],
        "not_capacities": ["sec_registrant"],
        "member_states": ["NL"],
        "sign_before_sending": False,
        "remind_hours": [48, 4],
        "inquiry_hours": 48,
    },
    "governance.clock_law": {"because": "Read again by counsel, nothing differs", "text": shipped_text()},
    "governance.omb_entry": {"is_withheld": "a) No", "data_description": "Berth plans of five years"},
    "governance.transparency_record": {
        "description": "Plans which crane moves when",
        "senior_responsible_owner": "Head of operations",
    },
}
