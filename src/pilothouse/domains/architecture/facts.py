"""What architecture's checks read together."""

from __future__ import annotations

from pilothouse.kernel.inventory.loading import components_used
from pilothouse.kernel.records.selectors import entries, latest_sealed

DESIGN = "architecture.design"
DECISION = "architecture.decision"
AGENT = "architecture.agent"
CORPUS = "architecture.corpus"

design = latest_sealed(DESIGN)
decisions = entries(DECISION)
agents = entries(AGENT)
corpora = entries(CORPUS)
agent_components = components_used("agent")
